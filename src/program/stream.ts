/**
 * Streaming: a step that takes one input, gives one output and carries its state from call to call. Nothing is copied or
 * allocated at a step: inputs and outputs are arrays in the program's memory, and the state stays there.
 */

import type { Prepared, Value } from "../backends/backend.ts";
import { type BackendChoice, backendOf } from "../backends/choice.ts";
import { checkOptions, printGiven } from "../checks.ts";
import { DataError, ShapeError, UsageError } from "../errors.ts";
import { countOf, type NumericArray } from "../numbers.ts";
import { refuseWhileTracing } from "../trace/current.ts";
import type { Tensor } from "../trace/tensor.ts";
import { leaves, type MapTree, mapTree, namedLeaves, strayPart } from "../trace/tree.ts";
import { Variable } from "../trace/variable.ts";
import { compileTraced, type InputType, inputName, isTensor, isType, type Update } from "./compile.ts";
import { keysOf, type Numbers, type Place, writePlace } from "./places.ts";
import { checkRow, clearRow, RowOrder } from "./rows.ts";
import { readSavedValue, SavedValue } from "./saved-value.ts";
import { isValue } from "./values.ts";

/** The tree of a state's shapes with tensors or values in their places. */
export type StateTree<State, To> = MapTree<State, readonly number[], To>;

export interface StreamOptions<Inputs, State> {
  /** The tree of input types, with sizes that are numbers, as in float32(1, 64). */
  readonly inputs: Inputs;
  /** The tree of the shapes of the state's parts, such as a layer's `stateShapes(1)`; it starts as zeros. */
  readonly state: State;
  /** The axis of the state along which rows of the batch stand; default 0. */
  readonly rows?: number;
  readonly backend?: BackendChoice | undefined;
}

export interface Stream<Inputs, State, Output> {
  /**
   * One step. The output's arrays are the same at every step, overwritten by the next one: copy what you want to keep.
   * Throws ShapeError for an input of another length than declared. Throws DataError for what its dtype cannot hold, and for
   * what the step does not expect, such as a token outside of a vocabulary. After an error the state is as it was before.
   */
  next(input: MapTree<Inputs, InputType, Numbers>): MapTree<Output, Tensor, Value["data"]>;
  /** The state, copied. JSON holds it to the last bit: `restore` takes what `JSON.parse(JSON.stringify(state))` gives. */
  save(): StateTree<State, Value>;
  /** Go on from a saved state, or throw before anything changes: DataError for a missing part, ShapeError for one of another shape. */
  restore(state: StateTree<State, Value>): void;
  /** Start again from zeros: all rows, or one. Throws UsageError for a row that does not exist. */
  reset(row?: number): void;
  /**
   * Go on with other rows: row `i` becomes what row `order[i]` was, for every part of the state. A row may be named several
   * times, or not at all, as the parents of a beam are. Rows that stay are not copied, and no part leaves the program's memory.
   * Throws, before anything changes, DataError for what is no list, ShapeError for one of another length and for a state whose
   * parts have different numbers of rows, UsageError for a row that does not exist.
   */
  reorder(order: ArrayLike<number>): void;
}

/**
 * Compile a step for streaming. It gets the input and the state and returns the next state and an output.
 *
 *     const { rnn, head } = model;
 *     const live = stream((x, before: StateOf<typeof rnn>) => {
 *       const { output, state } = rnn.step(x, before);
 *       return [state, head.apply(output)];
 *     }, { inputs: float32(1, 8), state: rnn.stateShapes(1), rows: 1 });
 *     live.next(reading);
 */
export function stream<const Inputs, State, Output>(
  step: (
    input: MapTree<Inputs, InputType, Tensor>,
    state: StateTree<State, Tensor>,
  ) => readonly [StateTree<State, Tensor>, Output],
  options: StreamOptions<Inputs, State>,
): Stream<Inputs, State, Output> {
  checkOptions("stream", options, {
    inputs: "a tree of types such as float32(1, 8)",
    state: "a tree of shapes such as [1, 1, 64]",
    rows: true,
    backend: true,
  });
  const { inputs, state, rows = 0 } = options;
  const backend = backendOf("stream", options.backend);
  if (!Number.isInteger(rows) || rows < 0) {
    throw new UsageError(
      `stream: rows ${printGiven(rows)} given, an axis, which is a whole number from 0, expected`,
    );
  }
  namedLeaves("stream: state", state, isShape, "a tree of shapes such as [1, 1, 64]");
  const named = (path: string) => `state ${path}`.trimEnd();
  const tree = mapTree(
    state,
    isShape,
    (shape, path) => new Variable(named(path), shape, { trainable: false }),
  );
  const carried = leaves(tree, isVariable);
  const build = (input: MapTree<Inputs, InputType, Tensor>, update: Update) => {
    const returned = step(input, tree as never);
    if (!Array.isArray(returned) || returned.length !== 2) {
      throw new UsageError(`stream: the step returned ${printGiven(returned)}, [state, output] expected`);
    }
    const [next, output] = returned as readonly [StateTree<State, Tensor>, Output];
    const parts = new Map(leaves(next, isTensor));
    for (const [path, variable] of carried) {
      const part = parts.get(path);
      if (!part) throw new ShapeError(`stream: the step gives nothing for the ${named(path)}`);
      update(variable, part);
    }
    return output;
  };
  const { traced, executable, check } = compileTraced(build, inputs, backend);
  const types = leaves(inputs, isType).map(([path, type]) => ({ path, name: inputName(path), ...type }));
  const prepared: Prepared = executable.prepare(
    Object.fromEntries(
      types.map(({ name, dtype, shape }) => {
        const sizes = shape.map((size) => {
          if (typeof size === "number") return size;
          throw new ShapeError(`stream: input ${name} has the size ${size}, numbers are expected`);
        });
        const count = countOf(sizes);
        return [
          name,
          { data: dtype === "int32" ? new Int32Array(count) : new Float32Array(count), shape: sizes },
        ];
      }),
    ),
  );
  const places = types.map(({ path, name, dtype, shape }): Place => {
    const array = prepared.inputs[name] as NumericArray;
    return {
      keys: keysOf(path),
      name,
      dtype,
      array,
      shape: shape as readonly number[],
    };
  });
  const values = Object.fromEntries(places.map(({ name, array, shape }) => [name, { data: array, shape }]));
  const output = mapTree(
    traced.result,
    isTensor,
    (tensor: Tensor) => prepared.results[traced.program.results.indexOf(tensor.node)],
  ) as MapTree<Output, Tensor, Value["data"]>;
  let rowOrder: RowOrder | undefined;
  const assign = (values: readonly Value["data"][]) => {
    carried.forEach(([, variable], index) => {
      variable.value = values[index] as Value["data"];
    });
  };
  const stream: Stream<Inputs, State, Output> = {
    next(input) {
      refuseWhileTracing("next of a stream", "the step that was compiled");
      const stray = isType(inputs) ? undefined : strayPart(input, inputs, isType);
      if (stray !== undefined) throw new DataError(`stream: input ${stray}`);
      for (const place of places) writePlace("stream", place, input);
      check(values);
      prepared.run();
      return output;
    },
    save: () =>
      mapTree(
        tree,
        isVariable,
        ({ value, dimensions }) => new SavedValue(value as Float32Array, dimensions),
      ) as StateTree<State, Value>,
    restore(saved) {
      const stray = strayPart(saved, state, isShape);
      if (stray !== undefined) throw new DataError(`stream: state ${stray}`);
      const parts = new Map(leaves(saved, isValue));
      const values = carried.map(([path, { dimensions }]) => {
        const part = parts.get(path);
        if (!part) throw new DataError(`stream: the ${named(path)} is missing`);
        const { data, shape } = readSavedValue(`stream: ${named(path)}`, part);
        if (shape.join() !== dimensions.join()) {
          throw new ShapeError(
            `stream: ${named(path)}: (${shape.join(", ")}) given, (${dimensions.join(", ")}) expected`,
          );
        }
        return data;
      });
      assign(values);
    },
    reset(row) {
      const variables = carried.map(([, variable]) => variable);
      if (row === undefined) {
        for (const variable of variables) variable.value = new Float32Array(variable.count);
        return;
      }
      for (const { dimensions } of variables) checkRow("stream", row, dimensions[rows] ?? 0);
      for (const variable of variables) clearRow(variable.edit(), variable.dimensions, rows, row);
    },
    reorder(order) {
      rowOrder ??= new RowOrder(rowsOf(carried, rows));
      rowOrder.plan("stream", order);
      for (const [, variable] of carried) rowOrder.apply(variable.edit(), variable.dimensions, rows);
    },
  };
  stream.reset();
  return stream;
}

function isShape(part: unknown): part is readonly number[] {
  return Array.isArray(part) && part.every((size) => typeof size === "number");
}

const isVariable = (part: unknown): part is Variable => part instanceof Variable;

/** How many rows each part of a state has along an axis. Throws ShapeError where they differ. */
function rowsOf(parts: readonly (readonly [string, Variable])[], axis: number): number {
  const [first] = parts;
  const expected = first?.[1].dimensions[axis] ?? 0;
  for (const [path, { dimensions }] of parts) {
    if (dimensions[axis] === expected) continue;
    const given = `(${dimensions.join(", ")}) given, ${expected} rows along axis ${axis} expected`;
    throw new ShapeError(`stream: ${`state ${path}`.trimEnd()}: ${given}, as in state ${first?.[0]}`);
  }
  return expected;
}
