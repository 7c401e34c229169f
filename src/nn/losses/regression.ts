/** Losses of predicted numbers: squared, absolute, and Huber's, which is the one near the target and the other far off. */

import { checkOptions, printGiven } from "../../checks.ts";
import { ShapeError, UsageError } from "../../errors.ts";
import { printShape, sameShape } from "../../graph/dimension.ts";
import { where } from "../../trace/functions.ts";
import { expectTensors, located, type Tensor } from "../../trace/tensor.ts";
import { checkReduction, type Reduction, reduceLoss, refuse } from "./loss.ts";

export interface RegressionLossOptions {
  /** Over the elements that count. Default "mean"; 0 where none counts. */
  readonly reduction?: Reduction | undefined;
  /**
   * Which elements count, as bool over all axes of the predictions or the leading ones: `isWithin(lengths, "T")` (T, B) of
   * predictions (T, B, ...), or `targets.equal(targets)` where NaN stands for what is missing. Default all. The others are
   * left out before anything is computed: whatever they are, NaN included, reaches neither loss nor gradient.
   */
  readonly mask?: Tensor | undefined;
}

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
  checkOptions("huberLoss", options, { reduction: true, mask: true, delta: true });
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

function regressionLoss(
  loss: string,
  predictions: Tensor,
  targets: Tensor,
  options: RegressionLossOptions,
  costOf: (error: Tensor) => Tensor,
): Tensor {
  expectTensors(loss, predictions, targets);
  checkOptions(loss, options, { reduction: true, mask: true });
  const { reduction = "mean", mask } = options;
  checkReduction(loss, reduction);
  if (!sameShape(predictions.shape, targets.shape) || targets.dtype !== "float32") {
    return refuse(loss, predictions, targets, "two float32 tensors of one shape");
  }
  if (!mask) {
    const costs = costOf(predictions.sub(targets));
    return reduction === "sum" ? costs.sum() : costs.mean();
  }
  const counts = spread(loss, mask, predictions);
  const error = where(counts, predictions, 0).sub(where(counts, targets, 0));
  return reduceLoss(costOf(error), counts.convert("float32"), reduction);
}

/** A mask over leading axes, over all of them. */
function spread(loss: string, mask: Tensor, { shape }: Tensor): Tensor {
  expectTensors(`${loss}: mask`, mask);
  const rank = mask.shape.length;
  if (mask.dtype !== "bool" || !sameShape(mask.shape, shape.slice(0, rank))) {
    located(() => {
      const given = `${mask.dtype} ${printShape(mask.shape)}`;
      throw new ShapeError(
        `${loss}: mask ${given} given, bool over all axes of ${printShape(shape)} or the leading ones expected`,
      );
    });
  }
  return mask.reshape([...mask.shape, ...shape.slice(rank).map(() => 1)]).broadcastTo(shape);
}
