/** The distribution of a step ahead as numbers that a network gives: what they mean, and what is lost by them. */

import {
  gaussianLikelihood,
  meanAbsoluteError,
  meanSquaredError,
  negativeBinomialLikelihood,
  orderedQuantiles,
  quantileLoss,
} from "../../nn/index.ts";
import { softplus } from "../../trace/activations.ts";
import { stack } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";
import type { InstanceScale } from "./instance-scale.ts";
import type { Form, LossName } from "./options.ts";

/** The quantiles that are learnt: those that are asked for, and the median, which stands for the forecast. Rising. */
export function learntQuantiles({ quantiles }: Form): readonly number[] {
  return [...new Set([...quantiles, 0.5])].sort((a, b) => a - b);
}

/** How many numbers a network gives for a target and a step. */
export function parameterCount(form: Form): number {
  const counts: Readonly<Record<LossName, number>> = {
    quantile: learntQuantiles(form).length,
    squared: 1,
    absolute: 1,
    gaussian: 2,
    "negative-binomial": 2,
  };
  return counts[form.loss];
}

/** The least deviation, in the units of a window's own deviation: a network that is sure of itself still learns. */
const LEAST_DEVIATION = 1e-3;
const LEAST_MEAN = 1e-6;
const LEAST_DISPERSION = 1e-6;

/**
 * What a network gave, raw (..., B, G, parameters), as a distribution in the units of the values: rising quantiles, a number,
 * mean and deviation, or mean and dispersion. `straight` (..., B, G) is added to where it lies.
 */
export function parametersOf(form: Form, raw: Tensor, scale: InstanceScale, straight?: Tensor): Tensor {
  const located = (index: number) => {
    const part = raw.at(-1, index);
    return straight ? part.add(straight) : part;
  };
  if (form.loss === "gaussian") {
    const deviation = softplus(raw.at(-1, 1)).add(LEAST_DEVIATION);
    return stack([scale.restore(located(0)), scale.spread(deviation)], -1);
  }
  if (form.loss === "negative-binomial") {
    const mean = softplus(located(0)).add(LEAST_MEAN);
    const dispersion = softplus(raw.at(-1, 1)).div(scale.scale.sqrt()).add(LEAST_DISPERSION);
    return stack([scale.spread(mean), dispersion], -1);
  }
  if (form.loss !== "quantile") return stack([scale.restore(located(0))], -1);
  const learnt = learntQuantiles(form);
  const middle = learnt.indexOf(0.5);
  const parts = learnt.map((_, index) => (index === middle ? located(index) : raw.at(-1, index)));
  const ordered = orderedQuantiles(stack(parts, -1), middle);
  return stack(
    learnt.map((_, index) => scale.restore(ordered.at(-1, index))),
    -1,
  );
}

/** The loss of distributions (H, B, G, parameters) against what came (H, B, G); 0 in `counts` leaves a target out, `weights` (B) weigh windows. */
export function distributionLoss(
  form: Form,
  parameters: Tensor,
  { future, counts, weights }: { readonly future: Tensor; readonly counts: Tensor; readonly weights: Tensor },
): Tensor {
  const options = {
    mask: counts.equal(1),
    weights: weights.reshape([1, weights.size(0)]).broadcastTo(future.shape.slice(0, 2)),
  };
  const [first, second] = [() => parameters.at(-1, 0), () => parameters.at(-1, 1)];
  switch (form.loss) {
    case "quantile":
      return quantileLoss(parameters, future, learntQuantiles(form), options);
    case "squared":
      return meanSquaredError(first(), future, options);
    case "absolute":
      return meanAbsoluteError(first(), future, options);
    case "gaussian":
      return gaussianLikelihood(first(), second(), future, options);
    case "negative-binomial":
      return negativeBinomialLikelihood(first(), second(), future, options);
  }
}
