/** What is computed of what was seen, in the traced program: norms, and how much is saturated. */

import { where } from "../trace/functions.ts";
import { ENDED, type Squashing } from "../trace/observation.ts";
import type { Tensor } from "../trace/tensor.ts";

/**
 * The Euclidean norm over all axes but the first `kept`. The largest number is taken out first: the square of a gradient that
 * has vanished would be 0 in float32 long before the gradient is.
 */
export function norm(tensor: Tensor, kept = 0): Tensor {
  const axes = tensor.shape.map((_, axis) => axis).slice(kept);
  if (axes.length === 0) return tensor.abs();
  const largest = tensor.abs().max(axes, { keep: true });
  const scale = where(largest.greater(0), largest, 1);
  const relative = tensor.div(scale).square().sum(axes, { keep: true }).sqrt();
  return relative.mul(largest).reshape(tensor.shape.slice(0, kept));
}

/** Norms (T, B) of a gradient (T, B, ...) of what was seen as `seen`, marked where that has ended. */
export function stepNorms(gradient: Tensor, seen: Tensor): Tensor {
  let some = seen;
  while (some.shape.length > 2) some = some.at(2, 0);
  return where(some.equal(ENDED), ENDED, norm(gradient, 2));
}

const EDGE = 0.01;

/** What was seen, NaN where a row has ended. */
export function withoutEnded(tensor: Tensor): Tensor {
  return tensor.dtype === "float32" ? where(tensor.equal(ENDED), Number.NaN, tensor) : tensor;
}

/**
 * How many numbers lie where the slope of what they come from nearly vanishes, and how many there are, without those that have ended;
 * NaN of them where one is NaN.
 */
export function saturated(
  tensor: Tensor,
  squashing: Squashing,
): { readonly count: Tensor; readonly of: Tensor } {
  const high = (squashing === "tanh" ? tensor.abs() : tensor).greater(1 - EDGE);
  const isSaturated = squashing === "tanh" ? high : high.or(tensor.less(EDGE));
  const isThere = tensor.equal(ENDED).not();
  const known = where(tensor.equal(tensor), isSaturated.convert("float32"), Number.NaN);
  return { count: where(isThere, known, 0).sum(), of: isThere.convert("float32").sum() };
}
