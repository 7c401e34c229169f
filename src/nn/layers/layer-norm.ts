/** Layer normalisation of the last axis. */

import { UsageError } from "../../errors.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { Variable } from "../../trace/variable.ts";
import { constant, zeros } from "../initializers.ts";
import { checkInput, checkSize, type Layer } from "./layer.ts";

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
export function layerNorm(size: number, { epsilon = 1e-5 }: { readonly epsilon?: number } = {}): LayerNorm {
  checkSize("layerNorm", "size", size);
  if (!(epsilon > 0 && epsilon < Number.POSITIVE_INFINITY)) {
    throw new UsageError(`layerNorm: epsilon ${String(epsilon)} given, a positive number expected`);
  }
  const weight = new Variable("weight", [size], { initializer: constant(1) });
  const bias = new Variable("bias", [size], { initializer: zeros });
  return {
    weights: { weight, bias },
    apply(x) {
      checkInput("layerNorm", x, size);
      const centred = x.sub(x.mean(-1, { keep: true }));
      const variance = centred.square().mean(-1, { keep: true });
      return centred.div(variance.add(epsilon).sqrt()).mul(weight).add(bias);
    },
  };
}
