/** Quantiles of a distribution that is known by numbers drawn from it, such as the values of sampled paths at one step. */

import { printGiven } from "../../checks.ts";
import { sortedQuantile } from "../../data/quantile.ts";
import { DataError } from "../../errors.ts";
import { isArray } from "../../numbers.ts";
import { checkParameter } from "./parameters.ts";

/**
 * The numbers below which lie these shares of some samples, in any order, by linear interpolation between the two nearest
 * (Hyndman and Fan, "Sample quantiles in statistical packages", 1996, definition 7). A larger share never gives a smaller number.
 * Throws DataError for samples that are NaN, or none; UsageError for a share that is not from 0 to 1.
 */
export function sampleQuantiles(samples: ArrayLike<number>, shares: readonly number[]): Float64Array {
  if (!isArray(samples) || samples.length === 0) {
    throw new DataError(
      `sampleQuantiles: ${printGiven(samples)} given, an array of at least one number expected`,
    );
  }
  const isShare = (given: number) => given >= 0 && given <= 1;
  for (const share of shares)
    checkParameter("sampleQuantiles", "share", share, isShare, "a number from 0 to 1");
  const sorted = Float64Array.from(samples).sort();
  // NaN is sorted behind all numbers.
  if (Number.isNaN(sorted.at(-1))) throw new DataError("sampleQuantiles: sample NaN given, numbers expected");
  return Float64Array.from(shares, (share) => sortedQuantile(sorted, share));
}
