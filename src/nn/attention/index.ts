/** Attention: mechanisms, and cells and layers that attend to a memory. */

export { type AdditiveOptions, type AdditiveWeight, additive, type LocationOptions } from "./additive.ts";
export { type Attended, attend } from "./attend.ts";
export { type Attention, attention } from "./attention.ts";
export { coverageLoss } from "./coverage-loss.ts";
export { type DotOptions, dot, general } from "./dot.ts";
export { type LocalOptions, local, type Position, positions } from "./local.ts";
export {
  type Mechanism,
  type MechanismOptions,
  mechanism,
  type Score,
  type ScoringMechanism,
} from "./mechanism.ts";
export { type MultiHeadOptions, multiHead } from "./multi-head.ts";
export {
  type MultiHeadAttention,
  type MultiHeadAttentionCall,
  type MultiHeadAttentionOptions,
  multiHeadAttention,
} from "./multi-head-attention.ts";
export type { Previous } from "./previous.ts";
export {
  type AttentionState,
  type AttentionWeight,
  type Query,
  type WithAttentionOptions,
  withAttention,
} from "./with-attention.ts";
