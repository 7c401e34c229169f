/** Reductions: one number for all that stand along some axes. Nodes in, nodes out. */

import { checkOptions } from "../checks.ts";
import { ShapeError } from "../errors.ts";
import * as build from "../graph/build.ts";
import { type Dimension, printShape } from "../graph/dimension.ts";
import { type Node, node } from "../graph/node.ts";
import { aligned } from "./align.ts";
import { type Axes, axesOf, type ReductionOptions } from "./axes.ts";
import { sizeNode } from "./number.ts";

export function sum(x: Node, axes: Axes | undefined, options: ReductionOptions): Node {
  return reduced("sum", x, axes, options, (list) => build.sum(x, list));
}

export function max(x: Node, axes: Axes | undefined, options: ReductionOptions): Node {
  return reduced("max", x, axes, options, (list) =>
    list.length === 0 ? x : node("max", [x], { axes: list }),
  );
}

export function mean(x: Node, axes: Axes | undefined, options: ReductionOptions): Node {
  const list = axesOf(x.shape, axes);
  const none = list.find((axis) => x.shape[axis] === 0);
  if (none !== undefined)
    throw new ShapeError(`mean: axis ${none} of ${printShape(x.shape)} has no elements`);
  const count = list.reduce(
    (product, axis) => aligned("multiply", product, sizeNode(x.shape[axis] as Dimension)),
    sizeNode(1),
  );
  return aligned("divide", sum(x, list, options), count);
}

function reduced(
  op: string,
  x: Node,
  axes: Axes | undefined,
  options: ReductionOptions,
  reduce: (axes: number[]) => Node,
): Node {
  checkOptions(op, options, { keep: true });
  const { keep = false } = options;
  const list = axesOf(x.shape, axes);
  const result = reduce(list);
  if (!keep) return result;
  return build.reshape(
    result,
    x.shape.map((size, axis) => (list.includes(axis) ? 1 : size)),
  );
}
