/**
 * Steps of any number of rows that read a memory, as decoders do: a stream whose sizes are known only when it begins. What
 * depends on the memory alone is computed then, once.
 */

import type { Backend, Value } from "../backends/backend.ts";
import { type BackendChoice, backendOf } from "../backends/choice.ts";
import { checkOptions, printGiven } from "../checks.ts";
import { hoistProducts } from "../compiler/passes/hoist-products.ts";
import { ShapeError, UsageError } from "../errors.ts";
import { printShape, sameShape, symbolsOf } from "../graph/dimension.ts";
import { inProgram } from "../graph/interning.ts";
import type { Node } from "../graph/node.ts";
import { refuseWhileTracing } from "../trace/current.ts";
import type { Tensor } from "../trace/tensor.ts";
import { leaves, type MapTree, namedLeaves } from "../trace/tree.ts";
import { type InputType, inputName, isTensor, isType, traceProgram } from "./compile.ts";
import { splitSteady } from "./keep.ts";
import { type Given, LiveProgram, type StepsProgram } from "./live-steps.ts";
import { keysOf, type Numbers } from "./places.ts";
import { axisOfRows, hasRowsAt } from "./row-wise.ts";
import type { ValueLike } from "./values.ts";

export interface StepsOptions<Inputs, State, Memory> {
  /** The tree of the types of what every step is given, such as int32("B"). */
  readonly inputs: Inputs;
  /** The tree of the types of what goes on from step to step, such as `stateTypes(rnn)`. */
  readonly state: State;
  /** The tree of the types of what all steps read, such as { values: float32("S", "B", 64), lengths: int32("B") }. */
  readonly memory?: Memory;
  /** The symbol for the rows of the batch; default "B". */
  readonly rows?: string;
  readonly backend?: BackendChoice | undefined;
}

/** What steps begin with: arrays of `rows` rows. */
export interface StepsStart<State, Memory> {
  readonly state: MapTree<State, InputType, ValueLike>;
  readonly memory?: MapTree<Memory, InputType, ValueLike>;
  /** How often each row stands there, side by side: row b is rows b * repeat to b * repeat + repeat - 1. Default 1. */
  readonly repeat?: number;
}

export interface LiveSteps<Inputs, Output> {
  /** How many rows each step has: those that it began with, times `repeat`. */
  readonly rows: number;
  /**
   * One step. The output's arrays are the same at every step, overwritten by the next one: copy what you want to keep.
   * Throws ShapeError for an input of another length than declared. Throws DataError for what its dtype cannot hold, and for
   * what the step does not expect, such as a token outside of a vocabulary. After an error the state is as it was before.
   * Throws UsageError when the steps have begun anew meanwhile.
   */
  next(input: MapTree<Inputs, InputType, Numbers>): MapTree<Output, Tensor, Value["data"]>;
  /**
   * Go on with other rows: row `i` becomes what row `order[i]` was, for every part of the state. The memory stays: so `order`
   * names rows that have the same one, as those of a beam do. Throws as the `reorder` of a stream, before anything changes.
   */
  reorder(order: ArrayLike<number>): void;
}

export interface CompiledSteps<Inputs, State, Memory, Output> {
  /**
   * Begin, for any number of rows; what the steps were before ends. What depends on the memory alone is computed here, with the
   * weights of this moment. Throws DataError for a missing part, and for what the step does not expect, such as a length beyond the
   * memory; ShapeError for shapes that do not fit each other; UsageError for `repeat` that is no whole number from 1.
   */
  begin(start: StepsStart<State, Memory>): LiveSteps<Inputs, Output>;
}

/**
 * Compile a step for any number of rows. It gets the input, the state and the memory, and returns the next state and an output.
 *
 *     const decoder = compileSteps(
 *       (token, before, { values, lengths }) => [state, { logits }],
 *       { inputs: int32("B"), state: stateTypes(rnn), memory: { values: float32("S", "B", 64), lengths: int32("B") } },
 *     );
 *     const live = decoder.begin({ state, memory, repeat: 5 });
 *     live.next(tokens).logits;
 */
export function compileSteps<const Inputs, const State, Output, const Memory = undefined>(
  step: (
    input: MapTree<Inputs, InputType, Tensor>,
    state: MapTree<State, InputType, Tensor>,
    memory: MapTree<Memory, InputType, Tensor>,
  ) => readonly [MapTree<State, InputType, Tensor>, Output],
  options: StepsOptions<Inputs, State, Memory>,
): CompiledSteps<Inputs, State, Memory, Output> {
  checkOptions("compileSteps", options, {
    inputs: 'a tree of types such as int32("B")',
    state: 'a tree of types such as float32("B", 64)',
    memory: true,
    rows: true,
    backend: true,
  });
  if (typeof step !== "function") {
    throw new UsageError(`compileSteps: ${printGiven(step)} given, a function over tensors expected`);
  }
  const { inputs, state, memory, rows = "B" } = options;
  const backend = backendOf("compileSteps", options.backend);
  const trees = { input: inputs, state, ...(memory !== undefined && { memory }) };
  const given = givenOf(trees, rows);
  const program = compileParts(step as UntypedStep, trees, given, { rows, backend });
  let current: LiveProgram | undefined;
  const begin = (start: StepsStart<unknown, unknown>) => {
    refuseWhileTracing("begin of compiled steps", "the step that was compiled");
    checkOptions("begin", start, {
      state: "a tree of arrays",
      memory: true,
      repeat: true,
    });
    const live = new LiveProgram(program, start, () => current === live);
    current = live;
    return live;
  };
  return { begin } as CompiledSteps<Inputs, State, Memory, Output>;
}

type UntypedStep = (input: unknown, state: unknown, memory: unknown) => unknown;

/** Everything that a step is given, in the order of its groups. Throws UsageError for sizes that cannot be told, or that count rows twice. */
function givenOf(trees: Readonly<Record<string, unknown>>, rows: string): Given[] {
  if (typeof rows !== "string" || symbolsOf(rows).join() !== rows) {
    throw new UsageError(`compileSteps: rows ${printGiven(rows)} given, a symbol such as "B" expected`);
  }
  const given = Object.entries(trees).flatMap(([group, tree]) =>
    namedLeaves(`compileSteps: ${group}`, tree, isType, "float32(...) or int32(...)").map(
      ([path, { dtype, shape }]): Given => {
        const name = path === "" ? group : `${group}.${path}`;
        const axis = axisOfRows(shape, rows);
        if (!hasRowsAt(shape, axis, rows)) {
          const expected = `${rows} as the size of one axis, or of none, expected`;
          throw new UsageError(`compileSteps: ${name} is ${printShape(shape)}: ${expected}`);
        }
        return {
          group: group as Given["group"],
          keys: keysOf(path),
          name: inputName(name),
          dtype,
          shape,
          axis,
        };
      },
    ),
  );
  const known = new Set(
    given.flatMap(({ group, shape }) => (group === "input" ? [] : shape.flatMap(symbolsOf))),
  );
  for (const { name, shape } of given) {
    const unknown = shape.flatMap(symbolsOf).find((symbol) => !known.has(symbol));
    if (unknown === undefined) continue;
    const expected = "a size that the state or the memory has expected";
    throw new UsageError(
      `compileSteps: ${name} is ${printShape(shape)}: ${unknown} is known to no one, ${expected}`,
    );
  }
  if (!known.has(rows)) {
    throw new UsageError(
      `compileSteps: no part of the state or the memory has the size ${rows}, that of the rows`,
    );
  }
  return given;
}

/** Trace the step, part it, and compile both parts. */
function compileParts(
  step: UntypedStep,
  trees: Readonly<Record<string, unknown>>,
  given: readonly Given[],
  { rows, backend }: { readonly rows: string; readonly backend: Backend },
): StepsProgram {
  return inProgram(() => {
    const build = (tensors: Readonly<Record<string, unknown>>) => {
      const returned = step(tensors.input, tensors.state, tensors.memory);
      if (!Array.isArray(returned) || returned.length !== 2) {
        const expected = "[state, output] expected";
        throw new UsageError(`compileSteps: the step returned ${printGiven(returned)}, ${expected}`);
      }
      return { next: nextStates(returned[0], given), output: returned[1] };
    };
    const traced = traceProgram(build as never, trees);
    const { inputs, results } = traced.program;
    const memory = given.flatMap(({ group }, index) =>
      group === "memory" ? [inputs[index] as Node<"input">] : [],
    );
    // A step may hold loops: what is the same at all of their steps leaves them first.
    const split = splitSteady(hoistProducts(results), memory, rows);
    // The next state is copied to where the state stands after a run, so that no result may stand there.
    const states = given.flatMap(({ group }, index) =>
      group === "state" ? [inputs[index] as Node<"input">] : [],
    );
    const steady = [...states, ...memory, ...split.inputs];
    const program = { inputs: [...inputs, ...split.inputs], steady, results: split.results, updates: [] };
    return {
      given,
      rows,
      traced,
      executable: backend.compile(program),
      keeper:
        split.kept.length > 0 ? backend.compile({ inputs, results: split.kept, updates: [] }) : undefined,
      kept: split.inputs,
    };
  });
}

/** The next state as a list in the order of the state's parts. */
function nextStates(next: unknown, given: readonly Given[]): Tensor[] {
  const parts = new Map(leaves(next, isTensor));
  return given.flatMap(({ group, keys, name, dtype, shape }) => {
    if (group !== "state") return [];
    const part = parts.get(keys.join("."));
    if (!part) throw new ShapeError(`compileSteps: the step gives nothing for ${name}`);
    if (sameShape(part.shape, shape) && part.dtype === dtype) return [part];
    const was = `${part.dtype} ${printShape(part.shape)}`;
    throw new ShapeError(
      `compileSteps: the next ${name}: ${was} given, ${dtype} ${printShape(shape)} expected`,
    );
  });
}
