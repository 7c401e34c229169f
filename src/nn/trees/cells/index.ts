/** The tree cells that Rondo brings, by the names that files and commands use. */

import type { AnyTreeCell } from "../sized-tree-cell.ts";
import { childSumTreeLstm } from "./child-sum-tree-lstm.ts";
import { treeGru } from "./tree-gru.ts";
import { treeLstm } from "./tree-lstm.ts";
import { treeMatrixVector } from "./tree-matrix-vector.ts";
import { treeRnn } from "./tree-rnn.ts";
import { treeTensor } from "./tree-tensor.ts";

const table = {
  "tree-rnn": treeRnn,
  "tree-matrix-vector": treeMatrixVector,
  "tree-tensor": treeTensor,
  "tree-lstm": treeLstm,
  "child-sum-tree-lstm": childSumTreeLstm,
  "tree-gru": treeGru,
};

/** The name of a tree cell that Rondo brings. */
export type TreeCellName = keyof typeof table;

/** Tree cells by name, for a choice that is made when the program runs: what their states are called is not in the type. */
export const treeCells = table as unknown as Readonly<Record<TreeCellName, AnyTreeCell<string, string>>>;
