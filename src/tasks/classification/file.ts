/** What a classifier's file says beside its weights, and a classifier out of a file. */

import type { BackendChoice } from "../../backends/choice.ts";
import { FormatError } from "../../errors.ts";
import { isObject } from "../../formats/json.ts";
import { restoreWeights } from "../../formats/model.ts";
import { optionsOfJson } from "../../options/table.ts";
import { trainingOfJson } from "../../training/options.ts";
import { describeTask, requireTask, type TaskFile } from "../file.ts";
import { identityOfJson, type RowsIdentity, rowsForm } from "../identity.ts";
import { requireNumbers } from "../record.ts";
import { inputOfJson } from "./inputs/index.ts";
import type { Reading } from "./inputs/input.ts";
import type { ClassificationMeasures } from "./measures.ts";
import { ClassifierModel } from "./model.ts";
import {
  CLASSIFICATION,
  type ClassifierSettings,
  completeClassification,
  completeForm,
  type Form,
} from "./options.ts";

/** How well a classifier does on held-out rows, and what makes its probabilities honest. */
export interface ValidationMeasures extends ClassificationMeasures {
  /** What scores are divided by. */
  readonly temperature: number;
  /** The calibration error after that. */
  readonly calibratedError: number;
}

/** How a classifier came about, as it stands in its file. */
export interface ClassifierRecord {
  readonly data: RowsIdentity;
  /** The file of held-out rows, where there was one. */
  readonly heldOut?: RowsIdentity | undefined;
  readonly settings: ClassifierSettings;
  /** The labels that most of the training rows have: one, or where a row can have several any number. */
  readonly commonest: readonly string[];
  readonly step?: number | undefined;
  readonly epoch?: number | undefined;
  readonly validation?: ValidationMeasures | null | undefined;
}

export function describeClassifier(model: ClassifierModel, training: ClassifierRecord) {
  const { form, input, labels, several } = model;
  return describeTask({ task: CLASSIFICATION, model: form, prepared: { input, labels, several }, training });
}

/** How rows are read by a model. */
export function readingOf({ input }: ClassifierModel, { settings }: ClassifierRecord): Reading {
  return { ...settings, input: input.kind, ...input.reading };
}

/** A model without values from what a file says. Throws FormatError. */
export function modelOf(file: TaskFile, backend: BackendChoice | undefined): ClassifierModel {
  requireTask(file, CLASSIFICATION);
  const { where } = file;
  const { input, labels, several } = preparedOf(file);
  const isLabels =
    Array.isArray(labels) &&
    labels.length > 1 &&
    labels.every((x) => typeof x === "string") &&
    new Set(labels).size === labels.length;
  if (!isLabels) {
    throw new FormatError(`${where}: prepared: labels: a list of two or more different strings expected`);
  }
  if (typeof several !== "boolean") {
    throw new FormatError(`${where}: prepared: several ${JSON.stringify(several)}, true or false expected`);
  }
  const given = file.json("model");
  const form = optionsOfJson<Form>(
    `${where}: model`,
    isOld(file) ? { ...OLD_FORM, ...given } : given,
    completeForm,
  );
  return new ClassifierModel({ input: inputOfJson(input, where), labels, several, form }, { backend });
}

/** Files from before there were kinds of input are of texts, of which each row has one label. */
function isOld(file: TaskFile): boolean {
  return file.json("prepared").input === undefined;
}

function preparedOf(file: TaskFile): Record<string, unknown> {
  const prepared = file.json("prepared");
  if (!isOld(file)) return prepared;
  const { vocabulary, labels } = prepared;
  return { input: { kind: "text", vocabulary }, labels, several: false };
}

const OLD_FORM = { read: "mean", longest: 0 } as const;

/** The model of a file, and how it came about. */
export function openClassifier(file: TaskFile, backend: BackendChoice | undefined) {
  const model = modelOf(file, backend);
  restoreWeights(file.tensors, model.network, file.where);
  const record = recordOf(file);
  model.temperature = record.validation?.temperature ?? 1;
  return { model, record };
}

/** What a file says of the training. Throws FormatError where it is damaged. */
export function recordOf(file: TaskFile): ClassifierRecord {
  const { where } = file;
  const given = file.json("training");
  const commonest = typeof given.commonest === "string" ? [given.commonest] : given.commonest;
  identityOfJson(given.data, where, rowsForm);
  if (given.heldOut !== undefined) identityOfJson(given.heldOut, where, { ...rowsForm, part: "heldOut" });
  if (!Array.isArray(commonest) || !commonest.every((label) => typeof label === "string")) {
    throw new FormatError(`${where}: training: commonest ${JSON.stringify(commonest)}, labels expected`);
  }
  requireResults(where, given);
  // What old files do not say was not there.
  const settings = trainingOfJson<ClassifierSettings>(
    `${where}: training: settings`,
    isOld(file) && isObject(given.settings)
      ? { ...completeClassification({ unknown: 0 }, 1).settings, ...given.settings }
      : given.settings,
    (settings) => completeClassification(settings, 1).settings,
  );
  return { ...(given as unknown as ClassifierRecord), commonest, settings };
}

/** Throws FormatError where what a training came to is there, but not in numbers. */
function requireResults(where: string, { step = 0, epoch = 0, validation }: Record<string, unknown>): void {
  requireNumbers(where, { step, epoch });
  if (validation === undefined || validation === null) return;
  const { rows, loss, accuracy, baseline, unknown, temperature = 1 } = isObject(validation) ? validation : {};
  requireNumbers(where, { rows, loss, accuracy, baseline, unknown, temperature });
  if ((temperature as number) > 0) return;
  throw new FormatError(`${where}: training: temperature ${temperature}, a number above 0 expected`);
}
