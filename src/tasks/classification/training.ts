/** Training a classifier on rows of text with labels. */

import type { Backend } from "../../backends/backend.ts";
import { LengthBatches } from "../../data/length-batches.ts";
import { Vocabulary } from "../../data/vocabulary.ts";
import { DataError, FormatError } from "../../errors.ts";
import { isObject } from "../../formats/json.ts";
import { restoreWeights } from "../../formats/model.ts";
import type { StopSignal } from "../../long-work.ts";
import { optionsOfJson } from "../../options/table.ts";
import { scheduleOf, updateSettings } from "../../training/options.ts";
import { Training } from "../../training/training.ts";
import { describeTask, requireTask, type TaskFile } from "../file.ts";
import { identifyRows, identityOfJson, type RowsIdentity, rowsForm } from "../identity.ts";
import { requireNumbers } from "../record.ts";
import type { GivenFile } from "../task.ts";
import { type ClassificationMeasures, measureRows } from "./measures.ts";
import { inputTypes, labelValues, lossOf, TextClassifier } from "./model.ts";
import { type ClassifierSettings, completeClassification, completeForm, type Form } from "./options.ts";
import { countLabels } from "./split.ts";

export const CLASSIFICATION = "classify";

export interface LabelledRow {
  readonly text: string;
  readonly label: string;
}

/** How a classifier came about, as it stands in its file. */
export interface ClassifierRecord {
  readonly data: RowsIdentity;
  readonly settings: ClassifierSettings;
  /** The commonest label of the training rows. */
  readonly commonest: string;
  readonly step?: number | undefined;
  readonly epoch?: number | undefined;
  readonly validation?: ClassificationMeasures | null | undefined;
}

export function identify(file: GivenFile, rows: readonly LabelledRow[]): RowsIdentity {
  return identifyRows(
    file,
    rows.map(({ label, text }) => `${label}\t${text}`),
  );
}

/** What an update is, for a training and for `explain`. */
export function updateOf(model: TextClassifier, settings: ClassifierSettings) {
  return {
    ...updateSettings(settings),
    model: model.network,
    inputs: inputTypes,
    loss: (given: Parameters<typeof lossOf>[2]) => lossOf(model.network, model.form, given),
  };
}

/** A new model for rows: vocabulary and labels come from the training rows alone. Throws DataError for fewer than two labels. */
export function prepare(
  name: string,
  training: readonly LabelledRow[],
  { settings, form }: { settings: ClassifierSettings; form: Form },
  backend: Backend | undefined,
): TextClassifier {
  const labels = countLabels(training).map(([label]) => label);
  if (labels.length < 2) {
    throw new DataError(`${name}: ${labels.length} label to learn, two or more expected`);
  }
  const size = settings.tokens === "words" ? settings.vocabulary : undefined;
  const vocabulary = Vocabulary.build(settings.tokens, training.map(({ text }) => text).join("\n"), { size });
  return new TextClassifier(
    { vocabulary, labels: labels.sort(), form },
    { scheme: settings.initialize, backend },
  );
}

/** The training of a classifier on its rows, as anybody's. */
export function trainingOf(
  model: TextClassifier,
  { training, validation }: { training: readonly LabelledRow[]; validation: readonly LabelledRow[] },
  record: ClassifierRecord,
  backend: Backend | undefined,
) {
  const { settings, commonest } = record;
  const { batch, seed, epochs, patience } = settings;
  const lengths = training.map(({ text }) => Math.max(1, model.vocabulary.encode(text).length));
  const order = new LengthBatches(lengths, { batch, seed, pool: 20 });
  const validate = (signal: StopSignal | undefined) => measureRows(model, validation, commonest, { signal });
  return new Training({
    ...updateOf(model, settings),
    batches: {
      count: order.count,
      at(batch, epoch) {
        const rows = Array.from(order.at(batch, epoch), (row) => training[row] as LabelledRow);
        return {
          ...model.batchOf(rows.map(({ text }) => text)),
          labels: labelValues(
            rows.map(({ label }) => label),
            model.labels,
          ),
        };
      },
    },
    targets: ({ labels }) => labels.data.length,
    validation: validation.length > 0 ? validate : undefined,
    epochs,
    patience,
    learningRate: scheduleOf(settings, order.count),
    metadata: {
      model: (found, { step, epoch }) =>
        describe(model, { ...record, step, epoch: epoch + 1, validation: found ?? null }),
      checkpoint: () => describe(model, record),
    },
    backend,
  });
}

function describe(model: TextClassifier, training: object) {
  const { form, vocabulary, labels } = model;
  return describeTask({ task: CLASSIFICATION, model: form, prepared: { vocabulary, labels }, training });
}

/** A model without values from what a file says. Throws FormatError. */
export function modelOf(file: TaskFile, backend: Backend | undefined): TextClassifier {
  requireTask(file, CLASSIFICATION);
  const { where } = file;
  const { vocabulary, labels } = file.json("prepared");
  const isLabels =
    Array.isArray(labels) &&
    labels.length > 1 &&
    labels.every((x) => typeof x === "string") &&
    new Set(labels).size === labels.length;
  if (!isLabels) {
    throw new FormatError(`${where}: prepared: labels: a list of two or more different strings expected`);
  }
  const form = optionsOfJson<Form>(`${where}: model`, file.json("model"), completeForm);
  return new TextClassifier(
    { vocabulary: Vocabulary.fromJSON(vocabulary, where), labels, form },
    { backend },
  );
}

/** The model of a file, and how it came about. */
export function openClassifier(file: TaskFile, backend: Backend | undefined) {
  const model = modelOf(file, backend);
  restoreWeights(file.tensors, model.network, file.where);
  return { model, record: recordOf(file) };
}

/** What a file says of the training. Throws FormatError where it is damaged. */
export function recordOf(file: TaskFile): ClassifierRecord {
  const { where } = file;
  const given = file.json("training");
  const { commonest } = given;
  identityOfJson(given.data, where, rowsForm);
  if (typeof commonest !== "string") {
    throw new FormatError(`${where}: training: commonest ${JSON.stringify(commonest)}, a label expected`);
  }
  requireResults(where, given);
  const settings = optionsOfJson<ClassifierSettings>(
    `${where}: training: settings`,
    given.settings,
    (settings) => completeClassification(settings, 1).settings,
  );
  return { ...(given as unknown as ClassifierRecord), settings };
}

/** Throws FormatError where what a training came to is there, but not in numbers. */
function requireResults(where: string, { step = 0, epoch = 0, validation }: Record<string, unknown>): void {
  requireNumbers(where, { step, epoch });
  if (validation === undefined || validation === null) return;
  const { rows, loss, accuracy, baseline, unknown } = isObject(validation) ? validation : {};
  requireNumbers(where, { rows, loss, accuracy, baseline, unknown });
}
