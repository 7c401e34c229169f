/** A cell applied along time: several layers, both directions, rows of different lengths. */

import { checkOptions } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import type { Dimension } from "../../graph/dimension.ts";
import { concat, stack, zeros } from "../../trace/functions.ts";
import { foldKey, type Keys, keysFor, undropped } from "../../trace/randomness.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { Variable } from "../../trace/variable.ts";
import { type Cell, checkCell, mapRecord, type Tensors } from "../cell.ts";
import { cellInitializer, checkScheme, type Scheme } from "../initializers.ts";
import { memoryOf, sizesFor } from "../memory.ts";
import { type SizedCell, sizedCell } from "../sized-cell.ts";
import { stateMatrices } from "../state-matrices.ts";
import { dropout as dropoutLayer } from "./dropout.ts";
import { pastSize } from "./history.ts";
import { checkChoice, checkInput, checkProbability, checkSize } from "./layer.ts";
import { type Pass, type PassResult, type PassState, runPass, stepPass } from "./pass.ts";
import {
  completeRegularization,
  isRegularized,
  type RegularizationOptions,
  regularizationNames,
} from "./regularization.ts";
import {
  checkLengths,
  checkState,
  type SequenceCall,
  type SequenceLayer,
  type ShowingResult,
  type StepCall,
  sequenceCallNames,
  stepCallNames,
} from "./sequence-layer.ts";
import { joinShown } from "./shown.ts";

export const directions = ["forward", "reverse", "both"] as const;
/** "both" joins the outputs of the two directions, the forward one first. */
export type Direction = (typeof directions)[number];

export const joins = ["concat", "sum", "mean", "product"] as const;
/** How the outputs of both directions become one: side by side along the last axis, or element by element. */
export type Join = (typeof joins)[number];

export interface RecurrentOptions<State extends string = string> extends RegularizationOptions<State> {
  /** How many layers stand on each other. Default 1. */
  readonly layers?: number | undefined;
  /** Probability of dropout on the outputs of every layer but the last, so that it takes two layers or more. Default 0. */
  readonly dropout?: number | undefined;
  /** Default "forward". */
  readonly direction?: Direction | undefined;
  /** The size M of the memory that the cell reads at every step, such as that of an encoder's outputs. Every layer and direction reads it. */
  readonly memory?: number | undefined;
  /** The outputs of both directions, in every layer. Default "concat". */
  readonly join?: Join | undefined;
  /** How the weights start: see `cellInitializer`. Default "default", as in PyTorch. */
  readonly initialize?: Scheme | undefined;
}

/**
 * Tensors (layers * directions, B, size) by the names of the cell's state, as PyTorch numbers them: layer by layer, forward
 * first. Where a cell reads further back than one step there is one more, `past`, with what it may read of earlier steps.
 */
export type RecurrentState<State extends string> = Readonly<Record<State, Tensor>>;

export type RecurrentCall<State extends string> = SequenceCall<RecurrentState<State>>;

export interface Recurrent<State extends string, Weight extends string>
  extends SequenceLayer<RecurrentState<State>> {
  /** PyTorch's names: `weight_ih_l0`, and with `_reverse` at the end for the reverse direction. */
  readonly weights: Readonly<Record<`${Weight}_l${number}` | `${Weight}_l${number}_reverse`, Variable>>;
  apply(x: Tensor, call?: RecurrentCall<State>): ShowingResult<RecurrentState<State>>;
  step(x: Tensor, state: RecurrentState<State>, call?: StepCall): ShowingResult<RecurrentState<State>>;
}

/**
 * `cell` with x (T, B, input) and `hidden` units, along time.
 *
 *     const rnn = recurrent(lstm, 64, 256, { layers: 2, dropout: 0.2 });
 *     const { output, state } = rnn.apply(x, { state: { h, c } });
 *
 * Throws UsageError for sizes that are not positive integers, options that do not exist, probabilities out of range, a cell that
 * reads a memory without `memory`, and one that reads none with it.
 */
export function recurrent<State extends string, Weight extends string>(
  cell: Cell<State, Weight>,
  input: number,
  hidden: number,
  options: RecurrentOptions<NoInfer<State>> = {},
): Recurrent<State, Weight> {
  checkCell("recurrent", cell);
  const where = `recurrent(${cell.name})`;
  checkOptions(where, options, {
    layers: true,
    dropout: true,
    direction: true,
    join: true,
    memory: true,
    initialize: true,
    ...regularizationNames,
  });
  const { layers = 1, dropout = 0, direction = "forward", join = "concat", initialize = "default" } = options;
  const { memory: memorySize } = options;
  checkSize(where, "input size", input);
  checkSize(where, "hidden size", hidden);
  checkSize(where, "layers", layers);
  if (memorySize !== undefined) checkSize(where, "memory size", memorySize);
  checkProbability(where, "dropout", dropout);
  if (dropout > 0 && layers === 1) {
    throw new UsageError(
      `${where}: dropout ${dropout} given, which lies between layers: 2 layers or more expected, or the layer dropout(${dropout}) on the outputs`,
    );
  }
  checkScheme(where, initialize);
  checkChoice(where, "direction", direction, directions);
  checkChoice(where, "join", join, joins);
  const reversals = direction === "both" ? [false, true] : [direction === "reverse"];

  const weights: Record<string, Variable> = {};
  const depth: Pass<State, Weight>[][] = [];
  let size = input;
  for (let layer = 0; layer < layers; layer++) {
    const sized = sizedCell(cell, size, hidden, memorySize);
    if (memorySize !== undefined && !sized.readsMemory) {
      throw new UsageError(`${where}: memory ${memorySize} given, and ${cell.name} reads none`);
    }
    const regularization = completeRegularization(where, options, sized);
    const passes = reversals.map((reverse) => {
      const variables = mapRecord(sized.weights, (declaration, name) => {
        const full = `${name}_l${layer}${reverse ? "_reverse" : ""}`;
        const initializer = cellInitializer(declaration, initialize, sized);
        weights[full] = new Variable(full, declaration.shape, { initializer, layer: where });
        return weights[full];
      });
      const pass = `l${layer}${reverse ? "_reverse" : ""}`;
      const matrices = stateMatrices(sized, variables);
      const place = { weights, pass, reverse, variables: Object.values<Tensor>(variables), matrices };
      return { reverse, cell: sized, variables, regularization, place };
    });
    depth.push(passes);
    size = sized.outputSize * (join === "concat" ? passes.length : 1);
  }
  const between = dropoutLayer(dropout);
  const regularized = depth.flat().some(({ regularization }) => isRegularized(regularization));
  const isRandom = regularized || (dropout > 0 && layers > 1);
  /** What one call or step draws from: first the dropout between layers, then each pass. */
  const drawFrom = (given: Tensor | undefined) => {
    const keys = isRandom ? keysFor(given) : undefined;
    const use = (number: number): Keys | undefined =>
      keys && { steady: foldKey(keys.steady, number), fresh: foldKey(keys.fresh, number) };
    return {
      keys,
      below: (layer: number) => use(layer - 1)?.fresh,
      pass: (index: number) => use(layers - 1 + index),
    };
  };
  const result = (output: Tensor, finals: readonly PassResult<State>[], keys: Keys | undefined) => {
    const state = joinStates(finals.map(({ final }) => final));
    const shown = joinShown(finals.map((final) => final.shown));
    if (isRandom && !keys)
      for (const part of [output, ...Object.values<Tensor>(state), ...Object.values(shown).flat()])
        undropped(where, part);
    return { output, state, shown };
  };
  const { stateShapes, stateOf, joinStates } = layeredState(
    where,
    sizedCell(cell, input, hidden, memorySize),
    depth.flat().length,
  );

  return {
    name: where,
    weights: weights as Recurrent<State, Weight>["weights"],
    inputSize: input,
    outputSize: size,
    memorySize,
    stateShapes: stateShapes as Recurrent<State, Weight>["stateShapes"],
    apply(x, call = {}) {
      checkInput(where, x, input, 3);
      checkOptions(where, call, sequenceCallNames);
      const { state, lengths, key, checkpoint } = call;
      const batch = x.size(1);
      const memory = memoryOf(where, call.memory, { size: memorySize, batch });
      const memorySteps = memory?.values.size(0);
      if (lengths !== undefined) checkLengths(where, lengths, x);
      if (state !== undefined) checkState(where, state, stateShapes(batch, memorySteps));
      const { keys, below, pass: ofPass } = drawFrom(key);
      const finals: PassResult<State>[] = [];
      let output = x;
      depth.forEach((passes, layer) => {
        if (layer > 0 && keys) output = between.apply(output, below(layer));
        const outputs = passes.map((pass) => {
          const result = runPass(pass, output, {
            init: stateOf(state, finals.length, batch, memorySteps),
            lengths,
            memory,
            keys: ofPass(finals.length),
            checkpoint,
          });
          finals.push(result);
          return result.outputs;
        });
        output = joinOutputs(outputs, join);
      });
      return result(output, finals, keys);
    },
    step(x, state, call = {}) {
      if (direction !== "forward") {
        const name = direction === "both" ? "bidirectional" : direction;
        throw new UsageError(`${where}: a ${name} network cannot take single steps, a forward one expected`);
      }
      checkInput(where, x, input, 2);
      checkOptions(where, call, stepCallNames);
      const batch = x.size(0);
      const memory = memoryOf(where, call.memory, { size: memorySize, batch });
      const memorySteps = memory?.values.size(0);
      checkState(where, state, stateShapes(batch, memorySteps));
      const { keys, below, pass: ofPass } = drawFrom(undefined);
      let output = x;
      const finals = depth.flat().map((pass, layer) => {
        if (layer > 0 && keys) output = between.apply(output, below(layer));
        const stepped = stepPass(pass, output, stateOf(state, layer, batch, memorySteps), {
          memory,
          keys: ofPass(layer),
        });
        output = stepped.outputs;
        return stepped;
      });
      return result(output, finals, keys);
    },
  };
}

/** The state of `count` passes of a cell: each part of it is (count, B, size). */
function layeredState<State extends string>(where: string, cell: SizedCell<State, string>, count: number) {
  const hasPast = cell.distances.length > 0;
  /** The sizes of the parts, the past among them. */
  const sizesOf = (memorySteps: Dimension | undefined): Record<State, Dimension> => {
    const state = sizesFor(where, cell.state, memorySteps);
    return { ...state, ...(hasPast && { past: pastSize({ state, distances: cell.distances }) }) };
  };
  return {
    stateShapes: (batch: Dimension, memorySteps?: Dimension) =>
      mapRecord(sizesOf(memorySteps), (size) => [count, batch, size] as const),
    /** The state of one pass; zeros without a state. */
    stateOf(
      state: RecurrentState<State> | undefined,
      index: number,
      batch: Dimension,
      memorySteps: Dimension | undefined,
    ): PassState<State> {
      const parts = mapRecord(
        sizesOf(memorySteps),
        (size, name) => state?.[name].at(0, index) ?? zeros([batch, size]),
      );
      return {
        state: mapRecord(cell.state, (_, name) => parts[name]),
        past: hasPast ? parts["past" as State] : undefined,
      };
    },
    joinStates: (states: readonly PassState<State>[]): Record<State, Tensor> => {
      const [first] = states as readonly [PassState<State>];
      const names = { ...first.state, ...(hasPast && { past: first.past }) } as Tensors<State>;
      return mapRecord(names, (_, name) =>
        stack(states.map(({ state, past }) => ({ ...state, past })[name] as Tensor)),
      );
    },
  };
}

function joinOutputs(outputs: readonly Tensor[], join: Join): Tensor {
  if (join === "concat") return concat(...outputs);
  const joined = outputs.reduce((all, one) => (join === "product" ? all.mul(one) : all.add(one)));
  return join === "mean" ? joined.div(outputs.length) : joined;
}
