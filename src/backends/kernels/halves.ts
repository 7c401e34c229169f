/** Four lanes of float32 as two halves of two float64 each, for steps that float32 is too coarse for. */

import type { FunctionBuilder } from "../assembler/encoder.ts";
import { f64x2, type Local, type V128, v128 } from "../assembler/instructions.ts";

/** The first and the last two lanes. */
export type Halves = readonly [low: V128, high: V128];

const lastTwo = (vector: V128) => v128.shuffle(vector, vector, [2, 3, 2, 3]);

/** float32 lanes as float64; the vector is read twice. */
export const widened = (vector: V128): Halves => [
  f64x2.promote_low_f32x4(vector),
  f64x2.promote_low_f32x4(lastTwo(vector)),
];
/** int32 lanes as float64; the vector is read twice. */
export const widenedIntegers = (vector: V128): Halves => [
  f64x2.convert_low_i32x4_s(vector),
  f64x2.convert_low_i32x4_s(lastTwo(vector)),
];
/** Lanes of integers from 0 to 2^32 - 1 as float64; the vector is read twice. */
export const widenedNaturals = (vector: V128): Halves => [
  f64x2.convert_low_i32x4_u(vector),
  f64x2.convert_low_i32x4_u(lastTwo(vector)),
];
/** Rounded to float32 lanes. */
export const narrowed = ([low, high]: Halves): V128 =>
  v128.shuffle(f64x2.demote_to_f32x4(low), f64x2.demote_to_f32x4(high), [0, 1, 4, 5]);
/** The first, or the second, 32 bits of each of the four 64. */
export const firstWords = ([low, high]: Halves): V128 => v128.shuffle(low, high, [0, 2, 4, 6]);
export const secondWords = ([low, high]: Halves): V128 => v128.shuffle(low, high, [1, 3, 5, 7]);

/**
 * Rounds float64 to an integer, of less than 2^31, by adding 1.5 * 2^52, which leaves the integer in the first 32 bits of
 * the sum. Returns the integer as float64, and `bits`, which holds it.
 */
export function rounded(builder: FunctionBuilder, x: V128): { n: Local<"v128">; bits: Local<"v128"> } {
  const magic = f64x2.const(1.5 * 2 ** 52);
  const bits = builder.local("v128", f64x2.add(x, magic));
  return { n: builder.local("v128", f64x2.sub(bits, magic)), bits };
}
