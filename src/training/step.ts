/**
 * The training step: forward, backward, clipping and the optimiser as one compiled program, which changes the weights
 * and the optimiser's state in place, unless the loss or the gradients are not finite.
 */

import type { Value } from "../backends/backend.ts";
import type { BackendChoice } from "../backends/choice.ts";
import { UsageError } from "../errors.ts";
import { gradient } from "../gradient/index.ts";
import { threefry } from "../graph/threefry.ts";
import { topologicalOrder } from "../graph/traverse.ts";
import { layerOf, namedParameters } from "../nn/parameters.ts";
import {
  type CompileOptions,
  checkUpdate,
  compile,
  float32,
  type InputType,
  int32,
  type Update,
  type ValueLike,
  value,
} from "../program/compile.ts";
import { refuseWhileTracing } from "../trace/current.ts";
import { where } from "../trace/functions.ts";
import { withKey } from "../trace/randomness.ts";
import type { Tensor } from "../trace/tensor.ts";
import type { MapTree } from "../trace/tree.ts";
import type { Variable } from "../trace/variable.ts";
import { clipByGlobalNorm, clipByLayerNorm, clipByValue, globalNorm } from "./clipping.ts";
import { requireFinite } from "./diverged.ts";
import { applyOptimizer, type Optimizer, type OptimizerState, optimizerState } from "./optimizer.ts";
import { checkLoss, checkRate, checkTrainingStep } from "./step-checks.ts";

/** What the loss of a training step returns: the loss, a float32 scalar, alone or with whatever else a step shall return. */
export type LossResult<Outputs> = Tensor | { readonly loss: Tensor; readonly outputs?: Outputs };

export interface TrainingStepOptions<Inputs, Outputs> {
  /** What is trained: `parameters(model)`, or a list of variables. Those that are not trainable stay as they are. */
  readonly parameters: Readonly<Record<string, Variable>> | readonly Variable[];
  readonly optimizer: Optimizer;
  /** The tree of the types of the inputs, as for `compile`. */
  readonly inputs: Inputs;
  /**
   * The loss, a float32 scalar, and whatever else a step shall return, such as the state to carry on: the tensor alone, or
   * `{ loss, outputs }`. `update` gives new
   * values to variables that are not trained, such as the running statistics of `batchNorm`. Layers that drop draw from
   * the step's own key by themselves, each place of use another mask; `key`, int32 (2), is for what is drawn by hand.
   */
  readonly loss: (
    inputs: MapTree<Inputs, InputType, Tensor>,
    update: Update,
    key: Tensor,
  ) => LossResult<Outputs>;
  /** Clip by value: elements of gradients are cut to -clipValue..clipValue, before clipping by norms. */
  readonly clipValue?: number | undefined;
  /**
   * Clip the norm of the gradients of each layer, before clipping by the global norm. A layer is the weights that share a path, "head" of
   * "head.bias"; of the layers in one `recurrent` those with the same number.
   */
  readonly clipLayerNorm?: number | undefined;
  /** Clip by the global norm. */
  readonly clipNorm?: number | undefined;
  /** Of what is random in a step, such as dropout, together with the number of the update: 0 to 2^53 - 1; default 1. */
  readonly seed?: number | undefined;
  readonly backend?: BackendChoice | undefined;
}

/** Of a loss that is returned alone. */
export type NoOutputs = Readonly<Record<never, never>>;

export interface TrainingStep<Inputs, Outputs> {
  /** What is trained, in the order of `state.slots`. */
  readonly parameters: readonly Variable[];
  readonly state: OptimizerState;
  /**
   * One update. The norm is that of all gradients together before they are scaled by any norm. Throws TrainingError where the loss or
   * the norm is not finite; weights, the optimiser's state and all that is updated besides are then as they were. Throws
   * UsageError for a learning rate that is not a finite number from 0 on, and what a compiled function throws for wrong inputs.
   */
  run(
    inputs: MapTree<Inputs, InputType, ValueLike>,
    learningRate: number,
  ): { loss: number; gradientNorm: number; outputs: MapTree<Outputs, Tensor, Value> };
}

/**
 * Compile a training step; the optimiser's state starts afresh. Throws UsageError where nothing is to be trained, and for a
 * seed out of range.
 */
export function trainingStep<const Inputs, Outputs = NoOutputs>(
  options: TrainingStepOptions<Inputs, Outputs>,
): TrainingStep<Inputs, Outputs> {
  checkTrainingStep(options);
  const { optimizer, clipNorm, clipLayerNorm, clipValue, seed = 1, backend } = options;
  const named = namedParameters(options.parameters).filter(([, { trainable }]) => trainable);
  const parameters = named.map(([, variable]) => variable);
  const layers = named.map(([name]) => layerOf(name));
  if (parameters.length === 0) throw new UsageError("a training step was given no trainable parameters");
  const state = optimizerState(optimizer, parameters);
  const scalarTypes = Object.fromEntries(
    Object.keys(optimizer.scalars(1, 1)).map((name) => [name, float32()]),
  );
  type Tensors = { data: MapTree<Inputs, InputType, Tensor>; scalars: Record<string, Tensor>; key: Tensor };
  const build = ({ data, scalars, key }: Tensors, update: Update) => {
    const updates: [Variable, Tensor][] = [];
    const collect: Update = (variable, next) => {
      checkUpdate(variable, next);
      updates.push([variable, next]);
    };
    const { loss, outputs } = withKey(key, () => checkLoss(options.loss(data, collect, key)));
    const read = new Set(topologicalOrder([loss.node]));
    if (!parameters.some((parameter) => read.has(parameter.node))) {
      throw new UsageError("trainingStep: the loss reads none of the parameters, one or more expected");
    }
    const raw = gradient(loss, parameters) as Tensor[];
    const bounded = clipValue === undefined ? raw : clipByValue(raw, clipValue);
    const byLayer =
      clipLayerNorm === undefined ? bounded : clipByLayerNorm(bounded, layers, clipLayerNorm).gradients;
    const gradients = clipNorm === undefined ? byLayer : clipByGlobalNorm(byLayer, clipNorm).gradients;
    const norm = globalNorm(bounded);
    applyOptimizer(optimizer, parameters, gradients, state, scalars, collect);
    const finite = norm.add(loss.sub(loss)).less(Number.POSITIVE_INFINITY);
    for (const [variable, next] of updates) update(variable, where(finite, next, variable));
    return { loss, norm, outputs };
  };
  const program = compile(
    build as never,
    {
      inputs: { data: options.inputs, scalars: scalarTypes, key: int32(2) },
      ...(backend && { backend }),
    } as CompileOptions<unknown> & { inputs: unknown },
  ) as unknown as (values: unknown) => {
    loss: Value;
    norm: Value;
    outputs: MapTree<Outputs, Tensor, Value>;
  };
  return {
    parameters,
    state,
    run(data, learningRate) {
      refuseWhileTracing("run of a training step", "the function of its loss");
      checkRate(learningRate);
      // What is beyond the range of float32 is infinite there: such a training diverges, and says so.
      const scalars = Object.fromEntries(
        Object.entries(optimizer.scalars(state.step + 1, learningRate)).map(([name, scalar]) => [
          name,
          Math.fround(scalar),
        ]),
      );
      const key = value(stepKey(seed, state.step), [2]);
      const { loss, norm, outputs } = program({ data, scalars, key });
      const [found, gradientNorm] = [Number(loss.data[0]), Number(norm.data[0])];
      requireFinite(
        found,
        gradientNorm,
        state.step + 1,
        "; weights and optimiser are as they were before it",
      );
      state.step += 1;
      return { loss: found, gradientNorm, outputs };
    },
  };
}

/** The key of the random numbers of the update after `step` others. */
export function stepKey(seed: number, step: number): Int32Array {
  return Int32Array.from(threefry(seed >>> 0, Math.floor(seed / 2 ** 32), step, 0), (word) => word | 0);
}
