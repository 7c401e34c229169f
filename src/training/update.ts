/** One update of a training as a compiled program. */

import { printGiven } from "../checks.ts";
import { UsageError } from "../errors.ts";
import { printShape } from "../graph/dimension.ts";
import { isOp } from "../graph/node.ts";
import { topologicalOrder } from "../graph/traverse.ts";
import { parameters } from "../nn/model.ts";
import { isTensor } from "../program/compile.ts";
import { isValue } from "../program/values.ts";
import type { Tensor } from "../trace/tensor.ts";
import { leaves } from "../trace/tree.ts";
import { Variable, variableOf } from "../trace/variable.ts";
import type { Validation } from "./loop.ts";
import { adam } from "./optimizers.ts";
import { trainingStep } from "./step.ts";
import type { TrainingOptions } from "./training.ts";

/** What an update is, of all that a training is told. */
export interface UpdateOptions<Inputs>
  extends Pick<
    TrainingOptions<Inputs, never, Validation>,
    | "model"
    | "inputs"
    | "parameters"
    | "optimizer"
    | "clipNorm"
    | "clipLayerNorm"
    | "clipValue"
    | "seed"
    | "backend"
  > {
  /** The form of what is carried on, where something is. */
  readonly carried?: unknown;
  readonly loss: (
    ...given: Parameters<TrainingOptions<Inputs, never, Validation>["loss"]>
  ) => Tensor | LossParts;
}

/** What a loss returned, in one form. */
export interface LossParts {
  readonly loss: Tensor;
  readonly carried?: unknown;
  readonly measures?: Readonly<Record<string, Tensor>> | undefined;
}

/** The training step of a training: it gives what is carried on and what is shown besides. */
export function compileUpdate<Inputs>(options: UpdateOptions<Inputs>) {
  const carriedPaths = leaves(options.carried ?? {}, isValue).map(([path]) => path);
  const { model, inputs, optimizer = adam(), clipNorm, clipLayerNorm, clipValue, seed, backend } = options;
  const weights = parameters(model);
  const trained = options.parameters ?? weights;
  checkTrained(trained, weights);
  return trainingStep({
    parameters: trained,
    optimizer,
    inputs,
    loss(tensors, update, key) {
      const { loss, carried, measures = {} } = lossParts(options.loss(tensors, update, key));
      checkWeights(loss, weights);
      checkCarried(carriedPaths, carried);
      checkMeasures(measures);
      return { loss, outputs: { carried, measures: { ...measures } } };
    },
    clipNorm,
    clipLayerNorm,
    clipValue,
    seed,
    backend,
  });
}

/** Throws UsageError for what a loss may not return. */
export function lossParts(returned: Tensor | LossParts): LossParts {
  if (isTensor(returned)) return { loss: returned };
  if (typeof returned === "object" && returned !== null && isTensor(returned.loss)) return returned;
  throw new UsageError(
    `Training: the loss returned ${printGiven(returned)}, a tensor or { loss, carried, measures } expected`,
  );
}

/** Throws UsageError for something to train that is no weight of the model: no file would hold it. */
function checkTrained(
  trained: Readonly<Record<string, Variable>> | readonly Variable[],
  weights: Readonly<Record<string, Variable>>,
): void {
  const known = new Set<unknown>(Object.values(weights));
  const stray = Object.values<unknown>(trained).find(
    (variable) => variable instanceof Variable && !known.has(variable),
  );
  if (stray instanceof Variable) {
    throw new UsageError(`Training: parameters: ${stray.name} is no weight of the model`);
  }
}

/** Throws UsageError for a weight that the loss reads and the model does not have: it would neither learn nor be saved. */
function checkWeights(loss: Tensor, weights: Readonly<Record<string, Variable>>): void {
  const known = new Set(Object.values(weights));
  for (const node of topologicalOrder([loss.node])) {
    if (!isOp(node, "variable")) continue;
    const variable = variableOf(node);
    if (!variable.trainable || known.has(variable)) continue;
    const of = variable.layer === undefined ? "" : ` of ${variable.layer}`;
    throw new UsageError(
      `Training: the loss reads ${variable.name}${of}, which is no weight of the model: put its layer into the model`,
    );
  }
}

/** Throws UsageError for a measure that is no scalar. */
function checkMeasures(measures: Readonly<Record<string, Tensor>>): void {
  for (const [name, measure] of Object.entries<unknown>(measures)) {
    if (isTensor(measure) && measure.shape.length === 0) continue;
    const given = isTensor(measure) ? `${measure.dtype} ${printShape(measure.shape)}` : printGiven(measure);
    throw new UsageError(`Training: the measure ${name} is ${given}, a scalar tensor expected`);
  }
}

/** Throws UsageError where the loss does not return all that is carried on: it would stay as it was at the start. */
function checkCarried(paths: readonly string[], returned: unknown): void {
  const found = new Set(leaves(returned ?? {}, isTensor).map(([path]) => path));
  const missing = paths.find((path) => !found.has(path));
  if (missing !== undefined) {
    throw new UsageError(`Training: carries ${missing} on, but the loss returns nothing for it`);
  }
}
