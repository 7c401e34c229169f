/**
 * A cell that sums over children, from the leaves to the root. A node is a step with two reads, whatever the number of its
 * children: it finds their sum at its last child. Once it has its own state it adds what it says to its parent to what its siblings before
 * it said, and puts that out.
 */

import type { Dimension } from "../../graph/dimension.ts";
import { join, where, zeros } from "../../trace/functions.ts";
import { scan } from "../../trace/scan.ts";
import type { Past } from "../../trace/step.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { mapRecord, type Tensors } from "../cell.ts";
import { rowsAt } from "../layers/history.ts";
import { byType, contextOf, leafStates, masksFor, readAtLeaves, type TreePass } from "./pass.ts";
import type { SummedChildren } from "./sized-tree-cell.ts";
import { addRows, flat, numbersAt, type Places, placesOf, type TreeTensors } from "./structure.ts";
import { withoutZeros } from "./zeros.ts";

type Children = SummedChildren<string, string>;

/** The states (T, B, size) of all nodes. What stands beyond a tree's nodes is zeros. */
export function passUpSums(
  pass: TreePass,
  children: Children,
  x: Tensor,
  trees: TreeTensors,
): Tensors<string> {
  const { lengths, types, leaves, inner } = trees;
  const { lastChild, previousSibling, parent } = trees as Required<TreeTensors>;
  const { leavesOnly } = pass;
  if (!leaves || !inner) {
    return alongNodes(pass, children, {
      x: readAtLeaves(pass, x, lastChild.less(0)),
      above: leavesOnly ? undefined : rowsAt(x, parent),
      last: lastChild,
      previous: previousSibling,
      types,
      lengths,
    });
  }
  const at = placesOf(leaves, inner, x.size(0));
  const ofLeaves = leafStates(pass, x, types, at.leaves);
  const rest = innerAmongSiblings(trees, at);
  const ofInner = alongNodes(pass, children, {
    x: leavesOnly ? undefined : rowsAt(x, inner),
    above: leavesOnly ? undefined : rowsAt(x, numbersAt(parent, inner)),
    sums: sumsOfLeaves(pass, children, x, trees, at, ofLeaves),
    last: numbersAt(rest, numbersAt(lastChild, inner)),
    previous: numbersAt(rest, numbersAt(previousSibling, inner)),
    types: types && rowsAt(types, inner),
    lengths: at.innerLengths,
  });
  return mapRecord(ofLeaves, (part, name) => rowsAt(join([part, ofInner[name] as Tensor], 0), at.places));
}

interface Nodes extends Pick<TreeTensors, "types" | "lengths"> {
  /** What nodes read, and what their parents do, (N, B, I); zeros where there is nothing. */
  readonly x: Tensor | undefined;
  readonly above: Tensor | undefined;
  /** What is added to the sums of each node from outside, (N, B, size). */
  readonly sums?: Tensors<string> | undefined;
  /** int32 (N, B), among these nodes. */
  readonly last: Tensor;
  readonly previous: Tensor;
}

/** The states (N, B, size) of nodes, step by step. */
function alongNodes(
  pass: TreePass,
  { sums: sizes, message, compose }: Children,
  { x, above, sums, last, previous, types, lengths }: Nodes,
): Tensors<string> {
  const { cell, leavesOnly } = pass;
  const [steps, batch] = last.shape as [Dimension, Dimension];
  const zerosOf = (size: number) => zeros([batch, size]);
  const history = { state: mapRecord(cell.state, zerosOf), sums: mapRecord(sizes, zerosOf) };
  const listed = <Of>(given: Of | undefined): Of[] => (given === undefined ? [] : [given]);
  const inputs = {
    x: listed(x),
    above: listed(above),
    sums: listed(sums),
    last,
    previous,
    types: listed(types),
    masks: masksFor(pass, 1, [steps, batch]),
  };
  const added = (all: Tensors<string>, more: Tensors<string> | undefined) =>
    more ? mapRecord(all, (part, name) => part.add(more[name] as Tensor)) : all;
  const { outputs } = scan(
    (_state: readonly Tensor[], at, past: Past<typeof history>) => {
      const type = at.types[0];
      const nothing = zerosOf(cell.input);
      const found = added(past.at(at.last).sums, at.sums[0]);
      const state = byType(pass, type, (weights) =>
        compose(weights, found, at.x[0] ?? nothing, contextOf(at.masks)),
      );
      const said = byType(pass, type, (weights) => message(weights, state, at.above[0] ?? nothing));
      const [own, sent] = leavesOnly ? withoutZeros([state, said] as const) : [state, said];
      return [[], { state: own, sums: added(sent, past.at(at.previous).sums) }] as const;
    },
    { init: [], inputs, lengths, history },
  );
  return outputs.state;
}

/** What leaves say to their parents, added up for each node that is no leaf: (N, B, size). */
function sumsOfLeaves(
  pass: TreePass,
  { message }: Children,
  x: Tensor,
  { types, parent, leaves, inner }: TreeTensors,
  at: Places,
  ofLeaves: Tensors<string>,
): Tensors<string> {
  const parentOf = (nodes: Tensor) => numbersAt(parent as Tensor, nodes);
  const above = pass.leavesOnly
    ? zeros([flat(at.leaves).size(0), pass.cell.input])
    : flat(rowsAt(x, parentOf(at.leaves)));
  const type = types && flat(rowsAt(types, at.leaves));
  const states = mapRecord(ofLeaves, flat);
  const said = withoutZeros(byType(pass, type, (weights) => message(weights, states, above)));
  // The leaves as they were given: those that fill up rows say nothing.
  const to = at.innerAt(numbersAt(at.places, parentOf(leaves as Tensor)));
  return mapRecord(said, (part) =>
    addRows(to, part.reshape([...to.shape, part.size(1)]), (inner as Tensor).size(0)),
  );
}

/**
 * For each node the last one among it and its siblings before it that is no leaf, int32 (T, B), by its number among such nodes; -1 for none.
 */
function innerAmongSiblings(
  { lengths, lastChild, previousSibling }: TreeTensors,
  { places, innerAt }: Places,
): Tensor {
  // Numbers count from 1 here, so that what is read before the start, 0, is none.
  const history = zeros([places.size(1)], "int32");
  const inputs = {
    own: innerAt(places).add(1),
    isLeaf: (lastChild as Tensor).less(0),
    previous: previousSibling as Tensor,
  };
  const { outputs } = scan(
    (_state: readonly Tensor[], at, past: Past<Tensor>) =>
      [[], where(at.isLeaf, past.at(at.previous), at.own)] as const,
    { init: [], inputs, lengths, history },
  );
  return outputs.sub(1);
}
