/** Rows of files by the names of what they have: objects of JSON Lines, and rows of a table. */

import { nearName, printGiven } from "../checks.ts";
import { columnOf, openCsv } from "../data/csv.ts";
import { jsonLines } from "../data/json-lines.ts";
import { checkSource, peekLine, type Source } from "../data/source.ts";
import { DataError } from "../errors.ts";

/** What stands on a line, or starts there, by names. */
export interface FileRecord {
  /** From 1. */
  readonly line: number;
  readonly keys: readonly string[];
  /** What it has under a name; undefined where it has nothing. */
  value(name: string): unknown;
}

/** The forms of a file of rows. */
export type RowsForm = "json" | "table" | "lines";

/** The form of a file, by its name or else its first line, and the file with all its lines. `needed` are names that each row has. */
export async function formOf(
  source: Source,
  ...needed: readonly string[]
): Promise<{ readonly form: RowsForm; readonly source: Source }> {
  checkSource("rows", source);
  if (/\.(jsonl|ndjson)$/i.test(source.name)) return { form: "json", source };
  if (/\.csv$/i.test(source.name)) return { form: "table", source };
  const { line = "", source: whole } = await peekLine(source);
  if (line.startsWith("{") && isObject(line)) return { form: "json", source: whole };
  const isTable = needed.every((name) => isHeader(line, name));
  return { form: isTable ? "table" : "lines", source: whole };
}

function isObject(line: string): boolean {
  try {
    return typeof JSON.parse(line) === "object";
  } catch {
    return false;
  }
}

/** Whether a line is the header of a table that has a column of this name. */
export function isHeader(line: string, column: string): boolean {
  return [",", ";", "\t", "|"].some((delimiter) => {
    const cells = line.split(delimiter).map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));
    return cells.length > 1 && cells.includes(column);
  });
}

interface RecordOptions {
  readonly delimiter?: string | undefined;
  /** Columns that a table must have; what an object lacks is told by whoever asks for it. */
  readonly needed: readonly string[];
}

/** The records of JSON Lines or of a table. Throws DataError with the line for what is none, and for a table without a column that it must have. */
export async function* recordsOf(
  source: Source,
  form: "json" | "table",
  { delimiter, needed }: RecordOptions,
): AsyncGenerator<FileRecord, void, undefined> {
  if (form === "json") {
    for await (const { number: line, value: object } of jsonLines(source)) {
      // Nothing that every object inherits.
      const value = (name: string) => (Object.hasOwn(object, name) ? object[name] : undefined);
      yield { line, keys: Object.keys(object), value };
    }
    return;
  }
  const table = await openCsv(source, { delimiter });
  try {
    for (const name of needed) columnOf(table, name);
  } catch (error) {
    await table.close();
    throw error;
  }
  for await (const { line, cells } of table.rows()) {
    yield { line, keys: table.names, value: (name) => cells[table.names.indexOf(name)] };
  }
}

/** Throws DataError for what a row must have, and has not: `what` is expected under the name; `keys` are those that it has. */
export function refuseValue(
  where: string,
  name: string,
  given: unknown,
  { what, keys }: { readonly what: string; readonly keys: readonly string[] },
): never {
  if (given !== undefined) throw new DataError(`${where}: ${name} is ${printGiven(given)}, ${what} expected`);
  const near = nearName(name, keys);
  const help = near === undefined ? `its keys are ${keys.join(", ") || "none"}` : `did you mean ${near}?`;
  throw new DataError(`${where}: ${name} is missing, ${what} expected: ${help}`);
}
