/** What a detector has to beat: how far a value is from a running mean, in running deviations, and from the value before. */

import type { Side } from "./options.ts";

export const BASELINES = ["gaussian", "lastValue"] as const;
export type BaselineName = (typeof BASELINES)[number];

/** Of values of one target in deviations of the training rows, NaN for what is missing. */
type Rule = (memory: number) => (value: number) => number;

/** Next to no deviation: of a column that does not change. */
const NARROWEST = 1e-9;

const rules: Readonly<Record<BaselineName, Rule>> = {
  gaussian(memory) {
    let [count, mean, variance] = [0, 0, 0];
    return (value) => {
      const distance = count === 0 ? Number.NaN : (value - mean) / Math.max(NARROWEST, Math.sqrt(variance));
      if (Number.isNaN(value)) return Number.NaN;
      count += 1;
      const rate = Math.max(1 / count, 1 / memory);
      const difference = value - mean;
      mean += rate * difference;
      variance = (1 - rate) * (variance + rate * difference * difference);
      return distance;
    };
  },
  lastValue() {
    let before = Number.NaN;
    return (value) => {
      const distance = value - before;
      if (!Number.isNaN(value)) before = value;
      return distance;
    };
  },
};

const sided: Readonly<Record<Side, (distance: number) => number>> = {
  both: Math.abs,
  above: (distance) => distance,
  below: (distance) => -distance,
};

/** The scores of a baseline on one series: of each row the largest of its targets; NaN where there is none, and in the first rows. */
export class Baseline {
  readonly #targets: readonly ((value: number) => number)[];
  readonly #side: (distance: number) => number;
  readonly #warmUp: number;
  #seen = 0;

  constructor(
    name: BaselineName,
    {
      targets,
      memory,
      side,
      warmUp,
    }: { readonly targets: number; readonly memory: number; readonly side: Side; readonly warmUp: number },
  ) {
    this.#targets = Array.from({ length: targets }, () => rules[name](memory));
    this.#side = sided[side];
    this.#warmUp = warmUp;
  }

  next(values: ArrayLike<number>): number {
    const distances = this.#targets
      .map((rule, at) => this.#side(rule(values[at] as number)))
      .filter((distance) => !Number.isNaN(distance));
    if (distances.length === 0) return Number.NaN;
    this.#seen += 1;
    return this.#seen < this.#warmUp ? Number.NaN : Math.max(...distances);
  }
}
