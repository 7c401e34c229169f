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

/**
 * The places that a mask lets count, all without one, of lists of numbers of one length. Throws DataError for a mask of another length,
 * for what is no number at such a place, and where nothing counts.
 */
export function countedPlaces(
  where: string,
  lists: Readonly<Record<string, ArrayLike<number>>>,
  mask: ArrayLike<number | boolean> | undefined,
): number[] {
  const length = Object.values(lists)[0]?.length ?? 0;
  if (mask && !(isArray(mask) && mask.length === length)) {
    throw new DataError(`${where}: mask ${printGiven(mask)} given, ${length} of true and false expected`);
  }
  const places: number[] = [];
  for (let at = 0; at < length; at++) if (!mask || mask[at]) places.push(at);
  for (const [name, list] of Object.entries(lists)) {
    const wrong = places.find((at) => typeof list[at] !== "number" || Number.isNaN(list[at]));
    if (wrong === undefined) continue;
    throw new DataError(`${where}: ${name} ${printGiven(list[wrong])} given at ${wrong}, a number expected`);
  }
  if (places.length > 0) return places;
  throw new DataError(`${where}: nothing that counts given, at least one element expected`);
}

export function meanOver(places: readonly number[], of: (at: number) => number): number {
  return places.reduce((sum, at) => sum + of(at), 0) / places.length;
}
