/** The random numbers that weights start from. */

import { printGiven } from "../checks.ts";
import { UsageError } from "../errors.ts";
import { threefry, uniform } from "../graph/threefry.ts";
import type { RandomSource } from "../trace/variable.ts";

/**
 * The stream of random numbers that belongs to a seed and a path such as "rnn.weight_hh_l0"; it depends on nothing else.
 * Throws UsageError for a seed that is not an integer from 0 to 2^53 - 1.
 */
export function randomSource(seed: number, path: string): RandomSource {
  checkSeed(seed);
  let key: [number, number] = [seed >>> 0, Math.floor(seed / 2 ** 32)];
  for (let at = 0; at < path.length; at++) key = threefry(key[0], key[1], path.charCodeAt(at), at);
  let counter = 0;
  const next = () => uniform(key[0], key[1], counter++);
  return {
    uniform: next,
    // Box and Muller 1958
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  };
}

/** What a seed may be, for messages. */
export const seedRange = "an integer from 0 to 2^53 - 1";

/** Throws UsageError for a seed that is not an integer from 0 to 2^53 - 1; `where` begins its message. */
export function checkSeed(seed: number | undefined, where = ""): asserts seed is number {
  if (Number.isSafeInteger(seed) && (seed as number) >= 0) return;
  throw new UsageError(`${where}seed ${printGiven(seed)} given, ${seedRange} expected`);
}
