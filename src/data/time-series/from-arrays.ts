/** Series from what programs hold: lists of numbers, rows with columns, or several series by name. */
import { isPlain, printGiven, tagOf } from "../../checks.ts";
import { DataError, UsageError } from "../../errors.ts";
import { isArray } from "../../numbers.ts";
import type { CsvRow } from "../csv.ts";
import type { GivenColumns } from "./columns.ts";
import { checkReadOptions, type ReadSeriesOptions } from "./options.ts";
import { requireColumns, type SeriesTable, seriesOfRows, seriesTable } from "./read.ts";
import { checkReading, type SeriesReading } from "./reading.ts";
import type { TableHead } from "./rows.ts";
import type { SeriesColumns, SeriesSet } from "./series.ts";

/** What a row of an array has in a column; null, undefined and NaN are missing. A `Date` is a time. */
export type SeriesCell = number | string | boolean | Date | null | undefined;
/** A row of an array: cells by column. */
export type SeriesRecord = Readonly<Record<string, SeriesCell>>;
/** One series: its numbers, or rows with columns. */
export type SeriesValues = ArrayLike<number | null | undefined> | readonly SeriesRecord[];
/** One series, or several by name, or rows of several with a column that says which. */
export type SeriesData = SeriesValues | Readonly<Record<string, SeriesValues>>;

export type SeriesOfDataOptions = Omit<ReadSeriesOptions, "columns" | "delimiter"> & {
  /** What the columns of rows are for; of numbers alone there is one, the target "value". */
  readonly columns?: GivenColumns | undefined;
};

/** The column of numbers alone. */
const VALUE = "value";
/** The column that says which series a row is of, where series are given by name. */
const SERIES = "series";

/**
 * Series of data in memory, as `readSeries` reads them from a file; rows are counted from 1.
 *
 *     seriesOfData([112, 118, 132, 129]);
 *     seriesOfData({ north: [1, 2, 3], south: [4, null, 6] });
 *     seriesOfData([{ day: new Date("2020-01-01"), sales: 5 }], { columns: { time: "day", targets: ["sales"] } });
 *
 * @throws UsageError for what is no data, and options out of their range
 * @throws DataError as `readSeries` does, with the row instead of a line
 */
export function seriesOfData(data: SeriesData, options?: SeriesOfDataOptions): SeriesTable {
  const lists = listsOf("seriesOfData", data);
  const areNumbers = lists.every(({ values }) => !isRecords(values));
  const columns = options?.columns ?? (areNumbers ? { targets: [VALUE] } : undefined);
  const named = columns && isNamed(lists) ? { ...columns, series: columns.series ?? SERIES } : columns;
  const given = { decimal: "point", ...options, ...(named && { columns: named }) } as ReadSeriesOptions;
  const checked = checkReadOptions("seriesOfData", given);
  const { head, rows } = tableOf(lists, checked.columns);
  return seriesTable(head, rows, checked);
}

/**
 * Series of data in memory, read as others were before. Numbers alone are those of the first target. One series needs no name, and
 * several may be given by name, also where the others were one.
 *
 * @throws UsageError for what is no data
 * @throws DataError as `readSeriesAs` does, with the row instead of a line
 */
export function seriesOfDataAs(data: SeriesData, reading: SeriesReading): SeriesSet {
  checkReading("seriesOfDataAs", reading);
  const lists = listsOf("seriesOfDataAs", data);
  const isOne = !isNamed(lists) && lists.every(({ values }) => !isRecords(values));
  const named = isNamed(lists) ? (reading.columns.series ?? SERIES) : reading.columns.series;
  const columns = { ...reading.columns, series: isOne ? undefined : named };
  const { head, rows } = tableOf(lists, columns);
  return seriesOfRows(head, rows, { ...reading, columns });
}

/** The columns of the first row of data; none where they are numbers alone, or no data. */
export function namesOfData(data: SeriesData): readonly string[] {
  const values = isValues(data) ? data : Object.values(data ?? {})[0];
  return isValues(values) && isRecords(values) ? Object.keys(values[0] as SeriesRecord) : [];
}

/** Values, and the name of their series, where it has one. */
interface NamedValues {
  readonly name: string | undefined;
  readonly values: SeriesValues;
}

function listsOf(where: string, data: SeriesData): readonly NamedValues[] {
  if (isValues(data)) return [{ name: undefined, values: data }];
  const expected = "numbers, rows, or a record of them expected";
  if (typeof data !== "object" || data === null || !isPlain(data)) {
    throw new UsageError(`${where}: ${printGiven(data)} given, ${expected}`);
  }
  return Object.entries(data).map(([name, values]) => {
    if (isValues(values)) return { name, values };
    throw new UsageError(`${where}: series ${name}: ${printGiven(values)} given, numbers or rows expected`);
  });
}

function isValues(data: unknown): data is SeriesValues {
  return Array.isArray(data) || isArray(data);
}

function isNamed(lists: readonly NamedValues[]): boolean {
  return lists[0]?.name !== undefined;
}

function isRecords(values: SeriesValues): values is readonly SeriesRecord[] {
  return typeof values[0] === "object" && values[0] !== null;
}

/** Data as a table of texts, so that everything is read, checked and reported in one way. */
function tableOf(lists: readonly NamedValues[], columns: SeriesColumns): { head: TableHead; rows: CsvRow[] } {
  const [target] = columns.targets;
  const names = new Set(isNamed(lists) ? [columns.series as string] : []);
  for (const { values } of lists) {
    if (!isRecords(values)) names.add(target as string);
    else for (const record of values) for (const name of Object.keys(record)) names.add(name);
  }
  const place = ({ line, cells }: CsvRow) =>
    `data: row ${line}${isNamed(lists) ? ` of series ${cells[0]}` : ""}`;
  const head: TableHead = { name: "data", names: [...names], doubled: [], counted: "row", place };
  requireColumns(head, columns);
  const rows = lists.flatMap(({ name, values }) =>
    Array.from(values as ArrayLike<SeriesCell | SeriesRecord>, (value, at): CsvRow => {
      const record = isRecords(values) ? recordOf(value, at) : { [target as string]: value as SeriesCell };
      const named = name === undefined ? record : { ...record, [columns.series as string]: name };
      const where = (column: string) =>
        `data: row ${at + 1}${name === undefined ? "" : ` of series ${name}`}: ${column}`;
      return {
        line: at + 1,
        cells: head.names.map((column) =>
          textOf(Object.hasOwn(named, column) ? named[column] : null, () => where(column)),
        ),
      };
    }),
  );
  return { head, rows };
}

function recordOf(value: unknown, at: number): SeriesRecord {
  if (typeof value === "object" && value !== null) return value as SeriesRecord;
  throw new DataError(`data: row ${at + 1} is ${printGiven(value)}, an object with columns expected`);
}

/** What a file would say in place of a value. */
export function textOf(value: SeriesCell, where: () => string): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (tagOf(value) === "Date" && !Number.isNaN(value.getTime())) return value.toISOString();
  throw new DataError(`${where()} is ${printGiven(value)}, a number, a text, a date or null expected`);
}
