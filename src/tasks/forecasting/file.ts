/** What the file of a forecaster says beside the weights, and back. */

import type { BackendChoice } from "../../backends/choice.ts";
import { numberColumns } from "../../data/time-series/columns.ts";
import { seriesReadingOfJson } from "../../data/time-series/reading.ts";
import { FormatError } from "../../errors.ts";
import { isObject } from "../../formats/json.ts";
import { type Metadata, restoreWeights, writeModel } from "../../formats/model.ts";
import type { AnyCell } from "../../options/network.ts";
import { optionsOfJson } from "../../options/table.ts";
import { trainingOfJson } from "../../training/options.ts";
import { describeTask, requireTask, type TaskFile } from "../file.ts";
import { identityOfJson, type RowsIdentity, rowsForm } from "../identity.ts";
import { requireNumbers } from "../record.ts";
import type { ForecastScores } from "./backtest.ts";
import { ForecastModel } from "./model.ts";
import {
  completeForm,
  completeSettings,
  type ForecastOptions,
  type ForecastSettings,
  type Form,
} from "./options.ts";
import { scalesOfJson } from "./scales.ts";
import type { Split } from "./split.ts";

export const FORECAST = "forecast";

/** How a forecaster came about, as it stands in its file. */
export interface ForecastRecord {
  readonly data: RowsIdentity;
  readonly settings: ForecastSettings;
  readonly split: Split;
  readonly step?: number | undefined;
  readonly epoch?: number | undefined;
  /** Updates along streams, after the training. */
  readonly learnt?: number | undefined;
  /** The loss of the windows that it was chosen by. */
  readonly validation?: number | null | undefined;
  /** How well it does on the test part, which decided nothing. */
  readonly scores?: ForecastScores | null | undefined;
}

export function describeForecaster(
  { form, prepared: { reading, scales } }: ForecastModel,
  training: object,
): Metadata {
  return describeTask({ task: FORECAST, model: form, prepared: { reading, scales }, training });
}

/** The file of a forecaster as it is now. What was measured before it went on learning says nothing of it. */
export function writeForecaster(model: ForecastModel, record: ForecastRecord): Uint8Array {
  const { learnt } = model;
  const now = { ...record, validation: null, scores: null, learnt: (record.learnt ?? 0) + learnt };
  return writeModel(model.network, describeForecaster(model, learnt === 0 ? record : now));
}

/** What a file does not hold. */
export interface OwnParts {
  readonly backend?: BackendChoice | undefined;
  /** The cell, where it is one of one's own. */
  readonly cell?: AnyCell | undefined;
}

/** A model without values from what a file says. Throws FormatError. */
export function modelOf(file: TaskFile, parts: OwnParts): ForecastModel {
  requireTask(file, FORECAST);
  const { where } = file;
  const { reading: written, scales } = file.json("prepared");
  const form = optionsOfJson<Form>(`${where}: model`, file.json("model"), (given) =>
    completeForm(given, { season: given.lag ?? 1, rows: 0 }, parts.cell),
  );
  const reading = seriesReadingOfJson(written, `${where}: prepared: reading`);
  const columns = numberColumns(reading.columns, reading.categories);
  const prepared = { reading, columns, scales: scalesOfJson(scales, columns, `${where}: prepared`) };
  return new ForecastModel(form, prepared, parts);
}

/** The model of a file with its weights, and how it came about. */
export function openForecaster(file: TaskFile, parts: OwnParts) {
  const model = modelOf(file, parts);
  restoreWeights(file.tensors, model.network, file.where);
  return { model, record: recordOf(file) };
}

/** What a file says of the training. Throws FormatError where it is damaged. */
export function recordOf(file: TaskFile): ForecastRecord {
  const { where } = file;
  const given = file.json("training");
  const { data, split, step = 0, epoch = 0, learnt = 0 } = given;
  const borders = ["start", "training", "validation", "end"];
  if (!isObject(split) || !borders.every((border) => Number.isSafeInteger(split[border]))) {
    throw new FormatError(`${where}: training: split: whole numbers for ${borders.join(", ")} expected`);
  }
  requireNumbers(where, { step, epoch, learnt });
  const settings = trainingOfJson<ForecastSettings>(
    `${where}: training: settings`,
    given.settings,
    (settings) => completeSettings(settings as ForecastOptions, 1),
  );
  return {
    ...(given as unknown as ForecastRecord),
    data: identityOfJson<RowsIdentity>(data, where, rowsForm),
    settings,
  };
}
