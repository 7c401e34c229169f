/** What a forecaster has to beat: the last value, and what was a season before, with the quantiles of their own errors. */

import { sortedQuantile } from "../../data/quantile.ts";
import { lastValue, seasonalNaive } from "../../data/time-series/naive.ts";
import type { WindowForecast } from "./model.ts";

/** Rows whose errors quantiles are taken from: the newest. */
const MOST_ROWS = 2000;

/** A rule that forecasts from values alone. */
export type Rule = (history: Float64Array, horizon: number) => Float64Array;

/** The rules by name; without a season both are the same, and only one is there. */
export function baselineRules(season: number): Readonly<Record<string, Rule>> {
  return {
    naive: lastValue,
    ...(season > 1 && {
      seasonalNaive: (history: Float64Array, horizon: number) => seasonalNaive(history, season, horizon),
    }),
  };
}

/** A rule that has seen some rows of a series: its quantiles lie where its errors within them lay, step by step. */
export class Baseline {
  readonly #rule: Rule;
  readonly #horizon: number;
  readonly #reach: number;
  /** The quantiles of the errors of each step ahead. */
  readonly #errors: readonly (readonly number[])[];

  constructor(
    rule: Rule,
    seen: Float64Array,
    settings: { readonly horizon: number; readonly season: number; readonly quantiles: readonly number[] },
  ) {
    const { horizon, season, quantiles } = settings;
    this.#rule = rule;
    this.#horizon = horizon;
    // What is missing is looked for in the season before: a few seasons are always enough for what is repeated.
    this.#reach = 8 * Math.max(season, 1) + horizon;
    this.#errors = quantiles.length === 0 ? [] : this.#errorQuantiles(seen, season, quantiles);
  }

  #errorQuantiles(seen: Float64Array, season: number, quantiles: readonly number[]): number[][] {
    const steps = Array.from({ length: this.#horizon }, (): number[] => []);
    // Before a whole season there is nothing to repeat.
    const first = seen.length > 2 * season ? season : 1;
    for (let cutoff = Math.max(first, seen.length - MOST_ROWS); cutoff < seen.length; cutoff++) {
      const forecast = this.#forecast(seen, cutoff);
      for (let step = 0; step < Math.min(this.#horizon, seen.length - cutoff); step++) {
        const error = (seen[cutoff + step] as number) - (forecast[step] as number);
        if (!Number.isNaN(error)) (steps[step] as number[]).push(error);
      }
    }
    return steps.map((errors) => {
      const sorted = Float64Array.from(errors).sort();
      return quantiles.map((share) => (sorted.length === 0 ? 0 : sortedQuantile(sorted, share)));
    });
  }

  #forecast(values: Float64Array, cutoff: number): Float64Array {
    return this.#rule(values.subarray(Math.max(0, cutoff - this.#reach), cutoff), this.#horizon);
  }

  /** The forecast of the rows from a cutoff on; NaN where nothing is known yet. */
  at(
    values: Float64Array,
    cutoff: number,
  ): { readonly point: Float64Array; readonly quantiles: WindowForecast["quantiles"] } {
    const point = this.#forecast(values, cutoff);
    const levels = this.#errors[0]?.length ?? 0;
    const quantiles = Array.from({ length: levels }, (_, level) =>
      Float64Array.from(point, (value, step) => value + (this.#errors[step]?.[level] as number)),
    );
    return { point, quantiles };
  }
}
