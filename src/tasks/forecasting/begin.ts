/** From a table to a training: what is found, what is learnt of the training rows, and the network for it. */

import type { Backend } from "../../backends/backend.ts";
import { checkOptions } from "../../checks.ts";
import type { SeriesTable } from "../../data/time-series/read.ts";
import { optionNames } from "../../options/table.ts";
import { FORECAST, type ForecastRecord, type TableIdentity } from "./file.ts";
import { ForecastModel } from "./model.ts";
import { completeForm, completeSettings, type ForecastOptions, type ForecastSettings, forecastingOptions, type Form } from "./options.ts";
import { fitScales, lastObserved, type Prepared } from "./prepare.ts";
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
  completeForm(options, { season: 1, rows: Number.MAX_SAFE_INTEGER });
  completeSettings(options, 1);
}

/** Throws UsageError for options that contradict themselves or the data, DataError where the data are too few. */
export function beginForecast(
  table: SeriesTable,
  options: ForecastOptions,
  data: TableIdentity,
  backend: Backend | undefined,
): Begun {
  checkForecastOptions(options);
  const { grid, columns } = table.reading;
  const { season } = grid;
  const longest = Math.max(...table.series.map((one) => lastObserved(one, columns.targets)));
  const wanted = completeForm(options, { season, rows: longest });
  const before = completeSettings(options, 1);
  const split = splitInTime(data.name, table, columns.targets, before, wanted);
  const form = completeForm(options, { season, rows: Math.min(longest, split.training - split.start) });
  const { model, parts } = modelFor(table, { form, split, name: data.name }, { scheme: before.initialize, backend });
  const settings = completeSettings(options, parts.training.length);
  return { model, parts, record: { data, settings, split } };
}

/** A new model for a table, and its windows: scales come from the training rows alone. */
export function modelFor(
  table: SeriesTable,
  { form, split, name }: { readonly form: Form; readonly split: Split; readonly name: string },
  { scheme, backend }: { readonly scheme: ForecastSettings["initialize"]; readonly backend: Backend | undefined },
): { readonly model: ForecastModel; readonly parts: ForecastParts } {
  const { reading } = table;
  const prepared: Prepared = { reading, scales: fitScales(table, reading.columns, form, split.training) };
  const model = new ForecastModel(form, prepared, { scheme, backend });
  return { model, parts: partsOf(name, model, table, split) };
}
