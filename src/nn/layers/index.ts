/** The layers that models are made of. */

export {
  type AttentionPooling,
  type AttentionPoolingOptions,
  attentionPooling,
} from "./attention-pooling.ts";
export { type BatchNorm, type BatchNormCall, type BatchNormOptions, batchNorm } from "./batch-norm.ts";
export { type Bridge, type BridgeOptions, bridge } from "./bridge.ts";
export { type Clockwork, type ClockworkOptions, type ClockworkState, clockwork } from "./clockwork.ts";
export {
  type Convolution,
  type ConvolutionOptions,
  type ConvolutionState,
  convolution,
  type Padding,
} from "./convolution.ts";
export {
  type Border,
  type Convolution2d,
  type Convolution2dOptions,
  convolution2d,
} from "./convolution-2d.ts";
export { type Dropout, dropout } from "./dropout.ts";
export { type Embedding, type EmbeddingOptions, embedding } from "./embedding.ts";
export type { Extent2d } from "./image.ts";
export type { KernelOptions } from "./kernels.ts";
export type { Layer } from "./layer.ts";
export { type LayerNorm, type LayerNormOptions, layerNorm } from "./layer-norm.ts";
export { type Linear, type LinearOptions, linear } from "./linear.ts";
export {
  type LinearChainCrf,
  type LinearChainCrfCall,
  type LinearChainCrfOptions,
  linearChainCrf,
} from "./linear-chain-crf.ts";
export {
  type MultilayerPerceptron,
  type MultilayerPerceptronOptions,
  multilayerPerceptron,
} from "./multilayer-perceptron.ts";
export { placesOf, withCoordinates } from "./places.ts";
export { lastOverTime, maxOverTime, meanOverTime } from "./pooling.ts";
export {
  type Direction,
  directions,
  type Join,
  joins,
  type Recurrent,
  type RecurrentCall,
  type RecurrentOptions,
  type RecurrentState,
  recurrent,
} from "./recurrent.ts";
export type { RegularizationOptions } from "./regularization.ts";
export { type HighwayOptions, highway, type ResidualOptions, residual } from "./residual.ts";
export {
  type InstanceStatistics,
  type NormalizedInstance,
  type RestoreCall,
  type ReversibleInstanceNorm,
  type ReversibleInstanceNormCall,
  type ReversibleInstanceNormOptions,
  reversibleInstanceNorm,
} from "./reversible-instance-norm.ts";
export type {
  SequenceCall,
  SequenceLayer,
  SequenceResult,
  ShowingResult,
  StateOf,
  StateShapes,
  StepCall,
} from "./sequence-layer.ts";
export type { Shown } from "./shown.ts";
export { type Stacked, type StackedOptions, type StackedState, stacked } from "./stacked.ts";
export { type AnySequenceLayer, startState, stateTypes, zeroState } from "./state.ts";
export { type TemporalBlock, type TemporalBlockOptions, temporalBlock } from "./temporal-block.ts";
export {
  type TokenDecoder,
  type TokenDecoderCall,
  type TokenDecoderOptions,
  tokenDecoder,
} from "./token-decoder.ts";
export {
  maxPooling,
  maxPooling2d,
  meanPooling,
  meanPooling2d,
  type Pooled,
  type Pooling2dOptions,
  type PoolingOptions,
} from "./window-pooling.ts";
