/** A vector for each token of a vocabulary. */

import { ShapeError } from "../../errors.ts";
import { located, type Tensor } from "../../trace/tensor.ts";
import { Variable } from "../../trace/variable.ts";
import { checkScheme, normal, type Scheme, smallUniform } from "../initializers.ts";
import { checkSize, type Layer } from "./layer.ts";

export interface Embedding extends Layer {
  readonly weights: { readonly weight: Variable };
  /** Tokens int32 (...) to vectors (..., E). A token outside of 0..V-1 gives zeros. */
  apply(tokens: Tensor): Tensor;
}

export interface EmbeddingOptions {
  /** How the vectors start: uniform in +-0.1 for "uniform", else standard normal, as in PyTorch. */
  readonly initialize?: Scheme | undefined;
}

/**
 * Row `token` of `weight` (V, E): torch.nn.Embedding.
 * Throws UsageError for sizes that are not positive integers.
 */
export function embedding(
  vocabulary: number,
  size: number,
  { initialize = "default" }: EmbeddingOptions = {},
): Embedding {
  checkSize("embedding", "vocabulary", vocabulary);
  checkSize("embedding", "size", size);
  checkScheme("embedding", initialize);
  const initializer = initialize === "uniform" ? smallUniform : normal(1);
  const weight = new Variable("weight", [vocabulary, size], { initializer });
  return {
    weights: { weight },
    apply(tokens) {
      if (tokens.dtype !== "int32") {
        located(() => {
          throw new ShapeError(`embedding: tokens of ${tokens.dtype} given, int32 expected`);
        });
      }
      return weight.gather(tokens);
    },
  };
}
