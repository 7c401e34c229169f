/** Training a forecaster on the series of a table. */

import type { BackendChoice } from "../../backends/choice.ts";
import { counted } from "../../data/text.ts";
import type { SeriesSet } from "../../data/time-series/series.ts";
import { DataError } from "../../errors.ts";
import { breather, type StopSignal } from "../../long-work.ts";
import { compile, float32, value } from "../../program/compile.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { scheduleOf, updateSettings } from "../../training/options.ts";
import { Training } from "../../training/training.ts";
import { Backtest, type ForecastScores } from "./backtest.ts";
import { distributionLoss } from "./distribution.ts";
import { describeForecaster, type ForecastRecord } from "./file.ts";
import type { ForecastModel } from "./model.ts";
import { direct, type Known, teacherForced } from "./network.ts";
import type { ForecastSettings, Form } from "./options.ts";
import type { Split } from "./split.ts";
import { batchesOf, inputsOf, inputTypes, type Place, placesBetween, spread, targetsOf } from "./windows.ts";

/** Windows of the validation part that a loss is taken on, and of the test part that scores are, evenly apart. */
const MOST_VALIDATION = 2000;
const MOST_SCORED = { direct: 1000, recursive: 100 };
/** Windows of a call that measures. */
const TOGETHER = 128;

type Given = Known & { readonly future: Tensor; readonly counts: Tensor; readonly weights: Tensor };

/** What an update reads: what is known of windows, what came, and how much each counts. */
function trainingTypes({ form, widths }: ForecastModel) {
  const ahead = float32(form.horizon, "B", widths.targets);
  return { ...inputTypes(form, widths), future: ahead, counts: ahead, weights: float32("B") };
}

function lossOf({ network, form, widths }: ForecastModel, given: Given): Tensor {
  const parameters =
    form.method === "direct"
      ? direct(network, form, widths, given)
      : teacherForced(network, form, widths, given);
  return distributionLoss(form, parameters, given);
}

/** What an update is, for a training and for `explain`. */
export function updateOf(model: ForecastModel, settings: ForecastSettings) {
  return {
    ...updateSettings(settings),
    model: model.network,
    inputs: trainingTypes(model),
    loss: (given: unknown) => lossOf(model, given as Given),
  };
}

/** The windows of each part of the time. */
export interface ForecastParts {
  readonly training: readonly Place[];
  readonly validation: readonly Place[];
  readonly test: readonly Place[];
}

/** Throws DataError where no series is long enough for a window. */
export function partsOf(name: string, model: ForecastModel, set: SeriesSet, split: Split): ForecastParts {
  const series = set.series
    .map((one) => model.prepare(one, split.training - one.start))
    .filter(({ end }) => end > 0);
  const { form, widths } = model;
  const between = (from: number, to: number, full = false) =>
    placesBetween(series, form, widths.targets, { from, to, full });
  const training = between(split.start, split.training, true);
  if (training.length === 0) {
    const longest = Math.max(0, ...series.map(({ end }) => end));
    throw new DataError(
      `${name}: ${counted(longest, "row")} in the longest series, more than the horizon (${form.horizon}) before what is held out expected`,
    );
  }
  const validation = between(split.training, split.validation);
  if (validation.length === 0 && split.validation > split.training) {
    throw new DataError(
      `${name}: no series has ${counted(form.horizon, "step")} with a target in the part that is held out for validation, ${split.validation - split.training} steps long: a longer part expected, or none`,
    );
  }
  return {
    training,
    validation,
    test: between(split.validation, split.end),
  };
}

/** A batch of windows: what is known, what came, and what each counts. */
export function batchOf(places: readonly Place[], model: ForecastModel, weightOf: (place: Place) => number) {
  const { form, widths } = model;
  return {
    ...inputsOf(places, form, widths),
    ...targetsOf(places, form, widths),
    weights: value(Float32Array.from(places, weightOf), [places.length]),
  };
}

/** How much a window counts: half for each half-life that it is older than the newest. */
export function recency({ recency: halfLife }: ForecastSettings, { training }: Split, { horizon }: Form) {
  if (halfLife === 0) return () => 1;
  return ({ at, cutoff }: Place) => 2 ** (-(training - horizon - at.series.start - cutoff) / halfLife);
}

/** The training of a forecaster, as anybody's. */
export function trainingOf(
  model: ForecastModel,
  parts: ForecastParts,
  record: ForecastRecord,
  backend: BackendChoice | undefined,
) {
  const { settings, split } = record;
  const { batch, seed, epochs, patience, windows: most } = settings;
  const order = batchesOf(parts.training.length, { batch, seed, most });
  const weightOf = recency(settings, split, model.form);
  const held = spread(parts.validation, MOST_VALIDATION);
  const validate = validationOf(model, held, backend);
  return new Training({
    ...updateOf(model, settings),
    batches: {
      count: order.count,
      at: (number: number, epoch: number) =>
        batchOf(
          Array.from(order.at(number, epoch), (at) => parts.training[at] as Place),
          model,
          weightOf,
        ) as never,
    },
    targets: ({ weights }: { weights: { data: ArrayLike<number> } }) => weights.data.length,
    validation: held.length > 0 ? validate : undefined,
    epochs,
    patience,
    learningRate: scheduleOf(settings, order.count),
    metadata: {
      async model(found, { step, epoch }) {
        const validation = found?.loss ?? null;
        const scores = await scoresOf(model, parts.test);
        return describeForecaster(model, { ...record, step, epoch: epoch + 1, validation, scores });
      },
      checkpoint: () => describeForecaster(model, record),
    },
    backend,
  });
}

/** The scores of the test part, which decides nothing; null where nothing is held out for it. */
async function scoresOf(model: ForecastModel, places: readonly Place[]): Promise<ForecastScores | null> {
  if (places.length === 0) return null;
  const backtest = new Backtest(model);
  await backtest.add(spread(places, MOST_SCORED[model.form.method]));
  return backtest.scores();
}

/** The loss of held-out windows. */
function validationOf(model: ForecastModel, places: readonly Place[], backend: BackendChoice | undefined) {
  let program: ReturnType<typeof compileLoss> | undefined;
  return async (signal: StopSignal | undefined) => {
    program ??= compileLoss(model, backend);
    const breathe = breather();
    let [sum, weight] = [0, 0];
    for (let start = 0; start < places.length; start += TOGETHER) {
      await breathe();
      if (signal?.aborted) return undefined;
      const batch = batchOf(places.slice(start, start + TOGETHER), model, () => 1);
      const targets = (batch.counts.data as Float32Array).reduce((all, one) => all + one, 0);
      if (targets === 0) continue;
      sum += targets * Number(program(batch as never).data[0]);
      weight += targets;
    }
    return { loss: sum / weight };
  };
}

function compileLoss(model: ForecastModel, backend: BackendChoice | undefined) {
  return compile((given: unknown) => lossOf(model, given as Given), {
    inputs: trainingTypes(model),
    ...(backend && { backend }),
  } as never) as unknown as (given: never) => { readonly data: ArrayLike<number> };
}
