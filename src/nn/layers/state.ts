/** The state of a layer along time outside of a program: the types of inputs that take it, and its values at the start. */

import type { Value } from "../../backends/backend.ts";
import type { Dimension } from "../../graph/dimension.ts";
import { countOf } from "../../numbers.ts";
import { float32, type InputType } from "../../program/compile.ts";
import { zeros } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { type MapTree, mapTree } from "../../trace/tree.ts";
import { MEMORY_STEPS } from "../memory.ts";
import { checkSize } from "./layer.ts";
import { checkSequenceLayer, isStateShape, type SequenceLayer, type StateOf } from "./sequence-layer.ts";

/** A layer along time with any state: a record of parts, or a list of the states of stacked layers. */
// biome-ignore lint/suspicious/noExplicitAny: the state of any layer; it is inferred from the layer that is given
export type AnySequenceLayer = Omit<SequenceLayer<any>, "stateShapes"> & {
  stateShapes(batch: Dimension, memorySteps?: Dimension): unknown;
};

/**
 * The types of a layer's state as inputs of a program, such as { h: float32(1, "B", 64) }: for `compile`, and for a
 * `Training` that carries the state on from batch to batch. `memorySteps` are the steps of its memory, if it carries a number
 * for each of them.
 */
export function stateTypes<Layer extends AnySequenceLayer>(
  layer: Layer,
  batch: Dimension = "B",
  memorySteps: Dimension = MEMORY_STEPS,
): MapTree<StateOf<Layer>, Tensor, InputType> {
  checkSequenceLayer("stateTypes", layer);
  return mapTree(layer.stateShapes(batch, memorySteps), isStateShape, (shape) =>
    float32(...shape),
  ) as MapTree<StateOf<Layer>, Tensor, InputType>;
}

/**
 * The state of a layer before the first step of `batch` rows: zeros. Throws UsageError where a layer that carries a number for
 * each step of its memory is not told how many there are, `memorySteps`.
 */
export function zeroState<Layer extends AnySequenceLayer>(
  layer: Layer,
  batch: number,
  memorySteps?: number,
): MapTree<StateOf<Layer>, Tensor, Value> {
  checkSequenceLayer("zeroState", layer);
  checkSize("zeroState", "batch", batch);
  if (memorySteps !== undefined) checkSize("zeroState", "memorySteps", memorySteps);
  return mapTree(
    layer.stateShapes(batch, memorySteps),
    (part: unknown): part is readonly number[] => isStateShape(part),
    (shape) => ({ data: new Float32Array(countOf(shape)), shape }),
  ) as MapTree<StateOf<Layer>, Tensor, Value>;
}

/** As `zeroState`, but tensors within a function that is traced, for a batch of any size, such as `x.size(1)`. */
export function startState<Layer extends AnySequenceLayer>(
  layer: Layer,
  batch: Dimension,
  memorySteps?: Dimension,
): StateOf<Layer> {
  checkSequenceLayer("startState", layer);
  return mapTree(layer.stateShapes(batch, memorySteps), isStateShape, (shape) =>
    zeros(shape),
  ) as StateOf<Layer>;
}
