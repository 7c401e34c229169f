/** What the file of a detector says beside the weights, and back. */

import type { BackendChoice } from "../../backends/choice.ts";
import { printGiven } from "../../checks.ts";
import { seriesReadingOfJson } from "../../data/time-series/reading.ts";
import { FormatError } from "../../errors.ts";
import { isObject } from "../../formats/json.ts";
import { type Metadata, restoreWeights } from "../../formats/model.ts";
import { optionsOfJson } from "../../options/table.ts";
import { trainingOfJson } from "../../training/options.ts";
import { describeTask, requireTask, type TaskFile } from "../file.ts";
import { identityOfJson, type RowsIdentity, rowsForm } from "../identity.ts";
import { requireNumbers } from "../record.ts";
import { BASELINES } from "./baselines.ts";
import { AnomalyModel, type Calibration } from "./model.ts";
import {
  type AlarmSettings,
  completeAlarms,
  completeForm,
  completeSettings,
  type DetectorSettings,
  type Form,
} from "./options.ts";
import { preparedOfJson } from "./prepare.ts";
import { LEAST_SEEN } from "./running-tail.ts";

export const ANOMALY = "anomaly";

/** How a detector came about, as it stands in its file. */
export interface DetectorRecord {
  readonly data: RowsIdentity;
  readonly settings: DetectorSettings;
  /** The file of labels; null where there is none. */
  readonly labels: string | null;
  /** The number of the grid from which on rows were held out. */
  readonly before: number;
  readonly step?: number | undefined;
  readonly epoch?: number | undefined;
  readonly validation?: { readonly loss: number; readonly lastValue: number } | null | undefined;
}

export function describeDetector(
  { form, prepared, alarms }: AnomalyModel,
  training: DetectorRecord,
  calibration?: Calibration,
): Metadata {
  const { columns: _, ...others } = prepared;
  return describeTask({
    task: ANOMALY,
    model: form,
    prepared: { ...others, alarms, ...(calibration && { calibration }) },
    training,
  });
}

/** A model without weights from what a file says. Throws FormatError. */
export function modelOf(file: TaskFile, backend: BackendChoice | undefined): AnomalyModel {
  requireTask(file, ANOMALY);
  const { where } = file;
  const json = file.json("prepared");
  const form = optionsOfJson<Form>(`${where}: model`, file.json("model"), completeForm);
  const place = `${where}: prepared`;
  const prepared = preparedOfJson(json, seriesReadingOfJson(json.reading, `${place}: reading`), place);
  const alarms = optionsOfJson<AlarmSettings>(`${place}: alarms`, json.alarms, (given) =>
    completeAlarms(given),
  );
  return new AnomalyModel({ form, prepared, alarms }, { backend });
}

/** What was measured of a model, as its file says it. Throws FormatError. */
function calibrationOf(file: TaskFile, { widths }: AnomalyModel): Calibration {
  return calibrationOfJson(file.json("prepared").calibration, widths.targets, `${file.where}: prepared`);
}

function calibrationOfJson(json: unknown, targets: number, where: string): Calibration {
  const isRow = (row: unknown) =>
    Array.isArray(row) &&
    row.length === targets &&
    row.every((error) => error === null || Number.isFinite(error));
  if (!isObject(json)) throw new FormatError(`${where}: calibration: an object expected`);
  const { errors, threshold, baselines } = json;
  if (!Array.isArray(errors) || errors.length < LEAST_SEEN || !errors.every(isRow)) {
    throw new FormatError(
      `${where}: calibration: errors: ${LEAST_SEEN} or more lists of ${targets} numbers expected`,
    );
  }
  if (threshold !== null && !Number.isFinite(threshold)) {
    throw new FormatError(
      `${where}: calibration: threshold ${printGiven(threshold)}, a number or null expected`,
    );
  }
  const parts = ["seen", "count", "from", "shape", "scale"];
  const isTail = (tail: unknown) => isObject(tail) && parts.every((part) => Number.isFinite(tail[part]));
  if (!isObject(baselines) || !BASELINES.every((name) => isTail(baselines[name]))) {
    throw new FormatError(
      `${where}: calibration: baselines: numbers for ${parts.join(", ")} of ${BASELINES.join(" and ")} expected`,
    );
  }
  return json as unknown as Calibration;
}

/** The model of a file with its weights, and how it came about. */
export function openDetector(file: TaskFile, backend: BackendChoice | undefined) {
  const model = modelOf(file, backend);
  const calibration = calibrationOf(file, model);
  restoreWeights(file.tensors, model.network, file.where);
  return { model, calibration, record: recordOf(file) };
}

/** What a file says of the training. Throws FormatError where it is damaged. */
export function recordOf(file: TaskFile): DetectorRecord {
  const { where } = file;
  const given = file.json("training");
  const { before, step = 0, epoch = 0, validation } = given;
  const data = identityOfJson<RowsIdentity>(given.data, where, rowsForm);
  requireNumbers(where, { before, step, epoch });
  if (validation !== undefined && validation !== null) {
    const { loss, lastValue } = isObject(validation) ? validation : {};
    requireNumbers(where, { "validation loss": loss, "validation lastValue": lastValue });
  }
  if (given.labels !== null && typeof given.labels !== "string") {
    throw new FormatError(
      `${where}: training: labels ${printGiven(given.labels)}, the name of a file or null expected`,
    );
  }
  const settings = trainingOfJson<DetectorSettings>(
    `${where}: training: settings`,
    given.settings,
    (settings) => completeSettings(settings as never, 1) as DetectorSettings,
  );
  return { ...(given as unknown as DetectorRecord), data, settings };
}
