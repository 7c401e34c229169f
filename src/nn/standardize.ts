/** Standardising: the numbers along the last axis, shifted and scaled to mean 0 and variance 1. */

import type { Tensor } from "../trace/tensor.ts";

/** (x - mean) / sqrt(variance + epsilon) over the last axis of x (..., N), with the variance over N. */
export function standardize(x: Tensor, epsilon = 1e-5): Tensor {
  const centred = x.sub(x.mean(-1, { keep: true }));
  const variance = centred.square().mean(-1, { keep: true });
  return centred.div(variance.add(epsilon).sqrt());
}
