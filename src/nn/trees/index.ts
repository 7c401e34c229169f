/** Networks over trees: tree cells, and the layer that applies them. */

export { atPositions } from "./at-positions.ts";
export { childSumTreeLstm } from "./cells/child-sum-tree-lstm.ts";
export { type TreeCellName, treeCells } from "./cells/index.ts";
export { treeGru } from "./cells/tree-gru.ts";
export { treeLstm } from "./cells/tree-lstm.ts";
export { treeMatrixVector } from "./cells/tree-matrix-vector.ts";
export { treeRnn } from "./cells/tree-rnn.ts";
export { treeTensor } from "./cells/tree-tensor.ts";
export {
  type Recursive,
  type RecursiveCall,
  type RecursiveOptions,
  type RecursiveResult,
  recursive,
  type Traversal,
  traversals,
} from "./recursive.ts";
export type { AnyTreeCell } from "./sized-tree-cell.ts";
export type { TreeTensors, TreeTypes } from "./structure.ts";
export {
  type ChildSumCell,
  type ChildSumEquations,
  childSumCell,
  type NodeContext,
  type TreeCell,
  type TreeCellOptions,
  type TreeCellParts,
  treeCell,
} from "./tree-cell.ts";
