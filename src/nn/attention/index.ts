/** Attention: mechanisms, and cells and layers that attend to a memory. */

export { type AdditiveOptions, additive, type LocationOptions } from "./additive.ts";
export { type Attended, attend } from "./attend.ts";
export { type DotOptions, dot, general } from "./dot.ts";
export {
  type Mechanism,
  type MechanismOptions,
  mechanism,
  type Previous,
  type Score,
  type ScoringMechanism,
} from "./mechanism.ts";
export {
  type AttentionState,
  type AttentionWeight,
  type Query,
  type WithAttentionOptions,
  withAttention,
} from "./with-attention.ts";
