/** The rows of a classifier's files: which kind of input they are of, and what their labels are. */

import { printGiven } from "../../checks.ts";
import { DataError, UsageError } from "../../errors.ts";
import { spelt } from "../../options/table.ts";
import { identifyRows, type RowsIdentity } from "../identity.ts";
import type { GivenFile } from "../task.ts";
import { inputKinds } from "./inputs/index.ts";
import type { InputName, Reading, Row } from "./inputs/input.ts";
import { isWav } from "./inputs/recordings.ts";
import { optionsOfInputs, type ReadingOptions } from "./options.ts";
import { contentKey, type LabelledRow } from "./split.ts";

/** The kind of input that options and file ask for. Throws UsageError for options of two. */
export function inputNameOf(
  file: Pick<GivenFile, "name" | "isFolder">,
  { columns, audio }: ReadingOptions,
): InputName {
  if (columns && audio !== undefined) {
    throw new UsageError("columns are of series, audio is of recordings: one of both expected");
  }
  if (columns) return "series";
  return audio !== undefined || file.isFolder || isWav(file.name) ? "sound" : "text";
}

/** Throws UsageError for an option of another kind of input. */
export function checkInputOptions(given: object, input: InputName): void {
  const options = Object.entries(given).filter(([, value]) => value !== undefined);
  for (const other of Object.values(inputKinds)) {
    const stray = options.find(([name]) => Object.hasOwn(optionsOfInputs[other.name], name));
    if (!stray || other.name === input) continue;
    const [name, value] = stray;
    throw new UsageError(
      `${spelt(name)} ${printGiven(value)}: an option of ${other.plural}, ${inputKinds[input].plural} given`,
    );
  }
}

/** How a file is read: what it says of that itself is found. */
export async function settledReading(file: GivenFile, options: ReadingOptions): Promise<Reading> {
  const input = inputNameOf(file, options);
  const reading: Reading = { ...options, input };
  return { ...reading, ...(await inputKinds[input].settle?.(file, reading)) };
}

/** The rows of a file in which every row has labels. Throws DataError for a file without rows. */
export async function readLabelledRows(file: GivenFile, reading: Reading): Promise<LabelledRow[]> {
  const rows: LabelledRow[] = [];
  for await (const row of inputKinds[reading.input].read(file, reading, true)) {
    rows.push(labelledRow(file.name, row, reading));
  }
  if (rows.length > 0) return rows;
  throw new DataError(`${file.name}: no rows, one or more expected`);
}

/** What every label counts as that is not to be told. */
const UNKNOWN_LABEL = "unknown";

/** A row with its labels, those that are not to be told as one that stands for all of them. Throws DataError for a row without labels. */
export function labelledRow(
  name: string,
  row: Row,
  { label, only }: Pick<Reading, "label" | "only">,
): LabelledRow {
  const { labels } = row;
  if (labels === undefined) {
    throw new DataError(
      `${name}: ${row.place} has no label: one under ${JSON.stringify(label)} expected; where rows may have none, an empty list in JSON, or a label separator in a table`,
    );
  }
  if (!only) return { ...row, labels };
  const told = labels.map((one) => (only.includes(one) ? one : UNKNOWN_LABEL));
  return { ...row, labels: [...new Set(told)] };
}

/** Whether rows can have several labels, or none: where one has. */
export function haveSeveral(rows: readonly LabelledRow[]): boolean {
  return rows.some(({ labels }) => labels.length !== 1);
}

/** Throws DataError for a row that has no label, or several, where each has one. */
export function requireOne(name: string, rows: readonly LabelledRow[]): void {
  const wrong = rows.find(({ labels }) => labels.length !== 1);
  if (!wrong) return;
  throw new DataError(
    `${name}: ${wrong.place} has ${wrong.labels.length === 0 ? "no label" : `the labels ${wrong.labels.join(", ")}`}, one expected, as each row has that was trained on`,
  );
}

export function identify(
  file: Pick<GivenFile, "name" | "location">,
  rows: readonly LabelledRow[],
): RowsIdentity {
  return identifyRows(
    file,
    rows.map(({ labels, content }) => `${labels.join(" ")}\t${contentKey(content)}`),
  );
}
