/** A tree cell over trees in one direction, and what all directions share: weights by type of node, and what is dropped. */

import type { Dimension } from "../../graph/dimension.ts";
import { where } from "../../trace/functions.ts";
import { ENDED, type ObservedPlace, tell } from "../../trace/observation.ts";
import { foldKey } from "../../trace/randomness.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { mapRecord, type Tensors } from "../cell.ts";
import { dropMask } from "../layers/dropout.ts";
import { rowsAt } from "../layers/history.ts";
import { isWithin, withinLengths } from "../lengths.ts";
import type { SizedTreeCell } from "./sized-tree-cell.ts";
import { flat, type TreeTensors } from "./structure.ts";
import type { NodeContext } from "./tree-cell.ts";
import { withoutZeros } from "./zeros.ts";

export interface TreePass {
  readonly cell: SizedTreeCell;
  /** The weights of each type of node. */
  readonly weights: readonly Tensors<string>[];
  /** Whether only leaves read x. */
  readonly leavesOnly: boolean;
  /** The probability of recurrent dropout, and its key where there is one. */
  readonly dropped: { readonly probability: number; readonly key: Tensor | undefined };
}

/** Masks (...shape, size) for the candidates of nodes; none where nothing is dropped. Each use of a pass has its own number. */
export function masksFor({ cell, dropped }: TreePass, use: number, shape: readonly Dimension[]): Tensor[] {
  const { probability, key } = dropped;
  if (probability === 0 || key === undefined) return [];
  return cell.candidates.map((size, at) =>
    dropMask(foldKey(foldKey(key, use), at), [...shape, size], probability),
  );
}

/** What nodes use that are dropped by these masks. */
export function contextOf(masks: readonly Tensor[]): NodeContext {
  let drops = 0;
  return {
    drop(candidate) {
      const mask = masks[drops++];
      return mask ? candidate.mul(mask) : candidate;
    },
  };
}

/** What `of` gives for the weights of each row's type, int32 (rows). */
export function byType(
  { weights }: TreePass,
  type: Tensor | undefined,
  of: (weights: Tensors<string>) => Tensors<string>,
): Tensors<string> {
  const [first, ...rest] = weights.map(of) as [Tensors<string>, ...Tensors<string>[]];
  return rest.reduce<Tensors<string>>(
    (chosen, next, index) =>
      mapRecord(chosen, (part, name) =>
        where((type as Tensor).equal(index + 1).reshape([part.size(0), 1]), next[name] as Tensor, part),
      ),
    first,
  );
}

/** What the states (T, B, size) of all nodes put out; zeros beyond a tree's nodes. */
export function outputOf(pass: TreePass, states: Tensors<string>, { types, lengths }: TreeTensors): Tensor {
  const { outputPart, output } = pass.cell;
  if (outputPart !== undefined) return states[outputPart] as Tensor;
  const [first] = Object.values<Tensor>(states) as [Tensor];
  const rows = mapRecord(states, flat);
  const type = types?.reshape([flat(first).size(0)]);
  const { shown } = byType(pass, type, (weights) => ({ shown: output(rows, weights) })) as { shown: Tensor };
  return withinLengths(shown.reshape([first.size(0), first.size(1), shown.size(1)]), lengths);
}

/** x (T, B, I) with zeros at nodes that do not read it. */
export function readAtLeaves({ leavesOnly }: TreePass, x: Tensor, isLeaf: Tensor): Tensor {
  return leavesOnly ? where(isLeaf.reshape([...isLeaf.shape, 1]), x, 0) : x;
}

/** The states (L, B, size) of these leaves, int32 (L, B). */
export function leafStates(
  pass: TreePass,
  x: Tensor,
  types: Tensor | undefined,
  leaves: Tensor,
): Tensors<string> {
  const rows = flat(rowsAt(x, leaves));
  const masks = masksFor(pass, 0, [rows.size(0)]);
  const type = types && flat(rowsAt(types, leaves));
  const states = byType(pass, type, (weights) => pass.cell.leaf(weights, rows, contextOf(masks)));
  return mapRecord(withoutZeros(states), (part) => part.reshape([...leaves.shape, part.size(1)]));
}

/** Tells of the states of nodes, (T, B, size), as far as trees go. Of gradients there is that of what nodes read. */
export function tellNodes(place: ObservedPlace, states: Tensors<string>, lengths: Tensor): void {
  for (const [name, state] of Object.entries(states)) {
    tell({ place, name, kind: "state", stepAxes: 1 }, () => {
      const [steps, batch] = state.shape as [Dimension, Dimension];
      return where(isWithin(lengths, steps).reshape([steps, batch, 1]), state, ENDED);
    });
  }
}
