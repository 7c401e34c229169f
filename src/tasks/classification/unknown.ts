/** Batches of texts in which some words are read as unknown. */

import { forgetting } from "../../data/forgetting.ts";
import { randomSource } from "../../nn/random.ts";
import type { Sequence } from "./inputs/input.ts";
import type { ClassifierModel } from "./model.ts";
import type { ClassifierSettings } from "./options.ts";

/** Sequences of a batch with some tokens replaced by the unknown one, as drawn for the batch. */
export type Forgetting = (
  sequences: readonly Sequence[],
  batch: number,
  epoch: number,
) => readonly Sequence[];

/** What forgets words of batches by how often the training rows have them. Other inputs stay as they are. */
export function forgettingOf(
  { input }: ClassifierModel,
  training: readonly Sequence[],
  { unknown: weight, seed }: ClassifierSettings,
): Forgetting {
  const { unknownToken, reads } = input;
  if (unknownToken === undefined || weight === 0 || !("tokens" in reads)) return (sequences) => sequences;
  const counts = new Uint32Array(reads.tokens);
  for (const sequence of training) {
    for (const token of sequence) counts[token] = (counts[token] as number) + 1;
  }
  return (sequences, batch, epoch) => {
    const random = randomSource(seed, `unknown words of batch ${batch} of epoch ${epoch}`);
    const forgets = forgetting(counts, weight, random);
    return sequences.map((sequence) => sequence.map((token) => (forgets(token) ? unknownToken : token)));
  };
}
