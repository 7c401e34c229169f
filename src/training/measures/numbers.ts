/** Measures of predicted numbers: how far they are from their targets, in the targets' own unit. */

import { checkOptions } from "../../checks.ts";
import { checkSameLength, countedPlaces, meanOver } from "./lists.ts";

export interface ErrorMeasureOptions {
  /** Which elements count: true or 1 for those that do. Default all. */
  readonly mask?: ArrayLike<number | boolean> | undefined;
}

/** The mean of |prediction - target|. Throws DataError for lists of two lengths, NaN, and where nothing counts. */
export function meanAbsoluteError(
  predictions: ArrayLike<number>,
  targets: ArrayLike<number>,
  options: ErrorMeasureOptions = {},
): number {
  return meanOf("meanAbsoluteError", predictions, targets, options, Math.abs);
}

/** The root of the mean of (prediction - target)^2. Throws DataError for lists of two lengths, NaN, and where nothing counts. */
export function rootMeanSquaredError(
  predictions: ArrayLike<number>,
  targets: ArrayLike<number>,
  options: ErrorMeasureOptions = {},
): number {
  return Math.sqrt(meanOf("rootMeanSquaredError", predictions, targets, options, (error) => error * error));
}

function meanOf(
  where: string,
  predictions: ArrayLike<number>,
  targets: ArrayLike<number>,
  options: ErrorMeasureOptions,
  costOf: (error: number) => number,
): number {
  const places = countedPairs(where, predictions, targets, options);
  return meanOver(places, (at) => costOf((predictions[at] as number) - (targets[at] as number)));
}

/** The places that count of predictions and targets. Throws DataError where there is none, and for what is no number there. */
export function countedPairs(
  where: string,
  predictions: ArrayLike<number>,
  targets: ArrayLike<number>,
  options: ErrorMeasureOptions,
): number[] {
  checkOptions(where, options, { mask: true });
  checkSameLength(where, predictions, targets);
  return countedPlaces(where, { prediction: predictions, target: targets }, options.mask);
}
