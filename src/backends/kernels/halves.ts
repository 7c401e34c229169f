/** Lanes of float32 as two halves of float64, for steps that float32 is too coarse for. */

import { f64xN, type Local, type Vector, vectors } from "../instructions/expressions.ts";
import type { FunctionBuilder } from "../instructions/functions.ts";

/** The first and the last half of the lanes. */
export type Halves = readonly [low: Vector, high: Vector];

const { promote_low_f32xN, promote_high_f32xN, demote_to_f32xN } = f64xN;

/** float32 lanes as float64; the vector is read twice. */
export const widened = (vector: Vector): Halves => [promote_low_f32xN(vector), promote_high_f32xN(vector)];
/** int32 lanes as float64; the vector is read twice. */
export const widenedIntegers = (vector: Vector): Halves => [
  f64xN.convert_low_i32xN_s(vector),
  f64xN.convert_high_i32xN_s(vector),
];
/** Lanes of integers from 0 to 2^32 - 1 as float64; the vector is read twice. */
export const widenedNaturals = (vector: Vector): Halves => [
  f64xN.convert_low_i32xN_u(vector),
  f64xN.convert_high_i32xN_u(vector),
];
/** Rounded to float32 lanes. */
export const narrowed = ([low, high]: Halves): Vector => demote_to_f32xN(low, high);
/** The first, or the second, 32 bits of each of the 64. */
export const firstWords = ([low, high]: Halves): Vector => vectors.even(low, high);
export const secondWords = ([low, high]: Halves): Vector => vectors.odd(low, high);

/**
 * Rounds float64 to an integer, of less than 2^31, by adding 1.5 * 2^52, which leaves the integer in the first 32 bits of
 * the sum. Returns the integer as float64, and `bits`, which holds it.
 */
export function rounded(builder: FunctionBuilder, x: Vector): { n: Local<"vector">; bits: Local<"vector"> } {
  const magic = f64xN.const(1.5 * 2 ** 52);
  const bits = builder.local("vector", f64xN.add(x, magic));
  return { n: builder.local("vector", f64xN.sub(bits, magic)), bits };
}
