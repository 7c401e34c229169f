/**
 * What the network reads at a step, one row after the other: where the row before stood against its running level, and what is
 * known of the step itself. The same rows give the same numbers, in a training and in a stream.
 */

import { calendarFeatures, calendarNames } from "../../data/time/calendar.ts";
import type { ColumnScales } from "../../data/time-series/column-scales.ts";
import { type LevelState, RunningLevel } from "./level.ts";
import type { Form } from "./options.ts";
import type { Prepared } from "./prepare.ts";

/** In spreads from the level: nothing is read, or expected, farther out. */
export const FARTHEST = 10;
/** In deviations of the training rows: what is farther out is read as just so far, so that sums of it and its products are finite. */
const LARGEST = 1e100;
/** Sines and cosines of once, twice and three times around each cycle. */
const HARMONICS = 3;

/** Numbers that the network reads at a step. */
export function inputWidth({ columns, calendar }: Prepared): number {
  const { targets, past, known } = columns;
  return 2 * targets.length + past.length + known.length + HARMONICS * calendar.length;
}

/** Rows that are missing before step `index`, up to `most`: what a network goes through before it. */
export function missedSteps(last: number | undefined, index: number, most: number): number {
  return last === undefined ? 0 : Math.max(0, Math.min(most, index - last - 1));
}

/** Where the time of a row is: at a step of the grid, or within one; neither where it has no time. */
export interface RowPlace {
  readonly index?: number | undefined;
  readonly within?: number | undefined;
}

/** The step that a row counts as: the one that it is at, or is within, though not before the one after the newest. */
export function stepOfRow({ index, within }: RowPlace, last: number | undefined): number {
  if (index !== undefined) return index;
  if (last === undefined) return within ?? 0;
  return Math.max(last + 1, within ?? 0);
}

/** Plain JSON. */
export interface FeatureState {
  readonly levels: readonly LevelState[];
  /** The row before, as the network reads it. */
  readonly before: readonly number[];
}

/** The features of one series. */
export class Features {
  readonly #prepared: Prepared;
  readonly #scale: ColumnScales;
  readonly #levels: readonly RunningLevel[];
  readonly #calendar: readonly boolean[];
  /** Targets against their levels, whether each was there, and past columns; then what is known of the step. */
  readonly #row: Float32Array;

  constructor(prepared: Prepared, form: Form, id: string) {
    this.#prepared = prepared;
    const own = Object.hasOwn(prepared.targets, id) ? prepared.targets[id] : undefined;
    this.#scale = own ?? prepared.others;
    this.#levels = prepared.columns.targets.map(() => new RunningLevel(form.level));
    this.#calendar = calendarNames(prepared.reading.grid).map((name) => prepared.calendar.includes(name));
    this.#row = new Float32Array(inputWidth(prepared));
  }

  /** What the network reads at step `index`, whose known columns are given (missing ones as NaN): a view, overwritten by the next. */
  at(index: number, known: ArrayLike<number>): Float32Array {
    const { reading, columns, known: scale } = this.#prepared;
    const { targets, past } = columns;
    let to = 2 * targets.length + past.length;
    for (let column = 0; column < scale.center.length; column++) {
      this.#row[to++] = bounded(scaled(known[column] as number, scale, column));
    }
    if (this.#prepared.calendar.length === 0) return this.#row;
    const circles = calendarFeatures(reading.grid, index);
    for (let at = 0; at < circles.length; at += 2) {
      if (!this.#calendar[at]) continue;
      const [sine, cosine] = [circles[at] as number, circles[at + 1] as number];
      let [s, c] = [sine, cosine];
      for (let turn = 0; turn < HARMONICS; turn++) {
        this.#row[to++] = s;
        this.#row[to++] = c;
        [s, c] = [s * cosine + c * sine, c * cosine - s * sine];
      }
    }
    return this.#row;
  }

  /** What a number of the network, in spreads from the level, is in the units of the data; NaN before the first value. */
  expected(column: number, given: number): number {
    const { level, spread } = this.#levels[column] as RunningLevel;
    return this.value(column, level + spread * given);
  }

  /** A target in deviations of the training rows, as errors are measured. */
  standard(column: number, value: number): number {
    const center = this.#scale.center[column] as number;
    return clamped((value - center) / (this.#scale.scale[column] as number), LARGEST);
  }

  /** And back. */
  value(column: number, standard: number): number {
    return (this.#scale.center[column] as number) + (this.#scale.scale[column] as number) * standard;
  }

  /** A target in spreads from its level, as the network gives it; NaN before the first value. */
  relative(column: number, value: number): number {
    const { level, spread } = this.#levels[column] as RunningLevel;
    return bounded((this.standard(column, value) - level) / spread);
  }

  /** Takes in the values of a row: targets and past columns, NaN for what is missing. */
  push(targets: ArrayLike<number>, past: ArrayLike<number>): void {
    const count = this.#levels.length;
    for (let column = 0; column < count; column++) {
      const value = targets[column] as number;
      const isThere = !Number.isNaN(value);
      if (isThere) (this.#levels[column] as RunningLevel).push(this.standard(column, value));
      this.#row[column] = isThere ? this.relative(column, value) : 0;
      this.#row[count + column] = isThere ? 1 : 0;
    }
    for (let column = 0; column < this.#prepared.past.center.length; column++) {
      this.#row[2 * count + column] = bounded(scaled(past[column] as number, this.#prepared.past, column));
    }
  }

  save(): FeatureState {
    return { levels: this.#levels.map((level) => level.save()), before: [...this.#row] };
  }

  restore({ levels, before }: FeatureState): void {
    for (const [column, level] of this.#levels.entries()) level.restore(levels[column] as LevelState);
    this.#row.set(before);
  }
}

/** A number against a scale; 0, the center, where it is missing. */
function scaled(value: number, { center, scale }: ColumnScales, column: number): number {
  return Number.isNaN(value) ? 0 : (value - (center[column] as number)) / (scale[column] as number);
}

function bounded(value: number): number {
  return clamped(value, FARTHEST);
}

/** A number between -most and most; NaN stays. */
function clamped(value: number, most: number): number {
  return Math.max(-most, Math.min(most, value));
}
