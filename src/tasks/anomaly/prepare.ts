/** What is learnt of the training rows before a network is: scales, and which cycles of the calendar they go through. */

import { calendarNames } from "../../data/time/calendar.ts";
import { DAY } from "../../data/time/days.ts";
import type { TimeGrid } from "../../data/time/grid.ts";
import { type ColumnScales, scalesOfColumns } from "../../data/time-series/column-scales.ts";
import { numberColumns } from "../../data/time-series/columns.ts";
import type { SeriesReading } from "../../data/time-series/reading.ts";
import type { SeriesColumns, SeriesSet, TimeSeries } from "../../data/time-series/series.ts";
import { FormatError } from "../../errors.ts";
import { isObject } from "../../formats/json.ts";
import type { Form } from "./options.ts";

export interface Prepared {
  readonly reading: SeriesReading;
  /** The columns of numbers: one of texts is several. */
  readonly columns: SeriesColumns;
  /** Scales of the targets of each series, by its name. */
  readonly targets: Readonly<Record<string, ColumnScales>>;
  /** Of the targets of a series that was not among the training rows. */
  readonly others: ColumnScales;
  readonly past: ColumnScales;
  readonly known: ColumnScales;
  /** The cycles that the network reads where a step stands in: names of `calendarNames`. */
  readonly calendar: readonly string[];
}

/** How many days a cycle of the calendar lasts. */
const CYCLES = [
  { name: "hour of day", days: 1 },
  { name: "day of week", days: 7 },
  { name: "day of year", days: 366 },
  { name: "month of year", days: 366 },
];

/** Of rows before a number of the grid. */
export function prepare(set: SeriesSet, reading: SeriesReading, form: Form, before: number): Prepared {
  const columns = numberColumns(reading.columns, reading.categories);
  const { targets, past, known } = columns;
  const series = set.series.filter((one) => one.start < before);
  const own = (one: TimeSeries, names: readonly string[]) =>
    names.map((name) => (one.columns[name] as Float64Array).subarray(0, Math.max(0, before - one.start)));
  const pooled = (names: readonly string[]) =>
    scalesOfColumns(names.map((_, at) => series.map((one) => own(one, names)[at] as Float64Array)));
  const first = Math.min(...series.map(({ start }) => start));
  return {
    reading,
    columns,
    targets: Object.fromEntries(
      series.map((one) => [one.id, scalesOfColumns(own(one, targets).map((values) => [values]))]),
    ),
    others: pooled(targets),
    past: pooled(past),
    known: pooled(known),
    calendar: form.calendar === "yes" ? cyclesOf(reading.grid, first, before) : [],
  };
}

/** The names of the features of cycles that steps from `first` to before `end` go through twice or more. */
function cyclesOf(grid: TimeGrid, first: number, end: number): string[] {
  const days = grid.unit === "row" ? 0 : (grid.timeAt(end) - grid.timeAt(first)) / DAY;
  const seen = CYCLES.filter((cycle) => days >= 2 * cycle.days).map(({ name }) => name);
  return calendarNames(grid).filter((name) => seen.some((cycle) => name.endsWith(` of ${cycle}`)));
}

/** What `prepare` gave as JSON, but for the reading. Throws FormatError for what is damaged. */
export function preparedOfJson(
  json: Record<string, unknown>,
  reading: SeriesReading,
  where: string,
): Prepared {
  const columns = numberColumns(reading.columns, reading.categories);
  const { targets, past, known } = columns;
  const read = (given: unknown, names: readonly string[], what: string): ColumnScales => {
    const numbers = (list: unknown) =>
      Array.isArray(list) && list.length === names.length && list.every(Number.isFinite);
    if (isObject(given) && numbers(given.center) && numbers(given.scale)) {
      const scale = given as unknown as ColumnScales;
      if (scale.scale.every((one) => one > 0)) return scale;
    }
    throw new FormatError(`${where}: ${what}: center and scale expected, lists of ${names.length} numbers`);
  };
  if (!isObject(json.targets)) throw new FormatError(`${where}: targets: an object of scales expected`);
  const names = calendarNames(reading.grid);
  const { calendar } = json;
  if (!Array.isArray(calendar) || !calendar.every((name) => names.includes(name))) {
    throw new FormatError(`${where}: calendar: some of ${names.join(", ") || "nothing"} expected`);
  }
  return {
    reading,
    columns,
    targets: Object.fromEntries(
      Object.entries(json.targets).map(([id, given]) => [
        id,
        read(given, targets, `targets of ${JSON.stringify(id)}`),
      ]),
    ),
    others: read(json.others, targets, "others"),
    past: read(json.past, past, "past"),
    known: read(json.known, known, "known"),
    calendar,
  };
}
