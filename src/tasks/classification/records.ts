/** Rows of files by the names of what they have: objects of JSON Lines, rows of a table, and labelled lines of text. */

import { nearName, printGiven } from "../../checks.ts";
import { columnOf, openCsv } from "../../data/csv.ts";
import { jsonLines } from "../../data/json-lines.ts";
import { checkSource, peekLine, type Source, sourceLines } from "../../data/source.ts";
import { DataError } from "../../errors.ts";

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

/** The form of a file, by its name or else its first line, and the file with all its lines. `needed` is a name that each row has. */
export async function formOf(
  source: Source,
  needed: string,
): Promise<{ readonly form: RowsForm; readonly source: Source }> {
  checkSource("classify", source);
  if (/\.(jsonl|ndjson)$/i.test(source.name)) return { form: "json", source };
  if (/\.csv$/i.test(source.name)) return { form: "table", source };
  const { line = "", source: whole } = await peekLine(source);
  if (line.startsWith("{") && isObject(line)) return { form: "json", source: whole };
  return { form: isHeader(line, needed) ? "table" : "lines", source: whole };
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

const PREFIX = "__label__";

/** A line of text with the labels that it says. */
export interface LabelledLine {
  readonly line: number;
  readonly text: string;
  readonly labels: readonly string[] | undefined;
}

/**
 * The lines of a text: fastText's `__label__A __label__B text`, `LABEL<tab>text`, or a text without a label. Throws DataError for such a
 * one where every line must have a label.
 */
export async function* labelledLines(
  source: Source,
  labelled: boolean,
): AsyncGenerator<LabelledLine, void, undefined> {
  for await (const { number: line, text } of sourceLines(source)) {
    const marked = text.startsWith(PREFIX) ? /^((?:__label__\S+(?:\s+|$))+)(.*)$/s.exec(text) : null;
    const tab = text.indexOf("\t");
    if (marked) {
      const labels = (marked[1] as string)
        .trim()
        .split(/\s+/)
        .map((label) => label.slice(PREFIX.length));
      yield { line, labels: [...new Set(labels)], text: marked[2] as string };
    } else if (tab > 0) yield { line, labels: [text.slice(0, tab)], text: text.slice(tab + 1) };
    else if (labelled) {
      throw new DataError(
        `${source.name}: line ${line} has no label: LABEL, a tab and the text expected, or __label__LABEL text`,
      );
    } else yield { line, labels: undefined, text: tab === 0 ? text.slice(1) : text };
  }
}

/**
 * The labels that a record has under a name: one, or a list of them. Undefined where it has none: an empty list is none of several.
 * Throws DataError for anything else.
 */
export function labelsOf(
  { line, value }: Pick<FileRecord, "line" | "value">,
  { label, labelSeparator }: { readonly label: string; readonly labelSeparator?: string | undefined },
  where: string,
): readonly string[] | undefined {
  const given = value(label);
  if (given === undefined || given === null) return undefined;
  if (labelSeparator !== undefined && typeof given === "string") {
    return distinct(given.split(labelSeparator).map((one) => one.trim()));
  }
  if (given === "") return undefined;
  const all: readonly unknown[] = Array.isArray(given) ? given : [given];
  const wrong = all.find((one) => !["string", "number", "boolean"].includes(typeof one));
  if (wrong === undefined) return distinct(all.map(String));
  throw new DataError(
    `${where}: line ${line}: ${label} is ${printGiven(Array.isArray(given) ? wrong : given)}, a label or a list of labels expected`,
  );
}

const distinct = (labels: readonly string[]) => [...new Set(labels.filter((label) => label !== ""))];

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
