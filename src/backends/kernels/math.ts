/**
 * Functions of one number over float32 lanes, within 2 ulp of the exact value for every float32, denormal, infinite and
 * NaN ones included. Here are exp, log, tanh and sigmoid, which have no branches.
 *
 * All of these but log rest on one reduction, x = n ln 2 + r with n an integer and |r| <= ln 2 / 2, and on one polynomial,
 * e^r - 1 = r + r^2 q(r). The coefficients are minimax (Remez) for the relative error.
 */

import { f32xN, i32, i32xN, type Local, type Vector, vectors } from "../instructions/expressions.ts";
import type { FunctionBuilder } from "../instructions/functions.ts";
import { writeCos, writeSin } from "./sine.ts";

export type MathName = "exp" | "log" | "tanh" | "sigmoid" | "sin" | "cos";

const log2e = f32xN.const(Math.LOG2E);
/** ln 2 in two parts; the first has 16 bits, so that its products with |n| <= 150 are exact. */
const ln2High = f32xN.const(0x58b9 / 0x8000);
const ln2Low = f32xN.const(Math.LN2 - 0x58b9 / 0x8000);
/** e^r - 1 = r + r^2 q(r) for |r| <= ln 2 / 2; relative error 2^-26.0. */
const q = [0.5, 0.1666654646396637, 0.04166685789823532, 0.008366359397768974, 0.0013898307224735618];

/** log(1 + f) = 2 s + s z p(z), s = f / (2 + f), z = s^2; relative error 2^-30.2 for 1 + f in [sqrt(1/2), sqrt(2)]. */
const p = [0.6666677594184875, 0.39977574348449707, 0.2987123727798462];

const one = f32xN.const(1);
const { add, sub, mul, div, pmin, pmax } = f32xN;
const splat = (value: number) => i32xN.splat(i32.const(value));

/**
 * A polynomial by Horner's rule in x^2 over pairs of coefficients: as many operations as in x, and half the chain of them
 * that wait for each other, which makes the gates of an LSTM 7 % faster.
 */
function polynomial(
  builder: FunctionBuilder,
  x: Vector,
  square: Vector,
  coefficients: readonly number[],
): Vector {
  const pairs: Vector[] = [];
  for (let index = 0; index < coefficients.length; index += 2) {
    const [even = 0, odd] = coefficients.slice(index, index + 2);
    const constant = f32xN.const(even);
    pairs.push(odd === undefined ? constant : builder.multiplyAdd(x, f32xN.const(odd), constant));
  }
  return pairs.reduceRight((sum, pair) => builder.multiplyAdd(sum, square, pair));
}

/**
 * Rounds x times the rate to an integer by adding 1.5 * 2^23, which leaves the integer in the low bits of the sum.
 * Returns n, as a float, and `bits`, whose low bits are n + bias.
 */
function roundToExponent(builder: FunctionBuilder, x: Vector, rate: number, bias: number) {
  const magic = f32xN.const(1.5 * 2 ** 23 + bias);
  const bits = builder.local("vector", builder.multiplyAdd(x, f32xN.const(rate), magic));
  return { n: builder.local("vector", sub(bits, magic)), bits };
}

/** e^r for |r| <= ln 2 / 2. */
export function expOfRemainder(builder: FunctionBuilder, r: Vector): Vector {
  const square = builder.local("vector", mul(r, r));
  return add(one, builder.multiplyAdd(square, polynomial(builder, r, square, q), r));
}

/** 2^n for -127 < n < 128, from an integer whose low nine bits are n + 127. */
const powerOfTwo = (biased: Vector) => i32xN.shl(biased, i32.const(23));

/**
 * A value near 1 times 2^n, from n + 254, for -254 < n < 256: by two factors 2^(n / 2), so that results which overflow, or
 * are denormal, are rounded only once, at the end.
 */
export function timesPowerOfTwo(builder: FunctionBuilder, value: Vector, biased: Local<"vector">): Vector {
  const half = builder.local("vector", i32xN.shr_s(biased, i32.const(1)));
  return mul(mul(value, powerOfTwo(half)), powerOfTwo(i32xN.sub(biased, half)));
}

/**
 * What is far below every exponent, such as what a mask puts in a softmax, is taken as -176. There both factors of the power are
 * 0; a product that underflows to 0 would have the same result, and takes the processor some 200 cycles.
 */
function writeExp(builder: FunctionBuilder, x: Local<"vector">): Vector {
  builder.set(x, pmin(pmax(x, f32xN.const(-176)), f32xN.const(89)));
  const { n, bits } = roundToExponent(builder, x, Math.LOG2E, 2 * 127);
  const high = builder.multiplySubtract(n, ln2High, x);
  const r = builder.local("vector", builder.multiplySubtract(n, ln2Low, high));
  const exponent = builder.local("vector", i32xN.sub(bits, splat(0x4b400000)));
  return timesPowerOfTwo(builder, expOfRemainder(builder, r), exponent);
}

/**
 * e^x / (1 + e^x) as c e^r / (c 2^-n + c e^r). With c = 1.5 * 2^-24 no intermediate value overflows or is denormal for x
 * in [-104, 30], so only the division rounds denormal results. The factor 1.5 is for quotients just below a power of two: without
 * it the sums would lie just above one, where rounding costs most. The two parts of r are added late for the same reason: the
 * product of c and the first part is exact for |x| >= 1.
 */
function writeSigmoid(builder: FunctionBuilder, x: Local<"vector">): Vector {
  const scale = 1.5 * 2 ** -24;
  const c = f32xN.const(scale);
  builder.set(x, pmin(pmax(x, f32xN.const(-104)), f32xN.const(30)));
  const magic = f32xN.const(1.5 * 2 ** 23 + 127 - 24);
  const bits = builder.local("vector", builder.multiplySubtract(x, log2e, magic));
  const n = builder.local("vector", sub(magic, bits));
  const high = builder.local("vector", builder.multiplySubtract(n, ln2High, x));
  const low = builder.local("vector", mul(n, ln2Low));
  const r = builder.local("vector", sub(high, low));
  const scaled = q.map((coefficient) => coefficient * scale);
  const square = builder.local("vector", mul(r, r));
  const product = mul(square, polynomial(builder, r, square, scaled));
  const tail = builder.multiplySubtract(low, c, product);
  const numerator = builder.local("vector", add(c, builder.multiplyAdd(high, c, tail)));
  const half = splat(0x400000); // the significand of 1.5
  return div(numerator, add(vectors.or(powerOfTwo(bits), half), numerator));
}

/**
 * (e^-2|x| - 1) / (e^-2|x| + 1) with the sign of x, where e^-2|x| = 2^n (p + 1) and p = e^2r - 1. Numerator and denominator
 * are 2^n p + (2^n - 1) and 2^n p + (2^n + 1): exact but for p and one rounding each, and p itself where |x| is small.
 */
function writeTanh(builder: FunctionBuilder, x: Local<"vector">): Vector {
  const signBit = splat(-(2 ** 31));
  const y = builder.local("vector", pmax(vectors.or(x, signBit), f32xN.const(-9.5)));
  const { n, bits } = roundToExponent(builder, y, 2 * Math.LOG2E, 127);
  const r = builder.local("vector", builder.multiplySubtract(n, f32xN.const(Math.LN2 / 2), y));
  const square = builder.local("vector", mul(r, r));
  const doubled = q.map((coefficient, index) => coefficient * 2 ** (index + 2));
  const tail = polynomial(builder, r, square, doubled);
  const p = builder.local("vector", builder.multiplyAdd(square, tail, add(r, r)));
  const scale = builder.local("vector", powerOfTwo(bits));
  const numerator = builder.multiplyAdd(scale, p, sub(scale, one));
  const magnitude = div(numerator, builder.multiplyAdd(scale, p, add(scale, one)));
  return vectors.bitselect(x, magnitude, signBit);
}

/** x = 2^exponent significand for finite x > 0, by the bits: an int32, and a float32 from sqrt(1/2) to sqrt(2). */
export function splitFloat(
  builder: FunctionBuilder,
  x: Local<"vector">,
): { exponent: Vector; significand: Vector } {
  const sqrtHalf = splat(0x3f3504f3);
  const denormal = builder.local("vector", f32xN.lt(x, f32xN.const(2 ** -126)));
  const normal = vectors.bitselect(mul(x, f32xN.const(2 ** 25)), x, denormal);
  const bits = builder.local("vector", i32xN.sub(normal, sqrtHalf));
  return {
    exponent: i32xN.sub(i32xN.shr_s(bits, i32.const(23)), vectors.and(denormal, splat(25))),
    significand: i32xN.add(vectors.and(bits, splat(0x7fffff)), sqrtHalf),
  };
}

/** x = 2^k (1 + f); the rest after FreeBSD's e_logf: k ln 2 + (f - (f^2/2 - s (f^2/2 + R))). */
function writeLog(builder: FunctionBuilder, x: Local<"vector">): Vector {
  const infinity = f32xN.const(Infinity);
  const { exponent, significand } = splitFloat(builder, x);
  const k = builder.local("vector", f32xN.convert_i32xN_s(exponent));
  const f = builder.local("vector", sub(significand, f32xN.const(1)));
  const s = builder.local("vector", div(f, add(f32xN.const(2), f)));
  const z = builder.local("vector", mul(s, s));
  const half = builder.local("vector", mul(mul(f, f), f32xN.const(0.5)));
  const rest = builder.multiplyAdd(z, polynomial(builder, z, mul(z, z), p), half);
  const tail = builder.multiplyAdd(s, rest, mul(k, ln2Low));
  const value = builder.local("vector", builder.multiplyAdd(k, ln2High, sub(f, sub(half, tail))));
  // 0 gives -infinity; negative numbers give NaN; infinity and NaN give themselves.
  const zeroOrLess = f32xN.le(x, f32xN.const(0));
  const limit = vectors.bitselect(
    f32xN.const(Number.NaN),
    f32xN.const(-Infinity),
    f32xN.lt(x, f32xN.const(0)),
  );
  builder.set(value, vectors.bitselect(limit, value, zeroOrLess));
  return vectors.bitselect(value, x, f32xN.lt(x, infinity));
}

/**
 * Writes the instructions in place: `inlineMath.exp(builder, x)` is an expression of float32 lanes, to be used
 * once. In a loop this takes about half the time of a call, because the constants are loaded before the loop.
 */
export const inlineMath: Readonly<Record<MathName, (builder: FunctionBuilder, x: Vector) => Vector>> = {
  exp: (builder, x) => writeExp(builder, builder.local("vector", x)),
  log: (builder, x) => writeLog(builder, builder.local("vector", x)),
  tanh: (builder, x) => writeTanh(builder, builder.local("vector", x)),
  sigmoid: (builder, x) => writeSigmoid(builder, builder.local("vector", x)),
  sin: (builder, x) => writeSin(builder, builder.local("vector", x)),
  cos: (builder, x) => writeCos(builder, builder.local("vector", x)),
};
