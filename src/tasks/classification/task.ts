/** The classifier of texts as a task: what the command can do with one. */

import type { Source } from "../../data/source.ts";
import { DataError } from "../../errors.ts";
import { completeOptions } from "../../options/table.ts";
import { epochsOnward } from "../../training/options.ts";
import { compileUpdate } from "../../training/update.ts";
import { taskFile } from "../file.ts";
import { requireSameData } from "../identity.ts";
import { count, measure, share } from "../measures.ts";
import { madeRows } from "../record.ts";
import {
  type GivenOptions,
  type Prediction,
  type Rows,
  required,
  type Task,
  type TaskModel,
  type TaskTraining,
} from "../task.ts";
import { evaluateRows } from "./evaluation.ts";
import { inputTypes, type TextClassifier } from "./model.ts";
import {
  type ClassificationOptions,
  classificationOptions,
  completeClassification,
  keyOptions,
} from "./options.ts";
import { inLine, predictionOf } from "./output.ts";
import { areLabelled, readLabelledRows, readRows } from "./rows.ts";
import { countLabels, splitByLabel } from "./split.ts";
import {
  CLASSIFICATION,
  type ClassifierRecord,
  identify,
  type LabelledRow,
  modelOf,
  openClassifier,
  prepare,
  recordOf,
  trainingOf,
  updateOf,
} from "./training.ts";

export const classificationTask: Task = {
  name: CLASSIFICATION,
  summary: "a classifier on texts with labels",
  training: {
    files: {
      rows: {
        help: "rows of text and label: .jsonl, lines of __label__NAME text, or of NAME, a tab and the text",
        required: true,
      },
    },
    options: classificationOptions,
  },
  evaluation: {
    files: { input: { help: "rows with labels, in any form of the training's", required: true } },
    options: keyOptions,
  },
  evaluatesRows: true,
  prediction: {
    files: { input: { help: "rows, whose labels do not count", required: true } },
    options: keyOptions,
  },
  measures: {
    rows: count("rows"),
    loss: { ...measure("nats per row", 4), brief: (value) => `${value.toFixed(4)} nats` },
    accuracy: share("accuracy"),
    baseline: share("commonest label"),
    f1: measure("mean F1 of the labels (macro F1)", 3, "F1"),
    unknown: count("rows of labels that are not known"),
  },

  guess: (head) => (areLabelled(head) ? `${head.name} has rows of text and label` : undefined),

  async begin({ rows: file }, options, { backend }) {
    const source = required(file, WHAT);
    const given = options as ClassificationOptions;
    const { settings: before } = completeClassification(given, 1);
    const rows = await readLabelledRows(source, before);
    if (rows.length === 0) throw new DataError(`${source.name}: no rows, one or more expected`);
    const parts = splitByLabel(rows, before.validation, before.seed);
    const { form, settings } = completeClassification(given, parts.training.length);
    if (before.validation > 0 && parts.validation.length === 0) {
      throw new DataError(
        `${source.name}: ${rows.length} rows, of which a share of ${before.validation} holds out none: more rows expected, a larger share, or 0`,
      );
    }
    const model = prepare(source.name, parts.training, { form, settings }, backend);
    const record: ClassifierRecord = {
      data: identify(source, rows),
      settings,
      commonest: countLabels(parts.training)[0]?.[0] as string,
    };
    return asTask(model, parts, record, backend);
  },

  locations: (checkpoint) => ({ rows: recordOf(taskFile(checkpoint.file, checkpoint.where)).data.name }),

  async resume(checkpoint, { rows: file }, { epochs }, { backend }) {
    const source = required(file, WHAT);
    const { where, progress } = checkpoint;
    const described = taskFile(checkpoint.file, where);
    const before = recordOf(described);
    const rows = await readLabelledRows(source, before.settings);
    const data = identify(source, rows);
    requireSameData(source.name, data, before.data, { where, what: "file", counts: "rows" });
    const onward = epochsOnward(epochs, { before: before.settings.epochs, done: progress.epoch, where });
    const settings = { ...before.settings, epochs: onward };
    const parts = splitByLabel(rows, settings.validation, settings.seed);
    const task = asTask(modelOf(described, backend), parts, { ...before, data, settings }, backend);
    task.training.restore(checkpoint);
    return task;
  },

  open(file, { backend }) {
    const { model, record } = openClassifier(file, backend);
    return taskModel(model, record);
  },
};

const WHAT = "file of rows";

function asTask(
  model: TextClassifier,
  parts: { training: readonly LabelledRow[]; validation: readonly LabelledRow[] },
  record: ClassifierRecord,
  backend: Parameters<typeof trainingOf>[3],
) {
  const { training, validation } = parts;
  const all = countLabels(training);
  const shown = all.slice(0, 10).map(([label, rows]) => `${inLine(label)} ${rows}`);
  const more = all.length > 10 ? `, and ${all.length - 10} more` : "";
  return {
    training: trainingOf(model, parts, record, backend),
    plan: `${record.data.name}: ${training.length} rows to train on, ${validation.length} held out; ${all.length} labels (${shown.join(", ")}${more}), ${model.vocabulary.size} ${record.settings.tokens}`,
    data: {
      rows: { training: training.length, validation: validation.length },
      labels: Object.fromEntries(all),
    },
    unit: "rows",
  } satisfies TaskTraining;
}

function taskModel(model: TextClassifier, record: ClassifierRecord): TaskModel {
  const { settings } = record;
  return {
    network: model.network,
    inputs: inputTypes.tokens,
    describe: () => ({ ...describeClassifier(model, record) }),
    async evaluate({ input }, options, told) {
      const rows = await readLabelledRows(required(input, WHAT), keysOf(options, record));
      if (rows.length === 0) throw new DataError(`${input?.name}: no rows, one or more expected`);
      return evaluateRows(model, rows, record.commonest, told);
    },
    predict: ({ input }, options) =>
      predictions(model, required(input, WHAT), keysOf(options, record), TOGETHER),
    follow: (input, options) => predictions(model, input, keysOf(options, record), 1),
    programs: {
      batch: settings.batch,
      window: 64,
      training: (backend) => compileUpdate({ ...updateOf(model, settings), backend }),
    },
  };
}

/** The keys of text and label: those of the training unless others are given. */
function keysOf(options: GivenOptions, { settings }: ClassifierRecord) {
  const { text = settings.text, label = settings.label } = completeOptions("classify", keyOptions, options);
  return { text, label };
}

/** Rows that are told together. */
const TOGETHER = 64;

async function* predictions(
  model: TextClassifier,
  input: Source,
  keys: { readonly text: string; readonly label: string },
  together: number,
): AsyncGenerator<Prediction> {
  let waiting: string[] = [];
  for await (const { text } of readRows(input, keys)) {
    waiting.push(text);
    if (waiting.length < together) continue;
    yield* told(model, waiting);
    waiting = [];
  }
  if (waiting.length > 0) yield* told(model, waiting);
}

function told(model: TextClassifier, texts: readonly string[]): Prediction[] {
  const size = model.labels.length;
  const probabilities = model.probabilities(texts);
  return texts.map((_, row) =>
    predictionOf(model.labels, probabilities.subarray(row * size, (row + 1) * size)),
  );
}

function describeClassifier({ form, vocabulary, labels }: TextClassifier, record: ClassifierRecord) {
  const { cell, embedding, hidden, layers, dropout } = form;
  const { data, settings, validation, step = 0, epoch = 0 } = record;
  const found = validation
    ? `${validation.loss.toFixed(4)} nats per row, ${(100 * validation.accuracy).toFixed(1)} % right, the commonest label ${(100 * validation.baseline).toFixed(1)} %`
    : undefined;
  const rows: Rows = [
    ["tokens", `${vocabulary.size.toLocaleString("en")} ${vocabulary.kind}`],
    ["labels", labels.map(inLine).join(", ")],
    ["embedding", `${vocabulary.size} x ${embedding}`],
    [
      cell,
      `${layers} ${layers === 1 ? "layer" : "layers"} of ${hidden} units, both ways, dropout ${dropout}`,
    ],
    ["head", `${2 * hidden} x ${labels.length}`],
  ];
  return {
    form: rows,
    made: madeRows(
      {
        on: `${data.name}: ${data.rows} rows, ${Number((100 * settings.validation).toPrecision(12))} % held out`,
        ...{ settings, epoch, step, validation: found },
      },
      ["text", "label", "tokens", "vocabulary", "validation"],
    ),
    json: { form, tokens: vocabulary.kind, vocabulary: vocabulary.size, labels, training: record },
  };
}
