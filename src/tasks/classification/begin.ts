/** From rows with labels to a training: what is found, what is learnt of the training rows, and the network for it. */

import type { BackendChoice } from "../../backends/choice.ts";
import { counted } from "../../data/text.ts";
import { DataError, UsageError } from "../../errors.ts";
import { checkValidates } from "../../training/options.ts";
import type { RowsIdentity } from "../identity.ts";
import type { Told } from "../task.ts";
import { auditRows } from "./audit.ts";
import { checkInputOptions, haveSeveral, requireOne } from "./data.ts";
import type { ClassifierRecord } from "./file.ts";
import { inputKinds } from "./inputs/index.ts";
import type { Reading } from "./inputs/input.ts";
import { ClassifierModel } from "./model.ts";
import { type ClassifierOptions, completeClassification, readingOptionsOf } from "./options.ts";
import { countLabels, type LabelledRow, type Parts, splitRows } from "./split.ts";

/** The rows of a training, and of a file of their own those that are held out. */
export interface Given {
  readonly rows: readonly LabelledRow[];
  readonly data: RowsIdentity;
  readonly heldOut?: { readonly rows: readonly LabelledRow[]; readonly data: RowsIdentity } | undefined;
  readonly reading: Reading;
}

/** A training that can begin. */
export interface Begun {
  readonly model: ClassifierModel;
  readonly parts: Parts;
  readonly record: ClassifierRecord;
  readonly audit: Told;
}

/** Throws UsageError where a share of the rows is to be held out, though others are. */
export function requireNoShare({ validation }: ClassifierOptions): void {
  if (validation === undefined) return;
  throw new UsageError(`validation ${validation}: rows to validate on are given, one of both expected`);
}

/** Throws UsageError for options that contradict themselves or the data, DataError where the data are too few. */
export function beginClassifier(
  given: Given,
  options: ClassifierOptions,
  backend: BackendChoice | undefined,
): Begun {
  const { rows, data, heldOut, reading } = given;
  const { name } = data;
  const { settings: before } = completeClassification(options, 1);
  checkOnly(name, rows, before.only);
  checkInputOptions(options, reading.input);
  checkLabels(name, rows);
  const parts = partsOf(given, before);
  const { form, settings: completed } = completeClassification(options, parts.training.length);
  const settings = { ...completed, ...readingOptionsOf(reading) };
  const several = settings.several || haveSeveral(rows);
  const labels = countLabels(parts.training).map(([label]) => label);
  requireTwo(name, labels);
  checkValidates(settings, parts.validation.length);
  if (heldOut && !several) requireOne(heldOut.data.name, heldOut.rows);
  const input = inputKinds[reading.input].prepare(name, parts.training, reading);
  const model = new ClassifierModel(
    { input, labels: labels.sort(), several, form },
    { scheme: settings.initialize, backend },
  );
  const record: ClassifierRecord = {
    ...{ data, heldOut: heldOut?.data, settings },
    commonest: commonestOf(parts.training),
  };
  const audit = auditRows(name, { rows, heldOut: heldOut?.rows, parts, reading, model });
  return { model, parts, record, audit };
}

/** The rows by what they are for. Throws DataError where a share of them was to be held out, and none is. */
export function partsOf(
  { rows, data, heldOut }: Given,
  settings: { readonly validation: number; readonly seed: number },
): Parts {
  if (heldOut) return { training: rows, validation: heldOut.rows };
  const { validation, seed } = settings;
  const parts = splitRows(rows, validation, seed);
  if (validation === 0 || parts.validation.length > 0) return parts;
  throw noneHeldOut(data.name, rows, validation);
}

function noneHeldOut(name: string, rows: readonly LabelledRow[], share: number): DataError {
  const given = `${name}: ${counted(rows.length, "row")}`;
  const none = `of which a share of ${share} holds out none`;
  // Of several groups one is held out.
  const isGroup = rows[0]?.group !== undefined;
  return new DataError(
    isGroup
      ? `${given} in 1 group, ${none}: more groups expected, or 0`
      : `${given}, ${none}: more rows that differ expected, a larger share, or 0`,
  );
}

/** Throws UsageError for a label that is to be told and that no row has. */
function checkOnly(name: string, rows: readonly LabelledRow[], only: readonly string[] = []): void {
  const found = new Set(rows.flatMap(({ labels }) => labels));
  const missing = only.find((label) => !found.has(label));
  if (missing === undefined) return;
  throw new UsageError(`only ${only.join(", ")}: no row of ${name} has the label ${missing}`);
}

/** Throws DataError where there are fewer than two labels, or nearly as many as there are rows, as in a column of texts. */
function checkLabels(name: string, rows: readonly LabelledRow[]): void {
  const counts = countLabels(rows);
  requireTwo(
    name,
    counts.map(([label]) => label),
  );
  const once = counts.filter(([, count]) => count === 1).length;
  if (rows.length < 20 || once <= rows.length / 2) return;
  throw new DataError(
    `${name}: ${once} of ${counted(rows.length, "row")} have a label that no other has: labels that come again expected, is this the column of the labels?`,
  );
}

function requireTwo(name: string, labels: readonly string[]): void {
  if (labels.length > 1) return;
  const found = labels.length === 1 ? ` (${labels[0]})` : "";
  throw new DataError(`${name}: ${counted(labels.length, "label")} to learn${found}, two or more expected`);
}

/** The labels that most rows have together: one, or where a row can have several any number. */
function commonestOf(rows: readonly LabelledRow[]): readonly string[] {
  const together = rows.map(({ labels }) => ({ labels: [JSON.stringify([...labels].sort())] }));
  return JSON.parse(countLabels(together)[0]?.[0] ?? "[]") as string[];
}
