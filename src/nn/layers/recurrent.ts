/** A cell applied along time: several layers, both directions, rows of different lengths. */

import { ShapeError, UsageError } from "../../errors.ts";
import { type Dimension, printShape, type Shape, sameShape } from "../../graph/dimension.ts";
import { concat, stack, zeros } from "../../trace/functions.ts";
import { scan } from "../../trace/scan.ts";
import { located, type Tensor } from "../../trace/tensor.ts";
import { Variable } from "../../trace/variable.ts";
import { type Cell, mapRecord, type SizedCell, sizedCell } from "../cell.ts";
import { cellInitializer, checkScheme, type Scheme } from "../initializers.ts";
import { foldKey } from "../random.ts";
import { dropout as dropoutLayer } from "./dropout.ts";
import { checkInput, checkProbability, checkSize, type Layer } from "./layer.ts";

export const directions = ["forward", "reverse", "both"] as const;
/** "both" joins the outputs of the two directions along the last axis, the forward one first. */
export type Direction = (typeof directions)[number];

export interface RecurrentOptions {
  /** How many layers stand on each other. Default 1. */
  readonly layers?: number | undefined;
  /** Probability of dropout on the outputs of every layer but the last. Default 0. */
  readonly dropout?: number | undefined;
  /** Default "forward". */
  readonly direction?: Direction | undefined;
  /** How the weights start: see `cellInitializer`. Default "default", as in PyTorch. */
  readonly initialize?: Scheme | undefined;
}

/** Tensors (layers * directions, B, size) by the names of the cell's state, as PyTorch numbers them: layer by layer, forward first. */
export type RecurrentState<State extends string> = Readonly<Record<State, Tensor>>;

export interface RecurrentCall<State extends string> {
  /** The state before the first step; default zeros. */
  readonly state?: RecurrentState<State> | undefined;
  /** int32 (B), each from 1 to T: after its length a row's state keeps still and its outputs are zeros. */
  readonly lengths?: Tensor | undefined;
  /** int32 (2), for dropout; without it there is none. */
  readonly key?: Tensor | undefined;
  /** Save the state every so many steps only, and recompute between when differentiating. */
  readonly checkpoint?: number | undefined;
}

export interface Recurrent<State extends string, Weight extends string> extends Layer {
  /** PyTorch's names: `weight_ih_l0`, and with `_reverse` at the end for the reverse direction. */
  readonly weights: Readonly<Record<`${Weight}_l${number}` | `${Weight}_l${number}_reverse`, Variable>>;
  /** The size of the outputs, over all directions. */
  readonly outputSize: number;
  /** The shapes of a state for a batch: (layers * directions, B, size). */
  stateShapes<Batch extends Dimension>(batch: Batch): Record<State, readonly [number, Batch, number]>;
  /** x (T, B, I) to the outputs of the last layer (T, B, outputSize) and the final state. */
  apply(x: Tensor, call?: RecurrentCall<State>): { output: Tensor; state: Record<State, Tensor> };
}

/** One layer in one direction. */
interface Pass<State extends string, Weight extends string> {
  readonly reverse: boolean;
  readonly cell: SizedCell<State, Weight>;
  readonly variables: Record<Weight, Variable>;
}

/**
 * `cell` with x (T, B, input) and `hidden` units, along time.
 *
 *     const rnn = recurrent(lstm, 64, 256, { layers: 2, dropout: 0.2 });
 *     const { output, state } = rnn.apply(x, { state: { h, c } });
 *
 * Throws UsageError for sizes that are not positive integers and options that do not exist.
 */
export function recurrent<State extends string, Weight extends string>(
  cell: Cell<State, Weight>,
  input: number,
  hidden: number,
  { layers = 1, dropout = 0, direction = "forward", initialize = "default" }: RecurrentOptions = {},
): Recurrent<State, Weight> {
  const where = `recurrent(${cell.name})`;
  checkSize(where, "input size", input);
  checkSize(where, "hidden size", hidden);
  checkSize(where, "layers", layers);
  checkProbability(where, "dropout", dropout);
  checkScheme(where, initialize);
  if (!directions.includes(direction)) {
    throw new UsageError(`${where}: direction ${String(direction)} given, ${directions.join(", ")} expected`);
  }
  const reversals = direction === "both" ? [false, true] : [direction === "reverse"];

  const weights: Record<string, Variable> = {};
  const depth: Pass<State, Weight>[][] = [];
  let size = input;
  for (let layer = 0; layer < layers; layer++) {
    const sized = sizedCell(cell, size, hidden);
    const widths = { input: size, hidden };
    const passes = reversals.map((reverse) => {
      const variables = mapRecord(sized.weights, (declaration, name) => {
        const full = `${name}_l${layer}${reverse ? "_reverse" : ""}`;
        const initializer = cellInitializer(declaration, initialize, widths);
        weights[full] = new Variable(full, declaration.shape, { initializer });
        return weights[full];
      });
      return { reverse, cell: sized, variables };
    });
    depth.push(passes);
    size = sized.outputSize * passes.length;
  }
  const { state: sizes } = cell.parts(input, hidden);
  const stateShapes = <Batch extends Dimension>(batch: Batch) =>
    mapRecord(sizes, (width) => [layers * reversals.length, batch, width] as const);
  const between = dropoutLayer(dropout);

  return {
    weights: weights as Recurrent<State, Weight>["weights"],
    outputSize: size,
    stateShapes,
    apply(x, { state: initial, lengths, key, checkpoint } = {}) {
      checkInput(where, x, input, 3);
      const batch = x.size(1);
      if (initial) checkState(where, initial, stateShapes(batch));
      const finals: Record<State, Tensor>[] = [];
      let output = x;
      depth.forEach((passes, layer) => {
        if (layer > 0) output = between.apply(output, key && foldKey(key, layer - 1));
        const outputs = passes.map((pass) => {
          const init = mapRecord(
            sizes,
            (width, name) => initial?.[name].at(0, finals.length) ?? zeros([batch, width]),
          );
          const result = runPass(pass, output, { init, lengths, checkpoint });
          finals.push(result.final);
          return result.outputs;
        });
        output = concat(...outputs);
      });
      return { output, state: mapRecord(sizes, (_, name) => stack(finals.map((final) => final[name]))) };
    },
  };
}

/** One cell along time. */
function runPass<State extends string, Weight extends string>(
  { reverse, cell, variables }: Pass<State, Weight>,
  inputs: Tensor,
  options: { init: Record<State, Tensor>; lengths?: Tensor | undefined; checkpoint?: number | undefined },
) {
  return scan(
    (state: Record<State, Tensor>, x: Tensor) => {
      const next = cell.step(variables, state, x);
      return [mapRecord(options.init, (_, name) => next[name]), cell.output(next)] as const;
    },
    { ...options, inputs, reverse },
  );
}

/** Throws ShapeError, with the line of the user's code, for a state of another cell, number of layers or batch. */
function checkState(where: string, given: Readonly<Record<string, Tensor>>, expected: Record<string, Shape>) {
  const print = (shapes: Record<string, Shape>) =>
    Object.entries(shapes)
      .map(([name, shape]) => `${name} ${printShape(shape)}`)
      .join(", ");
  const shapes = Object.fromEntries(Object.entries(given).map(([name, { shape }]) => [name, shape]));
  const fits =
    Object.keys(shapes).length === Object.keys(expected).length &&
    Object.entries(expected).every(([name, shape]) => shapes[name] && sameShape(shapes[name], shape));
  if (fits) return;
  located(() => {
    throw new ShapeError(`${where}: the state ${print(shapes)} given, ${print(expected)} expected`);
  });
}
