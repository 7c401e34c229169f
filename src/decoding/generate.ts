/** Tokens that go on from others, drawn one by one from what any step function predicts. */

import { checkOptions, type OptionNames, printGiven } from "../checks.ts";
import { DataError, UsageError } from "../errors.ts";
import { uniform } from "../graph/threefry.ts";
import { checkNumbers } from "../numbers.ts";
import { type SamplingOptions, sampler, samplingNames } from "./sampling.ts";

export interface GenerateTokensOptions extends SamplingOptions {
  /** The most tokens to draw; by default there is no end to them. */
  readonly length?: number | undefined;
  /** 0 to 2^53 - 1; default 1. */
  readonly seed?: number | undefined;
  /** The token at which it ends, which is not given itself. */
  readonly end?: number | undefined;
}

const generateTokensNames: OptionNames<GenerateTokensOptions> = {
  length: true,
  seed: true,
  end: true,
  ...samplingNames,
};

/**
 * Tokens that go on from a prompt of one token or more. `step` takes a token and gives the logits (V) of the one after it, as
 * the `next` of a stream does; it is called when the next token is asked for, never ahead. They are the same for the same
 * seed: the token of number `n` depends on the seed, `n` and the logits.
 *
 *     for (const token of generateTokens((token) => live.next(token), [start], { length: 20, end })) ...
 *
 * Throws UsageError for options out of range, DataError for a prompt that is empty or no list of whole numbers; while it
 * draws, TrainingError for logits that nothing can be chosen by.
 */
export function generateTokens(
  step: (token: number) => ArrayLike<number>,
  prompt: ArrayLike<number>,
  options: GenerateTokensOptions = {},
): Generator<number, void, undefined> {
  checkOptions("generateTokens", options, generateTokensNames);
  const generate = tokenGenerator(options);
  if (typeof step !== "function") {
    throw new UsageError(`generateTokens: step ${printGiven(step)} given, a function expected`);
  }
  checkNumbers("generateTokens: prompt", prompt, "int32");
  if (prompt.length === 0)
    throw new DataError("generateTokens: prompt: no tokens given, one or more expected");
  return generate(step, prompt);
}

/** `generateTokens` with options that are checked before there is anything to go on from. */
export function tokenGenerator(
  options: GenerateTokensOptions,
): (
  step: (token: number) => ArrayLike<number>,
  prompt: ArrayLike<number>,
) => Generator<number, void, undefined> {
  const { length = Number.POSITIVE_INFINITY, seed = 1, end, ...sampling } = options;
  if (length !== Number.POSITIVE_INFINITY) checkLength(length);
  checkSeed(seed);
  if (end !== undefined && !(Number.isInteger(end) && end >= 0)) {
    throw new UsageError(`end ${printGiven(end)}: expected a token, which is a whole number from 0`);
  }
  const choose = sampler(sampling);
  const [low, high] = [seed >>> 0, Math.floor(seed / 2 ** 32)];
  return function* (step, prompt) {
    const last = prompt.length - 1;
    for (let at = 0; at < last; at++) step(prompt[at] as number);
    let token = prompt[last] as number;
    for (let drawn = 0; drawn < length; drawn++) {
      token = choose(step(token), uniform(low, high, drawn));
      if (token === end) return;
      yield token;
    }
  };
}

/** Throws UsageError for a length that is none. */
export function checkLength(length: number): void {
  if (Number.isSafeInteger(length) && length >= 0) return;
  throw new UsageError(`length ${printGiven(length)}: expected a whole number from 0`);
}

/** Throws UsageError for a seed that is none. */
export function checkSeed(seed: number): void {
  if (Number.isSafeInteger(seed) && seed >= 0) return;
  throw new UsageError(`seed ${printGiven(seed)}: expected a whole number from 0 to 2^53 - 1`);
}
