/** Numbers from outside: which arrays hold them, whether a dtype can hold them, and where the first one stands that does not fit. */

import { printGiven, tagOf } from "./checks.ts";
import { DataError, ShapeError } from "./errors.ts";

export type NumericArray = Float32Array | Int32Array;
/** What numbers from outside are read as. */
export type NumberType = "float32" | "int32";

/** Typed arrays of numbers, and the dtype of their elements. */
const dtypes = new Map<string, NumberType>([
  ["Int32Array", "int32"],
  ["Uint32Array", "int32"],
  ["Int16Array", "int32"],
  ["Uint16Array", "int32"],
  ["Int8Array", "int32"],
  ["Uint8Array", "int32"],
  ["Uint8ClampedArray", "int32"],
  ["Float32Array", "float32"],
  ["Float64Array", "float32"],
  ["Float16Array", "float32"],
]);
/** Those of them whose elements may lie beyond the range of the dtype. */
const wider = new Set(["Uint32Array", "Float64Array"]);
/** The largest float32; what is above it by less than half a step is rounded to it. */
const largest = (2 - 2 ** -23) * 2 ** 127;

/** Whether something is an array that can hold numbers, a list or a typed array, whatever realm made it. */
export function isArray(given: unknown): given is ArrayLike<unknown> {
  return Array.isArray(given) || dtypeOf(given) !== undefined;
}

/** The dtype of a typed array's elements, whatever realm made it; undefined for what is no typed array of numbers. */
export function dtypeOf(given: unknown): NumberType | undefined {
  if (given instanceof Float32Array) return "float32";
  if (given instanceof Int32Array) return "int32";
  return ArrayBuffer.isView(given) ? dtypes.get(tagOf(given)) : undefined;
}

/**
 * Whether a dtype can hold something: int32 the whole numbers of 32 bits; float32 every number, rounded to the nearest one
 * of its own, NaN and Infinity too, but no finite number beyond its range, which would become infinite.
 */
export function fits(given: unknown, dtype: NumberType): given is number {
  if (typeof given !== "number") return false;
  if (dtype === "int32") return (given | 0) === given;
  if (given >= -largest && given <= largest) return true;
  return Number.isFinite(Math.fround(given)) || !Number.isFinite(given);
}

/** Where the first element stands that a dtype cannot hold, holes included; -1 where all fit. */
export function firstUnfit(given: ArrayLike<unknown>, dtype: NumberType): number {
  if (dtype === "int32" ? given instanceof Int32Array : given instanceof Float32Array) return -1;
  const own = dtypeOf(given);
  if ((own === dtype || own === "int32") && !wider.has(tagOf(given))) return -1;
  for (let at = 0; at < given.length; at++) if (!fits(given[at], dtype)) return at;
  return -1;
}

/**
 * Throws DataError unless something is an array of numbers that a dtype can hold, with the first that does not fit, and
 * ShapeError unless it has as many as the shape, where there is one. Typed arrays of the dtype are not looked at.
 */
export function checkNumbers(
  where: string,
  given: unknown,
  dtype: NumberType,
  shape?: readonly number[],
): asserts given is ArrayLike<number> {
  if (!isArray(given)) {
    throw new DataError(`${where}: ${printGiven(given)} given, an array of numbers expected`);
  }
  if (shape && given.length !== countOf(shape)) {
    throw new ShapeError(
      `${where}: ${given.length} numbers given, ${countOf(shape)} expected for (${shape.join(", ")})`,
    );
  }
  const at = firstUnfit(given, dtype);
  if (at >= 0) throw unfit(where, given[at], dtype, printPlace(at, shape));
}

/** The error for something at a place that a dtype cannot hold, or that is no number at all. */
export function unfit(
  where: string,
  given: unknown,
  expected: NumberType | "a number",
  place = "",
): DataError {
  const range = expected === "float32" && typeof given === "number" ? ", at most 3.4e38," : "";
  return new DataError(
    `${where}: ${printGiven(given)} given${place && ` at ${place}`}, ${expected}${range} expected`,
  );
}

/** Numbers as an array of a dtype that is nobody else's. */
export function copyNumbers(numbers: ArrayLike<number>, dtype: NumberType): NumericArray {
  return dtype === "int32" ? new Int32Array(numbers) : new Float32Array(numbers);
}

/** Elements of a shape. */
export function countOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** A place in an array as messages name it: "7", and along several axes "7 ([2][1])". */
export function printPlace(at: number, shape: readonly number[] = []): string {
  return shape.length < 2 ? `${at}` : `${at} (${printPath(pathOf(at, shape))})`;
}

/** The positions along each axis of an element. */
export function pathOf(at: number, shape: readonly number[]): number[] {
  return shape.map((size, axis) => Math.floor(at / countOf(shape.slice(axis + 1))) % size);
}

/** Positions as messages name them: "[2][1]". */
export function printPath(path: readonly number[]): string {
  return path.map((position) => `[${position}]`).join("");
}
