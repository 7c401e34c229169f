/** Choosing the next token from logits. */

import { checkOptions, type OptionNames, printGiven } from "../checks.ts";
import { UsageError } from "../errors.ts";
import { Ranking } from "./ranking.ts";

export interface SamplingOptions {
  /** Logits are divided by it: below 1 is more cautious, 0 always takes the likeliest. Default 1. */
  readonly temperature?: number | undefined;
  /** Only the k likeliest tokens; default 0, all. */
  readonly topK?: number | undefined;
  /** Only the fewest likeliest tokens that together have this probability (Holtzman et al. 2020); default 1, all. */
  readonly topP?: number | undefined;
}

export const samplingNames: OptionNames<SamplingOptions> = { temperature: true, topK: true, topP: true };

/** A token from logits (V) and a uniform number in [0, 1). */
export type Sampler = (logits: ArrayLike<number>, uniform: number) => number;

/**
 * A token from logits (V) and a uniform number in [0, 1). A logit of -Infinity is never chosen. Top-k cuts first, top-p
 * what is left; among equals the lower token comes first. Throws TrainingError for logits that nothing can be chosen by:
 * NaN, Infinity, or -Infinity all of them.
 */
export function sampleToken(logits: ArrayLike<number>, options: SamplingOptions, uniform: number): number {
  checkOptions("sampleToken", options, samplingNames);
  return sampler(options)(logits, uniform);
}

/** `sampleToken` for many tokens: its options are checked once. Throws UsageError for values out of range. */
export function sampler({ temperature = 1, topK = 0, topP = 1 }: SamplingOptions = {}): Sampler {
  checkSampling(temperature, topK, topP);
  const ranking = new Ranking();
  return (logits, uniform) => {
    ranking.rank(logits);
    const likeliest = ranking.token(0);
    if (temperature === 0) return likeliest;
    const highest = logits[likeliest] as number;
    const weight = (token: number) => Math.exp(((logits[token] as number) - highest) / temperature);
    let count = ranking.count;
    let mass = 0;
    if (topK > 0 && topK < count) {
      count = topK;
      for (let rank = 0; rank < count; rank++) mass += weight(ranking.token(rank));
    } else {
      for (let token = 0; token < logits.length; token++) mass += weight(token);
    }
    if (topP < 1) {
      const least = topP * mass;
      mass = weight(likeliest);
      let kept = 1;
      while (kept < count && mass < least) mass += weight(ranking.token(kept++));
      count = kept;
    }
    let left = uniform * mass;
    for (let rank = 0; rank < count - 1; rank++) {
      const token = ranking.token(rank);
      left -= weight(token);
      if (left < 0) return token;
    }
    return ranking.token(count - 1);
  };
}

function checkSampling(temperature: number, topK: number, topP: number): void {
  if (!(typeof temperature === "number" && temperature >= 0 && temperature < Number.POSITIVE_INFINITY)) {
    throw new UsageError(
      `temperature ${printGiven(temperature)}: expected a number from 0, which takes the likeliest`,
    );
  }
  if (!Number.isInteger(topK) || topK < 0) {
    throw new UsageError(`top-k ${printGiven(topK)}: expected a whole number from 0, which is all tokens`);
  }
  if (!(typeof topP === "number" && topP > 0 && topP <= 1)) {
    throw new UsageError(
      `top-p ${printGiven(topP)}: expected a number above 0 and at most 1, which is all tokens`,
    );
  }
}
