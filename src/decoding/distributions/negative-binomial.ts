/** The negative binomial distribution of counts with mean m and dispersion a, whose variance is m + a m^2. */

import type { RandomSource } from "../../trace/variable.ts";
import { gaussianQuantile } from "./gaussian.ts";
import { checkParameter } from "./parameters.ts";

/**
 * The least count k for which the share of counts up to k is at least this one. Throws UsageError for a share that is not from 0 to
 * below 1, a mean that is not from 0 to 1e9, and a dispersion that is not from 1e-12 to 1e6.
 */
export function negativeBinomialQuantile(share: number, mean: number, dispersion: number): number {
  const isShare = (given: number) => given >= 0 && given < 1;
  checkParameter("negativeBinomialQuantile", "share", share, isShare, "a number from 0 to below 1");
  checkNegativeBinomial("negativeBinomialQuantile", mean, dispersion);
  return quantile(share, mean, dispersion);
}

/** A count drawn from the distribution, by its quantile at two uniform numbers of 24 bits. Throws UsageError as `negativeBinomialQuantile` does. */
export function drawNegativeBinomial(source: RandomSource, mean: number, dispersion: number): number {
  checkNegativeBinomial("drawNegativeBinomial", mean, dispersion);
  return quantile(source.uniform() + 2 ** -24 * source.uniform(), mean, dispersion);
}

function checkNegativeBinomial(where: string, mean: number, dispersion: number): void {
  checkParameter(where, "mean", mean, (given) => given >= 0 && given <= 1e9, "a number from 0 to 1e9");
  const isDispersion = (given: number) => given >= 1e-12 && given <= 1e6;
  checkParameter(where, "dispersion", dispersion, isDispersion, "a number from 1e-12 to 1e6");
}

/** By Newton's steps within limits that come nearer; every fourth time the limits are halved, so that it always ends. */
function quantile(share: number, mean: number, dispersion: number): number {
  if (mean === 0) return 0;
  let [low, high] = [-1, Number.POSITIVE_INFINITY];
  let count = firstGuess(share, mean, dispersion);
  // Counts above 2^53 are not whole to the last digit.
  for (let tries = 1; high - low > Math.max(1, 2 * Number.EPSILON * low); tries++) {
    const { upTo, here } = probabilities(count, mean, dispersion);
    if (upTo >= share) high = count;
    else low = count;
    const last = Math.min(high - 1, 4 * low + 8);
    const newton = Math.ceil(count + (share - upTo) / here);
    const isHalving = tries % 4 === 0 || Number.isNaN(newton);
    count = isHalving ? Math.floor((low + last + 1) / 2) : Math.min(Math.max(newton, low + 1), last);
  }
  return high;
}

/** The quantile of a distribution with the same mean, variance and skewness: Cornish and Fisher 1937, the first terms. */
function firstGuess(share: number, mean: number, dispersion: number): number {
  if (share === 0) return 0;
  const deviation = Math.sqrt(mean * (1 + dispersion * mean));
  const skewness = (1 + 2 * dispersion * mean) / deviation;
  const normal = gaussianQuantile(share);
  const guess = mean + deviation * (normal + ((normal * normal - 1) * skewness) / 6);
  return Math.max(0, Math.floor(guess));
}

/**
 * The probability of a count k, and that of all counts up to it, which is the incomplete beta function I_p(r, k + 1) with
 * r = 1 / a and p = 1 / (1 + a m).
 */
function probabilities(count: number, mean: number, dispersion: number): { upTo: number; here: number } {
  const here = Math.exp(-costOf(count, mean, dispersion));
  const [shape, next] = [1 / dispersion, count + 1];
  const [success, failure] = [1 / (1 + dispersion * mean), (dispersion * mean) / (1 + dispersion * mean)];
  /** p^r (1 - p)^(k + 1) / B(r, k + 1) */
  const factor = here * failure * (shape + count);
  const upTo =
    success < (shape + 1) / (shape + next + 2)
      ? (factor * betaFraction(shape, next, success)) / shape
      : 1 - (factor * betaFraction(next, shape, failure)) / next;
  return { upTo, here };
}

/** The continued fraction of the incomplete beta function: DLMF 8.17.22, summed as Lentz 1976 does. */
function betaFraction(a: number, b: number, x: number): number {
  let c = 1;
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  const multiply = (term: number) => {
    d = 1 / awayFromZero(1 + term * d);
    c = awayFromZero(1 + term / c);
    fraction *= c * d;
  };
  for (let m = 1; ; m++) {
    multiply((m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)));
    multiply((-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)));
    if (!(Math.abs(c * d - 1) > 1e-14)) return fraction;
  }
}

const awayFromZero = (x: number) => (Math.abs(x) < 1e-300 ? 1e-300 : x);

/**
 * -log P(k). As in Loader, "Fast and accurate computation of binomial probabilities", 2000: what P(k) loses by its mean not
 * being k, and the rest by Stirling's formula. See also `negativeBinomialLikelihood`, which is the same over tensors.
 */
function costOf(count: number, mean: number, dispersion: number): number {
  const shape = 1 / dispersion;
  const [a, b] = [1 + dispersion * mean, 1 + dispersion * count];
  if (count === 0) return shape * Math.log1p(dispersion * mean);
  const ofShape = beyondLog(((count - mean) * dispersion) / a, b / a);
  const ofCount = beyondLog((mean - count) / (count * a), (mean * b) / (count * a));
  const rest = stirlingError(shape) + stirlingError(count) - stirlingError(count + shape);
  return shape * ofShape + count * ofCount + rest + Math.log(2 * Math.PI * count * b) / 2;
}

/** s - log(1 + s), from s and 1 + s, each exact. */
const beyondLog = (s: number, onePlus: number) => s - (Math.abs(s) < 0.5 ? Math.log1p(s) : Math.log(onePlus));

/** log Gamma(z + 1) - (z + 1/2) log z + z - log(2 pi) / 2, to 1e-14: its series, from a larger z downwards. */
function stirlingError(z: number): number {
  let [from, total] = [z, 0];
  for (; from < 10; from++) total += (from + 0.5) * Math.log1p(1 / from) - 1;
  const square = 1 / (from * from);
  const series = 1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188)));
  return total + series / from;
}
