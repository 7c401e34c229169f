/** The options of reading series, from files and from arrays. */
import { checkOptions, printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import { DECIMALS, type Decimal } from "../numerals.ts";
import { checkPattern } from "../time/format.ts";
import { zoneOf } from "../time/zone.ts";
import { checkColumns, type GivenColumns } from "./columns.ts";
import { AGGREGATES, type Aggregate, GAP_KINDS, type GapKind, requireOneOf } from "./reading.ts";
import type { SeriesColumns } from "./series.ts";

export interface ReadSeriesOptions {
  /** What the columns of the table are for; lists of none may be left out. */
  readonly columns: GivenColumns;
  /** What stands between two cells of a file; by default it is found in the header. */
  readonly delimiter?: string | undefined;
  /** What stands before the fraction of a number; by default it is found from the numbers. */
  readonly decimal?: Decimal | undefined;
  /** The step of time: `15min`, `1h`, `1d`, `1B` (business days), `1w`, `1M`, `1Q`, `1Y`, `1` for whole numbers; by default it is found from the times. */
  readonly frequency?: string | undefined;
  /** Where clocks show these times: `Europe/Berlin`, `+01:00`, `UTC`; by default they are as good as UTC. */
  readonly zone?: string | undefined;
  /** How times are written, in Luxon's tokens, such as `dd.MM.yyyy HH:mm`; by default it is found from the times. */
  readonly timeFormat?: string | undefined;
  /**
   * What becomes of several rows of one step of a series; by default they are refused. A sum is one of targets and past columns: of known
   * ones, such as prices, it is the mean.
   */
  readonly aggregate?: Aggregate | undefined;
  /** What stands where values are missing between others; by default nothing: they are masked. */
  readonly gaps?: GapKind | undefined;
}

/** Options whose columns are complete. Throws UsageError for what is out of range. */
export function checkReadOptions<T extends ReadSeriesOptions>(
  where: string,
  options: T,
): Omit<T, "columns"> & { readonly columns: SeriesColumns } {
  checkOptions<ReadSeriesOptions>(where, options, {
    columns: "an object with targets",
    delimiter: true,
    decimal: true,
    frequency: true,
    zone: true,
    timeFormat: true,
    aggregate: true,
    gaps: true,
  });
  const { decimal, frequency, zone, timeFormat, aggregate, gaps } = options;
  if (decimal !== undefined) requireOneOf("decimal", decimal, DECIMALS);
  if (aggregate !== undefined) requireOneOf("aggregate", aggregate, AGGREGATES);
  if (gaps !== undefined) requireOneOf("gaps", gaps, GAP_KINDS);
  if (zone !== undefined) zoneOf(zone);
  if (timeFormat !== undefined) checkPattern(timeFormat);
  if (frequency !== undefined && typeof frequency !== "string") {
    throw new UsageError(`${where}: frequency ${printGiven(frequency)} given, a text such as 1h expected`);
  }
  return { ...options, columns: checkColumns(where, options.columns) };
}
