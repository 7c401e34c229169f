/** The values of a saved state, which JSON holds to the last bit. */

import type { Value } from "../backends/backend.ts";
import { readValue } from "./values.ts";

/** Numbers that JSON cannot write, by what stands for them. */
const named = new Map<unknown, number>([
  ["-0", -0],
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);

/**
 * A value that becomes `{ data: [...], shape: [...] }` in JSON, where a typed array would become an object. Its numbers are written
 * in full; "-0", "NaN", "Infinity" and "-Infinity" are texts.
 */
export class SavedValue implements Value {
  readonly data: Float32Array;
  readonly shape: readonly number[];

  constructor(data: Float32Array, shape: readonly number[]) {
    this.data = data;
    this.shape = shape;
  }

  toJSON(): { data: (number | string)[]; shape: readonly number[] } {
    const written = (number: number) => (Number.isFinite(number) ? number : `${number}`);
    const data = Array.from(this.data, (number) => (Object.is(number, -0) ? "-0" : written(number)));
    return { data, shape: this.shape };
  }
}

/** A value of float32, as `readValue` reads it, or as it came out of JSON. */
export function readSavedValue(where: string, { data, shape }: Value): Value {
  const given: unknown = data;
  const numbers = Array.isArray(given) ? given.map((number) => named.get(number) ?? number) : data;
  return readValue(where, { data: numbers, shape }, "float32");
}
