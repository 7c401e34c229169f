/** A vector for each token of a vocabulary. */

import { checkOptions } from "../../checks.ts";
import { ShapeError } from "../../errors.ts";
import { expectWithin } from "../../trace/expectation.ts";
import { keysFor, undropped } from "../../trace/randomness.ts";
import { expectTensors, located, type Tensor } from "../../trace/tensor.ts";
import { Variable } from "../../trace/variable.ts";
import { checkScheme, normal, type Scheme, smallUniform } from "../initializers.ts";
import { dropMask } from "./dropout.ts";
import { checkProbability, checkSize, type Layer } from "./layer.ts";

export interface Embedding extends Layer {
  readonly weights: { readonly weight: Variable };
  /**
   * Tokens int32 (...) to vectors (..., E). Tokens that a program is given have to be from 0 to V-1, or it throws DataError
   * (see `expectWithin` for what it sees of them); one that it computed outside of that gives zeros. With a key, int32 (2), or
   * in a training step, words are dropped.
   */
  apply(tokens: Tensor, key?: Tensor): Tensor;
}

export interface EmbeddingOptions {
  /** How the vectors start: uniform in +-0.1 for "uniform", else standard normal, as in PyTorch. */
  readonly initialize?: Scheme | undefined;
  /**
   * Probability that a word's vector is 0 wherever it stands in a call that has a key, else divided by 1 - dropout. Default 0.
   * Gal and Ghahramani, "A theoretically grounded application of dropout in recurrent neural networks", 2016.
   */
  readonly dropout?: number | undefined;
}

/**
 * Row `token` of `weight` (V, E): torch.nn.Embedding.
 * Throws UsageError for sizes that are not positive integers, and a probability that is not from 0 to below 1.
 */
export function embedding(vocabulary: number, size: number, options: EmbeddingOptions = {}): Embedding {
  checkOptions("embedding", options, { initialize: true, dropout: true });
  const { initialize = "default", dropout = 0 } = options;
  checkSize("embedding", "vocabulary", vocabulary);
  checkSize("embedding", "size", size);
  checkScheme("embedding", initialize);
  checkProbability("embedding", "dropout", dropout);
  const initializer = initialize === "uniform" ? smallUniform : normal(1);
  const weight = new Variable("weight", [vocabulary, size], {
    initializer,
    layer: `embedding(${vocabulary}, ${size})`,
  });
  return {
    weights: { weight },
    apply(tokens, key) {
      expectTensors("embedding", tokens);
      if (tokens.dtype !== "int32") {
        located(() => {
          throw new ShapeError(`embedding: tokens of ${tokens.dtype} given, int32 expected`);
        });
      }
      expectWithin(tokens, 0, vocabulary - 1);
      const vectors = weight.gather(tokens);
      if (dropout === 0) return vectors;
      const keys = keysFor(key);
      if (!keys) return undropped(`embedding with dropout ${dropout}`, vectors);
      const kept = dropMask(keys.steady, [vocabulary], dropout).gather(tokens);
      return vectors.mul(kept.reshape([...tokens.shape, 1]));
    },
  };
}
