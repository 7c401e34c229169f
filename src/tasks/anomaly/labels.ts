/** Labels of anomalies: points or windows of series, by the steps of their grid. */

import { printGiven } from "../../checks.ts";
import { columnOf, openCsv } from "../../data/csv.ts";
import { type Decimal, readNumeral } from "../../data/numerals.ts";
import type { Source } from "../../data/source.ts";
import { readTime } from "../../data/time/format.ts";
import { headOf } from "../../data/time-series/read.ts";
import type { SeriesReading } from "../../data/time-series/reading.ts";
import { SeriesRowReader } from "../../data/time-series/rows.ts";
import { DataError } from "../../errors.ts";
import { stepOfRow } from "./features.ts";

/** From the first step of an anomaly to its last. */
export type Window = readonly [first: number, last: number];
/** The windows of each series, in order; none where a series has none. */
export type Labels = ReadonlyMap<string, readonly Window[]>;

const WORDS: ReadonlyMap<string, number> = new Map([
  ["true", 1],
  ["yes", 1],
  ["false", 0],
  ["no", 0],
]);

/** Labels in a column of the table itself: rows in succession that are labelled are one window. */
export async function labelsOfColumn(source: Source, reading: SeriesReading, name: string): Promise<Labels> {
  const table = await openCsv(source, { delimiter: reading.delimiter });
  try {
    const reader = new SeriesRowReader(headOf(table), reading);
    const at = columnOf(table, name);
    const windows = new Map<string, Window[]>();
    const open = new Set<string>();
    const last = new Map<string, number>();
    for await (const row of table.rows()) {
      const read = reader.read(row);
      const { id } = read;
      const place = () => `${source.name}: line ${row.line}: ${name}`;
      const isLabelled = labelOf(row.cells[at] as string, reading.decimal, place);
      const index = stepOfRow(read, last.get(id));
      last.set(id, index);
      const own = windows.get(id) ?? [];
      windows.set(id, own);
      if (!isLabelled) open.delete(id);
      else if (open.has(id)) own.push([(own.pop() as Window)[0], index]);
      else {
        own.push([index, index]);
        open.add(id);
      }
    }
    return windows;
  } finally {
    await table.close();
  }
}

/** A label in words or as a number, which is 1.0 where a program that knows no missing whole numbers wrote it. */
function labelOf(cell: string, decimal: Decimal, where: () => string): boolean {
  const number = WORDS.get(cell.trim().toLowerCase()) ?? readNumeral(cell, decimal);
  if (number === 1) return true;
  if (number === 0 || Number.isNaN(number)) return false;
  throw new DataError(`${where()} is ${printGiven(cell)}, 1 or 0 expected`);
}

/**
 * Labels in a table of their own: columns `start` and `end` of windows, or `time` of points, written as in the table of the
 * series, and the column of series where there are several.
 */
export async function labelsOfFile(source: Source, reading: SeriesReading): Promise<Labels> {
  const table = await openCsv(source);
  try {
    const { names } = table;
    const points = reading.columns.time ?? "time";
    if (!["start", points, "time"].some((name) => names.includes(name))) {
      throw new DataError(
        `${source.name} has the columns ${names.join(", ")}: start and end, or ${points}, expected`,
      );
    }
    const ends = names.includes("start") ? ["start", "end"] : [names.includes(points) ? points : "time"];
    const columns = ends.map((name) => columnOf(table, name));
    const { series } = reading.columns;
    const own = series === undefined ? undefined : columnOf(table, series);
    const windows = new Map<string, Window[]>();
    for await (const { line, cells } of table.rows()) {
      const steps = columns.map((column) =>
        stepOf(cells[column] as string, reading, `${source.name}: line ${line}`),
      );
      const [first, last = first] = steps as [number, number?];
      if (last < first) throw new DataError(`${source.name}: line ${line}: an anomaly ends before it starts`);
      const id = own === undefined ? "" : (cells[own] as string).trim();
      const before = windows.get(id);
      if (before) before.push([first, last]);
      else windows.set(id, [[first, last]]);
    }
    return new Map([...windows].map(([id, all]) => [id, joined(all)]));
  } finally {
    await table.close();
  }
}

/** The step of a time, or of the number of a row, from 1, where rows have no times. */
function stepOf(cell: string, { grid, columns }: SeriesReading, where: string): number {
  const text = cell.trim();
  if (columns.time === undefined) {
    if (/^[1-9]\d{0,14}$/.test(text)) return Number(text) - 1;
    throw new DataError(
      `${where}: ${printGiven(cell)} given, the number of a row from 1 expected: rows have no times`,
    );
  }
  const time = readTime(grid.format, text);
  if (time !== undefined) return grid.stepOf(time);
  throw new DataError(
    `${where}: ${printGiven(cell)} given, a time as ${grid.format.pattern} expected, as the series have them`,
  );
}

/** Windows in order, those that overlap as one. */
function joined(windows: readonly Window[]): Window[] {
  const all: Window[] = [];
  for (const [first, last] of [...windows].sort(([a], [b]) => a - b)) {
    const before = all.at(-1);
    if (before && first <= before[1]) all[all.length - 1] = [before[0], Math.max(before[1], last)];
    else all.push([first, last]);
  }
  return all;
}

/** Whether a step is labelled; windows are in order. */
export function isWithinWindows(windows: readonly Window[] | undefined, step: number): boolean {
  if (!windows) return false;
  let [low, high] = [0, windows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((windows[middle] as Window)[1] < step) low = middle + 1;
    else high = middle;
  }
  return low < windows.length && (windows[low] as Window)[0] <= step;
}
