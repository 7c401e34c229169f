/** Layers along time on top of each other: of any kinds, cells and sizes. */

import { checkOptions } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import type { Dimension } from "../../graph/dimension.ts";
import { foldKey } from "../../trace/randomness.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { memoryOf } from "../memory.ts";
import { dropout as dropoutLayer } from "./dropout.ts";
import { checkInput, checkProbability, isLayer } from "./layer.ts";
import {
  checkSequenceLayer,
  checkState,
  type SequenceCall,
  type SequenceLayer,
  type SequenceResult,
  type ShowingResult,
  type StateOf,
  type StepCall,
  sequenceCallNames,
  stepCallNames,
} from "./sequence-layer.ts";
import { joinShown, type Shown } from "./shown.ts";

export interface StackedOptions {
  /** Probability of dropout on the outputs of every layer but the last. Default 0. */
  readonly dropout?: number | undefined;
}

/** The states of the layers, in their order. */
export type StackedState<Layers extends readonly SequenceLayer[]> = {
  readonly [Index in keyof Layers]: StateOf<Layers[Index]>;
};

/** The weights' names start with the number of the layer: `0.weight_ih_l0`. */
export interface Stacked<Layers extends readonly SequenceLayer[]>
  extends SequenceLayer<StackedState<Layers>> {
  apply(x: Tensor, call?: SequenceCall<StackedState<Layers>>): ShowingResult<StackedState<Layers>>;
  step(x: Tensor, state: StackedState<Layers>, call?: StepCall): ShowingResult<StackedState<Layers>>;
}

/**
 * Each layer reads the outputs of the one before. Options may follow the layers.
 *
 *     const rnn = stacked(recurrent(lstm, 64, 256), recurrent(gru, 256, 128), { dropout: 0.2 });
 *     const { output, state: [lower, upper] } = rnn.apply(x);
 *
 * Those that read a memory all get the one that a call is given. Throws UsageError for no layers, sizes that do not fit,
 * memories of different sizes, and a probability out of range.
 */
export function stacked<Layers extends readonly SequenceLayer[]>(...layers: Layers): Stacked<Layers>;
export function stacked<Layers extends readonly SequenceLayer[]>(
  ...given: [...layers: Layers, options: StackedOptions]
): Stacked<Layers>;
export function stacked(...given: readonly (SequenceLayer | StackedOptions)[]): Stacked<SequenceLayer[]> {
  const last = given.at(-1);
  const hasOptions = typeof last === "object" && last !== null && !isLayer(last);
  const layers = (hasOptions ? given.slice(0, -1) : given) as readonly SequenceLayer[];
  const options = (hasOptions ? last : {}) as StackedOptions;
  layers.forEach((layer, index) => {
    checkSequenceLayer(`stacked: layer ${index}`, layer);
  });
  checkOptions("stacked", options, { dropout: true });
  const { dropout = 0 } = options;
  const [first] = layers;
  if (!first) throw new UsageError("stacked: no layers given, at least one expected");
  checkProbability("stacked", "dropout", dropout);
  if (dropout > 0 && layers.length === 1) {
    throw new UsageError(
      `stacked: dropout ${dropout} given, which lies between layers: 2 layers or more expected`,
    );
  }
  const outputSize = layers.reduce((size, { name, inputSize, outputSize }, index) => {
    if (size !== inputSize) {
      const below = `layer ${index - 1} (${layers[index - 1]?.name}) puts out ${size}`;
      throw new UsageError(`stacked: ${below}, layer ${index} (${name}) reads ${inputSize}`);
    }
    return outputSize;
  }, first.inputSize);
  const name = `stacked(${layers.map((layer) => layer.name).join(", ")})`;
  const inputSize = first.inputSize;
  const between = dropoutLayer(dropout);
  const memorySize = commonMemory(layers);
  const stateShapes = (batch: Dimension, memorySteps?: Dimension) =>
    layers.map((layer) => layer.stateShapes(batch, memorySteps));
  const upwards = (
    x: Tensor,
    key: Tensor | undefined,
    run: (layer: SequenceLayer, x: Tensor, index: number) => SequenceResult<unknown>,
  ) => {
    let output = x;
    const shown: (Shown | undefined)[] = [];
    const state = layers.map((layer, index) => {
      const below = index === 0 ? output : between.apply(output, key && foldKey(key, layers.length + index));
      const result = run(layer, below, index);
      output = result.output;
      shown.push(result.shown);
      return result.state;
    });
    return { output, state, shown: joinShown(shown) };
  };
  return {
    name,
    weights: Object.fromEntries(layers.map((layer, index) => [index, layer])),
    inputSize,
    outputSize,
    memorySize,
    stateShapes: stateShapes as Stacked<SequenceLayer[]>["stateShapes"],
    apply(x, given = {}) {
      checkOptions(name, given, sequenceCallNames);
      const { state, key, memory: read, ...call } = given;
      checkInput(name, x, inputSize, 3);
      const memory = memoryOf(name, read, { size: memorySize, batch: x.size(1) });
      if (state !== undefined) checkState(name, state, stateShapes(x.size(1), memory?.values.size(0)));
      return upwards(x, key, (layer, below, index) =>
        layer.apply(below, {
          ...call,
          memory: layer.memorySize === undefined ? undefined : memory,
          state: state?.[index],
          key: key && foldKey(key, index),
        }),
      );
    },
    step(x, state, call = {}) {
      checkInput(name, x, inputSize, 2);
      checkOptions(name, call, stepCallNames);
      const memory = memoryOf(name, call.memory, { size: memorySize, batch: x.size(0) });
      checkState(name, state, stateShapes(x.size(0), memory?.values.size(0)));
      return upwards(x, undefined, (layer, below, index) =>
        layer.step(below, state[index], layer.memorySize === undefined ? {} : { memory }),
      );
    },
  };
}

/** The size of the memory that layers read, if any does. Throws UsageError where they differ. */
function commonMemory(layers: readonly SequenceLayer[]): number | undefined {
  const sizes = new Set(layers.flatMap(({ memorySize }) => memorySize ?? []));
  if (sizes.size > 1) {
    throw new UsageError(
      `stacked: layers with memories of ${[...sizes].join(" and ")} given, one size expected`,
    );
  }
  return [...sizes][0];
}
