/** What a training step is given, checked before it is traced, and what its loss returns. */

import { checkOptions, isPlain, printGiven } from "../checks.ts";
import { UsageError } from "../errors.ts";
import type { GivenParameters } from "../nn/parameters.ts";
import { checkSeed } from "../nn/random.ts";
import { Tensor } from "../trace/tensor.ts";
import { Variable } from "../trace/variable.ts";
import { checkBound } from "./clipping.ts";
import { checkOptimizer } from "./optimizer.ts";
import type { LossResult, TrainingStepOptions } from "./step.ts";

export function checkTrainingStep<Inputs, Outputs>(options: TrainingStepOptions<Inputs, Outputs>): void {
  checkOptions("trainingStep", options, {
    parameters: "variables such as parameters(model)",
    optimizer: "an optimiser such as adam()",
    inputs: 'a tree of types such as { x: float32("T", "B", 1) }',
    loss: "a function",
    clipValue: true,
    clipLayerNorm: true,
    clipNorm: true,
    seed: true,
    backend: true,
  });
  const { parameters, optimizer, loss, clipValue, clipLayerNorm, clipNorm, seed = 1 } = options;
  checkSeed(seed, "trainingStep: ");
  checkParameters("trainingStep", parameters);
  checkOptimizer("trainingStep", optimizer);
  if (clipValue !== undefined) checkBound("trainingStep: clipValue", clipValue);
  if (clipLayerNorm !== undefined) checkBound("trainingStep: clipLayerNorm", clipLayerNorm);
  if (clipNorm !== undefined) checkBound("trainingStep: clipNorm", clipNorm);
  if (typeof loss !== "function") {
    throw new UsageError(`trainingStep: loss ${printGiven(loss)} given, a function expected`);
  }
}

/** Throws UsageError for what are no variables. */
export function checkParameters(where: string, parameters: GivenParameters): void {
  if (typeof parameters !== "object" || parameters === null || !isPlain(parameters)) {
    throw new UsageError(
      `${where}: parameters ${printGiven(parameters)} given, parameters(model) or a list of variables expected`,
    );
  }
  const stray = Object.entries(parameters).find(([, parameter]) => !(parameter instanceof Variable));
  if (stray) {
    throw new UsageError(
      `${where}: parameter ${stray[0]} is ${printGiven(stray[1])}, a variable expected: parameters(model) gives those of a model`,
    );
  }
}

/** What the loss returned, in one form. Throws UsageError where that is neither a tensor nor `{ loss, outputs }`. */
export function checkLoss<Outputs>(returned: LossResult<Outputs>): { loss: Tensor; outputs: Outputs } {
  if (returned instanceof Tensor) return { loss: returned, outputs: {} as Outputs };
  if (returned?.loss instanceof Tensor) {
    return { loss: returned.loss, outputs: returned.outputs ?? ({} as Outputs) };
  }
  throw new UsageError(
    `trainingStep: the loss returned ${printGiven(returned)}, a tensor or { loss, outputs } expected`,
  );
}

export function checkRate(rate: number, where = "trainingStep"): void {
  if (Number.isFinite(rate) && rate >= 0) return;
  throw new UsageError(
    `${where}: learning rate ${printGiven(rate)} given, a finite number from 0 on expected`,
  );
}
