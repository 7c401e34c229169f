/** How hypotheses of different lengths compare: normalised by their lengths, and penalised for what they did not look at. */

import { type OptionNames, printGiven } from "../checks.ts";
import { UsageError } from "../errors.ts";
import type { Alignment } from "./trail.ts";

export const LENGTH_FORMS = ["gnmt", "power"] as const;
/** How a length divides: "gnmt" is ((5 + length) / 6)^alpha (Wu et al. 2016, equation 14), "power" is length^alpha. */
export type LengthForm = (typeof LENGTH_FORMS)[number];

export interface HypothesisScoreOptions {
  /** Alpha, from 0, which scores by the logarithm of probability alone and so prefers short ones. Default 0.6. */
  readonly lengthPenalty?: number | undefined;
  /** Default "gnmt". */
  readonly lengthForm?: LengthForm | undefined;
  /**
   * Beta, from 0: added is beta times the sum over the memory's steps of log(min(attention, 1)), the attention summed over all of
   * a hypothesis (Wu et al. 2016, equation 14). Default 0, which asks for no attention.
   */
  readonly coveragePenalty?: number | undefined;
}

export const hypothesisScoreNames: OptionNames<HypothesisScoreOptions> = {
  lengthPenalty: true,
  lengthForm: true,
  coveragePenalty: true,
};

/** A step that nobody looked at counts as this much attention: its logarithm is a number. */
const LEAST_ATTENTION = 1e-6;

export class HypothesisScore {
  readonly coverage: number;
  readonly #alpha: number;
  readonly #form: LengthForm;

  /** Throws UsageError for options out of range. */
  constructor(where: string, options: HypothesisScoreOptions) {
    const { lengthPenalty = 0.6, lengthForm = "gnmt", coveragePenalty = 0 } = options;
    for (const [name, given] of Object.entries({ lengthPenalty, coveragePenalty })) {
      if (typeof given === "number" && given >= 0 && given < Number.POSITIVE_INFINITY) continue;
      throw new UsageError(`${where}: ${name} ${printGiven(given)} given, a number from 0 expected`);
    }
    if (!LENGTH_FORMS.includes(lengthForm)) {
      const expected = `${LENGTH_FORMS.join(", ")} expected`;
      throw new UsageError(`${where}: lengthForm ${printGiven(lengthForm)} given, ${expected}`);
    }
    this.#alpha = lengthPenalty;
    this.#form = lengthForm;
    this.coverage = coveragePenalty;
  }

  /** Of a sum of logarithms of probabilities of so many tokens, END among them; the largest that it can be where nothing was looked at yet. */
  normalized(sum: number, length: number): number {
    const counted = Math.max(length, 1);
    const base = this.#form === "gnmt" ? (5 + counted) / 6 : counted;
    return sum / base ** this.#alpha;
  }

  /** What is added for the attention of a whole hypothesis: at most 0. */
  penalty({ data, shape: [steps, memory] }: Alignment): number {
    if (steps === 0) return 0;
    let sum = 0;
    for (let s = 0; s < memory; s++) {
      let looked = 0;
      for (let step = 0; step < steps; step++) looked += data[step * memory + s] as number;
      sum += Math.log(Math.min(Math.max(looked, LEAST_ATTENTION), 1));
    }
    return this.coverage * sum;
  }
}
