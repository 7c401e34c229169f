/**
 * Sine and cosine over float32 lanes, within 1.6 ulp of the exact value for every float32, however large; NaN for
 * infinities. Both take |x| = q pi / 2 + r with q an integer and |r| <= pi / 4; the last two bits of q say which of sin r
 * and cos r, with which sign, the result is.
 */

import {
  f32xN,
  f64xN,
  i8x16,
  i32,
  i32xN,
  i64xN,
  type Local,
  type Vector,
  vectors,
} from "../instructions/expressions.ts";
import type { FunctionBuilder } from "../instructions/functions.ts";
import {
  firstWords,
  type Halves,
  narrowed,
  rounded,
  secondWords,
  widened,
  widenedIntegers,
  widenedNaturals,
} from "./halves.ts";

const { mul } = f32xN;
const splat = (value: number) => i32xN.splat(i32.const(value));

/** pi / 2 in two parts; the first has 33 bits, so that its products with integers below 2^20 are exact. */
const halfPiHigh = f64xN.const(6746518852 * 2 ** -32);
const halfPiLow = f64xN.const(6.077100506506192e-11);
/** From here on the remainder comes of the digits of 2 / pi. */
const large = 2 ** 20;

/** sin r = r + r z s(z), cos r = 1 - z / 2 + z^2 c(z), z = r^2, |r| <= pi / 4: Cephes' sinf and cosf. */
const s = [-1.6666654611e-1, 8.3321608736e-3, -1.9515295891e-4];
const c = [4.166664568298827e-2, -1.388731625493765e-3, 2.443315711809948e-5];

interface Remainder {
  /** float32. */
  readonly r: Vector;
  /** int32, of which two bits are right. */
  readonly quadrant: Vector;
}

/** By subtracting multiples of pi / 2 in float64; for |x| < 2^20. */
function remainderOfSmall(builder: FunctionBuilder, x: Local<"vector">): Remainder {
  const parts = widened(x).map((half) => {
    const wide = builder.local("vector", half);
    const { n, bits } = rounded(builder, f64xN.mul(wide, f64xN.const(2 / Math.PI)));
    const high = f64xN.sub(wide, f64xN.mul(n, halfPiHigh));
    return { r: f64xN.sub(high, f64xN.mul(n, halfPiLow)), bits };
  });
  const [low, high] = parts as [(typeof parts)[0], (typeof parts)[0]];
  return { r: narrowed([low.r, high.r]), quadrant: firstWords([low.bits, high.bits]) };
}

/** The binary digits of 2 / pi behind the point, by eights, after eight zeros. */
const digits = [
  ...[0x00, 0xa2, 0xf9, 0x83, 0x6e, 0x4e, 0x44, 0x15, 0x29, 0xfc, 0x27, 0x57, 0xd1, 0xf5, 0x34, 0xdd],
  ...[0xc0, 0xdb, 0x62, 0x95, 0x99, 0x3c, 0x43, 0x90, 0x41, 0xfe, 0x51, 0x63, 0xab, 0xde, 0xbb, 0xc5],
];

/**
 * For 2^20 <= x < infinity, by the digits of x 2 / pi around the point (Payne and Hanek, "Radian reduction for trigonometric
 * functions", 1983): x is m 2^(8 g - 22) with an integer m below 2^31, so that of the digits of 2 / pi only the 96 from the
 * eight numbered g - 2 on can leave something between 2 and 2^-62. Their product with m, as 64 bits, holds the quadrant in
 * the first two bits, and the fraction of a quadrant in the others.
 */
function remainderOfLarge(builder: FunctionBuilder, x: Local<"vector">): Remainder {
  const exponent = builder.local("vector", i32xN.shr_u(x, i32.const(23)));
  const others = splat(~0xff);
  const shift = vectors.or(vectors.and(exponent, splat(7)), others);
  const power = i8x16.swizzle(i8x16.const([1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0]), shift);
  const significand = vectors.or(vectors.and(x, splat(0x7fffff)), splat(0x800000));
  const m = builder.local("vector", i32xN.mul(significand, power));
  // The four bytes of a word, the last digits first.
  const group = i32xN.sub(i32xN.shr_u(exponent, i32.const(3)), splat(16 + 2));
  const first = builder.local("vector", i32xN.add(i32xN.mul(group, splat(0x01010101)), splat(0x00010203)));
  const word = (position: number) => {
    const at = builder.local("vector", i32xN.add(first, splat(0x04040404 * position)));
    const [start, end] = [digits.slice(0, 16), digits.slice(16)].map(i8x16.const) as [Vector, Vector];
    return vectors.or(i8x16.swizzle(start, at), i8x16.swizzle(end, vectors.xor(at, splat(0x10101010))));
  };
  const top = builder.local("vector", i32xN.mul(m, word(0)));
  const [middle, bottom] = [builder.local("vector", word(1)), builder.local("vector", word(2))];
  const sum = (upper: Vector, multiply: (a: Vector, b: Vector) => Vector) =>
    builder.local(
      "vector",
      i64xN.add(i64xN.add(upper, multiply(m, middle)), i64xN.shr_u(multiply(m, bottom), i32.const(32))),
    );
  const product = [
    sum(i64xN.shl(i64xN.extend_low_i32xN_u(top), i32.const(32)), i64xN.extmul_low_i32xN_u),
    sum(i64xN.shl(i64xN.extend_high_i32xN_u(top), i32.const(32)), i64xN.extmul_high_i32xN_u),
  ] as const;
  const halves = (of: (half: Vector) => Vector): Halves => [of(product[0]), of(product[1])];
  const half = i64xN.const(0, 1 << 29);
  const quadrant = firstWords(halves((bits) => i64xN.shr_u(i64xN.add(bits, half), i32.const(62))));
  // The fraction as a number from -1/2 to 1/2, in units of 2^-64.
  const fraction = halves((bits) => builder.local("vector", i64xN.shl(bits, i32.const(2))));
  const [upper, lower] = [secondWords, firstWords].map((words) => builder.local("vector", words(fraction)));
  const [high, low] = [widenedIntegers(upper as Vector), widenedNaturals(lower as Vector)];
  const r = ([0, 1] as const).map((half) => {
    const whole = f64xN.add(f64xN.mul(high[half], f64xN.const(2 ** 32)), low[half]);
    return f64xN.mul(whole, f64xN.const((Math.PI / 2) * 2 ** -64));
  });
  return { r: narrowed(r as [Vector, Vector]), quadrant };
}

/** The remainder of |x|, whatever lanes it has. */
function remainderOf(builder: FunctionBuilder, x: Local<"vector">): Remainder {
  const small = remainderOfSmall(builder, x);
  const r = builder.local("vector", small.r);
  const quadrant = builder.local("vector", small.quadrant);
  const isLarge = builder.local(
    "vector",
    vectors.and(f32xN.ge(x, f32xN.const(large)), f32xN.lt(x, f32xN.const(Infinity))),
  );
  builder.if(vectors.any_true(isLarge), () => {
    const other = remainderOfLarge(builder, x);
    builder.set(r, vectors.bitselect(other.r, r, isLarge));
    builder.set(quadrant, vectors.bitselect(other.quadrant, quadrant, isLarge));
  });
  return { r, quadrant };
}

/** The sine of r + (q + shift) pi / 2, where |x| = r + q pi / 2. */
function writeWave(builder: FunctionBuilder, magnitude: Local<"vector">, shift: 0 | 1): Vector {
  const { r, quadrant } = remainderOf(builder, magnitude);
  const z = builder.local("vector", mul(r, r));
  const polynomial = ([first = 0, second = 0, third = 0]: readonly number[]) => {
    const last = builder.multiplyAdd(z, f32xN.const(third), f32xN.const(second));
    return builder.multiplyAdd(z, last, f32xN.const(first));
  };
  const sine = builder.multiplyAdd(mul(r, z), polynomial(s), r);
  const start = builder.multiplySubtract(z, f32xN.const(0.5), f32xN.const(1));
  const cosine = builder.multiplyAdd(mul(z, z), polynomial(c), start);
  const turned = builder.local("vector", shift === 0 ? quadrant : i32xN.add(quadrant, splat(shift)));
  const isOdd = i32xN.eq(vectors.and(turned, splat(1)), splat(1));
  const sign = i32xN.shl(vectors.and(turned, splat(2)), i32.const(30));
  return vectors.xor(vectors.bitselect(cosine, sine, isOdd), sign);
}

/** sin(-x) = -sin(x), of zeros too. */
export function writeSin(builder: FunctionBuilder, x: Local<"vector">): Vector {
  const sign = builder.local("vector", vectors.and(x, splat(-(2 ** 31))));
  return vectors.xor(writeWave(builder, builder.local("vector", f32xN.abs(x)), 0), sign);
}

export function writeCos(builder: FunctionBuilder, x: Local<"vector">): Vector {
  return writeWave(builder, builder.local("vector", f32xN.abs(x)), 1);
}
