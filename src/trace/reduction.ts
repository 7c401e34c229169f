/** Reductions: one number for all that stand along some axes. Nodes in, nodes out. */

import { checkOptions } from "../checks.ts";
import { ShapeError } from "../errors.ts";
import * as build from "../graph/build.ts";
import { type Dimension, printShape, sizeOf, subtractDimensions } from "../graph/dimension.ts";
import { type Node, node } from "../graph/node.ts";
import { aligned } from "./align.ts";
import { type Axes, axesOf, axisOf, type ReductionOptions, type VarianceOptions } from "./axes.ts";
import { slice } from "./layout.ts";
import { sizeNode } from "./number.ts";

export function sum(x: Node, axes: Axes | undefined, options: ReductionOptions): Node {
  return reduced("sum", x, axes, options, (list) => build.sum(x, list));
}

export function max(x: Node, axes: Axes | undefined, options: ReductionOptions): Node {
  return reduced("max", x, axes, options, (list) => largest(x, list));
}

export function min(x: Node, axes: Axes | undefined, options: ReductionOptions): Node {
  return reduced("min", x, axes, options, (list) => opposite(largest(opposite(x), list)));
}

const largest = (x: Node, axes: readonly number[]) => (axes.length === 0 ? x : node("max", [x], { axes }));

export function mean(x: Node, axes: Axes | undefined, options: ReductionOptions): Node {
  const list = axesOf(x.shape, axes);
  refuseEmpty("mean", x, list);
  const count = list.reduce(
    (product, axis) => aligned("multiply", product, sizeNode(x.shape[axis] as Dimension)),
    sizeNode(1),
  );
  return aligned("divide", sum(x, list, options), count);
}

/**
 * By two passes, corrected: the squares are of what is left of the numbers without their mean, and the square of what the
 * rounded mean left of their sum is taken off. Chan, Golub and LeVeque, "Algorithms for computing the sample variance", 1983.
 */
export function variance(x: Node, axes: Axes | undefined, options: VarianceOptions): Node {
  checkOptions("variance", options, { keep: true, sample: true });
  const { keep = false, sample = false } = options;
  const list = axesOf(x.shape, axes);
  refuseEmpty("variance", x, list);
  const count = sizeOf(list.map((axis) => x.shape[axis] as Dimension));
  if (sample && count === 1)
    throw new ShapeError(`variance: one number of ${printShape(x.shape)} given for a sample, two expected`);
  const rest = aligned("subtract", x, mean(x, list, { keep: true }));
  const left = sum(rest, list, { keep });
  const squares = build.subtract(
    sum(build.multiply(rest, rest), list, { keep }),
    aligned("divide", build.multiply(left, left), sizeNode(count)),
  );
  return aligned("divide", squares, sizeNode(sample ? subtractDimensions(count, 1) : count));
}

/** Shifted by the maximum. Where that is infinite, also as all numbers are -infinity, it is the result itself. */
export function logSumExp(x: Node, axes: Axes | undefined, options: ReductionOptions): Node {
  const list = axesOf(x.shape, axes);
  const top = build.elementwise("stopGradient", max(x, list, { keep: true }));
  const hasFinite = aligned("equal", aligned("subtract", top, top), build.constant(0));
  const shifted = aligned("select", hasFinite, aligned("subtract", x, top), build.constant(0));
  const total = sum(build.elementwise("exp", shifted), list, { keep: true });
  const result = aligned("select", hasFinite, build.add(build.elementwise("log", total), top), top);
  return reduced("logSumExp", result, list, options, (own) => withoutAxes(result, own));
}

/** The first position of the largest number along an axis; NaN counts as the largest. */
export function argmax(x: Node, axis: number, options: ReductionOptions): Node {
  return firstOf("argmax", x, axis, options);
}

/** The first position of the smallest number along an axis; NaN counts as the smallest. */
export function argmin(x: Node, axis: number, options: ReductionOptions): Node {
  return firstOf("argmin", opposite(x), axis, options);
}

function firstOf(op: string, x: Node, axis: number, options: ReductionOptions): Node {
  const along = axisOf(x.shape, axis);
  refuseEmpty(op, x, [along]);
  checkOptions(op, options, { keep: true });
  const top = max(x, along, { keep: true });
  const isNumber = aligned("equal", x, x);
  const isTop = aligned("or", aligned("equal", x, top), build.elementwise("not", isNumber));
  const positions = positionsAlong(x, along);
  // Any place at or after the first one will do for the others. An axis without elements has no last, and its call says so.
  return min(aligned("select", isTop, positions, slice(positions, 0, -1)), along, options);
}

/** 0, 1, ... along an axis of a node, as int32 that aligns with it. */
function positionsAlong(x: Node, axis: number): Node {
  const size = x.shape[axis] as Dimension;
  return build.reshape(node("iota", [], { size }), [size, ...x.shape.slice(axis + 1).map(() => 1)]);
}

/** What is smallest where x is largest: -x, or of whole numbers -1 - x, as -x does not hold for all of them. */
function opposite(x: Node): Node {
  return x.dtype === "int32" ? aligned("subtract", build.constant(-1, "int32"), x) : build.negate(x);
}

/** A node without axes of size 1. */
function withoutAxes(x: Node, axes: readonly number[]): Node {
  return build.reshape(
    x,
    x.shape.filter((_, axis) => !axes.includes(axis)),
  );
}

function refuseEmpty(op: string, x: Node, axes: readonly number[]): void {
  const none = axes.find((axis) => x.shape[axis] === 0);
  if (none === undefined) return;
  throw new ShapeError(`${op}: axis ${none} of ${printShape(x.shape)} has no elements`);
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
