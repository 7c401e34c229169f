/** Looking inside of models. */

export type { Squashing } from "../trace/observation.ts";
export { type Eigenvalue, eigenvalues, spectralRadius } from "./eigenvalues.ts";
export { type InspectorOptions, inspect, inspector, type LookOptions } from "./inspect.ts";
export type { Inspection, Saturation, StepGradient, Steps, WeightNorms } from "./inspection.ts";
