/**
 * What stands in for layers over trees where a picture is made of them: there each is one box, in place of the many nodes of a graph
 * that find children by their numbers.
 */

import type { Tensor } from "../../trace/tensor.ts";
import type { Variable } from "../../trace/variable.ts";
import type { SizedTreeCell } from "./sized-tree-cell.ts";

/** A layer over trees in one direction, as it is applied. */
export interface TreeLayerUse {
  readonly cell: SizedTreeCell;
  readonly direction: "up" | "down";
  readonly variables: readonly Variable[];
  /** (T, B, I). */
  readonly x: Tensor;
}

/** Gives what stands for the nodes (T, B, outputSize), and for the roots (B, outputSize). */
export type TreeStandIn = (use: TreeLayerUse) => { readonly output: Tensor; readonly root: Tensor };

let current: TreeStandIn | undefined;

/** What stands in for layers over trees now. */
export function treeStandIn(): TreeStandIn | undefined {
  return current;
}

/** What `build` returns, while `standIn` is asked in place of every layer over trees. */
export function withTreeStandIn<Result>(standIn: TreeStandIn, build: () => Result): Result {
  const before = current;
  current = standIn;
  try {
    return build();
  } finally {
    current = before;
  }
}
