/** Diagnoses of trainings. */

export type { Diagnosis, LayerDiagnosis, PassDiagnosis } from "./diagnosis.ts";
export { WARNING_KINDS, type Warning, type WarningKind } from "./watch.ts";
