/** What the file of a classifier of trees says beside the weights, and back. */

import type { BackendChoice } from "../../backends/choice.ts";
import { TREE_FORMS } from "../../data/trees/reading.ts";
import { RING_RULES } from "../../data/trees/smiles.ts";
import { FormatError } from "../../errors.ts";
import { isObject } from "../../formats/json.ts";
import { type Metadata, restoreWeights } from "../../formats/model.ts";
import { asFormat, optionsOfJson } from "../../options/table.ts";
import { trainingOfJson } from "../../training/options.ts";
import { describeTask, requireTask, type TaskFile } from "../file.ts";
import { identityOfJson, type RowsIdentity, rowsForm } from "../identity.ts";
import { requireNumbers } from "../record.ts";
import { checkUsedVectors, type UsedVectors } from "../word-vectors.ts";
import type { TreeReading } from "./corpus.ts";
import type { TreeFigures } from "./measures.ts";
import { type LabelCounts, TreeModel } from "./model.ts";
import { completeForm, completeSettings, type Form, type TreeSettings } from "./options.ts";
import { rolesOfJson } from "./roles.ts";
import { wordsOfJson } from "./words.ts";

export const TREE = "tree";

/** How a classifier of trees came about, as it stands in its file. */
export interface TreeRecord {
  readonly data: RowsIdentity;
  /** The file of trees that were held out; null where they are a part of the others. */
  readonly validationData: RowsIdentity | null;
  readonly settings: TreeSettings;
  /** How the file of the training was read; null for trees in memory. */
  readonly reading: TreeReading | null;
  /** Words that started with vectors of others, and their file; null for none, as in files before there were such. */
  readonly vectors?: UsedVectors | null | undefined;
  readonly step?: number | undefined;
  readonly epoch?: number | undefined;
  readonly validation?: TreeFigures | null | undefined;
}

export function describeTrees({ form, words, roles, labels, counts }: TreeModel, training: object): Metadata {
  return describeTask({
    task: TREE,
    model: form,
    prepared: { words: words.toJSON(), ...(roles && { roles: roles.toJSON() }), labels, counts },
    training,
  });
}

/** A model without values from what a file says. Throws FormatError. */
export function modelOf(file: TaskFile, backend: BackendChoice | undefined): TreeModel {
  requireTask(file, TREE);
  const where = `${file.where}: prepared`;
  const { words, roles, labels, counts } = file.json("prepared");
  if (!isLabels(labels)) throw new FormatError(`${where}: labels: two or more different texts expected`);
  if (!isCounts(counts, labels.length)) {
    throw new FormatError(`${where}: counts: how often each label is told, and at roots, expected`);
  }
  const vocabulary = wordsOfJson(words, where);
  const form = optionsOfJson<Form>(`${file.where}: model`, file.json("model"), (given) =>
    completeForm(given),
  );
  const known = form.roles && rolesOfJson(roles, form.roles, where);
  return asFormat(
    `${file.where}: model`,
    () => new TreeModel({ form, words: vocabulary, roles: known, labels, counts }, { backend }),
  );
}

function isLabels(given: unknown): given is string[] {
  return (
    Array.isArray(given) &&
    given.length >= 2 &&
    given.every((label) => typeof label === "string") &&
    new Set(given).size === given.length
  );
}

function isCounts(given: unknown, labels: number): given is LabelCounts {
  const isList = (list: unknown) =>
    Array.isArray(list) &&
    list.length === labels &&
    list.every((count) => Number.isSafeInteger(count) && count >= 0);
  return isObject(given) && isList(given.told) && isList(given.root);
}

/** The model of a file with its weights, and how it came about. */
export function openTrees(file: TaskFile, backend: BackendChoice | undefined) {
  const model = modelOf(file, backend);
  restoreWeights(file.tensors, model.network, file.where);
  return { model, record: recordOf(file) };
}

/** What a file says of the training. Throws FormatError where it is damaged. */
export function recordOf(file: TaskFile): TreeRecord {
  const { where } = file;
  const given = file.json("training");
  const { data, validationData, reading, vectors = null, step = 0, epoch = 0, validation } = given;
  requireNumbers(where, { step, epoch });
  checkUsedVectors(where, vectors);
  if (validation !== undefined && validation !== null) {
    const { loss, accuracy } = isObject(validation) ? validation : {};
    requireNumbers(where, { ...validation, loss, accuracy });
  }
  const settings = trainingOfJson<TreeSettings>(`${where}: training: settings`, given.settings, (settings) =>
    completeSettings(settings, 1, validationData !== null),
  );
  return {
    ...(given as unknown as TreeRecord),
    data: identityOfJson<RowsIdentity>(data, where, rowsForm),
    validationData:
      validationData === null
        ? null
        : identityOfJson<RowsIdentity>(validationData, where, { ...rowsForm, part: "validationData" }),
    reading: readingOfJson(reading, where),
    settings,
  };
}

function readingOfJson(given: unknown, where: string): TreeReading | null {
  if (given === null) return null;
  const { form, column, rings } = isObject(given) ? given : {};
  const isReading =
    TREE_FORMS.some((one) => one === form) &&
    (column === undefined || typeof column === "string") &&
    (rings === undefined || RING_RULES.some((one) => one === rings));
  if (isReading) return given as unknown as TreeReading;
  throw new FormatError(`${where}: training: reading: a form (${TREE_FORMS.join(", ")}) expected`);
}
