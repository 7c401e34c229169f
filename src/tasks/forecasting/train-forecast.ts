/** Training and reading forecasters from programs. */

import { type BackendChoice, backendOf } from "../../backends/choice.ts";
import { checkOptions } from "../../checks.ts";
import type { SeriesData } from "../../data/time-series/from-arrays.ts";
import { type Cell, checkCell } from "../../nn/cell.ts";
import { optionNames } from "../../options/table.ts";
import type { RunOptions } from "../../training/training.ts";
import { identifySeries } from "../identity.ts";
import { givenModel, trainedModel } from "../in-programs.ts";
import { readData } from "../series-options.ts";
import { beginForecast } from "./begin.ts";
import { openForecaster } from "./file.ts";
import { type Forecaster, forecasterOf, isNumbers } from "./forecaster.ts";
import { type ForecastOptions, forecastingOptions } from "./options.ts";
import { trainingOf } from "./training.ts";

export interface TrainForecastOptions extends ForecastOptions, Pick<RunOptions, "onEvent" | "signal"> {
  readonly backend?: BackendChoice | undefined;
}

/**
 * A forecaster of series: the one that did best on held-out rows. `data` are plain numbers, one after the other; rows with columns,
 * in order of time; or several of either, by name.
 *
 *     const model = await trainForecast(passengers, { horizon: 12 });
 *     console.log(model.forecast(), model.scores);
 *
 * The end of the data is held out twice: `validation` chooses the best epoch, `test` is for `scores` alone. Hands the thread back
 * now and then. Throws UsageError for options that do not exist or fit, DataError for data that are too few or cannot be used, TrainingError
 * where the training diverges.
 */
export async function trainForecast<Data extends SeriesData>(
  data: Data,
  options: TrainForecastOptions = {},
): Promise<Forecaster<Data>> {
  checkOptions("trainForecast", options, {
    ...optionNames(forecastingOptions),
    onEvent: true,
    signal: true,
    backend: true,
  });
  const { onEvent, signal, backend, ...given } = options;
  if (backend !== undefined) backendOf("trainForecast", backend);
  const table = readData("trainForecast", data, given);
  const { model, parts, record } = beginForecast(
    table,
    given,
    identifySeries({ name: "data" }, table),
    backend,
  );
  const training = trainingOf(model, parts, record, backend);
  const best = await trainedModel("trainForecast", "forecaster", training, { onEvent, signal });
  const found = openForecaster(best, { backend, cell: model.cell });
  return forecasterOf<Data>(found.model, found.record, { set: table, isPlain: isNumbers(data) });
}

export interface ReadForecasterOptions {
  readonly backend?: BackendChoice | undefined;
  /** The cell of the file, where it is one of your own. */
  readonly cell?: Cell<string, string> | undefined;
}

/**
 * A forecaster from the bytes of a model file, such as `model.safetensors` of a run. `name` is for messages. Throws FormatError
 * for any other file.
 */
export function readForecaster(
  bytes: Uint8Array,
  name = "forecaster",
  options: ReadForecasterOptions = {},
): Forecaster {
  const file = givenModel("readForecaster", bytes, name, options, { backend: true, cell: true });
  const { backend, cell } = options;
  if (cell !== undefined) checkCell("readForecaster", cell);
  const { model, record } = openForecaster(file, { backend, cell });
  return forecasterOf(model, record);
}
