/** The detection of anomalies as a task: what the command can do with a table of series. */

import type { Source } from "../../data/source.ts";
import { counted } from "../../data/text.ts";
import type { SeriesAudit } from "../../data/time-series/audit.ts";
import { readSeriesAs, seriesRows } from "../../data/time-series/read.ts";
import type { SeriesReading } from "../../data/time-series/reading.ts";
import { UsageError } from "../../errors.ts";
import { whole } from "../../options/kinds.ts";
import { completeOptions, option } from "../../options/table.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { epochsOnward } from "../../training/options.ts";
import { compileUpdate } from "../../training/update.ts";
import { taskFile } from "../file.ts";
import { tableReason } from "../head.ts";
import { identifySeries, requireSameData } from "../identity.ts";
import { count, measure, share } from "../measures.ts";
import { readTable, tableHelp } from "../series-options.ts";
import {
  type GivenFile,
  type GivenFiles,
  type GivenOptions,
  type Prediction,
  required,
  type Task,
  type TaskModel,
  type TaskTraining,
} from "../task.ts";
import { anomalyChart, type DrawnRow } from "./chart.ts";
import { describeRows } from "./describe.ts";
import { ruleOf } from "./detection.ts";
import { DetectorEvaluation } from "./evaluate.ts";
import { ANOMALY, modelOf, openDetector, recordOf } from "./file.ts";
import { inspected, inspectionSignature } from "./inspection.ts";
import { type Labels, labelsOfColumn, labelsOfFile } from "./labels.ts";
import { expected, trainingTypes } from "./network.ts";
import {
  alarmOptions,
  anomalyOptions,
  completeAlarms,
  type DetectorOptions,
  labelOptions,
} from "./options.ts";
import { headerOf, lineOf } from "./output.ts";
import { SeriesDetectors } from "./stream.ts";
import { type Begun, beginDetector, checkDetectorOptions, trainingOf, updateOf } from "./training.ts";

const labelsFile = {
  help: "a table of labels: start and end of each anomaly, or the time of each; and its series where there are several",
};

const evaluationOptions = {
  ...labelOptions,
  ...alarmOptions,
  skip: option(whole({ from: 0 }), {
    default: 0,
    argument: "rows",
    help: "rows at the beginning of each series that do not count, such as those that were trained on",
  }),
};

export const anomalyTask: Task = {
  name: ANOMALY,
  summary: "a detector of anomalies in series of numbers",
  training: {
    files: { table: { help: tableHelp, required: true }, labels: labelsFile },
    options: anomalyOptions,
  },
  evaluation: {
    files: {
      input: { help: "a table with the columns of the training's", required: true },
      labels: labelsFile,
    },
    options: evaluationOptions,
  },
  prediction: {
    files: { input: { help: "a table with the columns of the training's", required: true } },
    options: alarmOptions,
  },
  inspection: inspectionSignature,
  guess: tableReason,
  measures: {
    loss: measure("loss of what is expected", 4, "loss"),
    lastValue: measure("the same of the last value", 4, "last value"),
    rows: count("rows"),
    scored: count("rows with a score"),
    alarms: count("alarms"),
    alarmRate: measure("rows in alarm per 10,000", 1),
    windows: count("labelled anomalies"),
    detected: count("of them with an alarm"),
    falseAlarms: count("false alarms"),
    precision: share("precision"),
    recall: share("recall"),
    f1: measure("F1", 3),
    delay: measure("delay in rows", 1),
    averagePrecision: measure("area under precision and recall, rows", 3),
  },

  async begin({ table: file, labels: labelled }, options, { backend }) {
    const source = required(file, "table");
    const given = options as DetectorOptions;
    checkDetectorOptions(given);
    const table = await readTable(source, given);
    const labels =
      (await labelsFor({ table: source, labels: labelled }, table.reading, given.label)) ?? new Map();
    const data = identifySeries(source, table);
    return asTask(
      beginDetector(table, given, {
        data,
        labels,
        labelled: labelled?.location ?? labelled?.name ?? null,
        backend,
      }),
      table.audit,
      backend,
    );
  },

  locations(checkpoint) {
    const { data, labels } = recordOf(taskFile(checkpoint.file, checkpoint.where));
    return { table: data.name, ...(labels !== null && { labels }) };
  },

  async resume(checkpoint, files, { epochs }, { backend }) {
    const source = required(files.table, "table");
    const { where, progress } = checkpoint;
    const described = taskFile(checkpoint.file, where);
    const before = recordOf(described);
    const model = modelOf(described, backend);
    const { reading } = model.prepared;
    const table = await readSeriesAs(source, reading);
    const data = identifySeries(source, table);
    requireSameData(source.name, data, before.data, { where, what: "file", counts: "rows" });
    const onward = epochsOnward(epochs, { before: before.settings.epochs, done: progress.epoch, where });
    const record = { ...before, data, settings: { ...before.settings, epochs: onward } };
    const labels =
      (await labelsFor({ ...files, table: source }, reading, before.settings.label ?? undefined)) ??
      new Map();
    const held = { name: source.name, series: table.series, before: before.before, labels };
    const task = asTask({ model, record, held }, undefined, backend);
    task.training.restore(checkpoint);
    return task;
  },

  open(file, { backend }) {
    return taskModel(openDetector(file, backend));
  },
};

/** The labels of a table: of a file of their own, or of a column; undefined where there are none. */
async function labelsFor(
  { table, labels }: { readonly table: Source; readonly labels?: GivenFile | undefined },
  reading: SeriesReading,
  column: string | undefined,
): Promise<Labels | undefined> {
  if (labels && column !== undefined)
    throw new UsageError(`labels in the column ${column} and in ${labels.name} given, one of both expected`);
  if (labels) return labelsOfFile(labels, reading);
  return column === undefined ? undefined : labelsOfColumn(table, reading, column);
}

function asTask(begun: Begun, audit: SeriesAudit | undefined, backend: Parameters<typeof trainingOf>[1]) {
  const { model, record, held } = begun;
  const { reading, columns } = model.prepared;
  const { alarms, form } = model;
  const { data, settings, before } = record;
  const windows = [...held.labels.values()].reduce((sum, own) => sum + own.length, 0);
  const until = reading.columns.time === undefined ? `row ${before}` : reading.grid.write(before - 1);
  const rule =
    settings.threshold === "labels"
      ? "the threshold from the labels"
      : `the threshold for ${alarms.alarms} alarms in 10,000 rows from what comes after it`;
  return {
    training: trainingOf(begun, backend),
    ...(audit && { audit: { lines: audit.lines(), json: audit.json } }),
    plan: `${data.name}: watches ${columns.targets.join(", ")}, ${form.cell} of ${form.hidden} units, scaled by the level and spread of the last ${form.level} rows; trained on the time until ${until}, ${rule}${windows > 0 ? `, ${counted(windows, "labelled window")} left out` : ""}`,
    data: { rows: data.rows, series: held.series.length, targets: columns.targets, before: until, windows },
    unit: "rows",
    summary(best) {
      const { validation } = recordOf(best);
      if (!validation) return undefined;
      const { loss, lastValue } = validation;
      const expects = `what it expects is no better than the last value (loss ${loss.toPrecision(3)}, ${lastValue.toPrecision(3)})`;
      return {
        measures: { loss },
        beside: { lastValue: { loss: lastValue } },
        ...(loss >= lastValue && { warning: `${expects}: more epochs or rows may help` }),
      };
    },
  } satisfies TaskTraining;
}

function taskModel({ model, calibration, record }: ReturnType<typeof openDetector>): TaskModel {
  const { prepared, widths, network } = model;
  const { reading, columns } = prepared;
  const alarmsOf = (options: GivenOptions) => completeAlarms(options, model.alarms);
  async function* detected(input: Source, options: GivenOptions) {
    const detectors = new SeriesDetectors(model, { calibration, alarms: alarmsOf(options) });
    for await (const row of seriesRows(input, reading)) {
      yield { row, found: detectors.next(row.id, row, row.values) };
    }
  }
  async function* predictions(input: Source, options: GivenOptions): AsyncGenerator<Prediction> {
    yield headerOf(prepared);
    for await (const { row, found } of detected(input, options)) yield lineOf(prepared, row, found);
  }
  return {
    network,
    inputs: trainingTypes(widths).inputs,
    forward: (x: Tensor) => expected(model.network, x),
    describe: () => describeRows(model, calibration, record),
    async evaluate({ input, labels: labelled }: GivenFiles, options) {
      const source = required(input, "input");
      const { label, skip } = completeOptions(ANOMALY, evaluationOptions, options);
      const labels = await labelsFor({ table: source, labels: labelled }, reading, label);
      const evaluation = new DetectorEvaluation(model, calibration, { alarms: alarmsOf(options), skip });
      for await (const row of seriesRows(source, reading)) evaluation.push(row);
      return evaluation.report(labels);
    },
    predict: ({ input }, options) => predictions(required(input, "input"), options),
    follow: (input, options) => predictions(input, options),
    async plot({ input }, options) {
      const series = new Map<string, DrawnRow[]>();
      for await (const drawn of detected(required(input, "input"), options)) {
        const rows = series.get(drawn.row.id);
        if (rows) rows.push(drawn);
        else series.set(drawn.row.id, [drawn]);
      }
      return anomalyChart(series, {
        targets: columns.targets,
        threshold: ruleOf(calibration.threshold, alarmsOf(options)).threshold,
      });
    },
    async inspected({ input }, options) {
      const source = required(input, "input");
      const set = await readSeriesAs(source, reading);
      return inspected(model, record, { name: source.name, set }, options);
    },
    programs: {
      batch: record.settings.batch,
      window: record.settings.window,
      training: (backend) => compileUpdate({ ...updateOf(model, record.settings), backend }),
      stream: (backend) => model.live(backend),
    },
  };
}
