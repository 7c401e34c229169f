/** A rolling backtest on a table: forecasts from several cutoffs, with the model as it is or trained anew before each. */

import { counted } from "../../data/text.ts";
import type { SeriesSet } from "../../data/time-series/series.ts";
import { DataError } from "../../errors.ts";
import { whole, yes } from "../../options/kinds.ts";
import { type CompletedOptions, option, spelt } from "../../options/table.ts";
import { trainingOptions } from "../../training/options.ts";
import { readTaskModel } from "../file.ts";
import type { Evaluation, Measured } from "../task.ts";
import { Backtest, type ForecastScores } from "./backtest.ts";
import { modelFor } from "./begin.ts";
import { type ForecastRecord, openForecaster } from "./file.ts";
import type { ForecastModel, PathOptions } from "./model.ts";
import { lastObserved } from "./prepare.ts";
import type { Figures } from "./scores.ts";
import { trainingOf } from "./training.ts";
import { placesBetween } from "./windows.ts";

/** How paths are drawn. */
export const pathOptions = {
  paths: option(whole({ from: 2 }), {
    default: 200,
    argument: "count",
    help: "recursive: how many paths are drawn",
  }),
  seed: trainingOptions.seed,
};

export const backtestOptions = {
  cutoffs: option(whole({ from: 1 }), {
    default: 8,
    argument: "count",
    help: "how many times a forecast is made, the last one a horizon before the end",
  }),
  every: option(whole({ from: 1 }), {
    argument: "steps",
    help: "from one cutoff to the next",
    usually: "the horizon",
  }),
  retrain: option(yes(), { help: "train anew on what stands before each cutoff" }),
  ...pathOptions,
};

export interface BacktestOptions extends PathOptions {
  /** How many cutoffs, the last of them one horizon before the end of the data; default 8. */
  readonly cutoffs?: number | undefined;
  /** Steps from one cutoff to the next; default the horizon, so that no step is forecast twice. */
  readonly every?: number | undefined;
  /** Whether a model is trained anew on what stands before each cutoff; default false. */
  readonly retrain?: boolean | undefined;
}

/** The scores of a backtest. */
export interface ForecastEvaluation extends ForecastScores {
  /** When each forecast was made: the time of its first step. */
  readonly cutoffs: readonly string[];
  /** How many windows are of what was trained on. */
  readonly seen: number;
}

/** Throws DataError where the data have no room for the cutoffs. */
export async function backtest(
  name: string,
  model: ForecastModel,
  record: ForecastRecord,
  set: SeriesSet,
  options: CompletedOptions<typeof backtestOptions>,
): Promise<ForecastEvaluation> {
  const { form, widths } = model;
  const { targets } = model.prepared.columns;
  const { cutoffs, every = form.horizon, retrain = false, ...others } = options;
  const end = Math.max(...set.series.map((one) => one.start + lastObserved(one, targets)));
  const start = Math.min(...set.series.map((one) => one.start));
  const first = end - form.horizon - (cutoffs - 1) * every;
  if (first <= start) {
    throw new DataError(
      `${name}: ${counted(end - start, "step")} of time, more than ${form.horizon + (cutoffs - 1) * every} expected for ${counted(cutoffs, "cutoff")} of ${form.horizon} steps, ${every} apart`,
    );
  }
  const run = new Backtest(model);
  let seen = 0;
  let prepared = set.series.map((one) => model.prepare(one, first - one.start));
  for (let at = 0; at < cutoffs; at++) {
    const cutoff = first + at * every;
    const chosen = retrain ? await retrained(name, model, record, set, cutoff) : model;
    if (retrain) prepared = set.series.map((one) => chosen.prepare(one, cutoff - one.start));
    const places = placesBetween(prepared, form, widths.targets, { from: cutoff, to: cutoff + form.horizon });
    if (!retrain && cutoff < record.split.training) seen += places.length;
    await run.add(places, { ...others, model: chosen });
  }
  const scores = run.scores();
  if (scores.windows === 0) throw new DataError(`${name}: no window with a target, one or more expected`);
  const times = Array.from({ length: cutoffs }, (_, at) => set.grid.write(first + at * every));
  return { ...scores, cutoffs: times, seen };
}

/** A model of the same form, trained on what stands before a cutoff. */
async function retrained(
  name: string,
  model: ForecastModel,
  record: ForecastRecord,
  set: SeriesSet,
  cutoff: number,
): Promise<ForecastModel> {
  const { form, backend, cell } = model;
  const { settings, split: before } = record;
  const held = before.validation - before.training;
  const split = { start: before.start, training: cutoff - held, validation: cutoff, end: cutoff };
  const made = modelFor(
    set,
    model.prepared.reading,
    { form, split, name },
    { scheme: settings.initialize, backend, cell },
  );
  const training = trainingOf(made.model, { ...made.parts, test: [] }, { ...record, split }, backend);
  let best: Uint8Array | undefined;
  await training.run({ onModel: (bytes) => (best = bytes) });
  return openForecaster(readTaskModel(best as Uint8Array, name), { backend, cell }).model;
}

/** Scores as measures, those of naive forecasts beside them. */
export function evaluationOf(scores: ForecastScores & Partial<ForecastEvaluation>): Evaluation {
  const { windows, figures, beside, series, steps, unscaled, cutoffs, seen = 0 } = scores;
  return {
    measures: { windows, ...figures, ...(seen > 0 && { seen }), ...(unscaled > 0 && { unscaled }) },
    beside: mapped(beside),
    details: {
      ...(cutoffs && { cutoffs }),
      series: series.map(({ series, target, figures, beside }) => ({
        series,
        target,
        ...figures,
        ...beside,
      })),
      steps: steps.map((figures, at) => ({ step: at + 1, ...figures })),
    },
    warning: warningOf(figures, beside),
  };
}

/** What is said of a model that is no better than repeating what was. */
function warningOf({ mae }: Figures, beside: ForecastScores["beside"]): string | undefined {
  const better = Object.entries(beside).find(([, rule]) => rule.mae <= mae);
  if (!better) return undefined;
  const [name, rule] = better;
  const [own, others] = [mae, rule.mae].map((error) => Number(error.toPrecision(4)));
  return `no better than the ${spelt(name)} forecast (MAE ${own}, ${others}): other columns, a longer context or more data may help`;
}

/** Figures as measures by name. */
function mapped(figures: Readonly<Record<string, Figures>>): Record<string, Measured> {
  return Object.fromEntries(Object.entries(figures).map(([name, own]) => [name, { ...own }]));
}
