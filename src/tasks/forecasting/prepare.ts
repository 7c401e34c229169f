/** Series as a network reads them. */

import { printGiven } from "../../checks.ts";
import type { Scaler } from "../../data/scaler.ts";
import { calendarFeatures, calendarNames } from "../../data/time/calendar.ts";
import type { SeriesReading } from "../../data/time-series/reading.ts";
import type { SeriesColumns, TimeSeries } from "../../data/time-series/series.ts";
import { DataError } from "../../errors.ts";
import type { Form } from "./options.ts";
import { type Scales, targetScale } from "./scales.ts";

export interface Prepared {
  readonly reading: SeriesReading;
  /** The columns by the names of their numbers: one of texts is several. */
  readonly columns: SeriesColumns;
  readonly scales: Scales;
}

const isNumber = (value: number) => !Number.isNaN(value);

/** A series as a network reads it: rows from its first, row-major, 0 where a value is missing. */
export interface PreparedSeries {
  readonly series: TimeSeries;
  /** The rows up to the last one that has a target. */
  readonly end: number;
  /** The first row that may be forecast: there is one before it, and the scale tells nothing of it. */
  readonly first: number;
  readonly scale: Scaler;
  /** (end, G), in the scale's units. */
  readonly values: Float32Array;
  /** (end, G): 1 where there is a value. */
  readonly observed: Float32Array;
  /** Where gaps were filled in; undefined where none was. */
  readonly filled?: FilledRows | undefined;
  /** (end, P). */
  readonly past: Float32Array;
  /** (end + horizon, K): known columns, the calendar, statics. */
  readonly covariates: Float32Array;
  /** Rows after `end`, up to the horizon, in which a known column has no value. */
  readonly unknown: readonly { readonly row: number; readonly column: string }[];
}

/** Where gaps of a series were filled in from what stands around them. */
export interface FilledRows {
  /** (end, G): 1 where a target was filled in. */
  readonly values: Uint8Array;
  /** (end, P): 1 where a past column was. */
  readonly past: Uint8Array;
  /** (end, G): 1 where the table gave a target: what is learnt and scored. */
  readonly given: Float32Array;
}

/** How many numbers of each kind a row has. */
export function sizesOf({ columns, reading: { grid } }: Prepared, form: Form) {
  const calendar = form.calendar === "yes" ? calendarNames(grid).length : 0;
  return {
    targets: columns.targets.length,
    past: columns.past.length,
    covariates: columns.known.length + calendar + columns.statics.length,
  };
}

/** Rows whose mean and deviation are the scale of a series that was not trained on. */
const rowsOfScale = ({ context, lag }: Form) => context + lag;

/** A series, for messages. */
export function seriesName(id: string): string {
  return id === "" ? "the series" : `series ${printGiven(id)}`;
}

/**
 * A series for a network. One that was not trained on is scaled by its own rows, the last before row `before`. Throws
 * DataError with column and time for a number that the network cannot read.
 */
export function prepareSeries(
  one: TimeSeries,
  prepared: Prepared,
  form: Form,
  before?: number,
): PreparedSeries {
  const { scales, columns } = prepared;
  const end = lastObserved(one, columns.targets);
  const known = Math.max(0, Math.min(before ?? end, end));
  const own = Object.hasOwn(scales.targets, one.id) ? scales.targets[one.id] : undefined;
  // A series that begins after that row is scaled by its first rows, after which its first forecast is.
  const to = Math.max(known, Math.min(end, rowsOfScale(form)));
  const scale = own ?? targetScale(one, columns, form, { from: Math.max(0, to - rowsOfScale(form)), to });
  const values = rowsOf(one, columns.targets, end);
  const observed = Float32Array.from(values, (value) => (Number.isNaN(value) ? 0 : 1));
  const place = (row: number) => placeOf(one, prepared.reading, row);
  const { covariates, unknown } = covariatesOf(one, prepared, form, end);
  return {
    series: one,
    end,
    first: own ? 1 : Math.max(1, to),
    scale,
    values: scaledRows(values, scale, { names: columns.targets, place, counts: areCounts(form) }),
    observed,
    filled: one.filled && filledRows(one, columns, observed, end),
    past: scaledRows(rowsOf(one, columns.past, end), scales.past, { names: columns.past, place }),
    covariates,
    unknown,
  };
}

/** How many rows there are up to the last one that has a target. */
export function lastObserved(one: TimeSeries, targets: readonly string[]): number {
  for (let row = one.length - 1; row >= 0; row--) {
    if (targets.some((name) => isNumber((one.columns[name] as Float64Array)[row] as number))) return row + 1;
  }
  return 0;
}

/** The first rows of some columns side by side. */
function rowsOf(one: TimeSeries, names: readonly string[], rows: number): Float64Array {
  const all = new Float64Array(rows * names.length).fill(Number.NaN);
  names.forEach((name, column) => {
    const values = one.columns[name] as Float64Array;
    for (let row = 0; row < Math.min(rows, one.length); row++)
      all[row * names.length + column] = values[row] as number;
  });
  return all;
}

function filledRows(
  one: TimeSeries,
  { targets, past }: SeriesColumns,
  observed: Float32Array,
  end: number,
): FilledRows {
  const values = marksOf(one, targets, end);
  const given = observed.map((there, at) => (values[at] === 1 ? 0 : there));
  return { values, past: marksOf(one, past, end), given };
}

/** Where the first rows of some columns were filled in, side by side. */
function marksOf({ filled = {} }: TimeSeries, names: readonly string[], rows: number): Uint8Array {
  const all = new Uint8Array(rows * names.length);
  names.forEach((name, column) => {
    const marks = Object.hasOwn(filled, name) ? (filled[name] as Uint8Array) : undefined;
    for (let row = 0; marks && row < rows; row++) all[row * names.length + column] = marks[row] as number;
  });
  return all;
}

/** Whether targets are counts, which have to be 0 or more. */
export const areCounts = ({ loss }: Form) => loss === "negative-binomial";

/** Deviations from the mean up to which sums of squares are numbers in float32. */
const FARTHEST = 1e15;

/** Rows in the units of a scale, 0 where a value is missing. Throws DataError with column and place for what a network cannot read. */
export function scaledRows(
  rows: ArrayLike<number>,
  scaler: Scaler,
  {
    names,
    place,
    counts = false,
  }: {
    readonly names: readonly string[];
    readonly place: (row: number) => string;
    readonly counts?: boolean;
  },
): Float32Array {
  if (rows.length === 0) return new Float32Array(0);
  for (let at = 0; at < rows.length; at++) {
    const value = rows[at] as number;
    const column = at % names.length;
    const off = Math.abs(value - (scaler.center[column] as number)) / (scaler.scale[column] as number);
    if (!(off > FARTHEST) && !(counts && value < 0)) continue;
    const expected =
      counts && value < 0 ? "a count, from 0," : `at most ${FARTHEST} deviations from the mean`;
    throw new DataError(
      `${place(Math.floor(at / names.length))}: ${names[column]} is ${value}, ${expected} expected`,
    );
  }
  return withoutMissing(scaler.transform(rows));
}

function placeOf({ id, start, lines }: TimeSeries, { grid }: SeriesReading, row: number): string {
  const line = lines[row] ? ` (line ${lines[row]})` : "";
  return `${seriesName(id)}: ${grid.write(start + row)}${line}`;
}

function withoutMissing(rows: Float32Array): Float32Array {
  for (let at = 0; at < rows.length; at++) if (Number.isNaN(rows[at])) rows[at] = 0;
  return rows;
}

function covariatesOf(one: TimeSeries, { scales, columns, reading }: Prepared, form: Form, end: number) {
  const { grid } = reading;
  const place = (row: number) => placeOf(one, reading, row);
  const { known, statics } = columns;
  const rows = end + form.horizon;
  const raw = rowsOf(one, known, rows);
  const unknown: { row: number; column: string }[] = [];
  for (let at = end * known.length; at < raw.length; at++) {
    if (Number.isNaN(raw[at])) {
      unknown.push({ row: Math.floor(at / known.length), column: known[at % known.length] as string });
    }
  }
  const knownRows = scaledRows(raw, scales.known, { names: known, place });
  const fixed = scaledRows(
    statics.map((name) => one.statics[name] as number),
    scales.statics,
    { names: statics, place },
  );
  const calendar = form.calendar === "yes" ? calendarNames(grid).length : 0;
  const width = known.length + calendar + statics.length;
  const covariates = new Float32Array(rows * width);
  for (let row = 0, to = 0; row < rows; row++, to += width) {
    covariates.set(knownRows.subarray(row * known.length, (row + 1) * known.length), to);
    if (calendar > 0) covariates.set(calendarFeatures(grid, one.start + row), to + known.length);
    covariates.set(fixed, to + known.length + calendar);
  }
  return { covariates, unknown };
}
