/** Rows picked out of an array by their numbers, as a batch of them. */
import type { Value } from "../backends/backend.ts";
import { printGiven } from "../checks.ts";
import { DataError, ShapeError } from "../errors.ts";
import { countOf, isArray } from "../numbers.ts";
import { checkValue } from "../program/values.ts";

/**
 * The rows of an array along one axis, in the order in which their numbers are given, each as often as it is given: the same
 * shape but for that axis, which has as many as were picked.
 *
 *     pickRows(images, rows);       // (N, size) to (rows.length, size)
 *     pickRows(sequences, rows, 1); // (T, N, size) to (T, rows.length, size)
 *
 * @throws ShapeError for an axis that the array does not have
 * @throws DataError for a row that is not there, and for what `value` refuses
 */
export function pickRows(values: Value, rows: ArrayLike<number>, axis = 0): Value {
  const { data, shape } = checkValue("pickRows", values);
  const size = shape[axis];
  if (size === undefined) {
    throw new ShapeError(`pickRows: axis ${printGiven(axis)} given for the shape (${shape.join(", ")})`);
  }
  checkRows(rows, size);
  const inner = countOf(shape.slice(axis + 1));
  const outer = countOf(shape.slice(0, axis));
  const picked = new (data.constructor as new (length: number) => typeof data)(outer * rows.length * inner);
  for (let part = 0, to = 0; part < outer; part++) {
    for (let at = 0; at < rows.length; at++, to += inner) {
      const from = (part * size + (rows[at] as number)) * inner;
      picked.set(data.subarray(from, from + inner), to);
    }
  }
  const pickedShape = shape.map((length, at) => (at === axis ? rows.length : length));
  return { data: picked, shape: Object.freeze(pickedShape) };
}

/** Throws DataError unless rows are numbers from 0 to size - 1. */
function checkRows(rows: ArrayLike<number>, size: number): void {
  if (!isArray(rows))
    throw new DataError(`pickRows: ${printGiven(rows)} given, an array of numbers of rows expected`);
  for (let at = 0; at < rows.length; at++) {
    const row: unknown = rows[at];
    if (typeof row === "number" && Number.isInteger(row) && row >= 0 && row < size) continue;
    throw new DataError(`pickRows: row ${printGiven(row)} given at ${at}, 0 to ${size - 1} expected`);
  }
}
