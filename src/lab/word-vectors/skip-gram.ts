/** Word vectors from text without labels: the skip-gram, which foretells the neighbours of a word from its vector. */

import { embedding } from "../../nn/layers/embedding.ts";
import { linear } from "../../nn/layers/linear.ts";
import { crossEntropy } from "../../nn/losses/cross-entropy.ts";
import { randomSource } from "../../nn/random.ts";
import { int32, value } from "../../program/compile.ts";
import type { TrialContext } from "../experiment.ts";
import { train } from "../train.ts";

export interface SkipGramSizes {
  /** How many tokens there are. */
  readonly vocabulary: number;
  /** Numbers of a vector. */
  readonly size: number;
  /** Neighbours are at most so many tokens away, in the same sentence. */
  readonly window: number;
  readonly updates: number;
  readonly seed: number;
}

/**
 * Vectors (vocabulary, size), row by row, scaled to the root mean square 1, as large as vectors that start at random. The text is sentences of
 * `steps` tokens, row by row. Mikolov et al., "Efficient estimation of word representations in vector space", 2013; with the whole
 * softmax, for a small vocabulary.
 */
export async function skipGram(
  text: Int32Array,
  steps: number,
  { vocabulary, size, window, updates, seed }: SkipGramSizes,
  context: TrialContext,
  share: readonly [number, number],
): Promise<Float32Array> {
  const model = {
    vectors: embedding(vocabulary, size, { initialize: "uniform" }),
    neighbours: linear(size, vocabulary),
  };
  const pairs = 256;
  await train({
    model,
    inputs: { word: int32("B"), neighbour: int32("B") },
    loss: ({ word, neighbour }) => crossEntropy(model.neighbours.apply(model.vectors.apply(word)), neighbour),
    batch(update) {
      const random = randomSource(seed, `skip-gram ${update}`);
      const drawn = Array.from({ length: pairs }, () => {
        const at = Math.floor(text.length * random.uniform());
        const [start, place] = [at - (at % steps), at % steps];
        const [from, to] = [Math.max(0, place - window), Math.min(steps - 1, place + window)];
        const other = from + Math.floor((to - from) * random.uniform());
        return [text[at], text[start + other + Number(other >= place)]] as [number, number];
      });
      const of = (part: 0 | 1) =>
        value(
          Int32Array.from(drawn, (pair) => pair[part]),
          [pairs],
        );
      return { word: of(0), neighbour: of(1) };
    },
    updates,
    learningRate: 0.02,
    ...{ seed, context, share },
  });
  const { value: vectors } = model.vectors.weights.weight;
  const scale = (1 / Math.hypot(...vectors)) * Math.sqrt(vectors.length);
  return Float32Array.from(vectors, (number) => number * scale);
}
