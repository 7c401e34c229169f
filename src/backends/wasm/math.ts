/**
 * exp, log, tanh and sigmoid over four float32 lanes, without branches and within 2 ulp of the exact value for every
 * float32, denormal, infinite and NaN ones included.
 *
 * The first three rest on one reduction, x = n ln 2 + r with n an integer and |r| <= ln 2 / 2, and one polynomial,
 * e^r - 1 = r + r^2 q(r), whose coefficients are minimax (Remez) for the relative error, 2^-26.0.
 */

import {
  type FunctionBuilder,
  type FunctionReference,
  f32x4,
  i32,
  i32x4,
  type Local,
  type ModuleBuilder,
  type V128,
  v128,
} from "./encoder.ts";

/** Functions of signature v128 -> v128; each is defined in the module when it is first asked for. */
export interface MathFunctions {
  readonly exp: FunctionReference;
  readonly log: FunctionReference;
  readonly tanh: FunctionReference;
  readonly sigmoid: FunctionReference;
}

const log2e = f32x4.const(Math.LOG2E);
/** ln 2 in two parts; the first has 16 bits, so that its products with |n| <= 150 are exact. */
const ln2High = f32x4.const(0x58b9 / 0x8000);
const ln2Low = f32x4.const(Math.LN2 - 0x58b9 / 0x8000);
const q = [
  0.5, 0.1666666567325592, 0.04166647791862488, 0.008333421312272549, 0.0013933689333498478,
  0.00019823959155473858,
];

/** log(1 + f) = 2 s + s z p(z), s = f / (2 + f), z = s^2; relative error 2^-30.2 for 1 + f in [sqrt(1/2), sqrt(2)]. */
const p = [0.6666677594184875, 0.39977574348449707, 0.2987123727798462];

const { add, sub, mul, div, pmin, pmax } = f32x4;
const splat = (value: number) => i32x4.splat(i32.const(value));

function horner(x: V128, coefficients: readonly number[]): V128 {
  return coefficients
    .map((coefficient) => f32x4.const(coefficient))
    .reduceRight((sum, coefficient) => add(mul(sum, x), coefficient));
}

/**
 * Rounds x / ln 2 to an integer by adding 1.5 * 2^23, which leaves the integer in the low bits of the sum.
 * Returns n, as a float, and `bits`, whose low bits are n + bias.
 */
function roundToExponent(builder: FunctionBuilder, x: V128, bias: number): { n: V128; bits: Local<"v128"> } {
  const magic = f32x4.const(1.5 * 2 ** 23 + bias);
  const bits = builder.local("v128", add(mul(x, log2e), magic));
  return { n: builder.local("v128", sub(bits, magic)), bits };
}

/** 2^n for -127 < n < 128, from an integer whose low nine bits are n + 127. */
const powerOfTwo = (biased: V128) => i32x4.shl(biased, i32.const(23));

/** Two factors 2^(n / 2), so that results which overflow, or are denormal, are rounded only once, at the end. */
function writeExp(builder: FunctionBuilder, x: Local<"v128">): V128 {
  builder.set(x, pmin(pmax(x, f32x4.const(-104)), f32x4.const(89)));
  const { n, bits } = roundToExponent(builder, x, 2 * 127);
  const r = builder.local("v128", sub(sub(x, mul(n, ln2High)), mul(n, ln2Low)));
  const exponent = builder.local("v128", i32x4.sub(bits, splat(0x4b400000)));
  const half = builder.local("v128", i32x4.shr_s(exponent, i32.const(1)));
  const value = add(f32x4.const(1), add(r, mul(mul(r, r), horner(r, q))));
  return mul(mul(value, powerOfTwo(half)), powerOfTwo(i32x4.sub(exponent, half)));
}

/**
 * e^x / (1 + e^x) as P / (t + P) with P = 2^-24 e^r and t = 2^(-n-24): no intermediate value overflows or is
 * denormal for x in [-104, 30], so that the division alone rounds denormal results.
 */
function writeSigmoid(builder: FunctionBuilder, x: Local<"v128">): V128 {
  builder.set(x, pmin(pmax(x, f32x4.const(-104)), f32x4.const(30)));
  const magic = f32x4.const(1.5 * 2 ** 23 + 127 - 24);
  const bits = builder.local("v128", sub(magic, mul(x, log2e)));
  const n = builder.local("v128", sub(bits, magic));
  const r = builder.local("v128", add(add(x, mul(n, ln2High)), mul(n, ln2Low)));
  const scale = f32x4.const(2 ** -24);
  const scaled = builder.local("v128", mul(r, scale));
  const numerator = builder.local("v128", add(scale, add(scaled, mul(mul(scaled, r), horner(r, q)))));
  return div(numerator, add(powerOfTwo(bits), numerator));
}

/** |d / (d + 2)| with d = e^(-2|x|) - 1 = 2^n (e^r - 1) + (2^n - 1), then the sign of x. */
function writeTanh(builder: FunctionBuilder, x: Local<"v128">): V128 {
  const magnitude = builder.local("v128", f32x4.abs(x));
  const sign = builder.local("v128", v128.xor(x, magnitude));
  const negative = v128.and(f32x4.lt(magnitude, f32x4.const(0.22)), splat(0x80000000 | 0));
  builder.set(x, v128.xor(mul(pmin(magnitude, f32x4.const(9.5)), f32x4.const(2)), negative));
  const { n, bits } = roundToExponent(builder, x, 127);
  const r = builder.local("v128", sub(x, mul(n, f32x4.const(Math.LN2))));
  const power = builder.local("v128", powerOfTwo(bits));
  const scaled = builder.local("v128", mul(r, power));
  const polynomial = add(scaled, mul(mul(scaled, r), horner(r, q)));
  const d = builder.local("v128", add(polynomial, sub(power, f32x4.const(1))));
  return v128.xor(f32x4.abs(div(d, add(d, f32x4.const(2)))), sign);
}

/** x = 2^k (1 + f) by the bits; the rest after FreeBSD's e_logf: k ln 2 + (f - (f^2/2 - s (f^2/2 + R))). */
function writeLog(builder: FunctionBuilder, x: Local<"v128">): V128 {
  const sqrtHalf = splat(0x3f3504f3);
  const infinity = f32x4.const(Infinity);
  const denormal = builder.local("v128", f32x4.lt(x, f32x4.const(2 ** -126)));
  const normal = v128.bitselect(mul(x, f32x4.const(2 ** 25)), x, denormal);
  const bits = builder.local("v128", i32x4.sub(normal, sqrtHalf));
  const exponent = i32x4.sub(i32x4.shr_s(bits, i32.const(23)), v128.and(denormal, splat(25)));
  const k = builder.local("v128", f32x4.convert_i32x4_s(exponent));
  const significand = i32x4.add(v128.and(bits, splat(0x7fffff)), sqrtHalf);
  const f = builder.local("v128", sub(significand, f32x4.const(1)));
  const s = builder.local("v128", div(f, add(f32x4.const(2), f)));
  const z = builder.local("v128", mul(s, s));
  const half = builder.local("v128", mul(mul(f, f), f32x4.const(0.5)));
  const tail = add(mul(s, add(half, mul(z, horner(z, p)))), mul(k, ln2Low));
  const value = builder.local("v128", add(mul(k, ln2High), sub(f, sub(half, tail))));
  // 0 gives -infinity; negative numbers give NaN; infinity and NaN give themselves.
  const zeroOrLess = f32x4.le(x, f32x4.const(0));
  const limit = v128.bitselect(f32x4.const(Number.NaN), f32x4.const(-Infinity), f32x4.lt(x, f32x4.const(0)));
  builder.set(value, v128.bitselect(limit, value, zeroOrLess));
  return v128.bitselect(value, x, f32x4.lt(x, infinity));
}

/** The mathematical functions of one module. */
export function defineMath(module: ModuleBuilder): MathFunctions {
  const defined = new Map<string, FunctionReference>();
  const define = (name: string, write: (builder: FunctionBuilder, x: Local<"v128">) => V128) => {
    const known = defined.get(name);
    if (known) return known;
    const reference = module.function(name, ["v128"], "v128", (builder, x) =>
      builder.return(write(builder, x)),
    );
    defined.set(name, reference);
    return reference;
  };
  return {
    get exp() {
      return define("exp", writeExp);
    },
    get log() {
      return define("log", writeLog);
    },
    get tanh() {
      return define("tanh", writeTanh);
    },
    get sigmoid() {
      return define("sigmoid", writeSigmoid);
    },
  };
}
