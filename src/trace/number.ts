/** What stands beside a tensor or makes one: numbers that its dtype can hold, shapes, and dtypes that exist. */

import { printGiven } from "../checks.ts";
import { ShapeError } from "../errors.ts";
import * as build from "../graph/build.ts";
import { type Shape, symbolsOf } from "../graph/dimension.ts";
import type { Node } from "../graph/node.ts";
import type { DType } from "../graph/operations.ts";

/** The numbers of each dtype: whether one is among them, and what they are called. */
const numbers: Record<DType, { holds(value: number): boolean; readonly expected: string }> = {
  float32: {
    holds: (value) => !Number.isFinite(value) || Number.isFinite(Math.fround(value)),
    expected: "a number up to 3.4028235e38",
  },
  int32: {
    holds: (value) => (value | 0) === value,
    expected: "a whole number from -2^31 to 2^31 - 1",
  },
  bool: { holds: (value) => value === 0 || value === 1, expected: "0 or 1" },
};

/** A number as a scalar. Throws ShapeError for what is no number, and for one that the dtype cannot hold. */
export function constantOf(op: string, value: number, dtype: DType): Node {
  if (typeof value !== "number") {
    throw new ShapeError(`${op}: ${printGiven(value)} given, a tensor or a number expected`);
  }
  checkDtype(op, dtype);
  const { holds, expected } = numbers[dtype];
  if (!holds(value)) throw new ShapeError(`${op}: ${value} given for ${dtype}, ${expected} expected`);
  return build.constant(value, dtype);
}

/** Throws ShapeError for a dtype that does not exist. */
export function checkDtype(op: string, dtype: DType): void {
  if (Object.hasOwn(numbers, dtype)) return;
  throw new ShapeError(`${op}: ${printGiven(dtype)} given, ${Object.keys(numbers).join(", ")} expected`);
}

/** Throws ShapeError for what is no list of sizes, each a whole number from 0 or a symbol. */
export function checkShape(op: string, shape: Shape, what = "size"): void {
  if (!Array.isArray(shape)) {
    throw new ShapeError(`${op}: ${printGiven(shape)} given, a shape such as [2, 3] expected`);
  }
  for (const size of shape) {
    if (typeof size === "string") symbolsOf(size);
    else if (!Number.isInteger(size) || size < 0) {
      throw new ShapeError(`${op}: the ${what} ${printGiven(size)} given, a whole number from 0 expected`);
    }
  }
}
