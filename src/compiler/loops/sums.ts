/**
 * Long sums. A sum of n float32 numbers, taken one after another, may be off by n / 2 roundings: 0.1 added up four million
 * times comes to 0.101 in the mean. So no sum takes more than a few numbers in float32 before it is added to one in float64.
 */

import {
  addDimensions,
  ceilDivide,
  type Dimension,
  multiplyDimensions,
  type Shape,
  sizeOf,
} from "../../graph/dimension.ts";
import { isOp, type Node } from "../../graph/node.ts";

/** Numbers that are added up in float32: at most 16.5 roundings of 2^-24, 1e-6, a third of that in practice. */
export const blockTerms = 32;

/** Whether a reduction of so many terms needs float64. */
export function isLongSum(reduction: Node, terms: Dimension): boolean {
  return isOp(reduction, "sum") && reduction.dtype === "float32" && isLong(terms);
}

/** Whether so many float32 numbers are too many to be added one after another. */
export function isLong(terms: Dimension): boolean {
  return typeof terms !== "number" || terms > blockTerms;
}

/** How many terms an element of a reduction's result takes from memory to memory: those of the last axes meet in registers. */
export function termsInMemory(space: Shape, reduced: readonly number[]): Dimension {
  const lastKept = space.findLastIndex((size, axis) => size !== 1 && !reduced.includes(axis));
  return sizeOf(reduced.filter((axis) => axis < lastKept).map((axis) => space[axis] as Dimension));
}

/**
 * Elements for adding `count` rows to those of a table: two for each row of the table, and sums in float64 for as many as
 * can have more than a block.
 */
export function wideRowsSize([rows = 0, ...row]: Shape, count: Dimension): Dimension {
  const sums = multiplyDimensions(ceilDivide(count, blockTerms), sizeOf(row));
  return multiplyDimensions(2, addDimensions(rows, sums));
}
