/**
 * What a block computes may stand over what it reads for the last time: a new state over the old one and, step by step of
 * a loop, one sequence over another. So the gates of an LSTM stand over the product of the input, and their gradients
 * over the gates.
 */

import { addDimensions, type Dimension, sizeOf } from "../../graph/dimension.ts";
import { isKind, isOp, type Node } from "../../graph/node.ts";
import { type Buffer, isScalar, type View } from "../loops/program.ts";
import { partViews, sliceAxis, viewKey } from "../loops/view.ts";
import type { Block, BlockResult } from "./block.ts";
import type { Schedule } from "./schedule.ts";

/** Whether a node is a view of a leaf, or the leaf itself. */
export function readsLeaf(plan: Schedule, node: Node, leaf: Node): boolean {
  return (
    node === leaf || (!plan.slotOf.has(node) && node.inputs.some((input) => readsLeaf(plan, input, leaf)))
  );
}

/** The last slot that reads `old`; one that reads it at the element where it computes `value` does not count as later. */
export function lastRead(plan: Schedule, old: Node, value: Node): number {
  const own = plan.slotOf.get(value);
  let last = -1;
  const visit = (node: Node, direct: boolean) => {
    for (const user of plan.users(node)) {
      const slot = plan.slotOf.get(user);
      if (slot === undefined && !isKind(user, "assembly")) visit(user, false);
      else if (isKind(user, "assembly")) last = Number.POSITIVE_INFINITY;
      else if (slot !== undefined) {
        const together = direct && isKind(user, "elementwise") && isKind(value, "elementwise");
        last = Math.max(last, slot === own && !together ? slot + 1 : slot);
      }
    }
  };
  visit(old, true);
  return last;
}

/** A part of what a dying leaf stands in. */
interface Tile {
  readonly view: View;
  /** What reads it, and nothing else: the leaf itself or a slice of it; undefined where nobody does. */
  readonly read: Node | undefined;
}

/**
 * Places in dying leaves for results that have none yet. A buffer is taken as a whole or not at all: it lives on as long
 * as anything in it, and what is left of it would be lost for other uses.
 */
export function dyingPlaces(block: Block, plan: Schedule): Map<BlockResult, View> {
  const late = [
    ...block.results.map(({ node }) => node),
    ...block.updates.map(({ value }) => value),
    ...block.sends.flatMap(({ index, value }) => [index, value]),
  ];
  const tiles = new Map<string, Tile>();
  for (const leaf of block.dying) {
    if (late.some((node) => readsLeaf(plan, node, leaf))) continue;
    for (const tile of tilesOf(leaf, block, plan)) tiles.set(viewKey(tile.view), tile);
  }
  const places = new Map<BlockResult, View>();
  const taken = new Map<Buffer | undefined, Dimension>();
  for (const result of block.results) {
    const place = placeFor(result, tiles, plan);
    if (!place) continue;
    for (const { view } of parts(result.node, place)) tiles.delete(viewKey(view));
    places.set(result, place);
    const size = sizeOf([block.loop?.length ?? 1, ...place.shape]);
    taken.set(place.buffer, addDimensions(taken.get(place.buffer) ?? 0, size));
  }
  return new Map([...places].filter(([, { buffer }]) => taken.get(buffer) === buffer?.size));
}

/** A leaf in the slices in which it is read; what is not read of it is cut where the parts of results meet. */
function tilesOf(leaf: Node, { leaves, results }: Block, plan: Schedule): Tile[] {
  const view = leaves.get(leaf);
  if (!view || isScalar(view)) return [];
  const users = plan.users(leaf);
  const slices = users.filter((user): user is Node<"slice"> => isOp(user, "slice"));
  const axis = slices[0]?.attributes.axis ?? -1;
  // A size that is not known is no number, and cuts nothing.
  const ranges = slices.map(
    ({ attributes: { start, size } }) => [Number(start), Number(addDimensions(start, size))] as const,
  );
  const joints = results.flatMap(({ node }) =>
    isOp(node, "concat") && node.attributes.axis === axis ? jointsOf(node) : [],
  );
  const cuts = [...new Set([0, Number(leaf.shape[axis]), ...ranges.flat(), ...joints])]
    .filter((at) => Number.isFinite(at) && !ranges.some(([from, to]) => from < at && at < to))
    .sort((a, b) => a - b);
  const tiles = cuts.slice(1).map((to, index): Tile => {
    const from = cuts[index] as number;
    const read = slices.find(({ attributes: { start, size } }) => start === from && size === to - from);
    return { read, view: sliceAxis(view, axis, from, to - from) };
  });
  const areAll = users.every((user) => tiles.some(({ read }) => read === user));
  return areAll && tiles.length > 0 ? tiles : [{ read: leaf, view }];
}

/** Where the parts of a concatenation end. */
function jointsOf({ inputs, attributes: { axis } }: Node<"concat">): number[] {
  let at = 0;
  return inputs.map(({ shape }) => {
    at += Number(shape[axis]);
    return at;
  });
}

/** The nodes that are computed into a place for one that is to stand there, and where. */
function parts(node: Node, place: View): { node: Node; view: View }[] {
  if (!isOp(node, "concat")) return [{ node, view: place }];
  return partViews(node, place).map((view, index) => ({ node: node.inputs[index] as Node, view }));
}

/** The first place in tiles that nobody reads any more when a result is computed there. */
function placeFor({ node, to }: BlockResult, tiles: ReadonlyMap<string, Tile>, plan: Schedule) {
  if (!("settle" in to)) return undefined;
  const isFree = (part: { node: Node; view: View }) => {
    const tile = tiles.get(viewKey(part.view));
    const slot = plan.slotOf.get(part.node);
    if (!tile || slot === undefined || part.node.op === "scan" || plan.copied.has(part.node)) return false;
    return !tile.read || lastRead(plan, tile.read, part.node) <= slot;
  };
  return [...tiles.values()]
    .map(({ view }): View => ({ ...view, shape: node.shape, dtype: node.dtype }))
    .find((place) => parts(node, place).every(isFree) && to.fits(place));
}
