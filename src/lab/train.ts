/** The training of every experiment: fresh data at every update, Adam, the norm of the gradients clipped to 1. */

import { breather } from "../long-work.ts";
import { initialize, parameters } from "../nn/model.ts";
import type { InputType, Update, ValueLike } from "../program/compile.ts";
import type { Tensor } from "../trace/tensor.ts";
import type { MapTree } from "../trace/tree.ts";
import type { Optimizer } from "../training/optimizer.ts";
import { adam } from "../training/optimizers.ts";
import { trainingStep } from "../training/step.ts";
import { stopIf, type TrialContext } from "./experiment.ts";

export interface LabTraining<Inputs> {
  readonly model: object;
  readonly inputs: Inputs;
  readonly loss: (inputs: MapTree<Inputs, InputType, Tensor>, update: Update) => Tensor;
  /** The data of an update, from 0. */
  readonly batch: (update: number) => MapTree<Inputs, InputType, ValueLike>;
  readonly updates: number;
  /** A rate, or that of each update, from 0. */
  readonly learningRate: number | ((update: number) => number);
  /** Default `adam()`. */
  readonly optimizer?: Optimizer | undefined;
  /** The largest global norm of the gradients, 0 for no clipping; default 1. */
  readonly clip?: number | undefined;
  /** Of starting values and of what is random in an update. */
  readonly seed: number;
  readonly context: TrialContext;
  /** Which part of the trial this training is; default all of it. */
  readonly share?: readonly [from: number, to: number] | undefined;
  /** Sees the loss after each update (from 1), and may end the training with "stop". */
  readonly after?: ((update: number, loss: number) => unknown) | undefined;
}

/**
 * Trains a model, which gets its starting values from the seed, and gives the losses of the updates. Throws `Stopped` once the
 * context's signal is aborted, TrainingError where the loss or the gradients are not finite.
 */
export async function train<const Inputs>(options: LabTraining<Inputs>): Promise<number[]> {
  const { model, inputs, loss, batch, updates, learningRate, optimizer = adam(), clip = 1 } = options;
  const { seed, context, share: [from, to] = [0, 1], after } = options;
  initialize(model, { seed });
  const step = trainingStep({
    parameters: parameters(model),
    optimizer,
    inputs,
    loss: (tensors, update) => loss(tensors, update),
    clipNorm: clip === 0 ? undefined : clip,
    seed,
    backend: context.backend,
  });
  const breathe = breather();
  const losses: number[] = [];
  for (let update = 0; update < updates; update++) {
    await breathe();
    stopIf(context.signal);
    const rate = typeof learningRate === "number" ? learningRate : learningRate(update);
    const found = step.run(batch(update) as never, rate).loss;
    losses.push(found);
    context.progress(from + ((to - from) * (update + 1)) / updates);
    if (after?.(update + 1, found) === "stop") break;
  }
  return losses;
}
