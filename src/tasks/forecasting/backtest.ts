/** Forecasts of the past: at each cutoff what was known then, and how far it was from what came; beside the naive ones. */

import { givenColumn } from "../../data/time-series/series.ts";
import { breather } from "../../long-work.ts";
import { naiveError } from "../../training/measures/forecasts.ts";
import { Baseline, baselineRules } from "./baselines.ts";
import type { ForecastModel, PathOptions, WindowForecast } from "./model.ts";
import type { PreparedSeries } from "./prepare.ts";
import { type Figures, ScoreSums } from "./scores.ts";
import type { Place } from "./windows.ts";

/** Figures of the model, of each rule that it has to beat, and of its parts. */
export interface ForecastScores {
  readonly windows: number;
  readonly figures: Figures;
  readonly beside: Readonly<Record<string, Figures>>;
  /** Of each target of each series. */
  readonly series: readonly {
    readonly series: string;
    readonly target: string;
    readonly figures: Figures;
    readonly beside: Readonly<Record<string, Figures>>;
  }[];
  /** Of each step ahead, all series together. */
  readonly steps: readonly Figures[];
  /** Series and targets without a naive error before the first cutoff, which no scaled error can be told of. */
  readonly unscaled: number;
}

/** The sums of one target of one series, and what the rules have seen of it. */
interface Track {
  readonly series: string;
  readonly target: string;
  readonly column: Float64Array;
  readonly scale: number | undefined;
  readonly deviation: number;
  readonly sums: Readonly<Record<string, ScoreSums>>;
  readonly baselines: Readonly<Record<string, Baseline>>;
}

const MODEL = "model";
/** Windows that are forecast at once. */
const TOGETHER = 128;

/**
 * Backtests are taken in pieces, so that a model can be another one at each cutoff. Add the windows of each, then ask for the
 * figures. The rules, and the scale of scaled errors, are fitted to the rows before the first cutoff of each series.
 */
export class Backtest {
  readonly #model: ForecastModel;
  readonly #rules: ReturnType<typeof baselineRules>;
  readonly #tracks = new Map<string, Track[]>();
  readonly #steps: readonly ScoreSums[];
  #windows = 0;

  constructor(model: ForecastModel) {
    this.#model = model;
    this.#rules = baselineRules(model.prepared.reading.grid.season);
    const { horizon, quantiles } = model.form;
    this.#steps = Array.from({ length: horizon }, () => new ScoreSums(quantiles));
  }

  /** Adds windows, in the order of time for each series. Hands the thread back now and then. */
  async add(
    places: readonly Place[],
    { model = this.#model, ...options }: PathOptions & { readonly model?: ForecastModel | undefined } = {},
  ): Promise<void> {
    const breathe = breather();
    for (let start = 0; start < places.length; start += TOGETHER) {
      await breathe();
      const some = places.slice(start, start + TOGETHER);
      for (const [at, forecast] of model.forecast(some, options).entries()) {
        this.#addWindow(some[at] as Place, forecast);
      }
    }
    this.#windows += places.length;
  }

  #addWindow({ at, cutoff }: Place, forecast: WindowForecast): void {
    const { horizon } = this.#model.form;
    const tracks = this.#tracksOf(at, cutoff);
    tracks.forEach((track, target) => {
      const others = Object.entries(track.baselines).map(([name, rule]) => ({
        sums: track.sums[name] as ScoreSums,
        ...rule.at(track.column, cutoff),
      }));
      for (let step = 0; step < horizon; step++) {
        const came = track.column[cutoff + step];
        if (came === undefined || Number.isNaN(came)) continue;
        const place = step * tracks.length + target;
        const levels = forecast.quantiles.map((values) => values[place] as number);
        const point = forecast.point[place] as number;
        (track.sums[MODEL] as ScoreSums).add(came, point, levels, track.deviation);
        (this.#steps[step] as ScoreSums).add(came, point, levels, track.deviation);
        for (const { sums, point, quantiles } of others) {
          if (Number.isNaN(point[step])) continue;
          sums.add(
            came,
            point[step] as number,
            quantiles.map((values) => values[step] as number),
            track.deviation,
          );
        }
      }
    });
  }

  #tracksOf(at: PreparedSeries, cutoff: number): readonly Track[] {
    const known = this.#tracks.get(at.series.id);
    if (known) return known;
    const { form, prepared } = this.#model;
    const { season } = prepared.reading.grid;
    const tracks = prepared.columns.targets.map((target, index) => {
      const column = givenColumn(at.series, target).subarray(0, at.end);
      const seen = column.subarray(0, cutoff);
      return {
        series: at.series.id,
        target,
        column,
        scale: scaleOf(seen, season),
        deviation: deviationOf(seen, at.scale.scale[index] as number, form.loss === "negative-binomial"),
        sums: Object.fromEntries(
          [MODEL, ...Object.keys(this.#rules)].map((name) => [name, new ScoreSums(form.quantiles)]),
        ),
        baselines: Object.fromEntries(
          Object.entries(this.#rules).map(([name, rule]) => [
            name,
            new Baseline(rule, seen, { ...form, season }),
          ]),
        ),
      };
    });
    this.#tracks.set(at.series.id, tracks);
    return tracks;
  }

  /** The figures of all windows so far. */
  scores(): ForecastScores {
    const tracks = [...this.#tracks.values()]
      .flat()
      .filter(({ sums }) => (sums[MODEL] as ScoreSums).count > 0);
    const names = Object.keys(this.#rules);
    return {
      windows: this.#windows,
      figures: this.#together(tracks, MODEL),
      beside: Object.fromEntries(names.map((name) => [name, this.#together(tracks, name)])),
      series: tracks.map((track) => ({
        series: track.series,
        target: track.target,
        figures: ownFigures(track, MODEL),
        beside: Object.fromEntries(names.map((name) => [name, ownFigures(track, name)])),
      })),
      steps: this.#steps.filter(({ count }) => count > 0).map((sums) => sums.figures()),
      unscaled: tracks.filter(({ scale }) => scale === undefined).length,
    };
  }

  /** All targets of all series: errors over all their targets, scaled errors as the mean over series. */
  #together(tracks: readonly Track[], name: string): Figures {
    const sums = new ScoreSums(this.#model.form.quantiles);
    for (const track of tracks) sums.merge(track.sums[name] as ScoreSums);
    const scaled = tracks.flatMap((track) => ownFigures(track, name).mase ?? []);
    return sums.figures(
      scaled.length === 0 ? undefined : scaled.reduce((sum, mase) => sum + mase, 0) / scaled.length,
    );
  }
}

function ownFigures({ sums, scale }: Track, name: string): Figures {
  const own = sums[name] as ScoreSums;
  return own.figures(scale === undefined || own.count === 0 ? undefined : own.figures().mae / scale);
}

/** The error that scaled errors are told by: of repeating what was a season before; undefined for a constant. */
function scaleOf(seen: Float64Array, season: number): number | undefined {
  const error = naiveError(seen, seen.length > season ? season : 1);
  return error === 0 ? undefined : error;
}

/** The deviation that standardised errors are told in: the scale's, or where there is none that of the rows before. */
function deviationOf(seen: Float64Array, scale: number, isRaw: boolean): number {
  if (!isRaw) return scale;
  const values = seen.filter((value) => !Number.isNaN(value));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) || 1;
}
