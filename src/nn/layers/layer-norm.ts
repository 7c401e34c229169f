/** Layer normalisation of the last axis. */

import { checkOptions } from "../../checks.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { Variable } from "../../trace/variable.ts";
import { constant, zeros } from "../initializers.ts";
import { standardize } from "../standardize.ts";
import { checkEpsilon, checkInput, checkSize, type Layer } from "./layer.ts";

export interface LayerNormOptions {
  /** What keeps a division from 0; default 1e-5. */
  readonly epsilon?: number | undefined;
}

export interface LayerNorm extends Layer {
  readonly weights: { readonly weight: Variable; readonly bias: Variable };
  /** (..., N) to (..., N). */
  apply(x: Tensor): Tensor;
}

/**
 * y = (x - mean) / sqrt(variance + epsilon) * weight + bias over the last axis, with the variance over N:
 * torch.nn.LayerNorm. Ba, Kiros and Hinton, "Layer normalization", 2016. `weight` (N) starts as 1, `bias` (N) as 0.
 * Throws UsageError for a size that is not a positive integer, or an epsilon that is not positive.
 */
export function layerNorm(size: number, options: LayerNormOptions = {}): LayerNorm {
  checkOptions("layerNorm", options, { epsilon: true });
  const { epsilon = 1e-5 } = options;
  checkSize("layerNorm", "size", size);
  checkEpsilon("layerNorm", epsilon);
  const layer = `layerNorm(${size})`;
  const weight = new Variable("weight", [size], { initializer: constant(1), layer });
  const bias = new Variable("bias", [size], { initializer: zeros, layer });
  return {
    weights: { weight, bias },
    apply(x) {
      checkInput("layerNorm", x, size);
      return standardize(x, epsilon).mul(weight).add(bias);
    },
  };
}
