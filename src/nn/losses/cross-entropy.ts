/** Cross-entropy: how improbable the targets are, of classes of which one is right. */

import { checkOptions, printGiven } from "../../checks.ts";
import { ShapeError, UsageError } from "../../errors.ts";
import { type Dimension, printShape, sameShape, subtractDimensions } from "../../graph/dimension.ts";
import { fits } from "../../numbers.ts";
import { constantTensor } from "../../trace/constant-tensor.ts";
import { expectWithin } from "../../trace/expectation.ts";
import { range, where } from "../../trace/functions.ts";
import { expectTensors, located, sizeTensor, Tensor } from "../../trace/tensor.ts";
import { checkReduction, type Reduction, reduceLoss, refuse } from "./loss.ts";

export interface CrossEntropyOptions {
  /** Over the targets that count. Default "mean"; 0 where none counts. */
  readonly reduction?: Reduction | undefined;
  /** The target that does not count. Default -1. */
  readonly ignore?: number | undefined;
  /**
   * The part of a target's probability that all V classes get in equal shares, from 0 to 1. Default 0. Szegedy et al.,
   * "Rethinking the Inception architecture for computer vision", 2016.
   */
  readonly labelSmoothing?: number | undefined;
  /**
   * What each class weighs, from 0 on: float32 (V), or a list where V is a number. Default 1 each. The mean is divided by the
   * sum of the targets' weights.
   */
  readonly classWeights?: Tensor | readonly number[] | undefined;
}

/**
 * -log softmax(logits)[target] in nats, from logits (..., V) and targets int32 (...): torch.nn.functional.cross_entropy.
 * It does not overflow. Targets that a program is given have to be from 0 to V-1, or `ignore`, or it throws DataError; one
 * that it computed outside of that makes the loss NaN. With smoothing s and weights w a target y costs
 * -(1 - s) w[y] log p[y] - s / V sum over c of w[c] log p[c], where p is the softmax.
 * Logits whose target is ignored are not computed with: whatever they are, NaN included, reaches neither loss nor gradient.
 * Throws ShapeError where the shapes do not fit.
 */
export function crossEntropy(logits: Tensor, targets: Tensor, options: CrossEntropyOptions = {}): Tensor {
  expectTensors("crossEntropy", logits, targets);
  const names = { reduction: true, ignore: true, labelSmoothing: true, classWeights: true } as const;
  checkOptions("crossEntropy", options, names);
  const { reduction = "mean", ignore = -1, labelSmoothing = 0 } = options;
  checkReduction("crossEntropy", reduction);
  if (!(typeof labelSmoothing === "number" && labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new UsageError(
      `crossEntropy: labelSmoothing ${printGiven(labelSmoothing)} given, a number from 0 to 1 expected`,
    );
  }
  if (!fits(ignore, "int32")) {
    const given = `crossEntropy: ignore ${printGiven(ignore)} given`;
    throw new UsageError(`${given}, a target, which is a whole number from -2^31 to 2^31 - 1, expected`);
  }
  const classes = logits.shape.at(-1);
  const matches = classes !== undefined && sameShape(logits.shape.slice(0, -1), targets.shape);
  if (classes === undefined || !matches || targets.dtype !== "int32") {
    return refuse("crossEntropy", [logits, targets], "(..., V) and int32 (...)");
  }
  const classWeights = weightsOf(options.classWeights, classes);
  expectWithin(targets, 0, subtractDimensions(classes, 1), ignore);
  const column = targets.reshape([...targets.shape, 1]);
  const isTarget = range(classes).equal(column);
  const own = where(column.equal(ignore), 0, logits);
  const shifted = own.sub(own.max(-1, { keep: true }).stopGradient());
  const normaliser = shifted.exp().sum(-1).log();
  const outside = targets.less(0).or(sizeTensor(classes).convert("int32").lessEqual(targets));
  const counts = targets.equal(ignore).not();
  const ofTarget = normaliser.sub(where(isTarget, shifted, 0).sum(-1));
  const weight = classWeights?.gather(targets);
  const costs = weight?.mul(ofTarget) ?? ofTarget;
  const smoothed = () => {
    const ofAll = normaliser
      .mul(classWeights?.mean() ?? 1)
      .sub((classWeights?.mul(shifted) ?? shifted).mean(-1));
    return costs.mul(1 - labelSmoothing).add(ofAll.mul(labelSmoothing));
  };
  const each = labelSmoothing === 0 ? costs : smoothed();
  return reduceLoss(
    where(counts, where(outside, Number.NaN, each), 0),
    weight ? where(counts, weight, 0) : counts.convert("float32"),
    reduction,
  );
}

/** Throws ShapeError for weights that are not one a class, UsageError for a number that is no weight. */
function weightsOf(given: CrossEntropyOptions["classWeights"], classes: Dimension): Tensor | undefined {
  if (given === undefined) return undefined;
  if (given instanceof Tensor) {
    if (given.dtype === "float32" && sameShape(given.shape, [classes])) return given;
    return located(() => {
      const printed = `${given.dtype} ${printShape(given.shape)}`;
      throw new ShapeError(`crossEntropy: class weights ${printed} given, float32 (${classes}) expected`);
    });
  }
  if (!Array.isArray(given) || given.length !== classes) {
    throw new UsageError(
      `crossEntropy: class weights ${printGiven(given)} given, a list of ${classes} numbers expected`,
    );
  }
  const wrong = given.findIndex((weight) => !(Number.isFinite(weight) && weight >= 0));
  if (wrong >= 0) {
    throw new UsageError(
      `crossEntropy: the weight ${printGiven(given[wrong])} given for class ${wrong}, a number from 0 on expected`,
    );
  }
  return constantTensor("class weights", given, [given.length]);
}
