/** Losses: how far predictions are from targets, as a float32 scalar. */

import { checkOptions, printGiven } from "../checks.ts";
import { ShapeError, UsageError } from "../errors.ts";
import { printShape, sameShape, subtractDimensions } from "../graph/dimension.ts";
import { fits } from "../numbers.ts";
import { expectWithin } from "../trace/expectation.ts";
import { range, where } from "../trace/functions.ts";
import { expectTensors, located, sizeTensor, type Tensor } from "../trace/tensor.ts";

export type Reduction = "mean" | "sum";

export interface CrossEntropyOptions {
  /** Over the targets that count. Default "mean"; 0 where none counts. */
  readonly reduction?: Reduction | undefined;
  /** The target that does not count. Default -1. */
  readonly ignore?: number | undefined;
}

export interface MeanSquaredErrorOptions {
  /** Over all elements. Default "mean". */
  readonly reduction?: Reduction | undefined;
}

/**
 * -log softmax(logits)[target] in nats, from logits (..., V) and targets int32 (...): torch.nn.functional.cross_entropy.
 * It does not overflow. Targets that a program is given have to be from 0 to V-1, or `ignore`, or it throws DataError; one
 * that it computed outside of that makes the loss NaN.
 * Throws ShapeError where the shapes do not fit.
 */
export function crossEntropy(logits: Tensor, targets: Tensor, options: CrossEntropyOptions = {}): Tensor {
  expectTensors("crossEntropy", logits, targets);
  checkOptions("crossEntropy", options, { reduction: true, ignore: true });
  const { reduction = "mean", ignore = -1 } = options;
  checkReduction("crossEntropy", reduction);
  if (!fits(ignore, "int32")) {
    const given = `crossEntropy: ignore ${printGiven(ignore)} given`;
    throw new UsageError(`${given}, a target, which is a whole number from -2^31 to 2^31 - 1, expected`);
  }
  const classes = logits.shape.at(-1);
  const matches = classes !== undefined && sameShape(logits.shape.slice(0, -1), targets.shape);
  if (classes === undefined || !matches || targets.dtype !== "int32") {
    return refuse("crossEntropy", logits, targets, "(..., V) and int32 (...)");
  }
  expectWithin(targets, 0, subtractDimensions(classes, 1), ignore);
  const column = targets.reshape([...targets.shape, 1]);
  const isTarget = range(classes).equal(column);
  const own = where(column.equal(ignore), 0, logits);
  const shifted = own.sub(own.max(-1, { keep: true }).stopGradient());
  const normaliser = shifted.exp().sum(-1).log();
  const outside = targets.less(0).or(sizeTensor(classes).convert("int32").lessEqual(targets));
  const chosen = where(isTarget, shifted, 0).sum(-1);
  const counts = targets.equal(ignore).not();
  const each = where(counts, where(outside, Number.NaN, normaliser.sub(chosen)), 0);
  const total = each.sum();
  return reduction === "sum" ? total : total.div(counts.convert("float32").sum().maximum(1));
}

/** The mean (or sum) of (prediction - target)^2 over all elements: torch.nn.functional.mse_loss. Throws ShapeError where the shapes differ. */
export function meanSquaredError(
  predictions: Tensor,
  targets: Tensor,
  options: MeanSquaredErrorOptions = {},
): Tensor {
  expectTensors("meanSquaredError", predictions, targets);
  checkOptions("meanSquaredError", options, { reduction: true });
  const { reduction = "mean" } = options;
  checkReduction("meanSquaredError", reduction);
  if (!sameShape(predictions.shape, targets.shape) || targets.dtype !== "float32") {
    return refuse("meanSquaredError", predictions, targets, "two float32 tensors of one shape");
  }
  const squares = predictions.sub(targets).square();
  return reduction === "sum" ? squares.sum() : squares.mean();
}

function checkReduction(loss: string, reduction: Reduction): void {
  if (reduction === "mean" || reduction === "sum") return;
  throw new UsageError(`${loss}: reduction ${printGiven(reduction)} given, mean, sum expected`);
}

/** Throws a ShapeError with the line of the user's code. */
function refuse(loss: string, predictions: Tensor, targets: Tensor, expected: string): never {
  return located(() => {
    const given = [predictions, targets].map(({ dtype, shape }) => `${dtype} ${printShape(shape)}`);
    throw new ShapeError(`${loss}: ${given.join(" and ")} given, ${expected} expected`);
  });
}
