/**
 * The training step: forward, backward, clipping and the optimiser as one compiled program, which changes the weights
 * and the optimiser's state in place.
 */

import type { Backend, Value } from "../backends/backend.ts";
import { UsageError } from "../errors.ts";
import { gradient } from "../gradient/index.ts";
import {
  type CompileOptions,
  compile,
  float32,
  type InputType,
  type Update,
  type ValueLike,
} from "../program/compile.ts";
import type { Tensor } from "../trace/tensor.ts";
import type { MapTree } from "../trace/tree.ts";
import type { Variable } from "../trace/variable.ts";
import { clipByGlobalNorm, clipByValue, globalNorm } from "./clipping.ts";
import { applyOptimizer, type Optimizer, type OptimizerState, optimizerState } from "./optimizer.ts";

export interface TrainingStepOptions<Inputs, Outputs> {
  /** What is trained. */
  readonly parameters: readonly Variable[];
  readonly optimizer: Optimizer;
  /** The tree of the types of the inputs, as for `compile`. */
  readonly inputs: Inputs;
  /**
   * The loss, a float32 scalar, and whatever else a step shall return, such as the state to carry on. `update` gives new
   * values to variables that are not trained, such as the running statistics of `batchNorm`.
   */
  readonly loss: (
    inputs: MapTree<Inputs, InputType, Tensor>,
    update: Update,
  ) => { loss: Tensor; outputs: Outputs };
  /** Clip by value: elements of gradients are cut to -clipValue..clipValue, before clipping by the norm. */
  readonly clipValue?: number | undefined;
  /** Clip by the global norm. */
  readonly clipNorm?: number | undefined;
  readonly backend?: Backend | undefined;
}

export interface TrainingStep<Inputs, Outputs> {
  readonly state: OptimizerState;
  /** One update. The norm is that of all gradients together before they are scaled. */
  run(
    inputs: MapTree<Inputs, InputType, ValueLike>,
    learningRate: number,
  ): { loss: number; gradientNorm: number; outputs: MapTree<Outputs, Tensor, Value> };
}

/** Compile a training step; the optimiser's state starts afresh. */
export function trainingStep<const Inputs, Outputs>(
  options: TrainingStepOptions<Inputs, Outputs>,
): TrainingStep<Inputs, Outputs> {
  const { optimizer, clipNorm, clipValue, backend } = options;
  const parameters = options.parameters.filter(({ trainable }) => trainable);
  if (parameters.length === 0) throw new UsageError("a training step was given no trainable parameters");
  const state = optimizerState(optimizer, parameters);
  const scalarTypes = Object.fromEntries(
    Object.keys(optimizer.scalars(1, 1)).map((name) => [name, float32()]),
  );
  type Tensors = { data: MapTree<Inputs, InputType, Tensor>; scalars: Record<string, Tensor> };
  const build = ({ data, scalars }: Tensors, update: Update) => {
    const { loss, outputs } = options.loss(data, update);
    const raw = gradient(loss, parameters) as Tensor[];
    const bounded = clipValue === undefined ? raw : clipByValue(raw, clipValue);
    const { gradients, norm } =
      clipNorm === undefined
        ? { gradients: bounded, norm: globalNorm(bounded) }
        : clipByGlobalNorm(bounded, clipNorm);
    applyOptimizer(optimizer, parameters, gradients, state, scalars, update);
    return { loss, norm, outputs };
  };
  const program = compile(
    build as never,
    {
      inputs: { data: options.inputs, scalars: scalarTypes },
      ...(backend && { backend }),
    } as CompileOptions<unknown> & { inputs: unknown },
  ) as unknown as (values: unknown) => {
    loss: Value;
    norm: Value;
    outputs: MapTree<Outputs, Tensor, Value>;
  };
  return {
    state,
    run(data, learningRate) {
      const scalars = optimizer.scalars(state.step + 1, learningRate);
      const { loss, norm, outputs } = program({ data, scalars });
      state.step += 1;
      return { loss: Number(loss.data[0]), gradientNorm: Number(norm.data[0]), outputs };
    },
  };
}
