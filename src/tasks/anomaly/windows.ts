/** Series as steps of the network, and windows of them that are trained on. */

import { valueColumns } from "../../data/time-series/columns.ts";
import type { TimeSeries } from "../../data/time-series/series.ts";
import { randomSource } from "../../nn/random.ts";
import { value } from "../../program/compile.ts";
import { Features, missedSteps } from "./features.ts";
import { isWithinWindows, type Window } from "./labels.ts";
import type { Widths } from "./network.ts";
import type { DetectorSettings, Form } from "./options.ts";
import type { Prepared } from "./prepare.ts";

/** Steps at the beginning of a window, whose state knows nothing yet, that are not learnt from. */
const LEAD_IN = 8;

/** All steps of a series, the ones of gaps among them, as a detector goes through them. */
export interface SeriesSteps {
  readonly count: number;
  /** (count, I). */
  readonly inputs: Float32Array;
  /** (count, D): what came, in spreads from the level before it; NaN where it is missing, or labelled as an anomaly. */
  readonly next: Float32Array;
  /** (count): where each step stands on the grid. */
  readonly places: Float64Array;
  /** How many of the steps stand before what is held out. */
  readonly training: number;
}

/** Rows of a series as they would arrive: their steps, and values of targets, past and known columns. */
export function* rowsOf(
  one: TimeSeries,
  { columns }: Prepared,
): Generator<{ readonly index: number; readonly values: Float64Array }> {
  const lists = valueColumns(columns).map((name) => one.columns[name] as Float64Array);
  for (let row = 0; row < one.length; row++) {
    if (one.lines[row] === 0) continue;
    yield { index: one.start + row, values: Float64Array.from(lists, (list) => list[row] as number) };
  }
}

export function stepsOf(
  one: TimeSeries,
  prepared: Prepared,
  form: Form,
  {
    widths,
    before,
    labels,
  }: { readonly widths: Widths; readonly before: number; readonly labels: readonly Window[] | undefined },
): SeriesSteps {
  const { targets, past, known } = prepared.columns;
  const features = new Features(prepared, form, one.id);
  const inputs = new Float32Array(one.length * widths.inputs);
  const next = new Float32Array(one.length * widths.targets).fill(Number.NaN);
  const places = new Float64Array(one.length);
  const none = new Float64Array(targets.length + past.length + known.length).fill(Number.NaN);
  let [count, training] = [0, 0];
  let last: number | undefined;
  const take = (index: number, values: Float64Array, isLearnt: boolean) => {
    inputs.set(features.at(index, values.subarray(targets.length + past.length)), count * widths.inputs);
    targets.forEach((_, column) => {
      if (isLearnt)
        next[count * widths.targets + column] = features.relative(column, values[column] as number);
    });
    features.push(
      values.subarray(0, targets.length),
      values.subarray(targets.length, targets.length + past.length),
    );
    places[count] = index;
    count += 1;
    if (index < before) training = count;
  };
  for (const { index, values } of rowsOf(one, prepared)) {
    for (let missed = missedSteps(last, index, form.level); missed > 0; missed--)
      take(index - missed, none, false);
    take(index, values, !isWithinWindows(labels, index));
    last = index;
  }
  return { count, inputs, next, places, training };
}

/** Where a window starts. */
interface Place {
  readonly at: SeriesSteps;
  readonly start: number;
  /** The first step after those that may be learnt from. */
  readonly end: number;
}

/** Windows side by side: inputs (T, B, I), and what came (T, B, D), NaN where it does not count. */
function batchOf(places: readonly Place[], steps: number, { inputs, targets }: Widths) {
  const batch = places.length;
  const rows = new Float32Array(steps * batch * inputs);
  const next = new Float32Array(steps * batch * targets).fill(Number.NaN);
  places.forEach(({ at, start, end }, b) => {
    const count = Math.min(steps, end - start);
    for (let step = 0; step < count; step++) {
      const [from, to] = [start + step, step * batch + b];
      rows.set(at.inputs.subarray(from * inputs, (from + 1) * inputs), to * inputs);
      if (start > 0 && step < LEAD_IN) continue;
      next.set(at.next.subarray(from * targets, (from + 1) * targets), to * targets);
    }
  });
  return { inputs: value(rows, [steps, batch, inputs]), next: value(next, [steps, batch, targets]) };
}

/** All steps of a series from one on, as one window. */
export function windowAt(at: SeriesSteps, start: number, widths: Widths) {
  return batchOf([{ at, start, end: at.count }], at.count - start, widths);
}

/** The length of windows: as stated, but at most half of the longest series. */
export function windowOf(
  series: readonly SeriesSteps[],
  { window }: Pick<DetectorSettings, "window">,
): number {
  const longest = Math.max(...series.map(({ training }) => training));
  return Math.max(LEAD_IN + 1, Math.min(window, Math.floor(longest / 2)));
}

/** Windows of the training steps, drawn anew for each batch of each epoch, some of their values hidden. */
export function trainingBatches(
  series: readonly SeriesSteps[],
  widths: Widths,
  {
    batch,
    seed,
    hide,
    steps,
    count,
  }: Pick<DetectorSettings, "batch" | "seed" | "hide"> & { readonly steps: number; readonly count: number },
) {
  const starts = series.map(({ training }) => Math.max(1, training - steps + 1));
  const total = starts.reduce((sum, one) => sum + one, 0);
  const placeOf = (number: number): Place => {
    let [left, which] = [number, 0];
    while (left >= (starts[which] as number)) left -= starts[which++] as number;
    const at = series[which] as SeriesSteps;
    return { at, start: left, end: at.training };
  };
  return {
    count,
    at(number: number, epoch: number) {
      const random = randomSource(seed, `windows ${number} of epoch ${epoch}`);
      const places = Array.from({ length: batch }, () => placeOf(Math.floor(random.uniform() * total)));
      const values = batchOf(places, steps, widths);
      const rows = values.inputs.data;
      for (let row = 0; row < rows.length; row += widths.inputs) {
        for (let column = 0; column < widths.targets; column++) {
          if (random.uniform() >= hide) continue;
          rows[row + column] = 0;
          rows[row + widths.targets + column] = 0;
        }
      }
      return values;
    },
  };
}

/** Windows of a validation batch. */
const TOGETHER = 64;

/** Windows that go once through the held-out steps, the first steps of each before them. */
export function heldOutBatches(series: readonly SeriesSteps[], widths: Widths, steps: number) {
  const places = series.flatMap((at) => {
    const every = steps - LEAD_IN;
    const first = Math.max(0, at.training - LEAD_IN);
    const windows = Math.max(0, Math.ceil((at.count - first - LEAD_IN) / every));
    return Array.from(
      { length: windows },
      (_, window): Place => ({ at, start: first + window * every, end: at.count }),
    );
  });
  return {
    count: Math.ceil(places.length / TOGETHER),
    at: (number: number) => batchOf(places.slice(number * TOGETHER, (number + 1) * TOGETHER), steps, widths),
  };
}
