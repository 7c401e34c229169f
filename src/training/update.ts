/** One update of a training as a compiled program. */

import { UsageError } from "../errors.ts";
import { parameters } from "../nn/model.ts";
import { isTensor } from "../program/compile.ts";
import { isValue } from "../program/values.ts";
import type { Tensor } from "../trace/tensor.ts";
import { leaves } from "../trace/tree.ts";
import type { Validation } from "./loop.ts";
import { adam } from "./optimizers.ts";
import { trainingStep } from "./step.ts";
import type { TrainingOptions } from "./training.ts";

/** What an update is, of all that a training is told. */
export interface UpdateOptions<Inputs>
  extends Pick<
    TrainingOptions<Inputs, never, Validation>,
    "model" | "inputs" | "parameters" | "optimizer" | "clipNorm" | "clipValue" | "seed" | "backend"
  > {
  /** The form of what is carried on, where something is. */
  readonly carried?: unknown;
  readonly loss: (
    ...given: Parameters<TrainingOptions<Inputs, never, Validation>["loss"]>
  ) => Tensor | LossParts;
}

interface LossParts {
  readonly loss: Tensor;
  readonly carried?: unknown;
  readonly measures?: Readonly<Record<string, Tensor>>;
}

/** The training step of a training: it gives what is carried on and what is shown besides. */
export function compileUpdate<Inputs>(options: UpdateOptions<Inputs>) {
  const carriedPaths = leaves(options.carried ?? {}, isValue).map(([path]) => path);
  const { model, inputs, loss, optimizer = adam(), clipNorm, clipValue, seed, backend } = options;
  return trainingStep({
    parameters: options.parameters ?? parameters(model),
    optimizer,
    inputs,
    loss(tensors, update, key) {
      const returned = loss(tensors, update, key);
      const { carried, measures, ...rest }: LossParts = "loss" in returned ? returned : { loss: returned };
      checkCarried(carriedPaths, carried);
      return { ...rest, outputs: { carried, measures: { ...measures } } };
    },
    clipNorm,
    clipValue,
    seed,
    backend,
  });
}

/** Throws UsageError where the loss does not return all that is carried on: it would stay as it was at the start. */
function checkCarried(paths: readonly string[], returned: unknown): void {
  const found = new Set(leaves(returned ?? {}, isTensor).map(([path]) => path));
  const missing = paths.find((path) => !found.has(path));
  if (missing !== undefined) {
    throw new UsageError(`Training: carries ${missing} on, but the loss returns nothing for it`);
  }
}
