/** Training a detector on the series of a table. */

import type { BackendChoice } from "../../backends/choice.ts";
import { checkOptions } from "../../checks.ts";
import type { SeriesTable } from "../../data/time-series/read.ts";
import { DataError } from "../../errors.ts";
import type { StopSignal } from "../../long-work.ts";
import { optionNames } from "../../options/table.ts";
import { compile } from "../../program/compile.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { scheduleOf, updateSettings } from "../../training/options.ts";
import { Training } from "../../training/training.ts";
import type { RowsIdentity } from "../identity.ts";
import { calibrate, type HeldOut, requireHeldOut, thresholdOfLabels } from "./calibrate.ts";
import { type DetectorRecord, describeDetector } from "./file.ts";
import type { Labels } from "./labels.ts";
import { AnomalyModel, type Calibration, type LiveNetwork } from "./model.ts";
import { lossOf, trainingTypes } from "./network.ts";
import {
  anomalyOptions,
  completeAlarms,
  completeForm,
  completeSettings,
  type DetectorOptions,
  updatesOf,
} from "./options.ts";
import { prepare } from "./prepare.ts";
import { heldOutBatches, type SeriesSteps, stepsOf, trainingBatches, windowOf } from "./windows.ts";

/** A training that can begin, or go on. */
export interface Begun {
  readonly model: AnomalyModel;
  readonly record: DetectorRecord;
  readonly held: HeldOut;
}

/** Throws UsageError for options that are wrong whatever the data are. */
export function checkDetectorOptions(options: DetectorOptions): void {
  checkOptions("anomaly", options, optionNames(anomalyOptions));
  completeForm(options);
  completeAlarms(options);
  completeSettings(options, 1);
}

/** A new model for a table. Throws UsageError for options that do not fit, DataError for data that are too few. */
export function beginDetector(
  table: SeriesTable,
  options: DetectorOptions,
  {
    data,
    labels,
    labelled = null,
    backend,
  }: {
    readonly data: RowsIdentity;
    readonly labels: Labels;
    /** The file of labels. */
    readonly labelled?: string | null;
    readonly backend: BackendChoice | undefined;
  },
): Begun {
  checkDetectorOptions(options);
  const form = completeForm(options);
  const { validation, initialize, threshold } = completeSettings(options, 1);
  if (threshold === "labels" && [...labels.values()].every((windows) => windows.length === 0)) {
    throw new DataError(`${data.name}: no row is labelled as an anomaly: a threshold from labels needs some`);
  }
  requireOwnSteps(data.name, table);
  const before = splitAt(table, validation);
  const prepared = prepare(table, table.reading, form, before);
  const { targets } = prepared.columns;
  const held = { name: data.name, series: table.series, before, labels };
  requireVaried(data.name, table, targets, before);
  requireHeldOut(held, { targets, level: form.level });
  const model = new AnomalyModel(
    { form, prepared, alarms: completeAlarms(options) },
    { scheme: initialize, backend },
  );
  const rows = table.series.reduce(
    (sum, one) => sum + Math.max(0, Math.min(one.length, before - one.start)),
    0,
  );
  return {
    model,
    record: { data, settings: completeSettings(options, rows), labels: labelled, before },
    held,
  };
}

/** The number of the grid from which on a share of all time is held out. */
function splitAt({ series }: SeriesTable, share: number): number {
  const first = Math.min(...series.map(({ start }) => start));
  const end = Math.max(...series.map(({ start, length }) => start + length));
  return end - Math.ceil((end - first) * share);
}

/** Throws DataError where all targets are constant before a step: there is nothing to learn. */
function requireVaried(
  name: string,
  { series }: SeriesTable,
  targets: readonly string[],
  before: number,
): void {
  const isVaried = targets.some((target) =>
    series.some((one) => {
      const values = (one.columns[target] as Float64Array)
        .subarray(0, Math.max(0, before - one.start))
        .filter((value) => !Number.isNaN(value));
      return values.some((value) => value !== values[0]);
    }),
  );
  if (isVaried) return;
  throw new DataError(
    `${name}: ${targets.join(", ")} is constant in the rows to train on: there is nothing to learn`,
  );
}

type Given = { readonly inputs: Tensor; readonly next: Tensor };

/** What an update is, for a training and for `explain`. */
export function updateOf({ network, form, widths }: AnomalyModel, settings: DetectorRecord["settings"]) {
  return {
    ...updateSettings(settings),
    model: network,
    inputs: trainingTypes(widths),
    loss: (given: Given) => lossOf(network, form, given),
  };
}

/** The training of a detector, as anybody's. */
export function trainingOf({ model, record, held }: Begun, backend: BackendChoice | undefined) {
  const { settings, before } = record;
  const { form, prepared, widths } = model;
  const series = held.series.map((one) =>
    stepsOf(one, prepared, form, { widths, before, labels: held.labels.get(one.id) }),
  );
  const window = windowOf(series, settings);
  const rows = series.reduce((sum, { training }) => sum + training, 0);
  const count = updatesOf(rows, settings);
  let live: LiveNetwork | undefined;
  const measure = () => {
    live ??= model.live();
    return measured(model, record, held, live);
  };
  return new Training({
    ...updateOf(model, settings),
    batches: trainingBatches(series, widths, { ...settings, steps: window, count }),
    targets: ({ next }) => (next as { readonly data: ArrayLike<number> }).data.length / widths.targets,
    validation: validationOf(model, series, window, backend),
    epochs: settings.epochs,
    patience: settings.patience,
    learningRate: scheduleOf(settings, count),
    metadata: {
      model: (found, { step, epoch }) =>
        describeDetector(model, { ...record, step, epoch: epoch + 1, validation: found ?? null }, measure()),
      checkpoint: () => describeDetector(model, record),
    },
    backend,
  });
}

/** The model of this moment, measured on what is held out. `live` reads its newest weights. */
function measured(
  model: AnomalyModel,
  { settings }: DetectorRecord,
  held: HeldOut,
  live: LiveNetwork,
): Calibration {
  const calibration = calibrate(model, live, held);
  if (settings.threshold !== "labels") return calibration;
  return { ...calibration, threshold: thresholdOfLabels(model, live, calibration, held) };
}

/** The loss of the held-out steps, and what expecting the value before would cost. */
function validationOf(
  model: AnomalyModel,
  series: readonly SeriesSteps[],
  window: number,
  backend: BackendChoice | undefined,
) {
  const { network, form, widths } = model;
  const batches = heldOutBatches(series, widths, window);
  const program = compile((given: Given) => lossOf(network, form, given), {
    inputs: trainingTypes(widths),
    ...(backend && { backend }),
  });
  const naive = lossOfLastValue(batches, widths);
  return (signal: StopSignal | undefined) => {
    let [sum, total] = [0, 0];
    for (let number = 0; number < batches.count; number++) {
      if (signal?.aborted) return undefined;
      const batch = batches.at(number);
      const weight = countNumbers(batch.next.data);
      if (weight === 0) continue;
      sum += weight * Number(program(batch).data[0]);
      total += weight;
    }
    return { loss: sum / total, lastValue: naive };
  };
}

function countNumbers(values: ArrayLike<number>): number {
  let count = 0;
  for (let at = 0; at < values.length; at++) if (!Number.isNaN(values[at])) count += 1;
  return count;
}

/** Huber's loss of expecting the value before, where there is one. */
function lossOfLastValue(
  batches: ReturnType<typeof heldOutBatches>,
  { inputs, targets }: AnomalyModel["widths"],
): number {
  let [sum, count] = [0, 0];
  for (let number = 0; number < batches.count; number++) {
    const batch = batches.at(number);
    const [rows, next] = [batch.inputs.data, batch.next.data];
    for (let at = 0; at < next.length; at++) {
      const row = Math.floor(at / targets) * inputs + (at % targets);
      const error = Math.abs((next[at] as number) - (rows[row] as number));
      if (Number.isNaN(error) || rows[row + targets] === 0) continue;
      sum += error < 1 ? (error * error) / 2 : error - 0.5;
      count += 1;
    }
  }
  return sum / Math.max(1, count);
}

/** Rows that share their step with others, such as a doubled time, are told apart from a table of a finer step up to here. */
const MOST_SHARED = 0.1;

/** Throws DataError for a table whose rows are put together: a detector scores each row as it comes, in its own unit. */
function requireOwnSteps(name: string, { audit, grid }: SeriesTable): void {
  const { rows, merged } = audit.json;
  if (merged <= MOST_SHARED * rows) return;
  throw new DataError(
    `${name}: ${merged} of ${rows} rows share their step of ${grid.step} with others: a detector scores each row as it comes, a finer frequency expected, or a table that is aggregated already`,
  );
}
