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
