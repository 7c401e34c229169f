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
  requirePositive("norm", maximum);
  const norm = globalNorm(gradients);
  const coefficient = scalar(maximum).div(norm.add(1e-6)).minimum(1);
  return { gradients: gradients.map((gradient) => gradient.mul(coefficient)), norm };
}

/** Every element of the gradients cut to -maximum..maximum. */
export function clipByValue(gradients: readonly Tensor[], maximum: number): Tensor[] {
  requirePositive("value", maximum);
  expectTensors("clipByValue", ...gradients);
  return gradients.map((gradient) => gradient.minimum(maximum).maximum(-maximum));
}

function requirePositive(what: string, maximum: number): void {
  if (!(maximum > 0 && maximum < Number.POSITIVE_INFINITY)) {
    throw new UsageError(`clipping by ${what}: ${printGiven(maximum)} given, a number above 0 expected`);
  }
}
