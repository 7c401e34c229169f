/** Measures of predicted numbers: how far they are from their targets, in the targets' own unit. */

import { checkOptions, printGiven } from "../../checks.ts";
import { DataError } from "../../errors.ts";
import { isArray } from "../../numbers.ts";
import { checkSameLength } from "./lists.ts";

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
  checkOptions(where, options, { mask: true });
  const { mask } = options;
  checkSameLength(where, predictions, targets);
  if (mask && !(isArray(mask) && mask.length === targets.length)) {
    throw new DataError(
      `${where}: mask ${printGiven(mask)} given, ${targets.length} of true and false expected`,
    );
  }
  let [total, count] = [0, 0];
  for (let at = 0; at < targets.length; at++) {
    if (mask && !mask[at]) continue;
    const [prediction, target] = [predictions[at], targets[at]] as [number, number];
    for (const [what, number] of Object.entries({ prediction, target })) {
      if (typeof number === "number" && !Number.isNaN(number)) continue;
      throw new DataError(`${where}: ${what} ${printGiven(number)} given at ${at}, a number expected`);
    }
    total += costOf(prediction - target);
    count += 1;
  }
  if (count === 0) throw new DataError(`${where}: nothing that counts given, at least one element expected`);
  return total / count;
}
