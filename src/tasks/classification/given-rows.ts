/** Rows that programs give: plain objects, or what a row is of itself. */

import { printGiven } from "../../checks.ts";
import { DataError } from "../../errors.ts";
import { labelledRow } from "./data.ts";
import { inputKinds } from "./inputs/index.ts";
import type { Content, Reading, Row } from "./inputs/input.ts";
import { labelsOf } from "./labels.ts";
import type { LabelledRow } from "./split.ts";

/**
 * What a program gives to be classified. Of a text: the text, or an object that has it under the key `text` of the options. Of a series: an
 * object with a list of numbers for each of the `columns`; of one column also the list. Of a recording: what `readWav` gives, or an object that
 * has it under the key `audio`. To learn from, it is an object with a label, or several in a list, under the key `label`.
 */
export type ClassifierRow = string | object;

/** What a row is of. Throws DataError for what is none. */
export function contentOfRow(given: ClassifierRow, where: string, reading: Reading): Content {
  return inputKinds[reading.input].contentOf(given, where, reading);
}

/** A row with what it says of its labels. Throws DataError for what is no object. */
function rowOf(given: ClassifierRow, at: number, where: string, reading: Reading): Row {
  const place = `row ${at + 1}`;
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new DataError(`${where}: ${place}: ${printGiven(given)} given, an object with a label expected`);
  }
  const value = (name: string) =>
    Object.hasOwn(given, name) ? (given as Readonly<Record<string, unknown>>)[name] : undefined;
  const from = reading.group === undefined ? undefined : value(reading.group);
  return {
    line: at + 1,
    place,
    content: contentOfRow(given, `${where}: ${place}`, reading),
    labels: labelsOf({ line: at + 1, value }, reading, where),
    ...(from !== undefined && from !== null && { group: String(from) }),
  };
}

/** The rows of a list, each with its labels. Throws DataError for what is no list, an empty one, and a row that is none. */
export function labelledRows(where: string, rows: readonly ClassifierRow[], reading: Reading): LabelledRow[] {
  if (!Array.isArray(rows)) {
    throw new DataError(`${where}: ${printGiven(rows)} given, a list of rows expected`);
  }
  if (rows.length === 0) throw new DataError(`${where}: no rows given, one or more expected`);
  return rows.map((row, at) => labelledRow(where, rowOf(row, at, where, reading), reading));
}
