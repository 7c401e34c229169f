/** Series on a grid of times: what tables are read into, and what forecasters and detectors learn from. */

import type { TimeGrid } from "../time/grid.ts";

/** The columns of a table by what they are for; the names are those of the header. */
export interface SeriesColumns {
  /** When a row was; without it rows are numbered, and follow each other as they stand. */
  readonly time?: string | undefined;
  /** Which series a row is of; without it the table is one series. */
  readonly series?: string | undefined;
  /** What is forecast, or watched. */
  readonly targets: readonly string[];
  /** Known up to now only. */
  readonly past: readonly string[];
  /** Known for the steps ahead too, such as a price or a holiday. */
  readonly known: readonly string[];
  /** The same at all times of a series. */
  readonly statics: readonly string[];
}

/** One series: a row for each time of the grid from its first to its last. */
export interface TimeSeries {
  /** The text in the column of series; "" where a table is one series. */
  readonly id: string;
  /** The number on the grid of the first row. */
  readonly start: number;
  /** T: how many rows. */
  readonly length: number;
  /** Numbers by column (targets, past, known), each (T), NaN where a value is missing. A column of texts is several: see `Categories`. */
  readonly columns: Readonly<Record<string, Float64Array>>;
  /** 1 where a value was missing and filled in, by column, each (T); columns of which nothing was are not there. */
  readonly filled?: Readonly<Record<string, Uint8Array>> | undefined;
  /** Numbers by static column, NaN where missing. */
  readonly statics: Readonly<Record<string, number>>;
  /** The line of each row in the file, from 1; 0 for a row that stands for a gap. */
  readonly lines: Int32Array;
}

/** All series of a table, and how its times and numbers are written. */
export interface SeriesSet {
  /** In the order in which they first stand in the table. */
  readonly series: readonly TimeSeries[];
  readonly grid: TimeGrid;
}

/** The numbers of a column that its table gave: NaN where one was filled in. */
export function givenColumn({ columns, filled = {} }: TimeSeries, name: string): Float64Array {
  const values = columns[name] as Float64Array;
  const marks = Object.hasOwn(filled, name) ? (filled[name] as Uint8Array) : undefined;
  return marks ? values.map((value, at) => (marks[at] === 1 ? Number.NaN : value)) : values;
}
