/** What a training step is given, checked before it is traced, and what its loss returns. */

import { checkOptions, printGiven } from "../checks.ts";
import { UsageError } from "../errors.ts";
import { checkSeed } from "../nn/random.ts";
import { Tensor } from "../trace/tensor.ts";
import { Variable } from "../trace/variable.ts";
import { checkOptimizer } from "./optimizer.ts";
import type { TrainingStepOptions } from "./step.ts";

export function checkTrainingStep<Inputs, Outputs>(options: TrainingStepOptions<Inputs, Outputs>): void {
  checkOptions("trainingStep", options, {
    parameters: true,
    optimizer: true,
    inputs: true,
    loss: true,
    clipValue: true,
    clipNorm: true,
    seed: true,
    backend: true,
  });
  const { parameters, optimizer, inputs, loss, seed = 1 } = options;
  checkSeed(seed, "trainingStep: ");
  if (!Array.isArray(parameters)) {
    throw new UsageError(
      `trainingStep: parameters ${printGiven(parameters)} given, a list such as Object.values(parameters(model)) expected`,
    );
  }
  const stray = parameters.findIndex((parameter) => !(parameter instanceof Variable));
  if (stray >= 0) {
    throw new UsageError(
      `trainingStep: parameter ${stray} is ${printGiven(parameters[stray])}, a variable expected`,
    );
  }
  checkOptimizer("trainingStep", optimizer);
  if (inputs === undefined) throw new UsageError("trainingStep: no inputs given, a tree of types expected");
  if (typeof loss !== "function") {
    throw new UsageError(`trainingStep: loss ${printGiven(loss)} given, a function expected`);
  }
}

/** What the loss returned. Throws UsageError where that is not `{ loss, outputs }`. */
export function checkLoss<Result extends { readonly loss: Tensor }>(returned: Result): Result {
  const given: Partial<Result> | null = returned;
  if (!(given instanceof Tensor) && given?.loss instanceof Tensor) return returned;
  throw new UsageError(`trainingStep: the loss returned ${printGiven(returned)}, { loss, outputs } expected`);
}

export function checkRate(rate: number): void {
  if (Number.isFinite(rate) && rate >= 0) return;
  throw new UsageError(
    `trainingStep: learning rate ${printGiven(rate)} given, a finite number from 0 on expected`,
  );
}
