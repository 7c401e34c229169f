/**
 * Functions with the same bits on every platform: made of +, -, *, / and the square root alone, of which IEEE 754 allows one
 * result. Math.log and Math.cos may differ in the last digit from engine to engine; weights must not.
 */

/**
 * The number below which lies the share (word + 1/2) / 2^32 of the standard normal distribution, to 7 digits: -6.3 to 6.3.
 * `word` is an int32, read as unsigned. Wichura, "Algorithm AS 241: the percentage points of the normal distribution",
 * Applied Statistics 37, 1988: PPND7.
 */
export function normalQuantile(word: number): number {
  const q = ((word >>> 0) + 0.5) * 2 ** -32 - 0.5;
  if (Math.abs(q) > 0.425) return q < 0 ? -tail(0.5 + q) : tail(0.5 - q);
  const r = 0.180625 - q * q;
  const numerator = q * (3.3871327179 + r * (50.434271938 + r * (159.29113202 + r * 59.10937472)));
  return numerator / (1 + r * (17.895169469 + r * (78.757757664 + r * 67.1875636)));
}

/** How far from 0 the quantile of a share from e^-25 to 0.075 lies. */
function tail(share: number): number {
  const r = Math.sqrt(-logarithm(share)) - 1.6;
  const numerator = 1.4234372777 + r * (2.75681539 + r * (1.3067284816 + r * 0.17023821103));
  return numerator / (1 + r * (0.7370016425 + r * 0.12021132975));
}

/** ln x, to 15 digits, for a positive finite number. It is quick near 1: each doubling or halving costs a step. */
export function logarithm(x: number): number {
  let mantissa = x;
  let exponent = 0;
  for (; mantissa > Math.SQRT2; exponent++) mantissa /= 2;
  for (; mantissa < Math.SQRT1_2; exponent--) mantissa *= 2;
  // ln m = 2 artanh s = 2 (s + s^3 / 3 + s^5 / 5 + ...), where |s| < 0.18.
  const s = (mantissa - 1) / (mantissa + 1);
  const square = s * s;
  const far = 1 / 9 + square * (1 / 11 + square * (1 / 13 + square * (1 / 15 + square * (1 / 17))));
  const series = 1 + square * (1 / 3 + square * (1 / 5 + square * (1 / 7 + square * far)));
  return 2 * s * series + exponent * Math.LN2;
}

/** The first 33 bits of pi / 2, so that a whole multiple below 2^20 is exact, and the rest. */
const HALF_PI = [1.5707963267341256, 6.077100506506192e-11] as const;

/** sin x, to 15 digits of 1, for x from -10^6 to 10^6. */
export function sine(x: number): number {
  const quarter = Math.round(x / (Math.PI / 2));
  const rest = x - quarter * HALF_PI[0] - quarter * HALF_PI[1];
  const part = quarter % 2 === 0 ? sineNear(rest) : cosineNear(rest);
  return ((quarter % 4) + 4) % 4 < 2 ? part : -part;
}

/** cos x, to 15 digits of 1, for x from -10^6 to 10^6. */
export function cosine(x: number): number {
  const quarter = Math.round(x / (Math.PI / 2));
  const rest = x - quarter * HALF_PI[0] - quarter * HALF_PI[1];
  const part = quarter % 2 === 0 ? cosineNear(rest) : sineNear(rest);
  return (((quarter + 1) % 4) + 4) % 4 < 2 ? part : -part;
}

/** x - x^3 / 3! + x^5 / 5! - ..., for |x| up to pi / 4. */
function sineNear(x: number): number {
  return x * series(x * x, 17);
}

/** 1 - x^2 / 2! + x^4 / 4! - ..., for |x| up to pi / 4. */
function cosineNear(x: number): number {
  return series(x * x, 18);
}

/** 1 - square / (n (n - 1)) (1 - square / ((n - 2) (n - 3)) (...)), from the last n inwards. */
function series(square: number, last: number): number {
  let sum = 1;
  for (let n = last; n > 1; n -= 2) sum = 1 - (square / (n * (n - 1))) * sum;
  return sum;
}

/** e^x, to 15 digits, for x from -700 to 700. */
export function exponential(x: number): number {
  const doublings = Math.round(x / Math.LN2);
  // ln 2 in two parts, of which a whole multiple of the first is exact.
  const rest = x - doublings * 0.6931471803691238 - doublings * 1.9082149292705877e-10;
  let sum = 1;
  for (let n = 16; n > 0; n--) sum = 1 + (rest / n) * sum;
  for (let left = doublings; left > 0; left--) sum *= 2;
  for (let left = doublings; left < 0; left++) sum /= 2;
  return sum;
}
