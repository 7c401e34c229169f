/**
 * x^y over four float32 lanes, within 1.1 ulp of the exact value: 2^(y log2 |x|) with the logarithm, and its product with y,
 * in float64. What is no such power is as IEEE 754 has it (pow): x^0 and 1^y are 1, even of NaN; a negative x has powers of
 * whole y, with a sign where y is odd, else NaN; zeros and infinities give their limits.
 */

import type { FunctionBuilder } from "../assembler/encoder.ts";
import { f32x4, f64x2, i32, i32x4, type Local, type V128, v128 } from "../assembler/instructions.ts";
import { firstWords, narrowed, rounded, widened, widenedIntegers } from "./halves.ts";
import { expOfRemainder, splitFloat, timesPowerOfTwo } from "./math.ts";

const zero = f32x4.const(0);
const one = f32x4.const(1);
const infinity = f32x4.const(Infinity);

/** log2 m = s (2 / ln 2) (1 + z / 3 + z^2 / 5 + ...), s = (m - 1) / (m + 1), z = s^2; relative error 2^-39 up to z^6. */
function writeLog2(builder: FunctionBuilder, exponent: V128, significand: V128): V128 {
  const m = builder.local("v128", significand);
  const oneWide = f64x2.const(1);
  const s = builder.local("v128", f64x2.div(f64x2.sub(m, oneWide), f64x2.add(m, oneWide)));
  const z = builder.local("v128", f64x2.mul(s, s));
  const terms = [1, 3, 5, 7, 9, 11, 13].map((odd) => f64x2.const(2 / Math.LN2 / odd));
  const series = terms.reduceRight((sum, term) => f64x2.add(term, f64x2.mul(z, sum)));
  return f64x2.add(exponent, f64x2.mul(s, series));
}

/** x^y for finite x > 0, and y that may be infinite. */
function writePowerOfPositive(builder: FunctionBuilder, x: Local<"v128">, y: Local<"v128">): V128 {
  const { exponent, significand } = splitFloat(builder, x);
  const [exponents, significands, ys] = [
    widenedIntegers(builder.local("v128", exponent)),
    widened(builder.local("v128", significand)),
    widened(y),
  ];
  const parts = ([0, 1] as const).map((half) => {
    const log2 = writeLog2(builder, exponents[half], significands[half]);
    const product = f64x2.mul(ys[half], log2);
    const limited = f64x2.pmin(f64x2.pmax(product, f64x2.const(-160)), f64x2.const(140));
    const p = builder.local("v128", limited);
    const { n, bits } = rounded(builder, p);
    return { r: f64x2.mul(f64x2.sub(p, n), f64x2.const(Math.LN2)), bits };
  });
  const [low, high] = parts as [(typeof parts)[0], (typeof parts)[0]];
  const r = builder.local("v128", narrowed([low.r, high.r]));
  const n = firstWords([low.bits, high.bits]);
  const biased = builder.local("v128", i32x4.add(n, i32x4.splat(i32.const(2 * 127))));
  return timesPowerOfTwo(builder, expOfRemainder(builder, r), biased);
}

export function writePower(builder: FunctionBuilder, x: Local<"v128">, y: Local<"v128">): V128 {
  const magnitude = builder.local("v128", f32x4.abs(x));
  const value = builder.local("v128", writePowerOfPositive(builder, magnitude, y));
  // Of 0, infinity and NaN: y times the logarithm says which limit.
  const isOrdinary = v128.and(f32x4.gt(magnitude, zero), f32x4.lt(magnitude, infinity));
  const logarithm = v128.bitselect(f32x4.const(-Infinity), magnitude, f32x4.eq(magnitude, zero));
  const limit = f32x4.max(f32x4.mul(y, logarithm), zero);
  builder.set(value, v128.bitselect(value, limit, isOrdinary));
  builder.set(value, v128.bitselect(one, value, v128.or(f32x4.eq(y, zero), f32x4.eq(magnitude, one))));
  // Of negative numbers.
  const half = builder.local("v128", f32x4.mul(y, f32x4.const(0.5)));
  const isWhole = builder.local("v128", f32x4.eq(f32x4.floor(y), y));
  const isOdd = v128.and(isWhole, f32x4.ne(f32x4.floor(half), half));
  const sign = v128.and(v128.and(x, i32x4.splat(i32.const(-(2 ** 31)))), isOdd);
  const isNegative = v128.and(f32x4.lt(x, zero), f32x4.gt(x, f32x4.const(-Infinity)));
  const hasNone = v128.andnot(isNegative, isWhole);
  return v128.bitselect(f32x4.const(Number.NaN), v128.xor(value, sign), hasNone);
}
