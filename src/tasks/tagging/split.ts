/** Which sentences are held out: a share of them, drawn by a seed. */

import { rowNumbers, shuffle } from "../../data/epochs.ts";
import { randomSource } from "../../nn/random.ts";

/** The sentences by what they are for, each part in their order; at least one is left to train on. */
export function splitSentences<Item>(
  items: readonly Item[],
  fraction: number,
  seed: number,
): { training: Item[]; validation: Item[] } {
  const count = Math.min(items.length - 1, Math.ceil(items.length * fraction));
  const held = new Set(shuffle(rowNumbers(items.length), randomSource(seed, "held out")).subarray(0, count));
  return {
    training: items.filter((_, at) => !held.has(at)),
    validation: items.filter((_, at) => held.has(at)),
  };
}
