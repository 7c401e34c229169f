/** The running level and spread of a column: what is usual lately. Values are read relative to both, so that a new level is soon usual. */

/** A value counts at most so many spreads from the level: one that lies far out moves neither much. */
const FARTHEST = 4;
/** In units of the deviation of the training rows: nothing is steadier. */
const LEAST_SPREAD = 0.05;
/** A normal distribution's deviation over its mean absolute error. */
const PER_ABSOLUTE = Math.sqrt(Math.PI / 2);

/** Plain JSON. */
export interface LevelState {
  readonly count: number;
  /** Null before the first value. */
  readonly level: number | null;
  readonly spread: number;
}

/** Exponential means over about `memory` values; the first values are weighed alike. */
export class RunningLevel {
  readonly #memory: number;
  #count = 0;
  #level = Number.NaN;
  #spread = 1;

  constructor(memory: number) {
    this.#memory = memory;
  }

  /** NaN before the first value. */
  get level(): number {
    return this.#level;
  }

  get spread(): number {
    return this.#spread;
  }

  push(value: number): void {
    this.#count += 1;
    if (this.#count === 1) {
      this.#level = value;
      return;
    }
    const rate = Math.max(1 / this.#count, 1 / this.#memory);
    const most = FARTHEST * this.#spread;
    const difference = Math.max(-most, Math.min(most, value - this.#level));
    this.#level += rate * difference;
    const spread = this.#spread + rate * (PER_ABSOLUTE * Math.abs(difference) - this.#spread);
    this.#spread = Math.max(LEAST_SPREAD, spread);
  }

  save(): LevelState {
    return { count: this.#count, level: this.#count > 0 ? this.#level : null, spread: this.#spread };
  }

  restore({ count, level, spread }: LevelState): void {
    this.#count = count;
    this.#level = level ?? Number.NaN;
    this.#spread = spread;
  }
}
