/** Numeric series as they are given: row after row, the features of a row side by side; NaN is a value that is missing. */
import { printGiven } from "../checks.ts";
import { DataError, UsageError } from "../errors.ts";
import { fits, isArray } from "../numbers.ts";

/** What a series may hold: a float64, or what a float32 can hold too; and NaN, unless it is refused. */
export interface SeriesNumbers {
  readonly dtype: "float64" | "float32";
  readonly missing: boolean;
}

/**
 * Throws DataError unless something is a list of series, each of one or more whole rows, all of whose values are finite
 * numbers of the dtype, or NaN where values may be missing.
 */
export function checkSeries(
  where: string,
  series: readonly ArrayLike<number>[],
  features: number,
  numbers: SeriesNumbers,
): void {
  if (!Array.isArray(series) || typeof series[0] === "number") {
    throw new DataError(`${where}: ${printGiven(series)} given, a list of series expected`);
  }
  if (series.length === 0) throw new DataError(`${where}: no series given, one or more expected`);
  for (let at = 0; at < series.length; at++)
    checkRows(`${where}: series ${at}`, series[at], features, numbers);
}

/** Throws DataError unless something is an array of whole rows of such numbers. */
export function checkRows(
  where: string,
  rows: unknown,
  features: number,
  { dtype, missing }: SeriesNumbers,
): asserts rows is ArrayLike<number> {
  if (!isArray(rows))
    throw new DataError(`${where}: ${printGiven(rows)} given, an array of numbers expected`);
  if (rows.length === 0 || rows.length % features !== 0) {
    const expected = features === 1 ? "one or more" : `one or more rows of ${features}`;
    throw new DataError(`${where} has ${rows.length} numbers, ${expected} expected`);
  }
  for (let at = 0; at < rows.length; at++) {
    const number: unknown = rows[at];
    const isGood = Number.isNaN(number)
      ? missing
      : Number.isFinite(number) && (dtype === "float64" || fits(number, dtype));
    if (isGood) continue;
    const place = `row ${Math.floor(at / features)}, feature ${at % features}`;
    const largest = dtype === "float32" ? ", at most 3.4e38," : "";
    throw new DataError(
      `${where}: ${printGiven(number)} given at ${place}, a finite number${largest} expected`,
    );
  }
}

/** Throws UsageError unless `chosen` are one or more of so many features. */
export function checkFeatures(where: string, chosen: readonly number[], features: number): void {
  if (!Array.isArray(chosen) || chosen.length === 0) {
    throw new UsageError(`${where}: ${printGiven(chosen)} given, a list of one or more features expected`);
  }
  const wrong = chosen.findIndex(
    (feature) => !Number.isInteger(feature) || feature < 0 || feature >= features,
  );
  if (wrong < 0) return;
  throw new UsageError(`${where}: feature ${printGiven(chosen[wrong])} given, 0 to ${features - 1} expected`);
}
