/** Words that are read as unknown now and then while training, so that unknown ones are something that was learnt. */

import type { RandomSource } from "../trace/variable.ts";

/** Draws whether a word is read as unknown, by its number. */
export type Forgets = (word: number) => boolean;

/** Words of n occurrences are forgotten with the probability weight / (weight + n): Kiperwasser and Goldberg, 2016. */
export function forgetting(counts: ArrayLike<number>, weight: number, random: RandomSource): Forgets {
  return (word) => random.uniform() * (weight + (counts[word] as number)) < weight;
}
