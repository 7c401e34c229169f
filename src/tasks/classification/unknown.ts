/** Words that are read as unknown now and then while training, so that unknown ones are something that was learnt. */

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

/** What forgets words: one that occurs n times with the probability weight / (weight + n). Other inputs stay as they are. */
export function forgetting(
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
    return sequences.map((sequence) =>
      sequence.map((token) =>
        random.uniform() * (weight + (counts[token] as number)) < weight ? unknownToken : token,
      ),
    );
  };
}
