/** Options of every task that reads series from a table: what its columns are for, and how it is written. */

import type { SeriesOfDataOptions } from "../data/time-series/from-arrays.ts";
import type { ReadSeriesOptions } from "../data/time-series/options.ts";
import { UsageError } from "../errors.ts";
import { choice, names, text } from "../options/kinds.ts";
import { type OptionsOf, option } from "../options/table.ts";

const columns = { argument: "columns" };

export const seriesOptions = {
  target: option(names(), { ...columns, help: "what is forecast or watched" }),
  time: option(text(), { argument: "column", help: "when a row was", usually: "rows are numbered" }),
  series: option(text(), { argument: "column", help: "which series a row is of", usually: "all are of one" }),
  past: option(names(), { ...columns, help: "known up to now only", usually: "none" }),
  known: option(names(), { ...columns, help: "known for the steps ahead too", usually: "none" }),
  static: option(names(), { ...columns, help: "the same at all times of a series", usually: "none" }),
  delimiter: option(text(), {
    argument: "character",
    help: "between columns",
    usually: "found in the header",
  }),
  decimal: option(choice(["point", "comma"]), {
    argument: "sign",
    help: "of numbers",
    usually: "found in the file",
  }),
  timeFormat: option(text(), {
    argument: "pattern",
    help: "of times, such as dd.MM.yyyy HH:mm",
    usually: "found in the file",
  }),
  zone: option(text(), {
    argument: "name",
    help: "of times without one, such as Europe/Berlin",
    usually: "none",
  }),
  frequency: option(text(), {
    argument: "step",
    help: "such as 15min, 1h, 1d, 1B (business days), 1w, 1M",
    usually: "found in the file",
  }),
  aggregate: option(choice(["sum", "mean", "first", "last"]), {
    argument: "rule",
    help: "for rows that fall into one step",
    usually: "refused",
  }),
  gaps: option(choice(["mask", "last", "linear"]), {
    default: "mask",
    argument: "rule",
    help: "for missing values: left out of what is learnt, or filled in",
  }),
};

export const tableHelp = "a table (.csv) with a header, each row a time, and its columns";

/** How the table of such options is read; options of other tables are left out. */
export function tableReadingOf(options: OptionsOf<typeof seriesOptions>): ReadSeriesOptions {
  const reading = readingOf(options);
  if (reading.columns.targets.length > 0) return reading;
  throw new UsageError("no target given: the name of a column expected, or several");
}

function readingOf(options: OptionsOf<typeof seriesOptions>): ReadSeriesOptions {
  const { target: targets = [], time, series, past = [], known = [], static: statics = [] } = options;
  const { delimiter, decimal, timeFormat, zone, frequency, aggregate, gaps = "mask" } = options;
  const columns = { time, series, targets, past, known, statics };
  return { columns, delimiter, decimal, timeFormat, zone, frequency, aggregate, gaps };
}

/** The same for data in memory: of numbers alone no target is named. */
export function dataReadingOf(options: OptionsOf<typeof seriesOptions>): SeriesOfDataOptions {
  const { columns, delimiter: _, ...written } = readingOf(options);
  const { time, series, targets, past = [], known = [], statics = [] } = columns;
  const areNamed = [time, series, ...targets, ...past, ...known, ...statics].some(
    (name) => name !== undefined,
  );
  return areNamed ? { columns, ...written } : written;
}
