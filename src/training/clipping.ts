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

/**
 * Scales the gradients of each layer alike where their norm exceeds `maximum`, by min(1, maximum / (norm + 1e-6)), whatever the others
 * are: a layer that explodes leaves the others their steps, while the direction of the whole gradient changes. `layers` names
 * the layer of each gradient. `norms` are those of the gradients as given. Throws UsageError unless there is a name for each.
 */
export function clipByLayerNorm(
  gradients: readonly Tensor[],
  layers: readonly string[],
  maximum: number,
): { gradients: Tensor[]; norms: Record<string, Tensor> } {
  checkBound("clipByLayerNorm: maximum", maximum);
  if (!Array.isArray(layers) || layers.length !== gradients.length) {
    const given = Array.isArray(layers) ? layers.length : printGiven(layers);
    throw new UsageError(
      `clipByLayerNorm: layers ${given} given, a name for each of ${gradients.length} gradients expected`,
    );
  }
  const clipped = new Map(
    Array.from(new Set(layers), (layer) => [
      layer,
      clipByGlobalNorm(
        gradients.filter((_, at) => layers[at] === layer),
        maximum,
      ),
    ]),
  );
  const next = new Map(Array.from(clipped, ([layer, { gradients }]) => [layer, gradients.values()]));
  return {
    gradients: layers.map((layer) => next.get(layer)?.next().value as Tensor),
    norms: Object.fromEntries(Array.from(clipped, ([layer, { norm }]) => [layer, norm])),
  };
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
