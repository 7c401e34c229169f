/** The lists that measures are given. */

import { printGiven } from "../../checks.ts";
import { DataError } from "../../errors.ts";
import { isArray } from "../../numbers.ts";

/** Throws DataError for what is no array. */
export function checkLists(where: string, lists: Readonly<Record<string, unknown>>): void {
  for (const [name, list] of Object.entries(lists)) {
    if (isArray(list)) continue;
    throw new DataError(`${where}: ${name} ${printGiven(list)} given, an array of numbers expected`);
  }
}

/** Throws DataError for what is no array, and for arrays of two lengths. */
export function checkSameLength(
  where: string,
  predictions: ArrayLike<number>,
  targets: ArrayLike<number>,
): void {
  checkLists(where, { predictions, targets });
  if (predictions.length === targets.length) return;
  const given = `${predictions.length} predictions and ${targets.length} targets`;
  throw new DataError(`${where}: ${given} given, as many of both expected`);
}
