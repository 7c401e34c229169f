/** What every layer along time is: recurrent layers, and what is put together of them. */

import { type OptionNames, printGiven } from "../../checks.ts";
import { ShapeError, UsageError } from "../../errors.ts";
import { type Dimension, printShape, type Shape, sameShape } from "../../graph/dimension.ts";
import { expectWithin } from "../../trace/expectation.ts";
import { expectTensors, located, Tensor } from "../../trace/tensor.ts";
import { leaves, type MapTree } from "../../trace/tree.ts";
import type { Memory } from "../memory.ts";
import { isLayer, type Layer } from "./layer.ts";
import type { Shown } from "./shown.ts";

/** The shapes of a state for a batch: each part is (n, B, size), such as (layers * directions, B, hidden). */
export type StateShapes<
  State,
  Batch extends Dimension = Dimension,
  MemorySteps extends Dimension = number,
> = MapTree<State, Tensor, readonly [number, Batch, number | MemorySteps]>;

export interface SequenceCall<State> {
  /** The state before the first step; default zeros. */
  readonly state?: State | undefined;
  /** int32 (B), each from 1 to T: after its length a row's state keeps still and its outputs are zeros. */
  readonly lengths?: Tensor | undefined;
  /** What is read at every step, of a layer with a memory: values (S, B, M), and the rows' lengths. */
  readonly memory?: Memory | undefined;
  /** int32 (2), for what is random in training, such as dropout; without it that of the training step around, or nothing is. */
  readonly key?: Tensor | undefined;
  /** Save the state every so many steps only, and recompute between when differentiating. */
  readonly checkpoint?: number | undefined;
}

/** The names of what a call of a layer along time may be given. */
export const sequenceCallNames: OptionNames<SequenceCall<unknown>> = {
  state: true,
  lengths: true,
  memory: true,
  key: true,
  checkpoint: true,
};

/** What a single step may be given beside its input and state. */
export type StepCall = Pick<SequenceCall<unknown>, "memory">;

export const stepCallNames: OptionNames<StepCall> = { memory: true };

/** What a layer along time gives. */
export interface SequenceResult<State> {
  readonly output: Tensor;
  readonly state: State;
  /** What its steps show beside the output, such as what they attended to. */
  readonly shown?: Shown | undefined;
}

/** What a layer gives that always says what it shows, if only nothing. */
export type ShowingResult<State> = SequenceResult<State> & { readonly shown: Shown };

/** A layer along time, whose state is a tree of tensors. */
export interface SequenceLayer<State = unknown> extends Layer {
  /** What it is, for messages: "recurrent(lstm)". */
  readonly name: string;
  readonly inputSize: number;
  /** The size of the outputs, over all directions. */
  readonly outputSize: number;
  /** The size M of the memory that it reads; undefined of a layer that reads none. */
  readonly memorySize?: number | undefined;
  /**
   * A layer that carries a number for each step of its memory, such as what was attended to so far, asks how many steps there
   * are: it throws UsageError without.
   */
  stateShapes<Batch extends Dimension, MemorySteps extends Dimension = number>(
    batch: Batch,
    memorySteps?: MemorySteps,
  ): StateShapes<State, Batch, MemorySteps>;
  /** x (T, B, inputSize) to the outputs (T, B, outputSize), the final state, and what the steps show, (T, ...). */
  apply(x: Tensor, call?: SequenceCall<State>): SequenceResult<State>;
  /**
   * One step, for decoders and streams: x (B, inputSize) to the output (B, outputSize), the next state and what it shows. What is random
   * in training is so here too, from the key of the training step around; masks that stay along time do so within a scan.
   * Throws UsageError for a layer that reads backwards.
   */
  step(x: Tensor, state: State, call?: StepCall): SequenceResult<State>;
}

/** Whether a part of a tree is the shape of a state, and no list of states, as stacked layers have one. */
export const isStateShape = (part: unknown): part is Shape =>
  Array.isArray(part) && typeof part[0] !== "object";

export function isSequenceLayer(value: unknown): value is SequenceLayer {
  return isLayer(value) && "inputSize" in value && "stateShapes" in value;
}

/** Throws UsageError for what is no layer along time. */
export function checkSequenceLayer(where: string, layer: unknown): void {
  if (isSequenceLayer(layer)) return;
  const given = isLayer(layer) ? "a layer that does not run along time" : printGiven(layer);
  throw new UsageError(`${where}: ${given} given, a layer such as recurrent(lstm, 8, 16) expected`);
}

/** The state of a layer. */
export type StateOf<Of> = Of extends SequenceLayer<infer State> ? State : never;

/**
 * Throws ShapeError, with the line of the user's code, for lengths that are not int32 (B). Lengths that a compiled function
 * is given have to be from 1 to T.
 */
export function checkLengths(where: string, lengths: Tensor, x: Tensor): void {
  expectTensors(`${where}: lengths`, lengths);
  const [steps, batch] = x.shape as [Dimension, Dimension];
  if (lengths.dtype !== "int32" || !sameShape(lengths.shape, [batch])) {
    located(() => {
      const given = `${lengths.dtype} ${printShape(lengths.shape)}`;
      throw new ShapeError(`${where}: lengths ${given} given, int32 (${batch}) expected`);
    });
  }
  expectWithin(lengths, 1, steps);
}

/** Throws ShapeError, with the line of the user's code, for a state of another cell, number of layers or batch. */
export function checkState(where: string, given: unknown, expected: unknown): void {
  const isTensor = (part: unknown): part is Tensor => part instanceof Tensor;
  const shapes = leaves(given, isTensor).map(([path, { shape }]) => [path, shape] as const);
  const wanted = new Map(leaves(expected, isStateShape));
  const fits =
    shapes.length === wanted.size &&
    shapes.every(([path, shape]) => sameShape(shape, wanted.get(path) ?? ["nothing"]));
  if (fits) return;
  const print = (parts: Iterable<readonly [string, Shape]>) =>
    [...parts].map(([path, shape]) => `${path} ${printShape(shape)}`).join(", ") || "nothing";
  located(() => {
    throw new ShapeError(`${where}: the state ${print(shapes)} given, ${print(wanted)} expected`);
  });
}
