/** Values: arrays with their shapes, as a program is given them. Reads nested lists, and checks all that is read. */

import type { Value } from "../backends/backend.ts";
import { printGiven, tagOf } from "../checks.ts";
import { DataError, ShapeError } from "../errors.ts";
import {
  checkNumbers,
  copyNumbers,
  dtypeOf,
  firstUnfit,
  fits,
  isArray,
  type NumberType,
  pathOf,
  printPath,
  printPlace,
  unfit,
} from "../numbers.ts";

/** A number, or lists of numbers within lists, all of a level of one length. */
export type Nested = number | Value["data"] | readonly Nested[];
/** What a compiled function takes for a tensor: an array with its shape, or nested lists of numbers. */
export type ValueLike = Value | Nested;

/** No lists of numbers are nested deeper; a list may even hold itself. */
const deepest = 32;

/**
 * An array with its shape, row-major. A Float32Array, Int32Array or Float64Array stands in it as it is, not copied: what is
 * written to it counts when the value is next given to a program. Other arrays of numbers are copied to one of these.
 * Throws DataError for what is no array of numbers, ShapeError where the shape is none or has another number of elements.
 */
export function value(data: Value["data"] | ArrayLike<number>, shape: readonly number[]): Value {
  return checkValue("value", { data, shape });
}

/** Whether something has the form of a value, an array with a shape, be they right or wrong. */
export function isValue(given: unknown): given is Value {
  if (typeof given !== "object" || given === null || !("data" in given) || !("shape" in given)) return false;
  return isArray(given.data) || Array.isArray(given.shape);
}

/** The value with one of the three types of arrays, which tells its dtype, and a shape of its own. Throws as `value` does. */
export function checkValue(where: string, { data, shape }: { data: unknown; shape: unknown }): Value {
  checkShape(where, data, shape);
  return { data: storedArray(where, data, shape), shape: Object.freeze([...shape]) };
}

/**
 * What a program is given for an input of a dtype. A value whose array has the dtype stays as it is (for float32, a Float64Array
 * too). Of another value the numbers are converted. Nested lists become a value.
 * Throws DataError for lists of uneven lengths, and for anything that the dtype cannot hold, with the place of the first one.
 */
export function readValue(where: string, given: unknown, dtype: NumberType): Value {
  if (!isValue(given)) return readNested(where, given, dtype);
  const { data, shape } = given;
  checkShape(where, data, shape);
  return { data: readArray(where, data, dtype, shape), shape };
}

/** Throws DataError for data that are no array, ShapeError unless the shape consists of whole numbers and fits them. */
function checkShape(where: string, data: unknown, shape: unknown): asserts shape is readonly number[] {
  if (!isArray(data))
    throw new DataError(`${where}: ${printGiven(data)} given, an array of numbers expected`);
  if (!Array.isArray(shape)) {
    throw new ShapeError(`${where}: the shape ${printGiven(shape)} given, a list of whole numbers expected`);
  }
  let count = 1;
  // Not by every(), which passes over holes.
  for (let axis = 0; axis < shape.length; axis++) {
    const size: unknown = shape[axis];
    if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) {
      const sizes = Array.from(shape, printGiven).join(", ");
      throw new ShapeError(`${where}: the shape (${sizes}) given, whole numbers from 0 on expected`);
    }
    count *= size;
  }
  if (count === data.length) return;
  throw new ShapeError(`${where}: ${data.length} numbers given for the shape (${shape.join(", ")})`);
}

/** The array itself, or where it is of none of the types that values have, its numbers in one that can hold them all. */
function storedArray(where: string, data: unknown, shape: readonly number[]): Value["data"] {
  const dtype = dtypeOf(data);
  if (dtype !== undefined && tagOf(data) !== "Float64Array") return readArray(where, data, dtype, shape);
  if (dtype !== undefined) {
    checkNumbers(where, data, "float32", shape);
    return data as unknown as Float64Array;
  }
  const list = data as ArrayLike<unknown>;
  for (let at = 0; at < list.length; at++) {
    if (typeof list[at] !== "number") throw unfit(where, list[at], "a number", printPlace(at, shape));
  }
  return Float64Array.from(list as ArrayLike<number>);
}

function readArray(where: string, data: unknown, dtype: NumberType, shape: readonly number[]): Value["data"] {
  if (dtype === "float32" && data instanceof Float32Array) return data;
  if (dtype === "int32" && data instanceof Int32Array) return data;
  checkNumbers(where, data, dtype, shape);
  const tag = tagOf(data);
  const isStored =
    dtype === "int32" ? tag === "Int32Array" : tag === "Float32Array" || tag === "Float64Array";
  return isStored ? (data as unknown as Value["data"]) : copyNumbers(data, dtype);
}

/** A number, or nested lists of them, as one array; each list may be a typed array. */
function readNested(where: string, given: unknown, dtype: NumberType): Value {
  if (dtypeOf(given) !== undefined) {
    const shape = [(given as Value["data"]).length];
    return { data: readArray(where, given, dtype, shape), shape };
  }
  if (typeof given === "number") {
    if (!fits(given, dtype)) throw unfit(where, given, dtype);
    return { data: copyNumbers([given], dtype), shape: [] };
  }
  if (!isArray(given)) {
    throw new DataError(
      `${where}: ${printGiven(given)} given, numbers, nested lists of them or a value expected`,
    );
  }
  const shape: number[] = [];
  for (let level: unknown = given; isArray(level) && shape.length < deepest; level = level[0])
    shape.push(level.length);
  const rows: ArrayLike<unknown>[] = [];
  collectRows(where, given, shape, [], rows);
  const size = shape.at(-1) as number;
  const data = dtype === "int32" ? new Int32Array(rows.length * size) : new Float32Array(rows.length * size);
  rows.forEach((row, index) => {
    const at = firstUnfit(row, dtype);
    if (at >= 0) throw unfit(where, row[at], dtype, printNested(index * size + at, shape));
    data.set(row as ArrayLike<number>, index * size);
  });
  return { data, shape };
}

/** The innermost lists in order. Throws DataError unless all lists of a depth have the length that the shape says. */
function collectRows(
  where: string,
  part: unknown,
  shape: readonly number[],
  path: readonly number[],
  rows: ArrayLike<unknown>[],
): void {
  const length = shape[path.length] as number;
  if (!isArray(part)) {
    const list = `a list of ${length} expected`;
    throw new DataError(`${where}: ${printGiven(part)} given at ${printPath(path)}, ${list}`);
  }
  if (part.length !== length) {
    const uneven = `lists of uneven lengths given: ${part.length} at ${printPath(path)}, ${length} before it`;
    throw new DataError(`${where}: ${uneven}, an array of one shape expected`);
  }
  if (path.length === shape.length - 1) rows.push(part);
  else for (let at = 0; at < length; at++) collectRows(where, part[at], shape, [...path, at], rows);
}

/** A place in nested lists as messages name it: "2", "[2][1]". */
function printNested(at: number, shape: readonly number[]): string {
  return shape.length === 1 ? `${at}` : printPath(pathOf(at, shape));
}
