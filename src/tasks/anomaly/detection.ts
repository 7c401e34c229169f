/** One series, row by row: what was expected, how improbable the row is, whether that is an alarm. */

import { type AlarmRule, type AlarmState, Alarms } from "./alarms.ts";
import { type FeatureState, Features, missedSteps, type RowPlace, stepOfRow } from "./features.ts";
import type { AnomalyModel, Calibration, LiveNetwork } from "./model.ts";
import type { AlarmSettings, Form, Side } from "./options.ts";
import { RunningTail, type RunningTailState } from "./running-tail.ts";

/** The first rows of a series, which have no score: their level is not known yet. */
export const WARM_UP = 20;

/** What is told of a row; numbers by target. */
export interface Detection {
  /** NaN in the first row of a series. */
  readonly expected: readonly number[];
  /**
   * -log10 of the probability that an ordinary row is as far from what is expected, 0 or more: 3 is once in a thousand rows.
   * NaN for the first rows of a series, and where no target has a value.
   */
  readonly score: number;
  readonly alarm: boolean;
  /** The part of each target in the score, adding up to 1; NaN where there is no score. */
  readonly shares: readonly number[];
}

/** Of a missing value among others, and the mean of the scores of ordinary ones. */
const ORDINARY = Math.LOG10E;

/** An error as a number that is the larger the worse. */
const badness: Readonly<Record<Side, (error: number) => number>> = {
  both: Math.abs,
  above: (error) => error,
  below: (error) => -error,
};

/** Running distributions of the errors of each target, and of what their scores add up to. */
export class ErrorScores {
  readonly #bad: (error: number) => number;
  readonly #targets: readonly RunningTail[];
  readonly #joint: RunningTail;

  constructor(targets: number, { memory, side }: Pick<Form, "memory" | "side">) {
    this.#bad = badness[side];
    this.#targets = Array.from({ length: targets }, () => new RunningTail(memory));
    this.#joint = new RunningTail(memory);
  }

  /** Starts from errors that were measured before. */
  start({ errors }: Pick<Calibration, "errors">): void {
    const { capacity } = this.#joint;
    for (const [at, tail] of this.#targets.entries()) {
      tail.restore(
        errors
          .map((row) => row[at])
          .filter((error) => typeof error === "number")
          .slice(-capacity)
          .map(this.#bad),
      );
    }
    if (this.#targets.length === 1) return;
    const each = errors
      .slice(-capacity)
      .map((row) => this.#ofTargets(row.map((error) => error ?? Number.NaN)));
    this.#joint.restore(each.map(sum).filter((score) => !Number.isNaN(score)));
  }

  /** The score of a row of errors, and of each of them; then they are part of what the next are measured against. */
  next(errors: readonly number[]): { readonly score: number; readonly each: readonly number[] } {
    const each = this.#ofTargets(errors);
    const total = sum(each);
    const isOne = each.length === 1;
    const score = isOne ? total : this.#joint.score(total);
    for (const [at, tail] of this.#targets.entries()) {
      if (!Number.isNaN(errors[at])) tail.push(this.#bad(errors[at] as number));
    }
    if (!isOne) this.#joint.push(total);
    return { score, each };
  }

  #ofTargets(errors: readonly number[]): number[] {
    return this.#targets.map((tail, at) => {
      const error = errors[at] as number;
      return Number.isNaN(error) && errors.length > 1 ? ORDINARY : tail.score(this.#bad(error));
    });
  }

  save(): { readonly targets: readonly RunningTailState[]; readonly joint: RunningTailState } {
    return { targets: this.#targets.map((tail) => tail.save()), joint: this.#joint.save() };
  }

  restore({ targets, joint }: ReturnType<ErrorScores["save"]>): void {
    for (const [at, tail] of this.#targets.entries()) tail.restore(targets[at] as RunningTailState);
    this.#joint.restore(joint);
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);

/** The rule of alarms: the threshold is the one chosen by labels, or that of the rate of alarms. */
export function ruleOf(threshold: number | null, { alarms, run, merge, mute }: AlarmSettings): AlarmRule {
  return { threshold: threshold ?? -Math.log10(alarms / 10_000), run, merge, mute };
}

/** How errors become scores and alarms; without a calibration there are no scores. */
export interface Judgement {
  readonly calibration?: Calibration | undefined;
  readonly alarms: AlarmSettings;
}

/** Plain JSON. */
export interface SeriesState {
  readonly index: number | null;
  readonly seen: number;
  readonly features: FeatureState;
  readonly scores: ReturnType<ErrorScores["save"]>;
  readonly alarms: AlarmState;
}

export class SeriesDetector {
  readonly #model: AnomalyModel;
  readonly #features: Features;
  readonly #scores: ErrorScores;
  readonly #alarms: Alarms;
  readonly #unknown: Float64Array;
  /** The step of the newest row. */
  #index: number | undefined;
  /** Rows with a value up to now. */
  #seen = 0;

  constructor(model: AnomalyModel, id: string, { calibration, alarms }: Judgement) {
    this.#model = model;
    this.#features = new Features(model.prepared, model.form, id);
    this.#scores = new ErrorScores(model.widths.targets, model.form);
    if (calibration) this.#scores.start(calibration);
    this.#alarms = new Alarms(ruleOf(calibration?.threshold ?? null, alarms));
    const { targets, past, known } = model.prepared.columns;
    this.#unknown = new Float64Array(targets.length + past.length + known.length).fill(Number.NaN);
  }

  /**
   * A row at a place of the grid (without one: the step after the newest row), its values (targets, past, known, NaN for
   * missing). `live` is in the state of this series. A row at or before the newest one counts as the step after it.
   */
  next(
    live: LiveNetwork,
    place: RowPlace,
    values: Float64Array,
  ): Detection & { readonly errors: readonly number[] } {
    const step = stepOfRow(place, this.#index);
    for (let missed = missedSteps(this.#index, step, this.#model.form.level); missed > 0; missed--) {
      this.#take(live, step - missed, this.#unknown);
    }
    const found = this.#take(live, step, values);
    this.#index = step;
    const isSeen = found.expected.some((_, column) => !Number.isNaN(values[column]));
    const { score, shares } = this.#scored(found.errors, isSeen);
    if (isSeen) this.#seen += 1;
    return { ...found, score, shares, alarm: this.#alarms.next(score) };
  }

  /** The network goes one step on, then the row is taken in. */
  #take(live: LiveNetwork, step: number, values: Float64Array) {
    const { targets, past } = this.#model.prepared.columns;
    const features = this.#features;
    const output = live.next(features.at(step, values.subarray(targets.length + past.length)) as never);
    const expected = targets.map((_, column) => features.expected(column, output[column] as number));
    const errors = expected.map(
      (number, column) =>
        features.standard(column, values[column] as number) - features.standard(column, number),
    );
    features.push(
      values.subarray(0, targets.length),
      values.subarray(targets.length, targets.length + past.length),
    );
    return { expected, errors };
  }

  #scored(errors: readonly number[], isSeen: boolean): { score: number; shares: readonly number[] } {
    if (!isSeen || this.#seen < WARM_UP) return { score: Number.NaN, shares: errors.map(() => Number.NaN) };
    const { score, each } = this.#scores.next(errors);
    const total = sum(each);
    const equal = 1 / each.length;
    return {
      score,
      shares: each.map((one) => (Number.isNaN(score) ? Number.NaN : total > 0 ? one / total : equal)),
    };
  }

  save(): SeriesState {
    return {
      index: this.#index ?? null,
      seen: this.#seen,
      features: this.#features.save(),
      scores: this.#scores.save(),
      alarms: this.#alarms.save(),
    };
  }

  restore({ index, seen, features, scores, alarms }: SeriesState): void {
    this.#index = index ?? undefined;
    this.#seen = seen;
    this.#features.restore(features);
    this.#scores.restore(scores);
    this.#alarms.restore(alarms);
  }
}
