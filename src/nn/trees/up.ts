/** A tree cell from the leaves to the root: every node after its children. */

import type { Dimension } from "../../graph/dimension.ts";
import { join, where, zeros } from "../../trace/functions.ts";
import { scan } from "../../trace/scan.ts";
import type { Past } from "../../trace/step.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { mapRecord, type Tensors } from "../cell.ts";
import { rowsAt } from "../layers/history.ts";
import { byType, contextOf, leafStates, masksFor, readAtLeaves, type TreePass } from "./pass.ts";
import type { OrderedChildren } from "./sized-tree-cell.ts";
import { numbersAt, placesOf, type TreeTensors } from "./structure.ts";
import { passUpSums } from "./up-sums.ts";
import { withoutZeros } from "./zeros.ts";

/** The states (T, B, size) of all nodes. What stands beyond a tree's nodes is zeros. */
export function passUp(pass: TreePass, x: Tensor, trees: TreeTensors): Tensors<string> {
  const { children } = pass.cell;
  if (children.arity === undefined) return passUpSums(pass, children, x, trees);
  return trees.leaves && trees.inner
    ? leavesFirst(pass, children, x, trees, trees.leaves, trees.inner)
    : nodeByNode(pass, children, x, trees);
}

/** Every node is a step. */
function nodeByNode(
  pass: TreePass,
  { arity, compose, ownLeaf }: OrderedChildren<string, string>,
  x: Tensor,
  { lengths, types, children }: TreeTensors,
): Tensors<string> {
  const { cell } = pass;
  const [steps, batch] = x.shape as [Dimension, Dimension];
  const history = mapRecord(cell.state, (size) => zeros([batch, size]));
  const ofNodes = Array.from({ length: arity }, (_, index) => (children as Tensor).at(0, index));
  const isLeaf = ofNodes.map((child) => child.less(0)).reduce((all, one) => all.and(one));
  const inputs = {
    x: readAtLeaves(pass, x, isLeaf),
    children: ofNodes,
    isLeaf,
    types: types ? [types] : [],
    masks: masksFor(pass, 0, [steps, batch]),
  };
  const { outputs } = scan(
    (_state: readonly Tensor[], at, past: Past<typeof history>) => {
      const states = at.children.map((child) => past.at(child));
      const next = byType(pass, at.types[0], (weights) => {
        const node = compose(weights, states, at.x, contextOf(at.masks));
        if (!ownLeaf) return node;
        const leaf = cell.leaf(weights, at.x, contextOf(at.masks));
        return mapRecord(node, (part, name) => where(column(at.isLeaf), leaf[name] as Tensor, part));
      });
      return [[], next] as const;
    },
    { init: [], inputs, lengths, history },
  );
  return outputs;
}

/** The leaves of all trees at once, then every other node as a step. */
function leavesFirst(
  pass: TreePass,
  { arity, compose }: OrderedChildren<string, string>,
  x: Tensor,
  trees: TreeTensors,
  leaves: Tensor,
  inner: Tensor,
): Tensors<string> {
  const { cell, leavesOnly } = pass;
  const [steps, batch] = x.shape as [Dimension, Dimension];
  const at = placesOf(leaves, inner, steps);
  const ofLeaves = leafStates(pass, x, trees.types, at.leaves);
  const children = Array.from({ length: arity }, (_, index) =>
    numbersAt(at.places, numbersAt((trees.children as Tensor).at(0, index), inner)),
  );
  const inputs = {
    x: leavesOnly ? [] : [rowsAt(x, inner)],
    leaves: children.map((child) => mapRecord(ofLeaves, (part) => rowsAt(part, at.leafAt(child)))),
    children: children.map(at.innerAt),
    types: trees.types ? [rowsAt(trees.types, inner)] : [],
    masks: masksFor(pass, 1, [inner.size(0), batch]),
  };
  const history = mapRecord(cell.state, (size) => zeros([batch, size]));
  const { outputs } = scan(
    (_state: readonly Tensor[], node, past: Past<typeof history>) => {
      const states = node.children.map((child, index) => {
        const leaf = node.leaves[index] as Tensors<string>;
        return mapRecord(past.at(child) as Tensors<string>, (part, name) => part.add(leaf[name] as Tensor));
      });
      const read = node.x[0] ?? zeros([batch, cell.input]);
      const next = byType(pass, node.types[0], (weights) =>
        compose(weights, states, read, contextOf(node.masks)),
      );
      return [[], leavesOnly ? withoutZeros(next) : next] as const;
    },
    { init: [], inputs, lengths: at.innerLengths, history },
  );
  return mapRecord(ofLeaves, (part, name) => rowsAt(join([part, outputs[name] as Tensor], 0), at.places));
}

const column = (rows: Tensor) => rows.reshape([rows.size(0), 1]);
