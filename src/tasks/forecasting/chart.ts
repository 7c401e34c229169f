/** Forecasts as a picture: the end of what was, what is forecast, and how sure that is. */

import type { SeriesSet, TimeSeries } from "../../data/time-series/series.ts";
import type { Chart, ChartPanel } from "../../draw/charts/chart.ts";
import type { Forecast } from "./forecaster.ts";
import type { ForecastModel } from "./model.ts";
import { lastObserved } from "./prepare.ts";

/** More panels nobody reads. */
const MOST_PANELS = 12;
/** How much of the past is shown, in horizons, and at least in rows. */
const HORIZONS = 3;
const LEAST_ROWS = 48;

export function forecastChart(model: ForecastModel, set: SeriesSet, forecasts: readonly Forecast[]): Chart {
  const shown = forecasts.slice(0, MOST_PANELS);
  const more = forecasts.length > shown.length ? `, ${shown.length} of ${forecasts.length}` : "";
  const byName = new Map(set.series.map((one) => [one.id, one]));
  return {
    title: `${model.form.horizon} steps ahead${more}`,
    panels: shown.map((forecast) => panelOf(model, byName.get(forecast.series) as TimeSeries, forecast)),
  };
}

function panelOf(
  model: ForecastModel,
  one: TimeSeries,
  { series, target, kind, values, quantiles }: Forecast,
): ChartPanel {
  const { horizon } = model.form;
  const { reading, columns } = model.prepared;
  const end = lastObserved(one, columns.targets);
  const from = Math.max(0, end - Math.max(LEAST_ROWS, HORIZONS * horizon));
  const past = Array.from({ length: end - from }, (_, at) => from + at);
  const ahead = Array.from({ length: horizon }, (_, step) => end + step);
  const levels = Object.entries(quantiles).sort(([a], [b]) => Number(a) - Number(b));
  const bands = Array.from({ length: Math.floor(levels.length / 2) }, (_, at) => {
    const [low, high] = [levels[at], levels.at(-1 - at)] as [(typeof levels)[0], (typeof levels)[0]];
    return { name: `${low[0]} to ${high[0]}`, x: ahead, low: low[1], high: high[1] };
  });
  return {
    title: [series, target].filter((name) => name !== "").join(": "),
    label: (row) => reading.grid.write(one.start + row),
    lines: [
      { name: "what was", x: past, y: Array.from((one.columns[target] as Float64Array).subarray(from, end)) },
      { name: kind, x: ahead, y: values },
    ],
    bands,
    marks: [],
  };
}
