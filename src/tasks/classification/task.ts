/** The classifier as a task: what the command can do with one. */

import type { BackendChoice } from "../../backends/choice.ts";
import type { Drawing } from "../../draw/charts/drawing.ts";
import { UsageError } from "../../errors.ts";
import { completeOptions, pickOptions } from "../../options/table.ts";
import { epochsOnward } from "../../training/options.ts";
import { compileUpdate } from "../../training/update.ts";
import { taskFile } from "../file.ts";
import { requireSameData } from "../identity.ts";
import { count, measure, share } from "../measures.ts";
import {
  type GivenFile,
  type GivenOptions,
  type Prediction,
  required,
  type Task,
  type TaskModel,
  type TaskTraining,
} from "../task.ts";
import { inLine } from "../text-table.ts";
import { type Begun, beginClassifier, partsOf, requireNoShare } from "./begin.ts";
import { identify, readLabelledRows, requireOne, settledReading } from "./data.ts";
import { describeRows } from "./describe.ts";
import { drawExplanation } from "./drawing.ts";
import { evaluateRows } from "./evaluation.ts";
import { explain } from "./explanation.ts";
import { type ClassifierRecord, modelOf, openClassifier, readingOf, recordOf } from "./file.ts";
import { guessed } from "./guess.ts";
import { inputKinds } from "./inputs/index.ts";
import type { Reading, Row } from "./inputs/input.ts";
import { inspected, inspectionSignature } from "./inspection.ts";
import { checkListening, heard, listeningOptions } from "./listening.ts";
import { evaluateListening, toleranceOption } from "./listening-evaluation.ts";
import { type ClassifierModel, probabilitiesOf } from "./model.ts";
import { sequenceTypes } from "./network.ts";
import {
  CLASSIFICATION,
  type ClassifierOptions,
  classificationOptions,
  completeClassification,
  keyOptions,
} from "./options.ts";
import { classificationOf, predictionOf } from "./output.ts";
import { countLabels } from "./split.ts";
import { trainingOf, updateOf } from "./training.ts";

const predictionOptions = { ...keyOptions, ...listeningOptions };
const { listen: _, ...hearingOptions } = listeningOptions;
const evaluationOptions = { ...keyOptions, ...hearingOptions, tolerance: toleranceOption };

const forms =
  "texts in .jsonl, tables (.csv), lines of __label__NAME text, or of NAME, a tab and the text; series (--columns) in tables or .jsonl; WAV files in a folder for each label, or named (--audio) by a table or .jsonl";

export const classificationTask: Task = {
  name: CLASSIFICATION,
  summary: "a classifier of texts, series of numbers or recordings with labels",
  training: {
    files: {
      rows: { help: `rows with labels: ${forms}`, required: true, folder: true },
      heldOut: {
        flag: "validation-file",
        option: "validation",
        folder: true,
        help: "rows to hold out, in any form of the others; default: a share of the others",
      },
    },
    options: classificationOptions,
  },
  evaluation: {
    files: {
      input: { help: "rows with labels, in any form of the training's", required: true, folder: true },
      times: {
        help: "recordings: a table of time (in seconds) and label; tells how well these are heard as they come, and how often others",
      },
    },
    options: evaluationOptions,
  },
  evaluatesRows: true,
  prediction: {
    files: { input: { help: "rows, whose labels do not count", required: true, folder: true } },
    options: predictionOptions,
  },
  inspection: inspectionSignature,
  measures: {
    rows: count("rows"),
    loss: { ...measure("nats per row", 4), brief: (value) => `${value.toFixed(4)} nats` },
    accuracy: share("accuracy"),
    baseline: share("commonest label"),
    f1: measure("mean F1 of the labels (macro F1)", 3, "F1"),
    microF1: measure("F1 of all labels together (micro F1)", 3, "micro F1"),
    calibrationError: { ...share("calibration error"), brief: undefined },
    unknown: count("rows of labels that are not known"),
    recordings: count("recordings"),
    events: count("labels to hear"),
    hits: count("heard"),
    falseAlarms: count("false alarms"),
    falseAlarmsAnHour: measure("false alarms an hour", 1),
    precision: share("precision"),
    recall: share("recall"),
    delay: measure("seconds until a label is told", 2),
  },

  guess: guessed,

  async begin({ rows: file, heldOut: held }, options, { backend }) {
    const source = required(file, WHAT);
    const given = options as ClassifierOptions;
    if (held) requireNoShare(given);
    const { settings } = completeClassification(given, 1);
    const reading = await settledReading(source, settings);
    const rows = await readLabelledRows(source, reading);
    const heldOut = held && (await identified(held, reading));
    const begun = beginClassifier({ rows, data: identify(source, rows), heldOut, reading }, given, backend);
    return { ...asTask(begun, backend), audit: begun.audit };
  },

  locations(checkpoint) {
    const { data, heldOut } = recordOf(taskFile(checkpoint.file, checkpoint.where));
    return { rows: data.name, ...(heldOut && { heldOut: heldOut.name }) };
  },

  async resume(checkpoint, { rows: file, heldOut: held }, { epochs }, { backend }) {
    const source = required(file, WHAT);
    const { where, progress } = checkpoint;
    const described = taskFile(checkpoint.file, where);
    const before = recordOf(described);
    const model = modelOf(described, backend);
    const reading = readingOf(model, before);
    const rows = await readLabelledRows(source, reading);
    const data = identify(source, rows);
    const same = { where, what: "file", counts: "rows" } as const;
    requireSameData(source.name, data, before.data, same);
    const heldOut = before.heldOut && (await identified(required(held, "file of held-out rows"), reading));
    if (heldOut && before.heldOut) requireSameData(heldOut.data.name, heldOut.data, before.heldOut, same);
    const onward = epochsOnward(epochs, { before: before.settings.epochs, done: progress.epoch, where });
    const settings = { ...before.settings, epochs: onward };
    const parts = partsOf({ rows, data, heldOut, reading }, settings);
    const record = { ...before, data, heldOut: heldOut?.data, settings };
    const task = asTask({ model, parts, record }, backend);
    task.training.restore(checkpoint);
    return task;
  },

  open(file, { backend }) {
    const { model, record } = openClassifier(file, backend);
    return taskModel(model, record);
  },
};

const WHAT = "file of rows";

/** The rows of a file that is not parted: what they come from does not count. */
const readWhole = (file: GivenFile, reading: Reading) =>
  readLabelledRows(file, { ...reading, group: undefined });

async function identified(file: GivenFile, reading: Reading) {
  const rows = await readWhole(file, reading);
  return { rows, data: identify(file, rows) };
}

/** Labels that a plan names. */
const NAMED_LABELS = 10;

function asTask({ model, parts, record }: Omit<Begun, "audit">, backend: BackendChoice | undefined) {
  const { training, validation } = parts;
  const all = countLabels(training);
  const shown = all.slice(0, NAMED_LABELS).map(([label, rows]) => `${inLine(label)} ${rows}`);
  const more = all.length > NAMED_LABELS ? `, and ${all.length - NAMED_LABELS} more` : "";
  return {
    training: trainingOf(model, parts, record, backend),
    plan: `${record.data.name}: ${training.length} rows to train on, ${validation.length} held out; ${all.length} labels (${shown.join(", ")}${more}), ${model.input.summary}`,
    data: {
      rows: { training: training.length, validation: validation.length },
      labels: Object.fromEntries(all),
    },
    unit: "rows",
    async summary(best) {
      if (validation.length === 0) return undefined;
      const { model: found } = openClassifier(best, backend);
      return evaluateRows(found, validation, record.commonest);
    },
  } satisfies TaskTraining;
}

function taskModel(model: ClassifierModel, record: ClassifierRecord): TaskModel {
  const { settings } = record;
  const readingBy = (keys: Readonly<Record<string, unknown>>): Reading => {
    const given = Object.entries(keys).filter(([, key]) => key !== undefined);
    return { ...readingOf(model, record), ...Object.fromEntries(given) };
  };
  const predict = (input: GivenFile, options: GivenOptions, together: number) => {
    const completed = completeOptions(CLASSIFICATION, predictionOptions, options);
    const reading = readingBy(pickOptions(completed, keyOptions));
    const listening = pickOptions(completed, listeningOptions);
    checkListening(listening);
    return listening.listen
      ? heard(model, input, reading, listening)
      : predictions(model, input, reading, together);
  };
  return {
    network: model.network,
    inputs: sequenceTypes(model.input.reads).sequence,
    describe: () => describeRows(model, record),
    async evaluate({ input, times }, options, told) {
      const completed = completeOptions(CLASSIFICATION, evaluationOptions, options);
      const reading = readingBy(pickOptions(completed, keyOptions));
      const listening = { listen: times ? true : undefined, ...pickOptions(completed, hearingOptions) };
      if (times) {
        const { tolerance } = completed;
        return evaluateListening(model, required(input, WHAT), times, {
          reading,
          listening,
          tolerance,
          told,
        });
      }
      checkListening(listening);
      const rows = await readWhole(required(input, WHAT), reading);
      if (!model.several) requireOne((input as GivenFile).name, rows);
      return evaluateRows(model, rows, record.commonest, told);
    },
    predict: ({ input }, options) => predict(required(input, WHAT), options, TOGETHER),
    explain: ({ input }, options) => {
      const completed = completeOptions(CLASSIFICATION, predictionOptions, options);
      if (completed.listen)
        throw new UsageError("listen tells times, explain tells rows: one of both expected");
      return drawings(model, required(input, WHAT), readingBy(pickOptions(completed, keyOptions)));
    },
    follow: (input, options) => predict(input, options, 1),
    inspected: ({ input }, options) => inspected(model, record, input, options, readingBy),
    programs: {
      batch: settings.batch,
      window: 64,
      training: (backend) => compileUpdate({ ...updateOf(model, settings), backend }),
    },
  };
}

/** What decided each row: how much its steps speak for the label that is told. */
async function* drawings(
  model: ClassifierModel,
  input: GivenFile,
  reading: Reading,
): AsyncGenerator<Drawing> {
  for await (const { content } of inputKinds[reading.input].read(input, reading, false)) {
    yield drawExplanation(model.input, content, explain(model, content));
  }
}

/** Rows that are told together. */
const TOGETHER = 64;

async function* predictions(
  model: ClassifierModel,
  input: GivenFile,
  reading: Reading,
  together: number,
): AsyncGenerator<Prediction> {
  let waiting: Row[] = [];
  for await (const row of inputKinds[reading.input].read(input, reading, false)) {
    waiting.push(row);
    if (waiting.length < together) continue;
    yield* told(model, waiting);
    waiting = [];
  }
  if (waiting.length > 0) yield* told(model, waiting);
}

function told(model: ClassifierModel, rows: readonly Row[]): Prediction[] {
  const size = model.labels.length;
  const probabilities = probabilitiesOf(model, model.scores(rows.map(({ content }) => content)));
  return rows.map(({ path }, row) =>
    predictionOf(classificationOf(model, probabilities.subarray(row * size, (row + 1) * size)), path),
  );
}
