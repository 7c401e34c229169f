/** How a table was read, so that another one can be read in the same way. */
import { checkOptions, printGiven } from "../../checks.ts";
import { FormatError, UsageError } from "../../errors.ts";
import { DECIMALS, type Decimal } from "../numerals.ts";
import { TimeGrid } from "../time/grid.ts";
import { type Categories, checkColumns } from "./columns.ts";
import type { SeriesColumns } from "./series.ts";

export const AGGREGATES = ["sum", "mean", "first", "last"] as const;
/** What becomes of several rows of one step. */
export type Aggregate = (typeof AGGREGATES)[number];

export const GAP_KINDS = ["mask", "last", "linear"] as const;
/** What stands where values are missing between others: nothing (NaN), the last value before, or a straight line. */
export type GapKind = (typeof GAP_KINDS)[number];

/** All that is needed to read another table in the same way; `JSON.stringify` writes it, `seriesReadingOfJson` reads that. */
export interface SeriesReading {
  readonly columns: SeriesColumns;
  /** The steps of time, and how times are written. */
  readonly grid: TimeGrid;
  /** What stands between cells, if it was stated: it is found anew in each file otherwise. */
  readonly delimiter?: string | undefined;
  readonly decimal: Decimal;
  readonly gaps: GapKind;
  readonly aggregate?: Aggregate | undefined;
  /** The texts of columns of texts. */
  readonly categories: Categories;
}

/**
 * A reading that was written as JSON.
 *
 * @param where what it stands in, for messages
 * @throws FormatError for what is none
 */
export function seriesReadingOfJson(json: unknown, where: string): SeriesReading {
  try {
    return checkedReading(json, where);
  } catch (error) {
    if (error instanceof FormatError) throw error;
    throw new FormatError(`${where}: ${(error as Error).message}`, { cause: error });
  }
}

function checkedReading(json: unknown, where: string): SeriesReading {
  const given = json as SeriesReading;
  checkOptions<SeriesReading>("the reading of series", given, {
    columns: "columns",
    grid: "a grid",
    decimal: DECIMALS.join(" or "),
    gaps: GAP_KINDS.join(" or "),
    categories: "texts by column",
    delimiter: true,
    aggregate: true,
  });
  const { decimal, gaps, aggregate, categories } = given;
  requireOneOf("decimal", decimal, DECIMALS);
  requireOneOf("gaps", gaps, GAP_KINDS);
  if (aggregate !== undefined) requireOneOf("aggregate", aggregate, AGGREGATES);
  checkOptions<object>(
    "categories",
    categories,
    Object.fromEntries(Object.keys(categories).map((name) => [name, true])),
  );
  for (const [name, texts] of Object.entries(categories)) {
    if (Array.isArray(texts) && texts.every((text) => typeof text === "string")) continue;
    throw new FormatError(
      `${where}: the texts of ${name} are ${printGiven(texts)}, a list of texts expected`,
    );
  }
  const columns = checkColumns("the reading of series", given.columns);
  return { ...given, columns, grid: TimeGrid.fromJSON(given.grid, where) };
}

/** Throws UsageError for what is no reading, such as one whose JSON was not read yet. */
export function checkReading(where: string, given: SeriesReading): void {
  if (given?.grid instanceof TimeGrid) return;
  throw new UsageError(
    `${where}: reading ${printGiven(given)} given, one of readSeries, seriesOfData or seriesReadingOfJson expected`,
  );
}

/** Throws UsageError for what is none of some words. */
export function requireOneOf(name: string, given: string, words: readonly string[]): void {
  if (words.includes(given)) return;
  throw new UsageError(`${name} ${printGiven(given)} is unknown: expected ${words.join(", ")}`);
}
