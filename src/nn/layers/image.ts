/** Images: (..., rows, columns, channels), and sizes down and across them. */

import { printGiven } from "../../checks.ts";
import { ShapeError, UsageError } from "../../errors.ts";
import { printShape } from "../../graph/dimension.ts";
import { expectTensors, located, type Tensor } from "../../trace/tensor.ts";
import { checkSize } from "./layer.ts";

/** A size in both directions, or one down and one across. */
export type Extent2d = number | readonly [down: number, across: number];

/** Both sizes. Throws UsageError for what is no positive integer, nor two of them. */
export function bothOf(where: string, what: string, given: Extent2d): readonly [number, number] {
  const both = Array.isArray(given) ? given : [given, given];
  if (both.length !== 2) {
    throw new UsageError(`${where}: ${what} ${printGiven(given)} given, one size or two expected`);
  }
  for (const size of both) checkSize(where, what, size);
  return both as [number, number];
}

/** Throws ShapeError, with the line of the user's code, unless x is float32 (..., rows, columns, size). */
export function checkImage(where: string, x: Tensor, size?: number): void {
  expectTensors(where, x);
  const { shape, dtype } = x;
  if (dtype === "float32" && shape.length >= 3 && (size === undefined || shape.at(-1) === size)) return;
  located(() => {
    const expected = `float32 (..., rows, columns, ${size ?? "channels"})`;
    throw new ShapeError(`${where}: ${dtype} ${printShape(shape)} given, ${expected} expected`);
  });
}
