/** Diagnoses of trainings. */

export type { Diagnosis, LayerDiagnosis, PassDiagnosis } from "./diagnosis.ts";
export type { TrainingWarning, WarningKind } from "./watch.ts";
