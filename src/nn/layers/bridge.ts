/** From the state that one layer along time ended with to the state that another one starts from. */

import { checkOptions } from "../../checks.ts";
import { ShapeError } from "../../errors.ts";
import { type Dimension, printShape, type Shape, sameShape } from "../../graph/dimension.ts";
import { concat, tanh, zeros } from "../../trace/functions.ts";
import { located, Tensor } from "../../trace/tensor.ts";
import { leaves, mapTree } from "../../trace/tree.ts";
import { previousSizes } from "../attention/previous.ts";
import type { Scheme } from "../initializers.ts";
import { MEMORY_STEPS } from "../memory.ts";
import type { Layer } from "./layer.ts";
import { type Linear, linear } from "./linear.ts";
import { checkSequenceLayer, checkState, isStateShape, type SequenceLayer } from "./sequence-layer.ts";

export interface BridgeOptions {
  /** How the weights start: as those of `linear`. */
  readonly initialize?: Scheme | undefined;
}

export interface Bridge<From, To> extends Layer {
  /** One layer for each part of the state, such as `h`, or `0_h` of stacked layers; none where the states have one form. */
  readonly weights: Readonly<Record<string, Linear>>;
  /** The state that a layer ended with, of B rows, to that which the other one starts from; `steps` is how many the memory has that it reads. */
  apply(state: From, steps?: Dimension): To;
}

const isTensor = (part: unknown): part is Tensor => part instanceof Tensor;
/** Stands for the batch while sizes are compared. */
const BATCH = "B";

/**
 * Each part of the state of `to`, (n, B, size), is tanh(W s + b) of s, all parts of the state of `from` side by side. Where both
 * states have the same parts of the same sizes, it is that state as it is. What a mechanism of attention
 * carries on (`alignment`, `coverage`, `step`), and what else has a number for each step of the memory, starts at 0. Bahdanau, Cho and Bengio, "Neural machine translation by jointly learning to align and
 * translate", 2015.
 *
 *     const start = bridge(encoder, decoder);
 *     decoder.apply(x, { state: start.apply(encoder.apply(source).state), memory });
 *
 * Throws UsageError for what is no layer along time.
 */
export function bridge<From, To>(
  from: SequenceLayer<From>,
  to: SequenceLayer<To>,
  options: BridgeOptions = {},
): Bridge<From, To> {
  checkSequenceLayer("bridge", from);
  checkSequenceLayer("bridge", to);
  checkOptions("bridge", options, { initialize: true });
  const shapesOf = (layer: SequenceLayer) => leaves(layer.stateShapes(BATCH, MEMORY_STEPS), isStateShape);
  const [given, wanted] = [shapesOf(from), shapesOf(to)];
  const isSame =
    given.length === wanted.length &&
    given.every(([path, shape], at) => path === wanted[at]?.[0] && sameShape(shape, wanted[at][1]));
  const ofShape = ([count, , size]: Shape) => Number(count) * Number(size);
  const total = given.reduce((sum, [, shape]) => sum + ofShape(shape), 0);
  const parts = isSame
    ? []
    : wanted.filter(([path, shape]) => typeof shape.at(-1) === "number" && !isOfSteps(path));
  const weights = Object.fromEntries(
    parts.map(([path, shape]) => [nameOf(path), linear(total, ofShape(shape), options)]),
  );
  const name = `bridge(${from.name}, ${to.name})`;
  return {
    weights,
    apply(state, steps = MEMORY_STEPS) {
      const tensors = leaves(state, isTensor).map(([, tensor]) => tensor);
      const batch = tensors[0]?.shape[1] ?? 0;
      checkState(name, state, from.stateShapes(batch, steps));
      if (isSame) return state as unknown as To;
      const rows = concat(...tensors.map((part) => flat(part, batch)));
      return mapTree(to.stateShapes(batch, steps), isStateShape, (shape, path) => {
        const layer = weights[nameOf(path)];
        if (!layer) return zeros(shape);
        const [count, , size] = shape as readonly [number, Dimension, number];
        return tanh(layer.apply(rows)).reshape([batch, count, size]).transpose([1, 0, 2]);
      }) as To;
    },
  };
}

/** Whether a part of a state is what a mechanism of attention carries on, such as how many steps there were. */
const isOfSteps = (path: string) => Object.hasOwn(previousSizes, path.slice(path.lastIndexOf(".") + 1));

/** A path as the name of a weight: the state `0.h` of stacked layers is made by `0_h`. */
const nameOf = (path: string) => path.replaceAll(".", "_");

/** (n, B, size) as (B, n size). */
function flat(part: Tensor, batch: Dimension): Tensor {
  const [count, , size] = part.shape as readonly [number, Dimension, number];
  if (typeof size !== "number") {
    located(() => {
      throw new ShapeError(`bridge: a state ${printShape(part.shape)} given, (n, B, a number) expected`);
    });
  }
  return part.transpose([1, 0, 2]).reshape([batch, count * size]);
}
