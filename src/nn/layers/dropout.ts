/** Dropout: while training, a random part of the elements is zero. */

import type { Shape } from "../../graph/dimension.ts";
import { full, randomUniform, where } from "../../trace/functions.ts";
import { keysFor, undropped } from "../../trace/randomness.ts";
import { expectTensors, type Tensor } from "../../trace/tensor.ts";
import { checkProbability, type Layer } from "./layer.ts";

export interface Dropout extends Layer {
  /** x with elements zeroed by the random numbers of `key`, int32 (2), or those of the training step around; else x itself. */
  apply(x: Tensor, key?: Tensor): Tensor;
}

/**
 * Each element is 0 with the given probability, else divided by 1 - probability, so that its mean stays (inverted
 * dropout). Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014.
 * Throws UsageError unless 0 <= probability < 1.
 */
export function dropout(probability: number): Dropout {
  checkProbability("dropout", "probability", probability);
  return {
    weights: {},
    apply(x, key) {
      expectTensors("dropout", x);
      if (probability === 0) return x;
      const keys = keysFor(key);
      if (!keys) return undropped(`dropout(${probability})`, x);
      const dropped = randomUniform(keys.fresh, x.shape).less(probability);
      return where(dropped, 0, x.mul(1 / (1 - probability)));
    },
  };
}

/** What dropout multiplies with: 0 with the given probability, else 1 / (1 - probability). */
export function dropMask(key: Tensor, shape: Shape, probability: number): Tensor {
  return where(randomUniform(key, shape).less(probability), 0, full(1 / (1 - probability), shape));
}
