/** Binary cross-entropy: how improbable the targets are, each of which is yes or no. */

import { checkOptions, printGiven } from "../../checks.ts";
import { ShapeError, UsageError } from "../../errors.ts";
import { printShape, sameShape } from "../../graph/dimension.ts";
import { softplus } from "../../trace/activations.ts";
import { broadcastShapes } from "../../trace/align.ts";
import { expectWithin } from "../../trace/expectation.ts";
import { scalar, where } from "../../trace/functions.ts";
import { expectTensors, located, Tensor, type TensorLike } from "../../trace/tensor.ts";
import { checkReduction, type Reduction, reduceLoss, refuse } from "./loss.ts";

export interface BinaryCrossEntropyOptions {
  /** Over the targets that count. Default "mean"; 0 where none counts. */
  readonly reduction?: Reduction | undefined;
  /** The target that does not count. Default -1. */
  readonly ignore?: number | undefined;
  /** What a yes weighs against a no: a number from 0 on, or float32 that aligns with the logits, as (C) of (B, C). Default 1. */
  readonly positiveWeight?: TensorLike | undefined;
}

/**
 * -w y log p - (1 - y) log(1 - p) in nats, with p = sigmoid(logit) and the positive weight w, from logits (...) and targets
 * y (...), float32 from 0 to 1 or int32: torch.nn.functional.binary_cross_entropy_with_logits. It does not overflow.
 * Targets that a program is given have to be from 0 to 1, or `ignore`, or it throws DataError; one that it computed outside
 * of that makes the loss NaN. Logits whose target is ignored are not computed with: whatever they are, NaN included, reaches
 * neither loss nor gradient. Throws ShapeError where the shapes do not fit.
 */
export function binaryCrossEntropy(
  logits: Tensor,
  targets: Tensor,
  options: BinaryCrossEntropyOptions = {},
): Tensor {
  expectTensors("binaryCrossEntropy", logits, targets);
  checkOptions("binaryCrossEntropy", options, { reduction: true, ignore: true, positiveWeight: true });
  const { reduction = "mean", ignore = -1, positiveWeight = 1 } = options;
  checkReduction("binaryCrossEntropy", reduction);
  if (!sameShape(logits.shape, targets.shape) || logits.dtype !== "float32" || targets.dtype === "bool") {
    return refuse("binaryCrossEntropy", [logits, targets], "float32 and float32 or int32 of one shape");
  }
  checkPositiveWeight(positiveWeight, logits);
  expectWithin(targets, 0, 1, ignore);
  const counts = targets.equal(ignore).not();
  const own = where(counts, logits, 0);
  const yes = where(counts, targets.convert("float32"), 0);
  const isWithin = scalar(0).lessEqual(yes).and(yes.lessEqual(1));
  // -log p = softplus(-logit), and -log(1 - p) = softplus(logit).
  const ofYes = yes.mul(positiveWeight).mul(softplus(own.neg()));
  const ofNo = scalar(1).sub(yes).mul(softplus(own));
  const each = where(isWithin, ofYes.add(ofNo), Number.NaN);
  return reduceLoss(where(counts, each, 0), counts.convert("float32"), reduction);
}

function checkPositiveWeight(weight: TensorLike, { shape }: Tensor): void {
  if (weight instanceof Tensor) {
    located(() => {
      const fits = sameShape(broadcastShapes("binaryCrossEntropy", shape, weight.shape), shape);
      if (fits && weight.dtype === "float32") return;
      const given = `${weight.dtype} ${printShape(weight.shape)}`;
      throw new ShapeError(
        `binaryCrossEntropy: positive weight ${given} given, float32 that aligns with ${printShape(shape)} expected`,
      );
    });
  } else if (!(Number.isFinite(weight) && weight >= 0)) {
    throw new UsageError(
      `binaryCrossEntropy: positiveWeight ${printGiven(weight)} given, a number from 0 on expected`,
    );
  }
}
