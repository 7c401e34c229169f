/** Trees as tests write them, and as arrays for a program. */

import type { Value } from "../../../src/backends/backend.ts";
import { integers, numbers } from "../../helpers/values.ts";

/** The children of each node, children before their parents, the root last. */
export type Shape = readonly (readonly number[])[];

/** A single node; a chain; a root with leaves; a binary tree that leans to the left. */
export const single: Shape = [[]];
export const chain = (size: number): Shape =>
  Array.from({ length: size }, (_, at) => (at === 0 ? [] : [at - 1]));
export const star = (leaves: number): Shape => [
  ...Array.from({ length: leaves }, () => []),
  Array.from({ length: leaves }, (_, at) => at),
];

/** A tree of random shape, whose nodes have at most so many children; each depends on the seed alone. */
export function randomTree(size: number, most: number, seed: number): Shape {
  const draws = numbers(4 * size, seed);
  let drawn = 0;
  const below = (count: number) =>
    Math.floor(((draws[drawn++ % draws.length] as number) + 1) * 0.4999 * count);
  const open: number[] = [];
  const nodes: number[][] = [];
  while (nodes.length < size - 1) {
    const count = Math.min(below(most + 1), open.length);
    nodes.push(open.splice(open.length - count, count));
    open.push(nodes.length - 1);
  }
  // The last ones that are open get parents until the root can take them all.
  while (open.length > most) {
    nodes.push(open.splice(open.length - most, most));
    open.push(nodes.length - 1);
  }
  return [...nodes, open];
}

/** The arrays of trees side by side, by the names of `TreeTensors`. */
export function arraysOf(trees: readonly Shape[], arity: number): Record<string, Value> {
  const batch = trees.length;
  const steps = Math.max(...trees.map(({ length }) => length));
  const grid = (count = 1) => new Int32Array(count * steps * batch).fill(-1);
  const [children, lastChild, previousSibling, parent] = [grid(arity), grid(), grid(), grid()];
  const types = grid().fill(0);
  trees.forEach((tree, b) => {
    tree.forEach((below, t) => {
      types[t * batch + b] = (t + b) % 2;
      lastChild[t * batch + b] = below.at(-1) ?? -1;
      below.forEach((child, k) => {
        if (k < arity) children[(k * steps + t) * batch + b] = child;
        parent[child * batch + b] = t;
        previousSibling[child * batch + b] = below[k - 1] ?? -1;
      });
    });
  });
  const list = (is: (below: readonly number[]) => boolean) => {
    const chosen = trees.map((tree) => tree.flatMap((below, at) => (is(below) ? [at] : [])));
    const most = Math.max(1, ...chosen.map(({ length }) => length));
    const all = Array.from({ length: most }, (_, at) => chosen.map((nodes) => nodes[at] ?? -1));
    return integers(all.flat(), [most, batch]);
  };
  return {
    lengths: integers(trees.map(({ length }) => length)),
    children: integers(children, [arity, steps, batch]),
    lastChild: integers(lastChild, [steps, batch]),
    previousSibling: integers(previousSibling, [steps, batch]),
    parent: integers(parent, [steps, batch]),
    types: integers(types, [steps, batch]),
    leaves: list(({ length }) => length === 0),
    inner: list(({ length }) => length > 0),
  };
}
