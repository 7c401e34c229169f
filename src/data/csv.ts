/**
 * Tables as comma-separated values (RFC 4180): a header with the names of columns, then a row a record. They are read row by
 * row, as the lines arrive. Papa Parse takes the cells out of a record; what a record is, is found here.
 */
import Papa from "papaparse";
import { checkOptions, nearName, printGiven } from "../checks.ts";
import { DataError, UsageError } from "../errors.ts";
import { checkSource, type Line, type Source, sourceLines } from "./source.ts";
import { counted } from "./text.ts";

export interface CsvOptions {
  /** What stands between two cells: one character; by default the one of `,` `;` tab and `|` that the header has most often. */
  readonly delimiter?: string | undefined;
}

/** A record of a table. */
export interface CsvRow {
  /** The line that it starts on, from 1. */
  readonly line: number;
  /** One for each column, as written, without the quotes around them. */
  readonly cells: readonly string[];
}

/** A table whose header is read, and whose rows are about to be. */
export interface CsvTable {
  /** What messages call it. */
  readonly name: string;
  /** The columns, without white space around them. One that has no name, or a name for the second time, is "column 3", say. */
  readonly names: readonly string[];
  /** The names that several columns have. */
  readonly doubled: readonly string[];
  readonly delimiter: string;
  /** The rows, one after the other, as they are read; they can be read once. */
  rows(): AsyncGenerator<CsvRow, void, undefined>;
  /** Ends reading, for whoever does not read the rows to their end. */
  close(): Promise<void>;
}

const DELIMITERS = [",", ";", "\t", "|"];
/** So many characters between two quotes are no cell, but a quote that nobody closed. */
const LONGEST_RECORD = 2 ** 20;
/** A number, a date or a time: what a header does not consist of. */
const DATA = /^[-+]?\d[\d\s.,:/+TZ-]*(?:e[-+]?\d+)?$/i;

/**
 * Opens a table: reads its header. A record is a line, or several while a quote is open; line ends between quotes become LF.
 * Blank lines are passed over, but in a table of one column, where one between two rows is an empty cell.
 *
 *     const table = await openCsv(source);
 *     for await (const { line, cells } of table.rows()) console.log(line, cells[table.names.indexOf("price")]);
 *
 * @throws UsageError for what is no source, and a delimiter that is not one character, or a quote
 * @throws DataError with name and line for a file without a header, and, when its turn has come, for a row with another number
 *   of cells than the header, a quote that is not closed, and as `sourceLines` does
 */
export async function openCsv(source: Source, options?: CsvOptions): Promise<CsvTable> {
  checkOptions("openCsv", options, { delimiter: true });
  checkSource("openCsv", source);
  checkDelimiter(options?.delimiter);
  const lines = sourceLines(source);
  try {
    return await readHeader(source.name, lines, options?.delimiter);
  } catch (error) {
    await lines.return();
    throw error;
  }
}

function checkDelimiter(delimiter: unknown): void {
  if (delimiter === undefined || (typeof delimiter === "string" && /^[^"\r\n\uFEFF]$/.test(delimiter)))
    return;
  throw new UsageError(
    `openCsv: delimiter ${printGiven(delimiter)} given, one character that is no quote expected`,
  );
}

async function readHeader(
  name: string,
  lines: AsyncGenerator<Line, void, undefined>,
  given: string | undefined,
): Promise<CsvTable> {
  const first = await nextRecord(lines, name, given ?? DELIMITERS.join(""));
  if (first === undefined)
    throw new DataError(`${name} is empty: a header with the names of columns expected`);
  const delimiter = given ?? findDelimiter(first.text);
  const cells = cellsOf(delimiter, name);
  const header = cells(first).map((cell) => cell.trim());
  if (header.every((cell) => cell === "" || DATA.test(cell))) {
    const found = printGiven(header.slice(0, 3).join(delimiter));
    throw new DataError(
      `${name}: line ${first.number} looks like data (${found}): a header with the names of columns expected`,
    );
  }
  const doubled = new Set(header.filter((cell, at) => cell !== "" && header.indexOf(cell) !== at));
  const names = header.map((cell, at) =>
    cell === "" || header.indexOf(cell) !== at ? `column ${at + 1}` : cell,
  );
  return {
    name,
    names,
    doubled: [...doubled],
    delimiter,
    rows: () => rowsOf(lines, name, delimiter, cells, names.length),
    close: async () => {
      await lines.return();
    },
  };
}

/**
 * Where a column stands in the rows of a table, from 0.
 *
 * @throws DataError for a column that is not there, with the one that may have been meant, or that is there twice
 */
export function columnOf(table: Pick<CsvTable, "name" | "names" | "doubled">, column: string): number {
  if (table.doubled.includes(column)) {
    throw new DataError(`${table.name}: several columns are named ${column}: one expected`);
  }
  const at = table.names.indexOf(column);
  if (at >= 0) return at;
  const near = nearName(column, table.names);
  const help = near === undefined ? `its columns are ${table.names.join(", ")}` : `did you mean ${near}?`;
  throw new DataError(`${table.name} has no column ${printGiven(column)}: ${help}`);
}

async function* rowsOf(
  lines: AsyncGenerator<Line, void, undefined>,
  name: string,
  delimiter: string,
  cellsOfRecord: Cells,
  columns: number,
): AsyncGenerator<CsvRow, void, undefined> {
  let blank: number[] = [];
  try {
    while (true) {
      const record = await nextRecord(lines, name, delimiter, (line) => columns === 1 && blank.push(line));
      if (record === undefined) break;
      for (const line of blank) yield { line, cells: [""] };
      blank = [];
      const cells = cellsOfRecord(record);
      if (cells.length !== columns) {
        throw new DataError(
          `${name}: line ${record.number} has ${counted(cells.length, "cell")}, ${columns} expected, as in the header`,
        );
      }
      yield { line: record.number, cells };
    }
  } finally {
    await lines.return();
  }
}

/** The next record that is not blank: its first line, and its text, whose quotes are closed. */
async function nextRecord(
  lines: AsyncGenerator<Line, void, undefined>,
  name: string,
  delimiters: string,
  onBlank?: (line: number) => void,
): Promise<Line | undefined> {
  let first: Line | undefined;
  const more: string[] = [];
  let size = 0;
  while (true) {
    const { done, value: line } = await lines.next();
    if (done) break;
    if (first === undefined && isBlank(line.text, delimiters)) {
      onBlank?.(line.number);
      continue;
    }
    const isOpen = first !== undefined;
    first ??= line;
    if (isOpen) more.push(line.text);
    if (!endsOpen(line.text, delimiters, isOpen)) {
      return isOpen ? { number: first.number, text: [first.text, ...more].join("\n") } : first;
    }
    size += line.text.length;
    if (size > LONGEST_RECORD) break;
  }
  if (first === undefined) return undefined;
  throw new DataError(`${name}: line ${first.number}: a quote is opened and never closed`);
}

/** Whether a line holds nothing: no delimiter either, which may be white space itself. */
function isBlank(text: string, delimiters: string): boolean {
  return text.trim() === "" && ![...delimiters].some((delimiter) => text.includes(delimiter));
}

/** Whether a quoted cell goes on in the next line. A quote opens at the start of a cell alone: `5" pipe` has none. */
function endsOpen(text: string, delimiters: string, before: boolean): boolean {
  if (!text.includes('"')) return before;
  let open = before;
  let atStart = !before;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (open) {
      if (character !== '"') continue;
      if (text[at + 1] === '"') at++;
      else open = false;
    } else {
      open = atStart && character === '"';
      atStart = delimiters.includes(character);
    }
  }
  return open;
}

type Cells = (record: Line) => string[];

/** What takes a record apart. */
function cellsOf(delimiter: string, name: string): Cells {
  const parser = new Papa.Parser({ delimiter, newline: "\n" });
  return ({ number, text }) => {
    const { data, errors }: Papa.ParseResult<string[]> = parser.parse(text, 0, false);
    const [cells] = data;
    if (cells !== undefined && data.length === 1 && errors.length === 0) return cells;
    throw new DataError(
      `${name}: line ${number}: a quoted cell goes on after its closing quote: a quote inside of one is written twice`,
    );
  };
}

/** The candidate that stands most often outside of quotes; the first of them where none does. */
function findDelimiter(header: string): string {
  const bare = header.replace(/"(?:[^"]|"")*"/g, "");
  const counts = DELIMITERS.map((delimiter) => bare.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] as string;
}

/** Cells as a line of a table with commas, without its end: in quotes where they need them. */
export function csvLine(cells: readonly string[]): string {
  return Papa.unparse([[...cells]], { newline: "\n" });
}
