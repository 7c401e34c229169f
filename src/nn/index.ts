/** Networks: cells, layers, how weights start, losses. */

export {
  type Cell,
  type CellOptions,
  type CellParts,
  cell,
  matrix,
  type Reads,
  type Step,
  vector,
  type WeightDeclaration,
} from "./cell.ts";
export { gru } from "./cells/gru.ts";
export { type CellName, cells } from "./cells/index.ts";
export { lstm } from "./cells/lstm.ts";
export { rnn, rnnRelu, rnnSigmoid } from "./cells/rnn.ts";
export { textbookGru } from "./cells/textbook-gru.ts";
export { textbookLstm } from "./cells/textbook-lstm.ts";
export { textbookRnn } from "./cells/textbook-rnn.ts";
export * as initializers from "./initializers.ts";
export { type Scheme, schemes } from "./initializers.ts";
export * from "./layers/index.ts";
export { type CrossEntropyOptions, crossEntropy, meanSquaredError, type Reduction } from "./losses.ts";
export { countParameters, initialize, parameters } from "./model.ts";
export { foldKey } from "./random.ts";
