/** Measures of forecasts: errors beside those of a naive forecast or beside the targets, and how good quantiles are. */

import { checkOptions } from "../../checks.ts";
import { requireCounts } from "../../data/counts.ts";
import { DataError } from "../../errors.ts";
import { checkQuantiles } from "../../nn/losses/quantile.ts";
import { checkLists, checkSameLength, countedPlaces, meanOver } from "./lists.ts";
import { countedPairs, type ErrorMeasureOptions, meanAbsoluteError } from "./numbers.ts";

export interface ScaledErrorOptions extends ErrorMeasureOptions {
  /** How many steps before each number the naive forecast takes it from: 7 for days that repeat by the week. Default 1. */
  readonly season?: number | undefined;
}

/**
 * The mean absolute error divided by the `naiveError` of the history, the numbers that were trained on: below 1 is better than the naive
 * forecast. Hyndman and Koehler, "Another look at measures of forecast accuracy", 2006 (MASE). Undefined where the naive error
 * is 0 or undefined. Throws DataError as `meanAbsoluteError` does, UsageError for a season that is not a whole number from 1.
 */
export function meanAbsoluteScaledError(
  predictions: ArrayLike<number>,
  targets: ArrayLike<number>,
  history: ArrayLike<number>,
  options: ScaledErrorOptions = {},
): number | undefined {
  checkOptions("meanAbsoluteScaledError", options, { mask: true, season: true });
  const { season, ...others } = options;
  const scale = naiveError(history, season);
  const error = meanAbsoluteError(predictions, targets, others);
  return scale === undefined || scale === 0 ? undefined : error / scale;
}

/**
 * The mean of |y[t] - y[t - season]| over a history: the error of the seasonal naive, one step or season ahead. What is missing (NaN)
 * is left out. Undefined where no two numbers are a season apart. Throws UsageError for a season that is not a whole number from 1.
 */
export function naiveError(history: ArrayLike<number>, season = 1): number | undefined {
  requireCounts({ season });
  checkLists("naiveError", { history });
  let [total, count] = [0, 0];
  for (let at = season; at < history.length; at++) {
    const error = Math.abs((history[at] as number) - (history[at - season] as number));
    if (Number.isNaN(error)) continue;
    total += error;
    count += 1;
  }
  return count === 0 ? undefined : total / count;
}

/**
 * The mean of 200 |f - y| / (|y| + |f|) in per cent, from 0 to 200, for predictions f and targets y; where both are 0 it is 0.
 * Makridakis, "Accuracy measures", 1993 (sMAPE). Throws DataError as `meanAbsoluteError` does.
 */
export function symmetricMeanAbsolutePercentageError(
  predictions: ArrayLike<number>,
  targets: ArrayLike<number>,
  options: ErrorMeasureOptions = {},
): number {
  const where = "symmetricMeanAbsolutePercentageError";
  const places = countedPairs(where, predictions, targets, options);
  return meanOver(places, (at) => {
    const [prediction, target] = [predictions[at] as number, targets[at] as number];
    const size = Math.abs(prediction) + Math.abs(target);
    return size === 0 ? 0 : (200 * Math.abs(prediction - target)) / size;
  });
}

export interface PercentageError {
  /** In per cent, over the targets that are not 0; undefined where all are. */
  readonly error: number | undefined;
  /** Targets that are 0, of which there is no percentage. */
  readonly zeros: number;
}

/** The mean of 100 |f - y| / |y| in per cent (MAPE), and how many targets it is not defined for. Throws DataError as `meanAbsoluteError` does. */
export function meanAbsolutePercentageError(
  predictions: ArrayLike<number>,
  targets: ArrayLike<number>,
  options: ErrorMeasureOptions = {},
): PercentageError {
  const places = countedPairs("meanAbsolutePercentageError", predictions, targets, options);
  const others = places.filter((at) => targets[at] !== 0);
  const errorAt = (at: number) => {
    const [prediction, target] = [predictions[at] as number, targets[at] as number];
    return 100 * Math.abs((prediction - target) / target);
  };
  return {
    error: others.length === 0 ? undefined : meanOver(others, errorAt),
    zeros: places.length - others.length,
  };
}

/**
 * The mean of max(q e, (q - 1) e), e = target - prediction, over targets (n) and quantiles q, from predictions (n, Q) in row-major
 * order: the figure of the loss `quantileLoss`, in the targets' unit. Of the median alone it is half of the mean absolute error.
 * Throws DataError for predictions that do not fit, NaN, and where nothing counts; UsageError for quantiles that are not between 0 and 1.
 */
export function meanQuantileLoss(
  predictions: ArrayLike<number>,
  targets: ArrayLike<number>,
  quantiles: readonly number[],
  options: ErrorMeasureOptions = {},
): number {
  const where = "meanQuantileLoss";
  checkOptions(where, options, { mask: true });
  checkQuantiles(where, quantiles);
  checkLists(where, { predictions, targets });
  const count = quantiles.length;
  if (predictions.length !== targets.length * count) {
    const expected = `${targets.length * count} for ${targets.length} targets and ${count} quantiles expected`;
    throw new DataError(`${where}: ${predictions.length} predictions given, ${expected}`);
  }
  const columns = quantiles.map((_, quantile) =>
    Float64Array.from(targets, (_, at) => predictions[at * count + quantile] as number),
  );
  const names = quantiles.map((quantile, at) => [
    `prediction of quantile ${at} (${quantile})`,
    columns[at] as Float64Array,
  ]);
  const places = countedPlaces(where, { target: targets, ...Object.fromEntries(names) }, options.mask);
  return meanOver(places, (at) => {
    const costs = quantiles.map((quantile, one) => {
      const error = (targets[at] as number) - (columns[one]?.[at] as number);
      return Math.max(quantile * error, (quantile - 1) * error);
    });
    return costs.reduce((sum, cost) => sum + cost) / count;
  });
}

/**
 * The part of targets from their low to their high prediction, both included, from 0 to 1: near 0.8 for good quantiles 0.1 and 0.9.
 * Throws DataError for lists of different lengths, NaN, and where nothing counts.
 */
export function coverage(
  low: ArrayLike<number>,
  high: ArrayLike<number>,
  targets: ArrayLike<number>,
  options: ErrorMeasureOptions = {},
): number {
  checkOptions("coverage", options, { mask: true });
  checkSameLength("coverage", low, targets);
  checkSameLength("coverage", high, targets);
  const places = countedPlaces("coverage", { low, high, target: targets }, options.mask);
  const isWithin = (at: number) =>
    (low[at] as number) <= (targets[at] as number) && (targets[at] as number) <= (high[at] as number);
  return meanOver(places, (at) => Number(isWithin(at)));
}
