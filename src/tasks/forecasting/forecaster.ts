/** A trained forecaster as programs use it. */

import { checkOptions } from "../../checks.ts";
import { type SeriesData, seriesOfDataAs } from "../../data/time-series/from-arrays.ts";
import type { SeriesSet } from "../../data/time-series/series.ts";
import { DataError, UsageError } from "../../errors.ts";
import { completeOptions } from "../../options/table.ts";
import type { ForecastScores } from "./backtest.ts";
import { type BacktestOptions, backtest, backtestOptions, type ForecastEvaluation } from "./evaluate.ts";
import { type ForecastRecord, writeForecaster } from "./file.ts";
import { StreamLearner } from "./learning.ts";
import type { ForecastModel, PathOptions, WindowForecast } from "./model.ts";
import type { Form } from "./options.ts";
import { type PreparedSeries, seriesName } from "./prepare.ts";
import { type ForecastStream, type ForecastStreamOptions, WindowStream } from "./stream.ts";
import type { Place } from "./windows.ts";

/** What follows one target of one series: a number for each step ahead. */
export interface Forecast {
  /** The name of the series; "" where there is one alone. */
  readonly series: string;
  readonly target: string;
  /** When each step is, as the data write it; the number of the row where they have no times. */
  readonly times: readonly string[];
  /** What `values` are: the mean of what is expected, or the median, which lies in its middle. */
  readonly kind: "mean" | "median";
  readonly values: readonly number[];
  /** By the quantile, such as "0.9"; never crossing. */
  readonly quantiles: Readonly<Record<string, readonly number[]>>;
}

/** What `forecast` gives: for plain numbers one forecast, for everything else one for each target of each series. */
export type ForecastOf<Data> =
  Data extends ArrayLike<number | null | undefined> ? Forecast : readonly Forecast[];

/** A trained forecaster: `trainForecast` makes one, `readForecaster` reads one. */
export interface Forecaster<Data extends SeriesData = SeriesData> {
  /** What it gives and what it is made of: every option of its form. */
  readonly form: Form;
  /** How well it did on the end of the data, which was held out, beside the naive forecasts; undefined where nothing was. */
  readonly scores: ForecastScores | undefined;
  /**
   * What follows the data that it was trained on, or another history of the same columns. Rows at the end without targets
   * give what is known of the steps ahead.
   *
   * Throws UsageError without a history where the forecaster was read from a file, DataError for one that cannot be used,
   * and where a value is missing that has to be known ahead.
   */
  forecast(): ForecastOf<Data>;
  forecast<Other extends SeriesData>(history: Other, options?: PathOptions): ForecastOf<Other>;
  /**
   * A rolling backtest on a history of the same columns: forecasts from several moments of it, each compared with what came,
   * beside the naive ones. Throws UsageError for options out of their range, DataError for a history that is too short.
   */
  evaluate(history: SeriesData, options?: BacktestOptions): Promise<ForecastEvaluation>;
  /** Row by row: each row in, what follows it out. Throws UsageError for options that do not fit. */
  stream(options?: ForecastStreamOptions): ForecastStream;
  /** The forecaster as the bytes of a file, which `readForecaster` and the command open. */
  toBytes(): Uint8Array;
}

/** A forecaster of a model; `data` is what it was trained on, where that is at hand. */
export function forecasterOf<Data extends SeriesData>(
  model: ForecastModel,
  record: ForecastRecord,
  data?: { readonly set: SeriesSet; readonly isPlain: boolean },
): Forecaster<Data> {
  const forecast = (history?: SeriesData, options: PathOptions = {}): Forecast | readonly Forecast[] => {
    checkOptions("forecast", options, { paths: true, seed: true });
    const given = history === undefined ? data?.set : seriesOfDataAs(history, model.prepared.reading);
    if (!given) {
      throw new UsageError(
        "forecast: no history given: a forecaster that was read from a file has none of its own",
      );
    }
    if (given.series.length === 0) throw new DataError("forecast: no rows given, one or more expected");
    const isPlain = history === undefined ? data?.isPlain : isNumbers(history);
    const found = [...forecastsOf(model, given, options)];
    return isPlain ? (found[0] as Forecast) : found;
  };
  return {
    form: model.form,
    scores: record.scores ?? undefined,
    forecast: forecast as Forecaster<Data>["forecast"],
    async evaluate(history, options = {}) {
      const given = completeOptions("evaluate", backtestOptions, options);
      const set = seriesOfDataAs(history, model.prepared.reading);
      if (set.series.length === 0) throw new DataError("evaluate: no rows given, one or more expected");
      return backtest("data", model, record, set, given);
    },
    stream(options = {}) {
      checkOptions("stream", options, {
        ...{ history: true, series: true, start: true, learn: true, paths: true, seed: true },
      });
      const { learn = false, ...others } = options;
      const learner =
        learn === false ? undefined : new StreamLearner(model, record.settings, learn === true ? {} : learn);
      return new WindowStream(model, others, record.split.end, { learner });
    },
    toBytes: () => writeForecaster(model, record),
  };
}

/** Whether data are plain numbers, the first of which may be missing, and not rows. */
export function isNumbers(data: unknown): boolean {
  if (!Array.isArray(data) && !ArrayBuffer.isView(data)) return false;
  const [first] = data as unknown as Iterable<unknown>;
  return typeof first !== "object" || first === null;
}

/** Series that are forecast at once. */
const TOGETHER = 128;

/** The forecasts of what follows some series, in their order. */
export function* forecastsOf(
  model: ForecastModel,
  { series }: SeriesSet,
  options: PathOptions,
): Generator<Forecast> {
  for (let start = 0; start < series.length; start += TOGETHER) {
    const places = series.slice(start, start + TOGETHER).map((one) => placeAtEnd(model, model.prepare(one)));
    const found = model.forecast(places, options);
    for (const [at, place] of places.entries())
      yield* named(model, place.at.series.id, timesOf(model, place), found[at] as WindowForecast);
  }
}

/** The window whose first step follows a series. Throws DataError where it has no target, or something has to be known ahead. */
function placeAtEnd(model: ForecastModel, at: PreparedSeries) {
  const { reading, columns } = model.prepared;
  const which = seriesName(at.series.id);
  if (at.end === 0)
    throw new DataError(`${which} has no value of ${columns.targets.join(", ")}: one or more expected`);
  const [unknown] = at.unknown;
  if (unknown) {
    const time = reading.grid.write(at.series.start + unknown.row);
    throw new DataError(
      `${which}: ${unknown.column} is missing at ${time}: it has to be known for all ${model.form.horizon} steps ahead`,
    );
  }
  return { at, cutoff: at.end };
}

/** What the number of a step is. */
export function kindOf({ loss }: Form): Forecast["kind"] {
  return loss === "quantile" || loss === "absolute" ? "median" : "mean";
}

/** When each step after a cutoff is. */
function timesOf({ form, prepared }: ForecastModel, { at, cutoff }: Place): string[] {
  const { grid } = prepared.reading;
  return Array.from({ length: form.horizon }, (_, step) => grid.write(at.series.start + cutoff + step));
}

/** The forecast of a window by targets. */
export function named(
  model: ForecastModel,
  series: string,
  times: readonly string[],
  forecast: WindowForecast,
): Forecast[] {
  const { form, prepared, widths } = model;
  const steps = Array.from({ length: form.horizon }, (_, step) => step);
  return prepared.columns.targets.map((target, index) => {
    const own = (values: Float64Array) =>
      steps.map((step) => values[step * widths.targets + index] as number);
    return {
      series,
      target,
      times,
      kind: kindOf(form),
      values: own(forecast.point),
      quantiles: Object.fromEntries(
        form.quantiles.map((share, level) => [String(share), own(forecast.quantiles[level] as Float64Array)]),
      ),
    };
  });
}
