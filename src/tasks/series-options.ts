/** Options of every task that reads series from a table: what its columns are for, and how it is written. */

import { openCsv } from "../data/csv.ts";
import type { Source } from "../data/source.ts";
import { namesOfData, type SeriesData, seriesOfData } from "../data/time-series/from-arrays.ts";
import type { ReadSeriesOptions } from "../data/time-series/options.ts";
import { readSeries, type SeriesTable } from "../data/time-series/read.ts";
import { UsageError } from "../errors.ts";
import { choice, names, text } from "../options/kinds.ts";
import { type OptionsOf, option } from "../options/table.ts";

const columns = { argument: "columns" };

export const seriesOptions = {
  target: option(names(), { ...columns, required: true, help: "columns to forecast or to watch" }),
  time: option(text(), {
    argument: "column",
    help: "column of dates or times",
    usually: "rows are numbered",
  }),
  series: option(text(), {
    argument: "column",
    help: "column that says which series a row is of",
    usually: "all are of one",
  }),
  past: option(names(), { ...columns, help: "other columns to read, known up to now only", usually: "none" }),
  known: option(names(), {
    ...columns,
    help: "other columns to read, known for the steps ahead too, such as a price or a holiday",
    usually: "none",
  }),
  static: option(names(), {
    ...columns,
    help: "other columns to read, the same at all times of a series",
    usually: "none",
  }),
  delimiter: option(text(), {
    argument: "character",
    help: "what stands between columns",
    usually: "found in the header",
  }),
  decimal: option(choice(["point", "comma"]), {
    argument: "sign",
    help: "what stands before the decimals of a number",
    usually: "found in the file",
  }),
  timeFormat: option(text(), {
    argument: "pattern",
    help: "how times are written, such as dd.MM.yyyy HH:mm",
    usually: "found in the file",
  }),
  zone: option(text(), {
    argument: "name",
    help: "time zone of times that do not say theirs, such as Europe/Berlin",
    usually: "none",
  }),
  frequency: option(text(), {
    argument: "step",
    help: "step of time, such as 15min, 1h, 1d, 1B (business days), 1w, 1M",
    usually: "found in the file",
  }),
  aggregate: option(choice(["sum", "mean", "first", "last"]), {
    argument: "rule",
    help: "what becomes of several rows of one step",
    usually: "refused",
  }),
  gaps: option(choice(["mask", "last", "linear"]), {
    default: "mask",
    argument: "rule",
    help: "missing values: left out of what is learnt (mask), or filled in",
  }),
};

export const tableHelp = "a table (.csv) with a header, each row a time, and its columns";

/** Reads the table that such options are about; options of other tables are left out. Throws UsageError where there is no target. */
export async function readTable(
  source: Source,
  options: OptionsOf<typeof seriesOptions>,
): Promise<SeriesTable> {
  const reading = readingOf(options);
  if (reading.columns.targets.length > 0) return readSeries(source, reading);
  const table = await openCsv(source, { delimiter: reading.delimiter });
  await table.close();
  throw noTarget(source.name, table.names);
}

function noTarget(where: string, names: readonly string[]): UsageError {
  return new UsageError(`${where}: no target given, one or more of its columns ${names.join(", ")} expected`);
}

function readingOf(options: OptionsOf<typeof seriesOptions>): ReadSeriesOptions {
  const { target: targets = [], time, series, past = [], known = [], static: statics = [] } = options;
  const { delimiter, decimal, timeFormat, zone, frequency, aggregate, gaps = "mask" } = options;
  const columns = { time, series, targets, past, known, statics };
  return { columns, delimiter, decimal, timeFormat, zone, frequency, aggregate, gaps };
}

/** The same for data in memory: of numbers alone no target is named. */
export function readData(
  where: string,
  data: SeriesData,
  options: OptionsOf<typeof seriesOptions>,
): SeriesTable {
  const { columns, delimiter: _, ...written } = readingOf(options);
  const names = namesOfData(data);
  if (names.length > 0 && columns.targets.length === 0) throw noTarget(`${where}: data`, names);
  const { time, series, targets, past = [], known = [], statics = [] } = columns;
  const areNamed = [time, series, ...targets, ...past, ...known, ...statics].some(
    (name) => name !== undefined,
  );
  return seriesOfData(data, areNamed ? { columns, ...written } : written);
}
