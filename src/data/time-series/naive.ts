/** Naive forecasts of a series: what a forecaster has to beat. */

import { printGiven } from "../../checks.ts";
import { DataError } from "../../errors.ts";
import { isArray } from "../../numbers.ts";
import { requireCounts } from "../counts.ts";

/**
 * The last number of a history that is there (not NaN), for each of the steps ahead; NaN where there is none. Throws UsageError for a
 * horizon that is not a whole number from 1, DataError for a history that is no array.
 */
export function lastValue(history: ArrayLike<number>, horizon: number): Float64Array {
  requireCounts({ horizon });
  checkHistory("lastValue", history);
  return new Float64Array(horizon).fill(valueBefore(history, history.length - 1, 1) ?? Number.NaN);
}

/**
 * For each of the steps ahead what was there a whole number of seasons (of so many steps) before, as few as possible: where a value is
 * missing (NaN), or a step lies more than a season ahead, some season earlier. Where the history has none, its last value; NaN where
 * there is nothing at all. With a season of 1 it is `lastValue`. Throws as that does, and UsageError for a season that is not a whole number from 1.
 */
export function seasonalNaive(history: ArrayLike<number>, season: number, horizon: number): Float64Array {
  requireCounts({ season, horizon });
  checkHistory("seasonalNaive", history);
  return lastValue(history, horizon).map((last, step) => {
    const from = history.length - season + (step % season);
    return valueBefore(history, from, season) ?? last;
  });
}

/** The last number at `from` or whole strides before it. */
function valueBefore(history: ArrayLike<number>, from: number, stride: number): number | undefined {
  let at = from;
  while (at >= 0 && Number.isNaN(history[at])) at -= stride;
  return history[at];
}

function checkHistory(where: string, history: ArrayLike<number>): void {
  if (isArray(history)) return;
  throw new DataError(`${where}: history ${printGiven(history)} given, an array of numbers expected`);
}
