/** The best continuations of several rows together, found in one pass over the scores of all tokens. */

import { unusable } from "./ranking.ts";
import type { DecodingRules } from "./rules.ts";

/** Rounding of a difference of two float64 numbers, relative to the larger one: more than that is never lost. */
const ROUNDING = 2 ** -50;

/** So many tokens are passed over at once, as nearly all are. */
const RUN = 8;

/** Whether a run of scores is not above the cut: NaN is above every cut. */
// biome-ignore format: one after the other
function isRunBelow(values: ArrayLike<number>, at: number, cut: number): boolean {
  return (
    (values[at] as number) <= cut && (values[at + 1] as number) <= cut &&
    (values[at + 2] as number) <= cut && (values[at + 3] as number) <= cut &&
    (values[at + 4] as number) <= cut && (values[at + 5] as number) <= cut &&
    (values[at + 6] as number) <= cut && (values[at + 7] as number) <= cut
  );
}

/**
 * Keeps the best of all that it is offered, the best first; among equals what was offered earlier. Nothing is allocated after
 * it was made.
 */
export class Candidates {
  readonly rows: Int32Array;
  readonly tokens: Int32Array;
  /** The sums of logarithms of probabilities. */
  readonly sums: Float64Array;
  /** How many there are. */
  count = 0;
  #wanted: number;

  constructor(most: number) {
    this.rows = new Int32Array(most);
    this.tokens = new Int32Array(most);
    this.sums = new Float64Array(most);
    this.#wanted = most;
  }

  /** Begin anew, for the best `wanted`. */
  clear(wanted: number): void {
    this.count = 0;
    this.#wanted = wanted;
  }

  /**
   * All tokens that may follow a row, whose scores stand in `values` from `row * tokens` on: a candidate's sum is its score and
   * `base`. A score of -Infinity is never one. Throws TrainingError for NaN and Infinity.
   */
  offer(row: number, values: ArrayLike<number>, tokens: number, base: number, rules: DecodingRules): void {
    const start = row * tokens;
    let cut = this.#cut(base);
    for (let token = 0; token < tokens; token += RUN) {
      const end = Math.min(token + RUN, tokens);
      if (end - token === RUN && isRunBelow(values, start + token, cut)) continue;
      for (let at = token; at < end; at++) {
        const value = values[start + at] as number;
        if (value <= cut) continue;
        if (!(value < Number.POSITIVE_INFINITY)) throw unusable(at, value);
        const sum = base + value;
        if (this.count === this.#wanted && sum <= (this.sums[this.count - 1] as number)) continue;
        if (!rules.allows(at)) continue;
        this.#insert(row, at, sum);
        cut = this.#cut(base);
      }
    }
  }

  /** No score up to this one makes a candidate; one above it may. */
  #cut(base: number): number {
    if (this.count < this.#wanted) return Number.NEGATIVE_INFINITY;
    const worst = this.sums[this.count - 1] as number;
    return worst - base - ROUNDING * (Math.abs(worst) + Math.abs(base));
  }

  #insert(row: number, token: number, sum: number): void {
    const { rows, tokens, sums } = this;
    let at = this.count < this.#wanted ? this.count++ : this.count - 1;
    for (; at > 0 && (sums[at - 1] as number) < sum; at--) {
      rows[at] = rows[at - 1] as number;
      tokens[at] = tokens[at - 1] as number;
      sums[at] = sums[at - 1] as number;
    }
    rows[at] = row;
    tokens[at] = token;
    sums[at] = sum;
  }
}
