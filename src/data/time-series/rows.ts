/** Rows of a table as numbers: what its cells say, in the way in which the table is read. */
import { printGiven } from "../../checks.ts";
import { DataError } from "../../errors.ts";
import { type CsvRow, type CsvTable, columnOf } from "../csv.ts";
import { type Decimal, isMissing, readNumeral } from "../numerals.ts";
import { readTime, type TimeFormat, timeProblem } from "../time/format.ts";
import { numbersOf, valueColumns } from "./columns.ts";
import type { SeriesReading } from "./reading.ts";

/** What a table is called, and its columns. */
export type TableHead = Pick<CsvTable, "name" | "names" | "doubled"> & {
  /** What its rows are counted in, for messages: "line" of a file, "row" of an array. */
  readonly counted: "line" | "row";
  /** Where a row stands, for messages. */
  place(row: CsvRow): string;
};

/** A row as it arrives. */
export interface SeriesRow {
  /** The line that it stands on, from 1. */
  readonly line: number;
  /** The text in the column of series; "" where a table is one series. */
  readonly id: string;
  /** As written; the number of the row, from 1, where there is no column of times. */
  readonly time: string;
  /** The number of its step on the grid; undefined where its time lies on no step. */
  readonly index: number | undefined;
  /** The number of the step in which its time lies. */
  readonly within: number;
  /** The numbers of targets, past and known, in this order, NaN for what is missing; a column of texts is several. */
  readonly values: Float64Array;
  /** The numbers of static columns, NaN for what is missing. */
  readonly statics: Float64Array;
}

/** Takes the numbers of some columns out of rows. */
class Numbers {
  readonly width: number;
  readonly #columns: readonly {
    readonly name: string;
    readonly cell: number;
    readonly texts: ReadonlyMap<string, number> | undefined;
    readonly at: number;
  }[];
  readonly #decimal: Decimal;

  readonly #missingText: number;

  /** @param missingText what the numbers of a text are that is missing; those of one that is unknown are 0 */
  constructor(
    head: TableHead,
    names: readonly string[],
    { categories, decimal }: SeriesReading,
    missingText: number,
  ) {
    this.#missingText = missingText;
    let at = 0;
    this.#columns = names.map((name) => {
      const texts = Object.hasOwn(categories, name) ? categories[name] : undefined;
      const column = {
        name,
        cell: columnOf(head, name),
        texts: texts && new Map(texts.map((text, number) => [text, number])),
        at,
      };
      at += numbersOf(name, categories).length;
      return column;
    });
    this.width = at;
    this.#decimal = decimal;
  }

  read(cells: readonly string[], place: () => string): Float64Array {
    const values = new Float64Array(this.width);
    for (const { name, cell, texts, at } of this.#columns) {
      const text = cells[cell] as string;
      if (texts !== undefined) {
        const number = texts.get(text.trim());
        if (number !== undefined) values[at + number] = 1;
        else if (isMissing(text)) values.fill(this.#missingText, at, at + texts.size);
        continue;
      }
      const number = readNumeral(text, this.#decimal);
      if (number === undefined) throw noNumber(place(), name, text);
      values[at] = number;
    }
    return values;
  }
}

export function noNumber(place: string, column: string, text: string): DataError {
  return new DataError(`${place}: ${column} is ${printGiven(text)}, a number expected`);
}

/** Reads times row after row, each after the one before of the same series. */
export class RowTimes {
  readonly #format: TimeFormat;
  readonly #column: string;
  readonly #last = new Map<string, number>();

  constructor(column: string, format: TimeFormat) {
    this.#column = column;
    this.#format = format;
  }

  read(id: string, text: string, place: () => string): number {
    const time = readTime(this.#format, text, this.#last.get(id));
    if (time === undefined) {
      throw new DataError(
        `${place()}: ${this.#column} is ${printGiven(text)}, ${timeProblem(this.#format, text)}`,
      );
    }
    // Clocks that are put back tell nothing apart where the format says the instant.
    if (this.#format.zone !== undefined) this.#last.set(id, time);
    return time;
  }
}

/** Reads rows of a table, whose columns may be in any order, with others between them. */
export class SeriesRowReader {
  readonly #head: TableHead;
  readonly #reading: SeriesReading;
  readonly #time: number | undefined;
  readonly #series: number | undefined;
  readonly #values: Numbers;
  readonly #statics: Numbers;
  readonly #times: RowTimes;
  readonly #rows = new Map<string, number>();

  /** @throws DataError for a column that is not there */
  constructor(head: TableHead, reading: SeriesReading) {
    const { time, series, statics } = reading.columns;
    this.#head = head;
    this.#reading = reading;
    this.#time = time === undefined ? undefined : columnOf(head, time);
    this.#series = series === undefined ? undefined : columnOf(head, series);
    this.#values = new Numbers(head, valueColumns(reading.columns), reading, 0);
    this.#statics = new Numbers(head, statics, reading, Number.NaN);
    this.#times = new RowTimes(time ?? "", reading.grid.format);
  }

  /** @throws DataError with line and column for a time or a number that is none */
  read(row: CsvRow): SeriesRow {
    const { line, cells } = row;
    const place = () => this.#head.place(row);
    const id =
      this.#series === undefined ? "" : seriesOf(cells[this.#series] as string, place, this.#reading);
    const values = this.#values.read(cells, place);
    const statics = this.#statics.read(cells, place);
    if (this.#time === undefined) {
      const before = this.#rows.get(id) ?? 0;
      this.#rows.set(id, before + 1);
      return { line, id, time: String(before + 1), index: before, within: before, values, statics };
    }
    const { grid, aggregate } = this.#reading;
    const time = (cells[this.#time] as string).trim();
    const at = this.#times.read(id, time, place);
    const within = grid.stepOf(at);
    const isOnGrid = aggregate !== undefined || grid.timeAt(within) === at;
    return { line, id, time, index: isOnGrid ? within : undefined, within, values, statics };
  }
}

/** Which series a cell says. */
export function seriesOf(
  cell: string,
  place: () => string,
  { columns }: Pick<SeriesReading, "columns">,
): string {
  const id = cell.trim();
  if (!isMissing(id)) return id;
  throw new DataError(`${place()}: ${columns.series} is ${printGiven(cell)}, the name of a series expected`);
}
