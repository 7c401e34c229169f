/**
 * Sine and cosine over four float32 lanes, within 1.6 ulp of the exact value for every float32, however large; NaN for
 * infinities. Both take |x| = q pi / 2 + r with q an integer and |r| <= pi / 4; the last two bits of q say which of sin r
 * and cos r, with which sign, the result is.
 */

import type { FunctionBuilder } from "../assembler/encoder.ts";
import {
  f32x4,
  f64x2,
  i8x16,
  i32,
  i32x4,
  i64x2,
  type Local,
  type V128,
  v128,
} from "../assembler/instructions.ts";
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

const { mul } = f32x4;
const splat = (value: number) => i32x4.splat(i32.const(value));

/** pi / 2 in two parts; the first has 33 bits, so that its products with integers below 2^20 are exact. */
const halfPiHigh = f64x2.const(6746518852 * 2 ** -32);
const halfPiLow = f64x2.const(6.077100506506192e-11);
/** From here on the remainder comes of the digits of 2 / pi. */
const large = 2 ** 20;

/** sin r = r + r z s(z), cos r = 1 - z / 2 + z^2 c(z), z = r^2, |r| <= pi / 4: Cephes' sinf and cosf. */
const s = [-1.6666654611e-1, 8.3321608736e-3, -1.9515295891e-4];
const c = [4.166664568298827e-2, -1.388731625493765e-3, 2.443315711809948e-5];

interface Remainder {
  /** float32. */
  readonly r: V128;
  /** int32, of which two bits are right. */
  readonly quadrant: V128;
}

/** By subtracting multiples of pi / 2 in float64; for |x| < 2^20. */
function remainderOfSmall(builder: FunctionBuilder, x: Local<"v128">): Remainder {
  const parts = widened(x).map((half) => {
    const wide = builder.local("v128", half);
    const { n, bits } = rounded(builder, f64x2.mul(wide, f64x2.const(2 / Math.PI)));
    const high = f64x2.sub(wide, f64x2.mul(n, halfPiHigh));
    return { r: f64x2.sub(high, f64x2.mul(n, halfPiLow)), bits };
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
function remainderOfLarge(builder: FunctionBuilder, x: Local<"v128">): Remainder {
  const exponent = builder.local("v128", i32x4.shr_u(x, i32.const(23)));
  const others = splat(~0xff);
  const shift = v128.or(v128.and(exponent, splat(7)), others);
  const power = i8x16.swizzle(i8x16.const([1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0]), shift);
  const significand = v128.or(v128.and(x, splat(0x7fffff)), splat(0x800000));
  const m = builder.local("v128", i32x4.mul(significand, power));
  // The four bytes of a word, the last digits first.
  const group = i32x4.sub(i32x4.shr_u(exponent, i32.const(3)), splat(16 + 2));
  const first = builder.local("v128", i32x4.add(i32x4.mul(group, splat(0x01010101)), splat(0x00010203)));
  const word = (position: number) => {
    const at = builder.local("v128", i32x4.add(first, splat(0x04040404 * position)));
    const [start, end] = [digits.slice(0, 16), digits.slice(16)].map(i8x16.const) as [V128, V128];
    return v128.or(i8x16.swizzle(start, at), i8x16.swizzle(end, v128.xor(at, splat(0x10101010))));
  };
  const top = builder.local("v128", i32x4.mul(m, word(0)));
  const [middle, bottom] = [builder.local("v128", word(1)), builder.local("v128", word(2))];
  const zero = i32x4.const(0, 0, 0, 0);
  const sum = (upper: V128, multiply: (a: V128, b: V128) => V128) =>
    builder.local(
      "v128",
      i64x2.add(i64x2.add(upper, multiply(m, middle)), i64x2.shr_u(multiply(m, bottom), i32.const(32))),
    );
  const product = [
    sum(v128.shuffle(zero, top, [0, 4, 0, 5]), i64x2.extmul_low_i32x4_u),
    sum(v128.shuffle(zero, top, [0, 6, 0, 7]), i64x2.extmul_high_i32x4_u),
  ] as const;
  const halves = (of: (half: V128) => V128): Halves => [of(product[0]), of(product[1])];
  const half = i64x2.const(0, 1 << 29);
  const quadrant = firstWords(halves((bits) => i64x2.shr_u(i64x2.add(bits, half), i32.const(62))));
  // The fraction as a number from -1/2 to 1/2, in units of 2^-64.
  const fraction = halves((bits) => builder.local("v128", i64x2.shl(bits, i32.const(2))));
  const [upper, lower] = [secondWords, firstWords].map((words) => builder.local("v128", words(fraction)));
  const [high, low] = [widenedIntegers(upper as V128), widenedNaturals(lower as V128)];
  const r = ([0, 1] as const).map((half) => {
    const whole = f64x2.add(f64x2.mul(high[half], f64x2.const(2 ** 32)), low[half]);
    return f64x2.mul(whole, f64x2.const((Math.PI / 2) * 2 ** -64));
  });
  return { r: narrowed(r as [V128, V128]), quadrant };
}

/** The remainder of |x|, whatever lanes it has. */
function remainderOf(builder: FunctionBuilder, x: Local<"v128">): Remainder {
  const small = remainderOfSmall(builder, x);
  const r = builder.local("v128", small.r);
  const quadrant = builder.local("v128", small.quadrant);
  const isLarge = builder.local(
    "v128",
    v128.and(f32x4.ge(x, f32x4.const(large)), f32x4.lt(x, f32x4.const(Infinity))),
  );
  builder.if(v128.any_true(isLarge), () => {
    const other = remainderOfLarge(builder, x);
    builder.set(r, v128.bitselect(other.r, r, isLarge));
    builder.set(quadrant, v128.bitselect(other.quadrant, quadrant, isLarge));
  });
  return { r, quadrant };
}

/** The sine of r + (q + shift) pi / 2, where |x| = r + q pi / 2. */
function writeWave(builder: FunctionBuilder, magnitude: Local<"v128">, shift: 0 | 1): V128 {
  const { r, quadrant } = remainderOf(builder, magnitude);
  const z = builder.local("v128", mul(r, r));
  const polynomial = ([first = 0, second = 0, third = 0]: readonly number[]) => {
    const last = builder.multiplyAdd(z, f32x4.const(third), f32x4.const(second));
    return builder.multiplyAdd(z, last, f32x4.const(first));
  };
  const sine = builder.multiplyAdd(mul(r, z), polynomial(s), r);
  const start = builder.multiplySubtract(z, f32x4.const(0.5), f32x4.const(1));
  const cosine = builder.multiplyAdd(mul(z, z), polynomial(c), start);
  const turned = builder.local("v128", shift === 0 ? quadrant : i32x4.add(quadrant, splat(shift)));
  const isOdd = i32x4.eq(v128.and(turned, splat(1)), splat(1));
  const sign = i32x4.shl(v128.and(turned, splat(2)), i32.const(30));
  return v128.xor(v128.bitselect(cosine, sine, isOdd), sign);
}

/** sin(-x) = -sin(x), of zeros too. */
export function writeSin(builder: FunctionBuilder, x: Local<"v128">): V128 {
  const sign = builder.local("v128", v128.and(x, splat(-(2 ** 31))));
  return v128.xor(writeWave(builder, builder.local("v128", f32x4.abs(x)), 0), sign);
}

export function writeCos(builder: FunctionBuilder, x: Local<"v128">): V128 {
  return writeWave(builder, builder.local("v128", f32x4.abs(x)), 1);
}
