/** Rows that a stream is given, as numbers. */

import { printGiven } from "../../checks.ts";
import type { SeriesColumns } from "../../data/time-series/series.ts";
import { DataError } from "../../errors.ts";
import { isObject } from "../../formats/json.ts";

/** The columns of a row by name, or the value of the only target. What is missing is null, NaN or left out. */
export type StreamRow = number | null | Readonly<Record<string, number | null | undefined>>;

/** The numbers of targets, past and known columns, NaN where missing. Throws DataError for what is no such row. */
export function numbersOfRow(row: StreamRow, columns: SeriesColumns): number[] {
  const { targets, past, known } = columns;
  return numbersOf(row, { names: [...targets, ...past, ...known], columns, which: "the row" });
}

/** The numbers of the columns that are known ahead, of each step. Throws DataError for what is missing. */
export function numbersAhead(
  ahead: readonly StreamRow[],
  columns: SeriesColumns,
  horizon: number,
): readonly (readonly number[])[] {
  const { known } = columns;
  if (known.length === 0) return [];
  if (!Array.isArray(ahead) || ahead.length < horizon) {
    const given = Array.isArray(ahead) ? ahead.length : printGiven(ahead);
    throw new DataError(`stream: ${given} rows ahead given, ${horizon} of ${known.join(", ")} expected`);
  }
  return ahead.slice(0, horizon).map((row, step) => {
    const which = `step ${step + 1} ahead`;
    const numbers = numbersOf(row, { names: known, columns, which });
    const missing = numbers.findIndex(Number.isNaN);
    if (missing < 0) return numbers;
    throw new DataError(`stream: ${known[missing]} of ${which} is missing: it has to be known`);
  });
}

function numbersOf(
  row: StreamRow,
  {
    names,
    columns: { targets, past, known },
    which,
  }: { readonly names: readonly string[]; readonly columns: SeriesColumns; readonly which: string },
): number[] {
  if (typeof row === "number" || row === null) {
    if (names.length === 1) return [checked(row, `stream: ${which}: ${names[0]}`)];
  } else if (isObject(row)) {
    const stray = Object.keys(row).find((name) => ![...targets, ...past, ...known].includes(name));
    if (stray === undefined) return names.map((name) => checked(row[name], `stream: ${which}: ${name}`));
    throw new DataError(`stream: ${which} has the column ${printGiven(stray)}: ${names.join(", ")} expected`);
  }
  throw new DataError(
    `stream: ${printGiven(row)} given for ${which}, an object with ${names.join(", ")} expected`,
  );
}

function checked(given: unknown, where: string): number {
  if (given === null || given === undefined) return Number.NaN;
  if (typeof given === "number" && (Number.isFinite(given) || Number.isNaN(given))) return given;
  throw new DataError(`${where} ${printGiven(given)} given, a finite number expected`);
}
