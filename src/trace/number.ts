/** What stands beside a tensor or makes one: numbers that its dtype can hold, shapes, and dtypes that exist. */

import { printGiven } from "../checks.ts";
import { ShapeError } from "../errors.ts";
import * as build from "../graph/build.ts";
import { canonicalDimension, type Dimension, type Shape } from "../graph/dimension.ts";
import { type Node, node } from "../graph/node.ts";
import type { DType } from "../graph/operations.ts";
import { fits } from "../numbers.ts";

/** What the numbers of each dtype are called. */
const expected: Record<DType, string> = {
  float32: "a number up to 3.4028235e38",
  int32: "a whole number from -2^31 to 2^31 - 1",
  bool: "0 or 1",
};

/** A number as a scalar. Throws ShapeError for what is no number, and for one that the dtype cannot hold. */
export function constantOf(op: string, value: number, dtype: DType): Node {
  if (typeof value !== "number") {
    throw new ShapeError(`${op}: ${printGiven(value)} given, a tensor or a number expected`);
  }
  checkDtype(op, dtype);
  const isHeld = dtype === "bool" ? value === 0 || value === 1 : fits(value, dtype);
  if (!isHeld) throw new ShapeError(`${op}: ${value} given for ${dtype}, ${expected[dtype]} expected`);
  return build.constant(value, dtype);
}

/** The size of an axis as a float32 scalar. */
export function sizeNode(size: Dimension): Node {
  return typeof size === "number" ? build.constant(size) : node("dimension", [], { dimension: size });
}

/** Throws ShapeError for a dtype that does not exist. */
export function checkDtype(op: string, dtype: DType): void {
  if (Object.hasOwn(expected, dtype)) return;
  throw new ShapeError(`${op}: ${printGiven(dtype)} given, ${Object.keys(expected).join(", ")} expected`);
}

/** The shape in the form that a graph holds. Throws ShapeError for what is no list of sizes, each a whole number from 0 or a text. */
export function readShape(op: string, shape: Shape): Shape {
  if (!Array.isArray(shape)) {
    throw new ShapeError(`${op}: ${printGiven(shape)} given, a shape such as [2, 3] expected`);
  }
  return Array.from(shape, (size) => {
    const isSize = typeof size === "string" || (Number.isInteger(size) && size >= 0);
    if (isSize) return canonicalDimension(size);
    throw new ShapeError(`${op}: the size ${printGiven(size)} given, a whole number from 0 expected`);
  });
}
