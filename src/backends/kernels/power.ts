/**
 * x^y over float32 lanes, within 1.1 ulp of the exact value: 2^(y log2 |x|) with the logarithm, and its product with y,
 * in float64. What is no such power is as IEEE 754 has it (pow): x^0 and 1^y are 1, even of NaN; a negative x has powers of
 * whole y, with a sign where y is odd, else NaN; zeros and infinities give their limits.
 */

import { f32xN, f64xN, i32, i32xN, type Local, type Vector, vectors } from "../instructions/expressions.ts";
import type { FunctionBuilder } from "../instructions/functions.ts";
import { firstWords, narrowed, rounded, widened, widenedIntegers } from "./halves.ts";
import { expOfRemainder, splitFloat, timesPowerOfTwo } from "./math.ts";

const zero = f32xN.const(0);
const one = f32xN.const(1);
const infinity = f32xN.const(Infinity);

/** log2 m = s (2 / ln 2) (1 + z / 3 + z^2 / 5 + ...), s = (m - 1) / (m + 1), z = s^2; relative error 2^-39 up to z^6. */
function writeLog2(builder: FunctionBuilder, exponent: Vector, significand: Vector): Vector {
  const m = builder.local("vector", significand);
  const oneWide = f64xN.const(1);
  const s = builder.local("vector", f64xN.div(f64xN.sub(m, oneWide), f64xN.add(m, oneWide)));
  const z = builder.local("vector", f64xN.mul(s, s));
  const terms = [1, 3, 5, 7, 9, 11, 13].map((odd) => f64xN.const(2 / Math.LN2 / odd));
  const series = terms.reduceRight((sum, term) => f64xN.add(term, f64xN.mul(z, sum)));
  return f64xN.add(exponent, f64xN.mul(s, series));
}

/** x^y for finite x > 0, and y that may be infinite. */
function writePowerOfPositive(builder: FunctionBuilder, x: Local<"vector">, y: Local<"vector">): Vector {
  const { exponent, significand } = splitFloat(builder, x);
  const [exponents, significands, ys] = [
    widenedIntegers(builder.local("vector", exponent)),
    widened(builder.local("vector", significand)),
    widened(y),
  ];
  const parts = ([0, 1] as const).map((half) => {
    const log2 = writeLog2(builder, exponents[half], significands[half]);
    const product = f64xN.mul(ys[half], log2);
    const limited = f64xN.pmin(f64xN.pmax(product, f64xN.const(-160)), f64xN.const(140));
    const p = builder.local("vector", limited);
    const { n, bits } = rounded(builder, p);
    return { r: f64xN.mul(f64xN.sub(p, n), f64xN.const(Math.LN2)), bits };
  });
  const [low, high] = parts as [(typeof parts)[0], (typeof parts)[0]];
  const r = builder.local("vector", narrowed([low.r, high.r]));
  const n = firstWords([low.bits, high.bits]);
  const biased = builder.local("vector", i32xN.add(n, i32xN.splat(i32.const(2 * 127))));
  return timesPowerOfTwo(builder, expOfRemainder(builder, r), biased);
}

export function writePower(builder: FunctionBuilder, x: Local<"vector">, y: Local<"vector">): Vector {
  const magnitude = builder.local("vector", f32xN.abs(x));
  const value = builder.local("vector", writePowerOfPositive(builder, magnitude, y));
  // Of 0, infinity and NaN: y times the logarithm says which limit.
  const isOrdinary = vectors.and(f32xN.gt(magnitude, zero), f32xN.lt(magnitude, infinity));
  const logarithm = vectors.bitselect(f32xN.const(-Infinity), magnitude, f32xN.eq(magnitude, zero));
  const limit = f32xN.max(f32xN.mul(y, logarithm), zero);
  builder.set(value, vectors.bitselect(value, limit, isOrdinary));
  builder.set(value, vectors.bitselect(one, value, vectors.or(f32xN.eq(y, zero), f32xN.eq(magnitude, one))));
  // Of negative numbers.
  const half = builder.local("vector", f32xN.mul(y, f32xN.const(0.5)));
  const isWhole = builder.local("vector", f32xN.eq(f32xN.floor(y), y));
  const isOdd = vectors.and(isWhole, f32xN.ne(f32xN.floor(half), half));
  const sign = vectors.and(vectors.and(x, i32xN.splat(i32.const(-(2 ** 31)))), isOdd);
  const isNegative = vectors.and(f32xN.lt(x, zero), f32xN.gt(x, f32xN.const(-Infinity)));
  const hasNone = vectors.andnot(isNegative, isWhole);
  return vectors.bitselect(f32xN.const(Number.NaN), vectors.xor(value, sign), hasNone);
}
