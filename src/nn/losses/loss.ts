/** What losses share: how what each target costs becomes one number, and how shapes that do not fit are refused. */

import { printGiven } from "../../checks.ts";
import { ShapeError, UsageError } from "../../errors.ts";
import { printShape } from "../../graph/dimension.ts";
import { where } from "../../trace/functions.ts";
import { located, type Tensor } from "../../trace/tensor.ts";

export type Reduction = "mean" | "sum";

export function checkReduction(loss: string, reduction: Reduction): void {
  if (reduction === "mean" || reduction === "sum") return;
  throw new UsageError(`${loss}: reduction ${printGiven(reduction)} given, mean, sum expected`);
}

/** The sum of what each costs, or its mean: divided by the sum of their weights, where that is not 0. */
export function reduceLoss(each: Tensor, weights: Tensor, reduction: Reduction): Tensor {
  const total = each.sum();
  if (reduction === "sum") return total;
  const weight = weights.sum();
  return total.div(where(weight.equal(0), 1, weight));
}

/** Throws a ShapeError with the line of the user's code. */
export function refuse(loss: string, tensors: readonly Tensor[], expected: string): never {
  return located(() => {
    const given = tensors.map(({ dtype, shape }) => `${dtype} ${printShape(shape)}`);
    throw new ShapeError(`${loss}: ${given.join(" and ")} given, ${expected} expected`);
  });
}
