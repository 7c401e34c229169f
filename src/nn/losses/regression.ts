/** Losses of predicted numbers: squared, absolute, and Huber's, which is the one near the target and the other far off. */

import { checkOptions, printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { elementLoss, type RegressionLossOptions, regressionOptions } from "./elements.ts";

export interface HuberOptions extends RegressionLossOptions {
  /** How far from its target a prediction costs its square. Default 1. */
  readonly delta?: number | undefined;
}

/**
 * The mean (or sum) of (prediction - target)^2 over all elements, or those of a mask: torch.nn.functional.mse_loss. Throws
 * ShapeError where the shapes differ.
 */
export function meanSquaredError(
  predictions: Tensor,
  targets: Tensor,
  options: RegressionLossOptions = {},
): Tensor {
  return regressionLoss("meanSquaredError", predictions, targets, options, (error) => error.square());
}

/**
 * The mean (or sum) of |prediction - target| over all elements, or those of a mask: torch.nn.functional.l1_loss. Where both
 * are equal the gradient is 0. Throws ShapeError where the shapes differ.
 */
export function meanAbsoluteError(
  predictions: Tensor,
  targets: Tensor,
  options: RegressionLossOptions = {},
): Tensor {
  return regressionLoss("meanAbsoluteError", predictions, targets, options, sizeOfError);
}

/**
 * The mean (or sum) of e^2 / 2 where |e| <= delta, else delta (|e| - delta / 2), with e = prediction - target, over all
 * elements, or those of a mask: torch.nn.functional.huber_loss. Huber, "Robust estimation of a location parameter", 1964.
 * Throws ShapeError where the shapes differ, UsageError for a delta that is not positive.
 */
export function huberLoss(predictions: Tensor, targets: Tensor, options: HuberOptions = {}): Tensor {
  checkOptions("huberLoss", options, { ...regressionOptions, delta: true });
  const { delta = 1, ...others } = options;
  if (!(Number.isFinite(delta) && delta > 0)) {
    throw new UsageError(`huberLoss: delta ${printGiven(delta)} given, a positive number expected`);
  }
  return regressionLoss("huberLoss", predictions, targets, others, (error) => {
    const size = sizeOfError(error);
    const near = size.minimum(delta);
    return near.mul(size.sub(near.mul(0.5)));
  });
}

/** |error|, whose gradient at 0 is 0. */
const sizeOfError = (error: Tensor) => error.maximum(error.neg());

/** What a loss of two tensors of one shape takes. */
function regressionLoss(
  loss: string,
  predictions: Tensor,
  targets: Tensor,
  options: RegressionLossOptions,
  costOf: (error: Tensor) => Tensor,
): Tensor {
  const parts = [
    { tensor: predictions, neutral: 0 },
    { tensor: targets, neutral: 0 },
  ] as const;
  return elementLoss(loss, parts, options, ([own, target]) => costOf(own.sub(target)));
}
