/** Rows of different lengths side by side: one time-major array, filled up to the longest row, and the lengths. */
import type { Value } from "../backends/backend.ts";
import { checkOptions, printGiven } from "../checks.ts";
import { DataError, UsageError } from "../errors.ts";
import { checkNumbers, fits, isArray, type NumberType, type NumericArray } from "../numbers.ts";
import { value } from "../program/values.ts";

export interface Padded {
  /** The rows: int32 (T, B) of tokens, float32 (T, B, size) of vectors; T is the longest row's length. */
  readonly values: Value;
  /** int32 (B), each from 1 to T: what `lengths` of layers and `scan` take. */
  readonly lengths: Value;
}

export interface PadTokensOptions {
  /** The token after the end of each row; default 0. */
  readonly padding?: number | undefined;
}

/**
 * Rows of tokens as int32 (T, B), with `padding` after the end of each. The default 0 is a token like any other: layers
 * that are given the lengths do not read it. Targets are padded with `IGNORED_TARGET`, which losses leave out.
 *
 * @throws UsageError for a padding that is no int32
 * @throws DataError where there are no rows, a row is empty, or a number in it is no int32
 */
export function padTokens(rows: readonly ArrayLike<number>[], options: PadTokensOptions = {}): Padded {
  checkOptions("padTokens", options, { padding: true });
  const { padding = 0 } = options;
  if (!fits(padding, "int32")) {
    throw new UsageError(`padTokens: padding ${printGiven(padding)} given, int32 expected`);
  }
  return pad("padTokens", rows, [], "int32", (count) => new Int32Array(count).fill(padding));
}

/**
 * Rows of vectors, each step after step as one flat list of steps * size numbers, as float32 (T, B, size), with zeros after
 * the end of each.
 *
 * @throws UsageError unless size is a positive integer
 * @throws DataError where there are no rows, a row is empty or does not consist of whole vectors, or for what is no number
 */
export function padVectors(rows: readonly ArrayLike<number>[], size: number): Padded {
  if (!Number.isInteger(size) || size < 1) {
    throw new UsageError(`padVectors: size ${printGiven(size)} given, a positive integer expected`);
  }
  return pad("padVectors", rows, [size], "float32", (count) => new Float32Array(count));
}

function pad(
  where: string,
  rows: readonly ArrayLike<number>[],
  vector: readonly number[],
  dtype: NumberType,
  make: (count: number) => NumericArray,
): Padded {
  if (!Array.isArray(rows))
    throw new DataError(`${where}: ${printGiven(rows)} given, a list of rows expected`);
  if (rows.length === 0) throw new DataError(`${where}: no rows given to pad, one or more expected`);
  const size = vector[0] ?? 1;
  const lengths = Int32Array.from(rows, (numbers: unknown, row) => {
    const length = isArray(numbers) ? numbers.length : 0;
    checkNumbers(
      `${where}: row ${row}`,
      numbers,
      dtype,
      length % size === 0 ? [length / size, ...vector] : undefined,
    );
    if (length > 0 && length % size === 0) return length / size;
    const expected = size === 1 ? "one or more" : `one or more vectors of ${size}`;
    throw new DataError(`${where}: row ${row} has ${length} numbers, ${expected} expected`);
  });
  const steps = lengths.reduce((longest, length) => Math.max(longest, length));
  const values = make(steps * rows.length * size);
  rows.forEach((row, b) => {
    for (let at = 0; at < row.length; at++) {
      const t = Math.floor(at / size);
      values[(t * rows.length + b) * size + (at % size)] = row[at] as number;
    }
  });
  return { values: value(values, [steps, rows.length, ...vector]), lengths: value(lengths, [rows.length]) };
}
