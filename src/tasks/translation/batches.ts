/** Pairs side by side, as a network reads them: those of like lengths together, filled up to the longest of each side. */

import type { Value } from "../../backends/backend.ts";
import { LengthBatches } from "../../data/length-batches.ts";
import { padTokens } from "../../data/padding.ts";
import { IGNORED_TARGET } from "../../data/windows.ts";
import { int32, type ValueLike } from "../../program/compile.ts";
import type { Example } from "./prepare.ts";
import { END, PADDING, START } from "./side.ts";

/** The types of sources. */
export const sourceTypes = { source: int32("S", "B"), sourceLengths: int32("B") };

/** The types of what is learnt from: what the decoder reads and shall write; a pair has a step more than its target has tokens. */
export const trainingTypes = {
  ...sourceTypes,
  inputs: int32("T", "B"),
  targets: int32("T", "B"),
  targetLengths: int32("B"),
};

/** Sources of one token or more as the values of `sourceTypes`. */
export function sourcesOf(sources: readonly Int32Array[]) {
  const { values, lengths } = padTokens(sources, { padding: PADDING });
  return { source: values, sourceLengths: lengths };
}

/** Examples as the values of `trainingTypes`: of a target a b the decoder reads START a b, and shall write a b END. */
export function batchOf(examples: readonly Pick<Example, "source" | "target">[]) {
  const read = padTokens(
    examples.map(({ target }) => [START, ...target]),
    { padding: PADDING },
  );
  const write = padTokens(
    examples.map(({ target }) => [...target, END]),
    { padding: IGNORED_TARGET },
  );
  return {
    ...sourcesOf(examples.map(({ source }) => source)),
    inputs: read.values,
    targets: write.values,
    targetLengths: read.lengths,
  };
}

/** Tokens that a batch has to write, END among them: what a mean loss is a mean of. */
export function tokensIn({ targetLengths }: { readonly targetLengths: ValueLike }): number {
  return Array.from((targetLengths as Value).data).reduce((sum, length) => sum + length, 0);
}

/**
 * Which examples are in which batch of an epoch: all are sorted by the target's length, then by the source's, so that in batches of 64 of
 * 29,000 captions 5 % of the sources' steps are padding, and less of the targets'.
 */
export function orderOf(
  examples: readonly Pick<Example, "source" | "target">[],
  { batch, seed }: { readonly batch: number; readonly seed: number },
): LengthBatches {
  const widest = examples.reduce((most, { source }) => Math.max(most, source.length), 0);
  const lengths = examples.map(({ source, target }) => target.length * (widest + 1) + source.length);
  return new LengthBatches(lengths, { batch, seed });
}
