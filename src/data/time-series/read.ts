/** Series from tables of comma-separated values, as a whole or row by row. */
import { checkOptions } from "../../checks.ts";
import { requireCounts } from "../counts.ts";
import { type CsvRow, type CsvTable, columnOf, openCsv } from "../csv.ts";
import { checkSource, type Source } from "../source.ts";
import { SeriesAssembler } from "./assembler.ts";
import { auditSeries, type SeriesAudit } from "./audit.ts";
import { columnNames } from "./columns.ts";
import { fillSeries } from "./gaps.ts";
import { learnReading } from "./learn.ts";
import { checkReadOptions, type ReadSeriesOptions } from "./options.ts";
import { checkReading, type SeriesReading } from "./reading.ts";
import { type SeriesRow, SeriesRowReader, type TableHead } from "./rows.ts";
import type { SeriesColumns, SeriesSet } from "./series.ts";

/** All series of a table, how it was read, and what is worth knowing of it. */
export type SeriesTable = SeriesSet & { readonly reading: SeriesReading; readonly audit: SeriesAudit };

/**
 * Reads a table of series: a row for each time of each series, whose rows may stand between each other's; rows of a series in the order of
 * time. How numbers and times are written, and the step of time, are found from the table, unless they are stated.
 *
 *     const { series, grid, audit } = await readSeries(source, { columns: { time: "date", series: "store", targets: ["sales"] } });
 *
 * Values that are missing, and the steps of gaps, are NaN. Rows at the end without targets stay: they tell what is known ahead.
 *
 * @throws UsageError for options out of their range
 * @throws DataError with file, line and column for a column that is not there, a number or time that is none, times in two
 *   formats, out of order, twice, or on no grid
 */
export async function readSeries(source: Source, options: ReadSeriesOptions): Promise<SeriesTable> {
  const checked = checkReadOptions("readSeries", options);
  const table = await openCsv(source, { delimiter: checked.delimiter });
  try {
    const head = headOf(table);
    requireColumns(head, checked.columns);
    const rows: CsvRow[] = [];
    for await (const row of table.rows()) rows.push(row);
    return seriesTable(head, rows, checked);
  } finally {
    await table.close();
  }
}

/** Series of rows that are read already. */
export function seriesTable(
  head: TableHead,
  rows: readonly CsvRow[],
  options: ReturnType<typeof checkReadOptions>,
): SeriesTable {
  const reading = learnReading(head, rows, options);
  const assembler = assembled(head, rows, reading);
  const set = assembler.finish();
  const audit = auditSeries(set, reading, { merged: assembler.merged, names: head.names });
  return { ...fillSeries(set, reading), reading, audit };
}

/** Series of rows that are read in a known way. */
export function seriesOfRows(head: TableHead, rows: readonly CsvRow[], reading: SeriesReading): SeriesSet {
  return fillSeries(assembled(head, rows, reading).finish(), reading);
}

function assembled(head: TableHead, rows: readonly CsvRow[], reading: SeriesReading): SeriesAssembler {
  const assembler = new SeriesAssembler(head, reading);
  for (const row of rows) assembler.push(row);
  return assembler;
}

export interface ReadSeriesAsOptions {
  /**
   * How many steps of each series are held, up to its last one with a target, so that a file of any size takes little memory; by
   * default all. What stands behind that step is held too.
   */
  readonly keep?: number | undefined;
}

/**
 * Reads another table as one was read before: its columns may stand in another order, with others between them.
 *
 * @throws UsageError for options out of their range
 * @throws DataError as `readSeries` does
 */
export async function readSeriesAs(
  source: Source,
  reading: SeriesReading,
  options?: ReadSeriesAsOptions,
): Promise<SeriesSet> {
  checkReading("readSeriesAs", reading);
  checkOptions("readSeriesAs", options, { keep: true });
  const keep = options?.keep;
  if (keep !== undefined) requireCounts({ keep });
  const table = await openCsv(source, { delimiter: reading.delimiter });
  try {
    const assembler = new SeriesAssembler(headOf(table), reading, keep);
    for await (const row of table.rows()) assembler.push(row);
    return fillSeries(assembler.finish(), reading);
  } finally {
    await table.close();
  }
}

/**
 * The rows of another table, one after the other, as they arrive: doubled ones, and those out of order or on no step of
 * the grid, are given as they are.
 *
 * @throws DataError, when its turn has come, with line and column for a number or a time that is none
 */
export function seriesRows(
  source: Source,
  reading: SeriesReading,
): AsyncGenerator<SeriesRow, void, undefined> {
  checkReading("seriesRows", reading);
  checkSource("seriesRows", source);
  return rowsOf(source, reading);
}

async function* rowsOf(source: Source, reading: SeriesReading): AsyncGenerator<SeriesRow, void, undefined> {
  const table = await openCsv(source, { delimiter: reading.delimiter });
  try {
    const reader = new SeriesRowReader(headOf(table), reading);
    for await (const row of table.rows()) yield reader.read(row);
  } finally {
    await table.close();
  }
}

/** The head of a table that is read from a file. */
export function headOf({ name, names, doubled }: CsvTable): TableHead {
  return { name, names, doubled, counted: "line", place: ({ line }) => `${name}: line ${line}` };
}

/** Throws DataError for a column that is not there. */
export function requireColumns(head: TableHead, columns: SeriesColumns): void {
  for (const name of columnNames(columns)) columnOf(head, name);
}
