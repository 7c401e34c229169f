/** Gradient clipping, against steps that explode (Pascanu, Mikolov and Bengio 2013). */

import { printGiven } from "../checks.ts";
import { UsageError } from "../errors.ts";
import { scalar } from "../trace/functions.ts";
import { expectTensors, type Tensor } from "../trace/tensor.ts";

/** The Euclidean norm of all gradients together. */
export function globalNorm(gradients: readonly Tensor[]): Tensor {
  expectTensors("globalNorm", ...gradients);
  return gradients.reduce((total, gradient) => total.add(gradient.square().sum()), scalar(0)).sqrt();
}

/**
 * Scales all gradients alike where their global norm exceeds `maximum`: by min(1, maximum / (norm + 1e-6)), as
 * torch.nn.utils.clip_grad_norm_ does. `norm` is that of the gradients as given.
 */
export function clipByGlobalNorm(
  gradients: readonly Tensor[],
  maximum: number,
): { gradients: Tensor[]; norm: Tensor } {
  checkBound("clipByGlobalNorm: maximum", maximum);
  const norm = globalNorm(gradients);
  const coefficient = scalar(maximum).div(norm.add(1e-6)).minimum(1);
  return { gradients: gradients.map((gradient) => gradient.mul(coefficient)), norm };
}

/** Every element of the gradients cut to -maximum..maximum. */
export function clipByValue(gradients: readonly Tensor[], maximum: number): Tensor[] {
  checkBound("clipByValue: maximum", maximum);
  expectTensors("clipByValue", ...gradients);
  return gradients.map((gradient) => gradient.minimum(maximum).maximum(-maximum));
}

/** Throws UsageError for a bound that is not a positive number; `where` begins its message. */
export function checkBound(where: string, bound: number): void {
  if (typeof bound === "number" && bound > 0 && bound < Number.POSITIVE_INFINITY) return;
  throw new UsageError(`${where} ${printGiven(bound)} given, a number above 0 expected`);
}
