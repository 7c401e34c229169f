/** Choosing the next token from logits. */

import { checkOptions, type OptionNames, printGiven } from "../../checks.ts";
import { TrainingError, UsageError } from "../../errors.ts";

export interface SamplingOptions {
  /** Logits are divided by it: below 1 is more cautious, 0 always takes the likeliest. Default 1. */
  readonly temperature?: number | undefined;
  /** Only the k likeliest tokens; default 0, all. */
  readonly topK?: number | undefined;
  /** Only the fewest likeliest tokens that together have this probability (Holtzman et al. 2020); default 1, all. */
  readonly topP?: number | undefined;
}

export const samplingNames: OptionNames<SamplingOptions> = { temperature: true, topK: true, topP: true };

/** Throws UsageError for values out of range. */
export function checkSampling({
  temperature = 1,
  topK = 0,
  topP = 1,
}: SamplingOptions): Required<SamplingOptions> {
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
  return { temperature, topK, topP };
}

/**
 * A token from logits (V) and a uniform number in [0, 1). A logit of -Infinity is never chosen. Top-k cuts first, top-p
 * what is left; among equals the lower token comes first. Throws TrainingError for logits that nothing can be chosen by:
 * NaN, Infinity, or -Infinity all of them.
 */
export function sampleToken(logits: ArrayLike<number>, options: SamplingOptions, uniform: number): number {
  checkOptions("sampleToken", options, samplingNames);
  const { temperature, topK, topP } = checkSampling(options) as {
    temperature: number;
    topK: number;
    topP: number;
  };
  const order = Array.from(logits, (_, token) => token)
    .filter((token) => (logits[token] as number) !== Number.NEGATIVE_INFINITY)
    .sort((a, b) => (logits[b] as number) - (logits[a] as number) || a - b);
  const wrong = order.find((token) => !Number.isFinite(logits[token]));
  if (wrong !== undefined || order.length === 0) {
    const given =
      wrong === undefined ? "every logit is -Infinity" : `the logit of token ${wrong} is ${logits[wrong]}`;
    throw new TrainingError(`${given}, a number expected: the model's weights are too large to predict with`);
  }
  const likeliest = order[0] as number;
  if (temperature === 0) return likeliest;
  const highest = logits[likeliest] as number;
  const kept = topK === 0 ? order : order.slice(0, topK);
  const weights = kept.map((token) => Math.exp(((logits[token] as number) - highest) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let count = 0;
  let mass = 0;
  while (count < kept.length && (count === 0 || mass < topP * total)) mass += weights[count++] as number;
  let left = uniform * mass;
  for (let at = 0; at < count; at++) {
    left -= weights[at] as number;
    if (left < 0) return kept[at] as number;
  }
  return kept[count - 1] as number;
}
