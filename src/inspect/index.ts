/** Looking inside of models. */

export { type Eigenvalue, eigenvalues, spectralRadius } from "./eigenvalues.ts";
export { type InspectorOptions, inspect, inspector, type LookOptions } from "./inspect.ts";
export type { Inspection, Saturation, StepGradient, Steps, WeightNorms } from "./inspection.ts";
