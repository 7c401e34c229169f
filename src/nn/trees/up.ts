/** A tree cell from the leaves to the root: every node after its children. */

import type { Dimension } from "../../graph/dimension.ts";
import { join, where, zeros } from "../../trace/functions.ts";
import { scan } from "../../trace/scan.ts";
import type { Past } from "../../trace/step.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { mapRecord, type Tensors } from "../cell.ts";
import { rowsAt } from "../layers/history.ts";
import { byType, contextOf, masksFor, type TreePass } from "./pass.ts";
import type { OrderedChildren, SummedChildren } from "./sized-tree-cell.ts";
import { flat, numbersAt, placesOf, type TreeTensors } from "./structure.ts";
import { withoutZeros } from "./zeros.ts";

/** The states (T, B, size) of all nodes. What stands beyond a tree's nodes is zeros. */
export function passUp(pass: TreePass, x: Tensor, trees: TreeTensors): Tensors<string> {
  const { children } = pass.cell;
  if (children.arity === undefined) return summing(pass, children, x, trees);
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
  const { cell, leavesOnly } = pass;
  const [steps, batch] = x.shape as [Dimension, Dimension];
  const history = mapRecord(cell.state, (size) => zeros([batch, size]));
  const inputs = {
    x,
    children: Array.from({ length: arity }, (_, index) => (children as Tensor).at(0, index)),
    types: types ? [types] : [],
    masks: masksFor(pass, 0, [steps, batch]),
  };
  const { outputs } = scan(
    (_state: readonly Tensor[], at, past: Past<typeof history>) => {
      const isLeaf = column(at.children.map((child) => child.less(0)).reduce((all, one) => all.and(one)));
      const read = leavesOnly ? where(isLeaf, at.x, 0) : at.x;
      const states = at.children.map((child) => past.at(child));
      const next = byType(pass, at.types[0], (weights) => {
        const node = compose(weights, states, read, contextOf(at.masks));
        if (!ownLeaf) return node;
        const leaf = cell.leaf(weights, at.x, contextOf(at.masks));
        return mapRecord(node, (part, name) => where(isLeaf, leaf[name] as Tensor, part));
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
  const ofLeaves = leafStates(pass, x, trees, at.leaves);
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

/** The states (L, B, size) of these leaves, int32 (L, B). */
function leafStates(pass: TreePass, x: Tensor, { types }: TreeTensors, leaves: Tensor): Tensors<string> {
  const rows = flat(rowsAt(x, leaves));
  const masks = masksFor(pass, 0, [rows.size(0)]);
  const type = types && rowsAt(types, leaves).reshape([rows.size(0)]);
  const states = byType(pass, type, (weights) => pass.cell.leaf(weights, rows, contextOf(masks)));
  return mapRecord(withoutZeros(states), (part) => part.reshape([...leaves.shape, part.size(1)]));
}

/**
 * Every node is a step with two reads, whatever the number of its children. It finds their sum at its last child. Once it has its own state
 * it adds what it says to its parent to what its siblings before it said, and puts that out.
 */
function summing(
  pass: TreePass,
  { sums: sizes, message, compose }: SummedChildren<string, string>,
  x: Tensor,
  { lengths, types, lastChild, previousSibling, parent }: TreeTensors,
): Tensors<string> {
  const { cell, leavesOnly } = pass;
  const [steps, batch] = x.shape as [Dimension, Dimension];
  const zerosOf = (size: number) => zeros([batch, size]);
  const history = { state: mapRecord(cell.state, zerosOf), sums: mapRecord(sizes, zerosOf) };
  const inputs = {
    x,
    above: leavesOnly ? [] : [rowsAt(x, parent as Tensor)],
    last: lastChild as Tensor,
    previous: previousSibling as Tensor,
    types: types ? [types] : [],
    masks: masksFor(pass, 0, [steps, batch]),
  };
  const { outputs } = scan(
    (_state: readonly Tensor[], at, past: Past<typeof history>) => {
      const read = leavesOnly ? where(column(at.last.less(0)), at.x, 0) : at.x;
      const { sums } = past.at(at.last);
      const state = byType(pass, at.types[0], (weights) => compose(weights, sums, read, contextOf(at.masks)));
      const above = at.above[0] ?? zeros([batch, cell.input]);
      const said = byType(pass, at.types[0], (weights) => message(weights, state, above));
      const before = past.at(at.previous).sums;
      const sent = mapRecord(leavesOnly ? withoutZeros(said) : said, (part, name) =>
        part.add(before[name] as Tensor),
      );
      return [[], { state, sums: sent }] as const;
    },
    { init: [], inputs, lengths, history },
  );
  return outputs.state;
}

const column = (rows: Tensor) => rows.reshape([rows.size(0), 1]);
