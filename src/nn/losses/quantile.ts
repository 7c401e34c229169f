/** The loss of predicted quantiles. */

import { printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import { sameShape } from "../../graph/dimension.ts";
import { scalar, stack } from "../../trace/functions.ts";
import { expectTensors, located, type Tensor } from "../../trace/tensor.ts";
import { elementLoss, type RegressionLossOptions } from "./elements.ts";
import { refuse } from "./loss.ts";

/**
 * The mean (or sum) of max(q e, (q - 1) e), with e = target - prediction, over all elements and quantiles q, from predictions
 * (..., Q), one of each quantile, and targets (...): the pinball loss. Its least expected value is at the quantiles of the
 * targets' distribution. Koenker and Bassett, "Regression quantiles", 1978. Where prediction and target are equal the slope
 * is 1/2 - q by the prediction, between those of both sides. A mask and weights are over the axes of the targets or the leading ones.
 * Throws ShapeError where the shapes do not fit, UsageError for quantiles that are not numbers between 0 and 1.
 */
export function quantileLoss(
  predictions: Tensor,
  targets: Tensor,
  quantiles: readonly number[],
  options: RegressionLossOptions = {},
): Tensor {
  expectTensors("quantileLoss", predictions, targets);
  checkQuantiles("quantileLoss", quantiles);
  const { shape } = predictions;
  const fits = shape.at(-1) === quantiles.length && sameShape(shape.slice(0, -1), targets.shape);
  if (!fits || predictions.dtype !== "float32" || targets.dtype !== "float32") {
    const expected = `float32 (..., ${quantiles.length}) and float32 (...)`;
    return refuse("quantileLoss", [predictions, targets], expected);
  }
  const share = located(() => stack(quantiles.map((quantile) => scalar(quantile))));
  const column = targets.reshape([...targets.shape, 1]).broadcastTo(shape);
  const parts = [
    { tensor: predictions, neutral: 0 },
    { tensor: column, neutral: 0 },
  ] as const;
  return elementLoss("quantileLoss", parts, options, ([own, target]) => {
    const error = target.sub(own);
    return error.mul(share).maximum(error.mul(share.sub(1)));
  });
}

/** Throws UsageError for what is no list of numbers between 0 and 1, of which there is at least one. */
export function checkQuantiles(where: string, quantiles: readonly number[]): void {
  if (!Array.isArray(quantiles) || quantiles.length === 0) {
    throw new UsageError(
      `${where}: quantiles ${printGiven(quantiles)} given, a list of numbers between 0 and 1 expected`,
    );
  }
  const wrong = quantiles.findIndex(
    (quantile) => !(typeof quantile === "number" && quantile > 0 && quantile < 1),
  );
  if (wrong < 0) return;
  throw new UsageError(
    `${where}: quantile ${printGiven(quantiles[wrong])} given, a number between 0 and 1 expected`,
  );
}
