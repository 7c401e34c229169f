/** What a trained network's errors are like on the held-out end of the training rows: what alarms are measured against. */

import type { TimeSeries } from "../../data/time-series/series.ts";
import { DataError } from "../../errors.ts";
import { EventCounts } from "../../training/measures/events.ts";
import { Alarms } from "./alarms.ts";
import { BASELINES, Baseline, type BaselineName } from "./baselines.ts";
import { ruleOf, SeriesDetector, WARM_UP } from "./detection.ts";
import { Features } from "./features.ts";
import { isWithinWindows, type Labels, type Window } from "./labels.ts";
import type { AnomalyModel, Calibration, LiveNetwork } from "./model.ts";
import { fitTail, LEAST_SEEN, type TailFit } from "./running-tail.ts";
import { rowsOf } from "./windows.ts";

/** The series of a table, and the number of the grid from which on they are held out. */
export interface HeldOut {
  readonly name: string;
  readonly series: readonly TimeSeries[];
  readonly before: number;
  readonly labels: Labels;
}

/**
 * Throws DataError where too few held-out rows have values to tell what is usual. A value counts where there is one before it
 * among `level` rows: nothing is expected before the first.
 */
export function requireHeldOut(
  { name, series, before, labels }: HeldOut,
  { targets, level }: { readonly targets: readonly string[]; readonly level: number },
): void {
  for (const target of targets) {
    let count = 0;
    for (const one of series) {
      const values = one.columns[target] as Float64Array;
      let isKnown = false;
      for (let row = Math.max(0, before - level - one.start); row < one.length; row++) {
        if (Number.isNaN(values[row])) continue;
        const step = one.start + row;
        if (isKnown && step >= before && !isWithinWindows(labels.get(one.id), step)) count += 1;
        isKnown = true;
      }
    }
    if (count >= LEAST_SEEN) continue;
    throw new DataError(
      `${name}: ${count} values of ${target} in what is held out, ${LEAST_SEEN} expected: more rows, or a larger share held out`,
    );
  }
}

/** Measures the network on the newest held-out rows: so far back that each target has as many values as a detector remembers. */
export function calibrate(model: AnomalyModel, live: LiveNetwork, held: HeldOut): Calibration {
  const { memory, level } = model.form;
  const each = Math.ceil(memory / held.series.length);
  const errors: (number | null)[][] = [];
  const scores = Object.fromEntries(BASELINES.map((name) => [name, [] as number[]])) as Record<
    BaselineName,
    number[]
  >;
  for (const one of held.series) {
    const windows = held.labels.get(one.id);
    const first = firstMeasured(one, model.prepared.columns.targets, { before: held.before, windows, each });
    for (const { index, found, beside } of walk(model, live, one, first - level)) {
      if (index < first || isWithinWindows(windows, index) || found.errors.every(Number.isNaN)) continue;
      errors.push(found.errors.map((error) => (Number.isNaN(error) ? null : error)));
      for (const name of BASELINES) if (!Number.isNaN(beside[name])) scores[name].push(beside[name]);
    }
  }
  const baselines = Object.fromEntries(
    BASELINES.map((name) => [name, fitTail(Float64Array.from(scores[name]).sort())]),
  ) as Record<BaselineName, TailFit>;
  return { errors, threshold: null, baselines };
}

/** The last step of a series from which on each target has `each` values that are not labelled; `before` where one has fewer. */
function firstMeasured(
  { start, length, columns }: TimeSeries,
  targets: readonly string[],
  {
    before,
    windows,
    each,
  }: { readonly before: number; readonly windows: readonly Window[] | undefined; readonly each: number },
): number {
  const firsts = targets.map((target) => {
    const values = columns[target] as Float64Array;
    let [step, count] = [start + length, 0];
    while (step > Math.max(before, start) && count < each) {
      step -= 1;
      if (!Number.isNaN(values[step - start]) && !isWithinWindows(windows, step)) count += 1;
    }
    return step;
  });
  return Math.min(...firsts);
}

/** A series row by row from a step on, by the model and by what it has to beat. */
function* walk(
  model: AnomalyModel,
  live: LiveNetwork,
  one: TimeSeries,
  from: number,
  calibration?: Calibration,
) {
  const detector = new SeriesDetector(model, one.id, { calibration, alarms: model.alarms });
  const beside = baselinesOf(model, one.id);
  live.reset();
  for (const { index, values } of rowsOf(one, model.prepared)) {
    if (index < from) continue;
    yield { index, found: detector.next(live, { index }, values), beside: beside.next(values) };
  }
}

/** The scores of all baselines on a series. */
export function baselinesOf({ prepared, form, widths }: AnomalyModel, id: string) {
  const features = new Features(prepared, form, id);
  const settings = { targets: widths.targets, memory: form.level, side: form.side, warmUp: WARM_UP };
  const each = BASELINES.map((name) => [name, new Baseline(name, settings)] as const);
  return {
    next(values: Float64Array): Record<BaselineName, number> {
      const standard = prepared.columns.targets.map((_, at) => features.standard(at, values[at] as number));
      return Object.fromEntries(each.map(([name, baseline]) => [name, baseline.next(standard)])) as never;
    },
  };
}

/** Thresholds that are tried on labels. */
const CANDIDATES = 200;

/** The threshold with the best F1 on labelled series; among equals the highest. */
export function thresholdOfLabels(
  model: AnomalyModel,
  live: LiveNetwork,
  calibration: Calibration,
  { series, labels }: Pick<HeldOut, "series" | "labels">,
): number {
  const scored = series.map((one) => {
    const rows = [...walk(model, live, one, Number.NEGATIVE_INFINITY, calibration)];
    const scores = rows.map(({ found }) => found.score);
    return {
      scores,
      windows: rowWindows(
        rows.map(({ index }) => index),
        labels.get(one.id) ?? [],
      ),
    };
  });
  const all = scored.flatMap(({ scores }) => scores.filter((score) => score > 0)).sort((a, b) => b - a);
  const step = Math.max(1, Math.floor(Math.min(all.length, 20 * CANDIDATES) / CANDIDATES));
  let [best, threshold] = [-1, Number.POSITIVE_INFINITY];
  for (let at = 0; at < Math.min(all.length, step * CANDIDATES); at += step) {
    // Just below the score of a row, which is then in alarm.
    const candidate = (all[at] as number) * (1 - Number.EPSILON);
    const events = new EventCounts();
    for (const { scores, windows } of scored) {
      const alarms = new Alarms(ruleOf(candidate, model.alarms));
      events.add(
        scores.map((score) => alarms.next(score)),
        windows,
      );
    }
    const { f1 } = events.report();
    if (f1 > best) [best, threshold] = [f1, candidate];
  }
  return threshold;
}

/** Windows of steps as windows of rows, which have these steps; those without a row are left out. */
export function rowWindows(steps: readonly number[], windows: readonly Window[]): Window[] {
  const found: Window[] = [];
  let row = 0;
  for (const [first, last] of windows) {
    while (row < steps.length && (steps[row] as number) < first) row += 1;
    const start = row;
    while (row < steps.length && (steps[row] as number) <= last) row += 1;
    if (row > start) found.push([start, row - 1]);
  }
  return found;
}
