/** Training and reading classifiers from programs. */

import { type BackendChoice, backendOf } from "../../backends/choice.ts";
import { checkOptions } from "../../checks.ts";
import { optionNames } from "../../options/table.ts";
import { requireNamedOptimizer } from "../../training/options.ts";
import type { RunOptions } from "../../training/training.ts";
import { givenModel, trainedModel } from "../in-programs.ts";
import { beginClassifier, requireNoShare } from "./begin.ts";
import { type Classifier, classifierOf } from "./classifier.ts";
import { identify, inputNameOf } from "./data.ts";
import { openClassifier } from "./file.ts";
import { type ClassifierRow, labelledRows } from "./given-rows.ts";
import { inputKinds } from "./inputs/index.ts";
import type { Reading } from "./inputs/input.ts";
import { type ClassifierOptions, classificationOptions, completeClassification } from "./options.ts";
import { trainingOf } from "./training.ts";

export interface TrainClassifierOptions extends ClassifierOptions, Pick<RunOptions, "onEvent" | "signal"> {
  /** Rows that choose the best epoch, in place of a share of the others. */
  readonly validationRows?: readonly ClassifierRow[] | undefined;
  readonly backend?: BackendChoice | undefined;
}

/**
 * A classifier of rows with labels: the one that did best on held-out rows. Texts, series of numbers (`columns`) or recordings (`audio`).
 *
 *     const classifier = await trainClassifier(mails, { text: "body", label: "folder" });
 *     console.log(classifier.predict("Win a free phone").label);
 *
 * Hands the thread back now and then. Throws UsageError for options that do not exist or fit, DataError for rows that are too few or
 * cannot be used, with the number of the row, TrainingError where the training diverges.
 */
export async function trainClassifier(
  rows: readonly ClassifierRow[],
  options: TrainClassifierOptions = {},
): Promise<Classifier> {
  const where = "trainClassifier";
  checkOptions(where, options, {
    ...optionNames(classificationOptions),
    ...{ validationRows: true, onEvent: true, signal: true, backend: true },
  });
  const { validationRows, onEvent, signal, backend, ...given } = options;
  if (backend !== undefined) backendOf(where, backend);
  requireNamedOptimizer(given);
  if (validationRows) requireNoShare(given);
  const { settings } = completeClassification(given, 1);
  const input = inputNameOf({ name: "rows" }, settings);
  const reading: Reading = {
    ...settings,
    input,
    ...inputKinds[input].settleRow?.(rows?.[0], { ...settings, input }),
  };
  const read = labelledRows(where, rows, reading);
  const held = validationRows && labelledRows(`${where}: validationRows`, validationRows, reading);
  const begun = beginClassifier(
    {
      rows: read,
      data: identify({ name: "rows" }, read),
      heldOut: held && { rows: held, data: identify({ name: "validationRows" }, held) },
      reading,
    },
    given,
    backend,
  );
  const { model, parts, record } = begun;
  const training = trainingOf(model, parts, record, backend);
  const best = await trainedModel(where, "classifier", training, { onEvent, signal });
  const found = openClassifier(best, backend);
  return classifierOf(found.model, found.record);
}

export interface ReadClassifierOptions {
  readonly backend?: BackendChoice | undefined;
}

/**
 * A classifier from the bytes of a model file, such as `model.safetensors` of a run. `name` is for messages. Throws FormatError for any other
 * file.
 */
export function readClassifier(
  bytes: Uint8Array,
  name = "classifier",
  options: ReadClassifierOptions = {},
): Classifier {
  const file = givenModel("readClassifier", bytes, name, options, { backend: true });
  const { backend } = options;
  const { model, record } = openClassifier(file, backend);
  return classifierOf(model, record);
}
