/** From a table to a training: what is found, what is learnt of the training rows, and the network for it. */

import type { BackendChoice } from "../../backends/choice.ts";
import { checkOptions } from "../../checks.ts";
import { counted } from "../../data/text.ts";
import { numberColumns } from "../../data/time-series/columns.ts";
import type { SeriesTable } from "../../data/time-series/read.ts";
import type { SeriesReading } from "../../data/time-series/reading.ts";
import type { SeriesSet } from "../../data/time-series/series.ts";
import { DataError, UsageError } from "../../errors.ts";
import { namedCell } from "../../options/network.ts";
import { optionNames } from "../../options/table.ts";
import type { RowsIdentity } from "../identity.ts";
import { FORECAST, type ForecastRecord } from "./file.ts";
import { ForecastModel, type ModelParts } from "./model.ts";
import {
  completeForm,
  completeSettings,
  type ForecastOptions,
  type Form,
  forecastingOptions,
} from "./options.ts";
import { lastObserved, type Prepared } from "./prepare.ts";
import { fitScales } from "./scales.ts";
import { type Split, splitInTime } from "./split.ts";
import { type ForecastParts, partsOf } from "./training.ts";

/** A training that can begin. */
export interface Begun {
  readonly model: ForecastModel;
  readonly parts: ForecastParts;
  readonly record: ForecastRecord;
}

/** Throws UsageError for options that are wrong whatever the data are. */
export function checkForecastOptions(options: ForecastOptions): void {
  checkOptions(FORECAST, options, optionNames(forecastingOptions));
  const { name, own } = namedCell(options.cell ?? "gru");
  const { method } = completeForm(
    { ...options, cell: name },
    { season: 1, rows: Number.MAX_SAFE_INTEGER },
    own,
  );
  if (method === "recursive" && options.past?.length) {
    throw new UsageError(
      `past ${options.past.join(", ")}: the method recursive goes on from what it draws, and of these columns it draws nothing: direct expected`,
    );
  }
  completeSettings(options, 1);
}

/** Throws UsageError for options that contradict themselves or the data, DataError where the data are too few. */
export function beginForecast(
  table: SeriesTable,
  options: ForecastOptions,
  data: RowsIdentity,
  backend: BackendChoice | undefined,
): Begun {
  checkForecastOptions(options);
  const { columns, grid } = table.reading;
  const { season } = grid;
  const longest = Math.max(...table.series.map((one) => lastObserved(one, columns.targets)));
  const { name, own } = namedCell(options.cell ?? "gru");
  const given = { ...options, cell: name };
  const wanted = completeForm(given, { season, rows: longest }, own);
  const before = completeSettings(options, 1);
  const split = splitInTime(data.name, table, columns.targets, before, wanted);
  const rows = longestTraining(table, split);
  const form = completeForm(given, { season, rows }, own);
  requireContext(data.name, rows, form);
  const { model, parts } = modelFor(
    table,
    table.reading,
    { form, split, name: data.name },
    { scheme: before.initialize, cell: own, backend },
  );
  const settings = completeSettings(options, parts.training.length);
  return { model, parts, record: { data, settings, split } };
}

/** Rows to train on of the series that has the most. */
function longestTraining({ series }: SeriesSet, { training }: Split): number {
  return series.reduce((most, one) => Math.max(most, Math.min(one.length, training - one.start)), 0);
}

/** Throws DataError where no series has rows for a whole context and what follows it; the contexts of shorter ones are filled up. */
function requireContext(name: string, rows: number, { context, horizon }: Form): void {
  if (rows >= context + horizon) return;
  throw new DataError(
    `${name}: ${counted(rows, "row")} to train on in the longest series, ${context + horizon} expected: the context ${context} and the horizon ${horizon}`,
  );
}

/** A new model for a table, and its windows: scales come from the training rows alone. */
export function modelFor(
  set: SeriesSet,
  reading: SeriesReading,
  { form, split, name }: { readonly form: Form; readonly split: Split; readonly name: string },
  own: ModelParts,
): { readonly model: ForecastModel; readonly parts: ForecastParts } {
  const columns = numberColumns(reading.columns, reading.categories);
  const prepared: Prepared = { reading, columns, scales: fitScales(set, columns, form, split.training) };
  const model = new ForecastModel(form, prepared, own);
  return { model, parts: partsOf(name, model, set, split) };
}
