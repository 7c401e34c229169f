/** The window of a stream as it begins: with nothing in it, or the end of a history. */

import { printGiven } from "../../checks.ts";
import { calendarFeatures, calendarNames } from "../../data/time/calendar.ts";
import { readTime } from "../../data/time/format.ts";
import type { TimeGrid } from "../../data/time/grid.ts";
import { type SeriesData, seriesOfDataAs } from "../../data/time-series/from-arrays.ts";
import type { TimeSeries } from "../../data/time-series/series.ts";
import { DataError, UsageError } from "../../errors.ts";
import type { ForecastModel } from "./model.ts";
import { type FilledRows, lastObserved, type PreparedSeries, scaledRows } from "./prepare.ts";
import type { ForecastStreamOptions } from "./stream.ts";

/** Whose window it is, how many rows it has, and whether something is learnt from it, so that it knows where gaps were filled in. */
export interface WindowForm {
  readonly model: ForecastModel;
  readonly rows: number;
  readonly learns: boolean;
}

/** A window of nothing. Throws UsageError for a series that is not known. */
export function emptyWindow(
  { model, rows, learns }: WindowForm,
  {
    series,
    start,
    statics,
  }: Pick<ForecastStreamOptions, "series" | "start"> & { readonly statics?: readonly number[] | undefined },
  next: number,
): PreparedSeries {
  const { prepared, form, widths } = model;
  const fixed = prepared.columns.statics;
  const known = Object.keys(prepared.scales.targets);
  const id = series ?? known[0] ?? "";
  const scale = Object.hasOwn(prepared.scales.targets, id) ? prepared.scales.targets[id] : undefined;
  if (!scale) {
    throw new UsageError(
      `stream: series ${printGiven(id)} was not trained on: one of ${known.slice(0, 5).map(printGiven).join(", ")}, or a history expected`,
    );
  }
  const { grid } = prepared.reading;
  const first = start === undefined ? next : indexOfText(grid, start);
  if (first === undefined)
    throw new UsageError(
      `stream: start ${printGiven(start)} given, a time of the data expected, such as ${grid.write(next)}`,
    );
  const { targets, past, covariates } = widths;
  const at: PreparedSeries = {
    // What is next stands behind all rows of the window.
    series: {
      id,
      start: first - rows,
      length: rows,
      columns: {},
      statics: {},
      lines: new Int32Array(0),
    },
    end: rows,
    first: rows,
    scale,
    values: new Float32Array(rows * targets),
    observed: new Float32Array(rows * targets),
    past: new Float32Array(rows * past),
    covariates: new Float32Array((rows + form.horizon) * covariates),
    filled: learns ? marksOf(rows, targets, past) : undefined,
    unknown: [],
  };
  const place = () => `stream: ${grid.write(first)}`;
  // Unless a state is restored that tells them, nothing is known of static columns.
  const row = scaledRows(statics ?? [], prepared.scales.statics, { names: fixed, place });
  for (let next = rows; next < rows + form.horizon; next++) {
    setCalendar(model, at, next);
    at.covariates.set(row, (next + 1) * covariates - row.length);
  }
  return at;
}

/** The end of a history. Throws DataError unless it is one series. */
export function windowAfter(
  { model, rows, learns }: WindowForm,
  history: SeriesData,
): { readonly at: PreparedSeries; readonly one: TimeSeries; readonly end: number } {
  const { form, prepared, widths } = model;
  const { series } = seriesOfDataAs(history, prepared.reading);
  const [one] = series;
  if (!one || series.length > 1)
    throw new DataError(`stream: a history of ${series.length} series given, one expected`);
  const whole = model.prepare(one);
  const end = lastObserved(one, prepared.columns.targets);
  const first = end - rows;
  const tail = <Rows extends Float32Array | Uint8Array>(whole: Rows, width: number, count: number): Rows => {
    const kept = new (whole.constructor as new (length: number) => Rows)(count * width);
    const from = Math.max(0, first);
    kept.set(whole.subarray(from * width, (first + count) * width), (from - first) * width);
    return kept;
  };
  const at: PreparedSeries = {
    series: { ...one, start: one.start + first, length: rows },
    end: rows,
    first: rows,
    scale: whole.scale,
    values: tail(whole.values, widths.targets, rows),
    observed: tail(whole.observed, widths.targets, rows),
    past: tail(whole.past, widths.past, rows),
    covariates: tail(whole.covariates, widths.covariates, rows + form.horizon),
    filled: learns
      ? {
          ...marksOf(rows, widths.targets, widths.past),
          ...(whole.filled && {
            values: tail(whole.filled.values, widths.targets, rows),
            past: tail(whole.filled.past, widths.past, rows),
          }),
        }
      : undefined,
    unknown: [],
  };
  return { at, one, end };
}

/** The calendar of a row. */
export function setCalendar(
  { form, widths, prepared }: ForecastModel,
  at: PreparedSeries,
  row: number,
): void {
  const { columns, reading } = prepared;
  const { grid } = reading;
  if (widths.covariates === 0) return;
  const place = row * widths.covariates + columns.known.length;
  if (form.calendar === "yes" && calendarNames(grid).length > 0)
    at.covariates.set(calendarFeatures(grid, at.series.start + row), place);
}

/** Marks of nothing. */
export function marksOf(rows: number, targets: number, past: number): FilledRows {
  return {
    values: new Uint8Array(rows * targets),
    past: new Uint8Array(rows * past),
    given: new Float32Array(rows * targets),
  };
}

/** The number on a grid of a time as the data write it; undefined for another text. */
function indexOfText(grid: TimeGrid, text: string): number | undefined {
  const time = readTime(grid.format, text);
  return time === undefined ? undefined : grid.indexOf(time);
}
