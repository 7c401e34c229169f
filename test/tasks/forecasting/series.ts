// Series that tests of forecasts share.

import { TimeGrid } from "../../../src/data/time/grid.ts";
import type { SeriesSet, TimeSeries } from "../../../src/data/time-series/series.ts";

/** Months from January 2000. */
export const months = new TimeGrid({
  unit: "month",
  every: 1,
  anchor: Date.UTC(2000, 0, 1),
  dayOfMonth: 1,
  format: { pattern: "yyyy-MM" },
});

/** A series of columns, all of one length. */
export function oneSeries(
  columns: Readonly<Record<string, readonly number[]>>,
  id = "",
  start = 0,
): TimeSeries {
  const [first = []] = Object.values(columns);
  return {
    id,
    start,
    length: first.length,
    columns: Object.fromEntries(
      Object.entries(columns).map(([name, values]) => [name, Float64Array.from(values)]),
    ),
    statics: {},
    lines: Int32Array.from(first, (_, row) => row + 2),
  };
}

export function setOf(...series: readonly TimeSeries[]): SeriesSet {
  return { series, grid: months };
}

/** A season of 12 on a line, with a little that is not regular. */
export function seasonal(length: number, level = 100): number[] {
  return Array.from(
    { length },
    (_, t) => level + t / 2 + 20 * Math.sin((2 * Math.PI * t) / 12) + 3 * Math.sin(t * t),
  );
}
