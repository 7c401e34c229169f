/** Forecasting as a task: what the command can do with a table of series. */

import { counted } from "../../data/text.ts";
import { readSeriesAs } from "../../data/time-series/read.ts";
import type { SeriesSet } from "../../data/time-series/series.ts";
import { DataError, UsageError } from "../../errors.ts";
import { completeOptions, pickOptions } from "../../options/table.ts";
import { float32 } from "../../program/compile.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { epochsOnward } from "../../training/options.ts";
import { compileUpdate } from "../../training/update.ts";
import { taskFile } from "../file.ts";
import { tableReason } from "../head.ts";
import { identifySeries, requireSameData } from "../identity.ts";
import { count, measure, percent, share } from "../measures.ts";
import { readTable, tableHelp } from "../series-options.ts";
import {
  type GivenFile,
  type GivenOptions,
  required,
  type Task,
  type TaskModel,
  type TaskTraining,
} from "../task.ts";
import { type Begun, beginForecast, checkForecastOptions } from "./begin.ts";
import { forecastChart } from "./chart.ts";
import { describeRows, scaleOf } from "./describe.ts";
import { backtest, backtestOptions, evaluationOf, pathOptions } from "./evaluate.ts";
import { FORECAST, type ForecastRecord, modelOf, openForecaster, recordOf, writeForecaster } from "./file.ts";
import { followRows } from "./follow.ts";
import { type Forecast, forecastsOf, kindOf } from "./forecaster.ts";
import { inspected, inspectionSignature } from "./inspection.ts";
import { learningOf, StreamLearner, streamOptions } from "./learning.ts";
import type { ForecastModel } from "./model.ts";
import { pictured } from "./network.ts";
import { type ForecastOptions, forecastingOptions } from "./options.ts";
import { headerOf, linesOf, type OutputNames } from "./output.ts";
import { partsOf, trainingOf, updateOf } from "./training.ts";

const predictionOptions = { ...pathOptions, ...streamOptions };

export const forecastingTask: Task = {
  name: FORECAST,
  summary: "a forecaster on series of numbers",
  training: { files: { table: { help: tableHelp, required: true } }, options: forecastingOptions },
  evaluation: {
    files: { input: { help: "a table with the columns of the training's", required: true } },
    options: backtestOptions,
  },
  prediction: {
    files: {
      input: {
        help: "the history, in the training's form; rows at its end without targets give what is known ahead",
        required: true,
      },
    },
    options: predictionOptions,
  },
  guess: tableReason,
  inspection: inspectionSignature,
  measures: {
    loss: measure("loss", 4),
    windows: count("forecasts"),
    targets: count("values compared"),
    mae: measure("mean absolute error (MAE)", 4, "MAE"),
    rmse: measure("root mean squared error (RMSE)", 4, "RMSE"),
    mase: measure("mean absolute scaled error (MASE)", 4, "MASE"),
    smape: percent("symmetric percentage error (sMAPE)", "sMAPE"),
    mape: percent("percentage error (MAPE)", "MAPE"),
    zeros: count("values of 0, so that there is no MAPE"),
    quantileLoss: measure("quantile loss", 4),
    coverage: share("coverage of the outer quantiles"),
    standardizedMse: measure("mean squared error, standardised", 4, "MSE"),
    standardizedMae: measure("mean absolute error, standardised", 4),
    seen: count("forecasts of what was trained on"),
    unscaled: count("series too constant for MASE"),
  },

  async begin({ table: file }, options, { backend }) {
    const source = required(file, "table");
    const given = options as ForecastOptions;
    checkForecastOptions(given);
    const table = await readTable(source, given);
    const begun = beginForecast(table, given, identifySeries(source, table), backend);
    return {
      ...asTask(begun, table, backend),
      audit: { lines: table.audit.lines(), json: table.audit.json },
    };
  },

  locations: ({ file, where }) => ({ table: recordOf(taskFile(file, where)).data.name }),

  async resume(checkpoint, { table: file }, { epochs }, { backend }) {
    const source = required(file, "table");
    const { where, progress } = checkpoint;
    const described = taskFile(checkpoint.file, where);
    const before = recordOf(described);
    const model = modelOf(described, { backend });
    const table = await readSeriesAs(source, model.prepared.reading);
    const data = identifySeries(source, table);
    requireSameData(source.name, data, before.data, { where, what: "file", counts: "rows" });
    const onward = epochsOnward(epochs, { before: before.settings.epochs, done: progress.epoch, where });
    const record = { ...before, data, settings: { ...before.settings, epochs: onward } };
    const task = asTask(
      { model, record, parts: partsOf(source.name, model, table, before.split) },
      table,
      backend,
    );
    task.training.restore(checkpoint);
    return task;
  },

  open(file, { backend }) {
    const { model, record } = openForecaster(file, { backend });
    return taskModel(model, record);
  },
};

function asTask(
  { model, parts, record }: Begun,
  table: SeriesSet,
  backend: Parameters<typeof trainingOf>[3],
) {
  const { form } = model;
  const { split, data } = record;
  const { columns, reading } = model.prepared;
  const { grid } = reading;
  const [training, validation, test] = [parts.training, parts.validation, parts.test].map(
    ({ length }) => length,
  );
  const until = (border: number) => grid.write(border - 1);
  const held = [
    `trained on the time until ${until(split.training)} (${counted(training as number, "window")})`,
    ...(split.validation > split.training
      ? [`best epoch by that until ${until(split.validation)} (${validation})`]
      : []),
    ...(split.end > split.validation ? [`scores from that until ${until(split.end)} (${test})`] : []),
  ];
  return {
    training: trainingOf(model, parts, record, backend),
    plan: `${data.name}: ${counted(form.horizon, "step")} of ${columns.targets.join(", ")} from the ${form.context} before, ${form.cell} of ${form.hidden} units, ${scaleOf(form)}; ${held.join(", ")}`,
    data: {
      rows: data.rows,
      series: table.series.length,
      windows: { training, validation, test },
      horizon: form.horizon,
      context: form.context,
    },
    unit: "windows",
    summary(best) {
      const { scores } = recordOf(best);
      return scores ? evaluationOf(scores) : undefined;
    },
  } satisfies TaskTraining;
}

function taskModel(model: ForecastModel, record: ForecastRecord): TaskModel {
  const { reading } = model.prepared;
  const { settings } = record;
  const names = namesOf(model);
  const read = async (file: GivenFile | undefined, keep?: number) => {
    const source = required(file, "table");
    const set = await readSeriesAs(source, reading, { keep });
    if (set.series.length > 0) return set;
    throw new DataError(`${source.name}: no rows, one or more expected`);
  };
  const readEnd = (file: GivenFile | undefined) => read(file, rowsToKeep(model));
  return {
    network: model.network,
    inputs: float32("T", "B", model.network.rnn.inputSize),
    forward: (x: Tensor) => pictured(model.network, x),
    describe: () => describeRows(model, record),
    async evaluate({ input }, options) {
      const given = completeOptions(FORECAST, backtestOptions, options);
      const set = await read(input);
      return evaluationOf(await backtest(input?.name as string, model, record, set, given));
    },
    async *predict({ input }, options) {
      const given = pathsOf(options);
      const set = await readEnd(input);
      yield headerOf(names, kindOf(model.form), model.form.quantiles);
      for (const forecast of forecastsOf(model, set, given)) yield* linesOf(names, forecast);
    },
    async *follow(input, options) {
      const learning = learningOf(options);
      const learner = learning && new StreamLearner(model, settings, learning);
      const given = followedPaths(options);
      yield headerOf({ ...names, after: "" }, kindOf(model.form), model.form.quantiles);
      const lines = (forecast: Forecast, after: string) => linesOf({ ...names, after }, forecast);
      yield* followRows(model, input, { ...given, learner }, lines);
    },
    learns: (options) => learningOf(options) !== undefined,
    toBytes: () => writeForecaster(model, record),
    async plot({ input }, options) {
      const given = pathsOf(options);
      const set = await readEnd(input);
      return forecastChart(model, set, [...forecastsOf(model, set, given)]);
    },
    async inspected({ input }, options) {
      const set = await read(input);
      return inspected(model, settings, { name: input?.name as string, set }, options);
    },
    programs: {
      batch: settings.batch,
      window: model.form.context,
      training: (backend) => compileUpdate({ ...updateOf(model, settings), backend }),
    },
  };
}

/** How paths are drawn, where nothing is followed. Throws UsageError for a model that is to learn. */
function pathsOf(options: GivenOptions) {
  if (learningOf(options) !== undefined) {
    throw new UsageError("--learn learns from rows that come one by one: --follow expected");
  }
  return followedPaths(options);
}

/** How paths are drawn. */
function followedPaths(options: GivenOptions) {
  return pickOptions(completeOptions(FORECAST, predictionOptions, options), pathOptions);
}

/** Rows of each series, up to its last target, that are enough for a forecast and its picture. */
function rowsToKeep({ form: { context, lag } }: ForecastModel): number {
  return Math.max(context + lag, SHOWN);
}
const SHOWN = 512;

function namesOf({ prepared: { reading } }: ForecastModel): OutputNames {
  const { series, time = "row", targets } = reading.columns;
  return { series, time, targets: targets.length > 1 };
}
