/** Networks: cells, layers, how weights start, losses. */

export { foldKey, withKey } from "../trace/randomness.ts";
export * from "./attention/index.ts";
export {
  type Cell,
  type CellOptions,
  type CellParts,
  cell,
  matrix,
  type Reads,
  type Step,
  type StepContext,
  type Tensors,
  vector,
  type WeightDeclaration,
} from "./cell.ts";
export { type DeepeningOptions, deepen, feedForward, type InnerNetwork } from "./cells/deepen.ts";
export { gru } from "./cells/gru.ts";
export { gruLayerNorm } from "./cells/gru-layer-norm.ts";
export { type CellName, cells } from "./cells/index.ts";
export { irnn } from "./cells/irnn.ts";
export { lstm } from "./cells/lstm.ts";
export { type LstmOptions, type LstmWeight, lstmWith } from "./cells/lstm-with.ts";
export { mgu } from "./cells/mgu.ts";
export { minGru } from "./cells/min-gru.ts";
export { minLstm } from "./cells/min-lstm.ts";
export { type MlstmOptions, type MlstmWeight, mlstm } from "./cells/mlstm.ts";
export {
  type HighwayWeight,
  type RecurrentHighwayOptions,
  recurrentHighway,
} from "./cells/recurrent-highway.ts";
export { rnn, rnnRelu, rnnSigmoid } from "./cells/rnn.ts";
export { slstm } from "./cells/slstm.ts";
export { textbookCoupledLstm } from "./cells/textbook-coupled-lstm.ts";
export { textbookGru } from "./cells/textbook-gru.ts";
export { textbookLstm } from "./cells/textbook-lstm.ts";
export { textbookPeepholeLstm } from "./cells/textbook-peephole-lstm.ts";
export { textbookRnn } from "./cells/textbook-rnn.ts";
export { withSkips } from "./cells/with-skips.ts";
export * as initializers from "./initializers.ts";
export { type Scheme, schemes } from "./initializers.ts";
export * from "./layers/index.ts";
export { isWithin, withinLengths } from "./lengths.ts";
export * from "./losses/index.ts";
export { MEMORY_STEPS, type Memory, type StateSize } from "./memory.ts";
export { countParameters, type InitializeOptions, initialize, parameters } from "./model.ts";
export { orderedQuantiles } from "./ordered-quantiles.ts";
export { type GivenParameters, matrices } from "./parameters.ts";
export { activationPenalty, l2Penalty, temporalActivationPenalty } from "./penalties.ts";
export { randomSource } from "./random.ts";
export {
  drawClasses,
  type ScheduledSamplingOptions,
  scheduledSampling,
} from "./scheduled-sampling.ts";
export { summary } from "./summary.ts";
export * from "./trees/index.ts";
