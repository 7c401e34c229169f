/** How a table is to be read: found from its rows, as far as it is not stated. */
import { printGiven } from "../../checks.ts";
import { DataError, UsageError } from "../../errors.ts";
import { type CsvRow, columnOf } from "../csv.ts";
import { type Decimal, findDecimal, isMissing, readNumeral } from "../numerals.ts";
import { findGrid, gridOfFrequency } from "../time/find-grid.ts";
import { findTimeFormat, type TimeFormat } from "../time/format.ts";
import { TimeGrid } from "../time/grid.ts";
import { NUMBER } from "../time/pattern.ts";
import { type Categories, numberColumns, valueColumns } from "./columns.ts";
import type { ReadSeriesOptions } from "./options.ts";
import type { SeriesReading } from "./reading.ts";
import { RowTimes, seriesOf, type TableHead } from "./rows.ts";
import type { SeriesColumns } from "./series.ts";

/** More texts than this are no categories, but names or sentences. */
const MOST_CATEGORIES = 100;

/** Options whose columns are complete. */
type Options = Omit<ReadSeriesOptions, "columns"> & { readonly columns: SeriesColumns };

/**
 * How the rows of a table are read.
 *
 * @throws DataError with line and column for what cannot be read in one way
 */
export function learnReading(head: TableHead, rows: readonly CsvRow[], options: Options): SeriesReading {
  const { columns, delimiter, aggregate, gaps = "mask" } = options;
  if (rows.length === 0) throw new DataError(`${head.name} has no rows: two or more expected`);
  const decimal = options.decimal ?? decimalOf(head, rows, columns);
  requireTargets(head, rows, columns);
  const reading = { columns, decimal, gaps, categories: categoriesOf(head, rows, columns, decimal) };
  requireNames(head, columns, reading.categories);
  const grid = gridOf(head, rows, options);
  return { ...reading, grid, ...(delimiter !== undefined && { delimiter }), ...(aggregate && { aggregate }) };
}

/** Throws DataError where a column of numbers is called as one of texts and one of its texts are. */
function requireNames(head: TableHead, columns: SeriesColumns, categories: Categories): void {
  const numbers = numberColumns(columns, categories);
  const names = [...valueColumns(numbers), ...numbers.statics];
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice === undefined) return;
  throw new DataError(
    `${head.name}: ${twice} is the name of a column, and of a text of another one: one expected`,
  );
}

/** Throws DataError for a target that is missing in all rows. */
function requireTargets(head: TableHead, rows: readonly CsvRow[], { targets }: SeriesColumns): void {
  for (const name of targets) {
    const at = columnOf(head, name);
    if (!rows.every(({ cells }) => isMissing(cells[at] as string))) continue;
    throw new DataError(`${head.name}: ${name} is missing in all rows: numbers expected`);
  }
}

function* cellsOf(head: TableHead, rows: readonly CsvRow[], names: readonly string[]): Generator<string> {
  const positions = names.map((name) => columnOf(head, name));
  for (const { cells } of rows) for (const at of positions) yield cells[at] as string;
}

function decimalOf(head: TableHead, rows: readonly CsvRow[], columns: SeriesColumns): Decimal {
  const names = [...valueColumns(columns), ...columns.statics];
  const found = findDecimal(cellsOf(head, rows, names));
  if (found !== undefined) return found;
  for (const row of rows) {
    for (const name of names) {
      const text = row.cells[columnOf(head, name)] as string;
      const [point, comma] = [readNumeral(text, "point"), readNumeral(text, "comma")];
      if (!text.includes(",") || point === undefined || comma === undefined) continue;
      throw new DataError(
        `${head.place(row)}: ${name} is ${printGiven(text)}, which may be ${point} or ${comma}: a decimal mark (point or comma) expected that says which`,
      );
    }
  }
  return "point";
}

/** The texts of the columns that hold texts; targets hold numbers. */
function categoriesOf(
  head: TableHead,
  rows: readonly CsvRow[],
  columns: SeriesColumns,
  decimal: Decimal,
): Categories {
  const found: [name: string, texts: readonly string[]][] = [];
  for (const name of [...columns.past, ...columns.known, ...columns.statics]) {
    const at = columnOf(head, name);
    const texts = new Set<string>();
    let [numbers, others] = [0, 0];
    for (const { cells } of rows) {
      const text = cells[at] as string;
      if (isMissing(text)) continue;
      if (readNumeral(text, decimal) !== undefined) numbers += 1;
      else others += 1;
      texts.add(text.trim());
    }
    // A column of numbers in which a few texts stand has mistakes, which are then reported with their lines.
    if (others === 0 || others < numbers) continue;
    if (texts.size > MOST_CATEGORIES) {
      throw new DataError(
        `${head.name}: ${name} has ${texts.size} different texts: numbers, or at most ${MOST_CATEGORIES} texts expected`,
      );
    }
    found.push([name, [...texts]]);
  }
  return Object.fromEntries(found);
}

function gridOf(head: TableHead, rows: readonly CsvRow[], options: Options): TimeGrid {
  const { columns, frequency, aggregate } = options;
  if (columns.time === undefined) {
    if (frequency !== undefined || options.timeFormat !== undefined || options.zone !== undefined) {
      throw new UsageError(`${head.name}: a frequency, zone or time format is given, but no column of times`);
    }
    return new TimeGrid({ unit: "row", every: 1, anchor: 1, format: { pattern: NUMBER } });
  }
  const { format, times, series } = timesOf(head, rows, options, columns.time);
  const grid = frequency === undefined ? findGrid(series, format) : gridOfFrequency(frequency, times, format);
  if (grid === undefined) {
    const count = rows.length === 1 ? "has one row" : "has series of one time each";
    throw new DataError(
      `${head.name} ${count}: two times of a series expected, or a frequency, to find the step`,
    );
  }
  if (frequency === undefined || aggregate === undefined) refuseOff(head, rows, times, grid, columns.time);
  return grid;
}

/** The times of all rows, and by series. */
function timesOf(
  head: TableHead,
  rows: readonly CsvRow[],
  { zone, timeFormat, columns }: Options,
  column: string,
): { format: TimeFormat; times: readonly number[]; series: readonly (readonly number[])[] } {
  const at = columnOf(head, column);
  const id = columns.series === undefined ? undefined : columnOf(head, columns.series);
  const texts = rows.map(({ cells }) => (cells[at] as string).trim());
  const place = (row: number) => `${head.place(rows[row] as CsvRow)}: ${column}`;
  const format = findTimeFormat(texts, { zone, pattern: timeFormat, place });
  const reader = new RowTimes(column, format);
  const series = new Map<string, number[]>();
  const times = rows.map((row, number) => {
    const where = () => head.place(row);
    const name = id === undefined ? "" : seriesOf(row.cells[id] as string, where, { columns });
    const time = reader.read(name, texts[number] as string, where);
    const list = series.get(name);
    if (list === undefined) series.set(name, [time]);
    else list.push(time);
    return time;
  });
  return { format, times, series: [...series.values()] };
}

/** Throws DataError for times that are not on their grid: how many, and the first one's line. */
function refuseOff(
  head: TableHead,
  rows: readonly CsvRow[],
  times: readonly number[],
  grid: TimeGrid,
  column: string,
): void {
  const isOff = (time: number) => grid.indexOf(time) === undefined;
  const first = times.findIndex(isOff);
  if (first < 0) return;
  const row = rows[first] as CsvRow;
  const count = times.filter(isOff).length;
  const { pattern, zone } = grid.format;
  const saysOffset = pattern.replace(/'[^']*'/g, "").includes("Z") && zone === "UTC";
  const zoned = saysOffset ? "a zone keeps days together whose offsets differ, " : "";
  const remedy = `${zoned}a frequency with an aggregate puts rows into steps`;
  throw new DataError(
    `${head.place(row)}: ${column} is ${printGiven((row.cells[columnOf(head, column)] as string).trim())}, the first of ${count} of ${times.length} times that lie on no step of ${grid.step} from ${grid.write(0)}: ${remedy}`,
  );
}
