/** Attention: mechanisms, and cells and layers that attend to a memory. */

export {
  type AdditiveOptions,
  type AdditivePrevious,
  type AdditiveWeight,
  additive,
  type LocationOptions,
} from "./additive.ts";
export { type Attended, attend } from "./attend.ts";
export { type Attention, attention } from "./attention.ts";
export { coverageLoss } from "./coverage-loss.ts";
export { type DotOptions, dot, general } from "./dot.ts";
export { type LocalOptions, type LocalPosition, local } from "./local.ts";
export {
  type AttentionScore,
  type Mechanism,
  type MechanismOptions,
  mechanism,
  type ScoringMechanism,
} from "./mechanism.ts";
export { type MultiHeadOptions, multiHead } from "./multi-head.ts";
export {
  type MultiHeadAttention,
  type MultiHeadAttentionCall,
  type MultiHeadAttentionOptions,
  multiHeadAttention,
} from "./multi-head-attention.ts";
export type { PreviousAttention } from "./previous.ts";
export {
  type PositionState,
  type SinusoidalPositions,
  sinusoidalPositions,
} from "./sinusoidal-positions.ts";
export {
  type NormPlace,
  type TransformerBlock,
  type TransformerBlockOptions,
  type TransformerBlockState,
  transformerBlock,
} from "./transformer-block.ts";
export {
  type AttentionQuery,
  type AttentionState,
  type AttentionWeight,
  type WithAttentionOptions,
  withAttention,
} from "./with-attention.ts";
