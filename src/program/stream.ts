/**
 * Streaming: a step that takes one input, gives one output and carries its state from call to call. Nothing is copied or
 * allocated at a step: inputs and outputs are arrays in the program's memory, and the state stays there.
 */

import { type Backend, checkBackend, type Prepared, type Value } from "../backends/backend.ts";
import { wasm } from "../backends/wasm/index.ts";
import { checkOptions, expectedNames, printGiven } from "../checks.ts";
import { DataError, ShapeError, UsageError } from "../errors.ts";
import { refuseWhileTracing } from "../trace/current.ts";
import type { Tensor } from "../trace/tensor.ts";
import { leaves, type MapTree, mapTree, namedLeaves, pathBelow, strayPart } from "../trace/tree.ts";
import { type NumericArray, Variable } from "../trace/variable.ts";
import { type InputType, inputName, isTensor, isType, isValue, traceProgram } from "./compile.ts";

type Sizes = readonly number[];
/** The same tree as one of shapes, with tensors or values. */
type Like<State, To> = MapTree<State, Sizes, To>;

export interface StreamOptions<Inputs, State> {
  /** The tree of input types, with sizes that are numbers, as in float32(1, 64). */
  readonly inputs: Inputs;
  /** The tree of the shapes of the state's parts, such as a layer's `stateShapes(1)`; it starts as zeros. */
  readonly state: State;
  /** The axis of the state along which rows of the batch stand; default 0. */
  readonly rows?: number;
  readonly backend?: Backend;
}

/** What one step's input can be given as: numbers in row-major order, in the tree of the inputs. */
export type Numbers = number | ArrayLike<number>;

export interface Stream<Inputs, State, Output> {
  /**
   * One step. The output's arrays are the same at every step, overwritten by the next one: copy what you want to keep.
   * Throws ShapeError for an input of another length than declared.
   */
  next(input: MapTree<Inputs, InputType, Numbers>): MapTree<Output, Tensor, Value["data"]>;
  /** The state, copied. */
  save(): Like<State, Value>;
  /** Go on from a saved state. Throws DataError for a missing part, ShapeError for one of another shape. */
  restore(state: Like<State, Value>): void;
  /** Start again from zeros: all rows, or one. Throws UsageError for a row that does not exist. */
  reset(row?: number): void;
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
    state: Like<State, Tensor>,
  ) => readonly [Like<State, Tensor>, Output],
  options: StreamOptions<Inputs, State>,
): Stream<Inputs, State, Output> {
  checkOptions("stream", options, { inputs: true, state: true, rows: true, backend: true });
  const { inputs, state, rows = 0, backend = wasm } = options;
  checkBackend("stream", backend);
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
  const traced = traceProgram((input: MapTree<Inputs, InputType, Tensor>, update) => {
    const returned = step(input, tree as never);
    if (!Array.isArray(returned) || returned.length !== 2) {
      throw new UsageError(`stream: the step returned ${printGiven(returned)}, [state, output] expected`);
    }
    const [next, output] = returned as readonly [Like<State, Tensor>, Output];
    const parts = new Map(leaves(next, isTensor));
    for (const [path, variable] of carried) {
      const part = parts.get(path);
      if (!part) throw new ShapeError(`stream: the step gives nothing for the ${named(path)}`);
      update(variable, part);
    }
    return output;
  }, inputs);
  const types = leaves(inputs, isType).map(([path, type]) => ({ path, name: inputName(path), ...type }));
  const prepared: Prepared = backend.compile(traced.program).prepare(
    Object.fromEntries(
      types.map(({ name, dtype, shape }) => {
        const sizes = shape.map((size) => {
          if (typeof size === "number") return size;
          throw new ShapeError(`stream: input ${name} has the size ${size}, numbers are expected`);
        });
        const count = sizes.reduce((product, size) => product * size, 1);
        return [
          name,
          { data: dtype === "int32" ? new Int32Array(count) : new Float32Array(count), shape: sizes },
        ];
      }),
    ),
  );
  const places = mapTree(inputs, isType, (_type, path) => prepared.inputs[inputName(path)]);
  const output = mapTree(
    traced.result,
    isTensor,
    (tensor: Tensor) => prepared.results[traced.program.results.indexOf(tensor.node)],
  ) as MapTree<Output, Tensor, Value["data"]>;
  const zero = (variable: Variable) => new Float32Array(variable.count);
  const stream: Stream<Inputs, State, Output> = {
    next(input) {
      refuseWhileTracing("next of a stream", "the step that was compiled");
      write(places, input, "");
      prepared.run();
      return output;
    },
    save: () =>
      mapTree(tree, isVariable, ({ value, dimensions }) => ({
        data: value.slice(),
        shape: dimensions,
      })) as Like<State, Value>,
    restore(saved) {
      const stray = strayPart(saved, state, isShape);
      if (stray !== undefined) throw new DataError(`stream: state ${stray}`);
      const parts = new Map(leaves(saved, isValue));
      const values = carried.map(([path, { dimensions }]) => {
        const part = parts.get(path);
        if (!part) throw new DataError(`stream: the ${named(path)} is missing`);
        if (part.shape.join() !== dimensions.join()) {
          throw new ShapeError(
            `stream: ${named(path)}: (${part.shape.join(", ")}) given, (${dimensions.join(", ")}) expected`,
          );
        }
        return part.data as NumericArray;
      });
      carried.forEach(([, variable], index) => {
        variable.value = values[index] as NumericArray;
      });
    },
    reset(row) {
      for (const [, variable] of carried) {
        variable.value = row === undefined ? zero(variable) : withoutRow(variable, row, rows);
      }
    },
  };
  stream.reset();
  return stream;
}

function isShape(part: unknown): part is Sizes {
  return Array.isArray(part) && part.every((size) => typeof size === "number");
}

const isVariable = (part: unknown): part is Variable => part instanceof Variable;

/** Copy numbers to where the program reads them. */
function write(place: unknown, numbers: unknown, path: string): void {
  if (ArrayBuffer.isView(place)) {
    const array = place as NumericArray;
    if (typeof numbers === "number" && array.length === 1) array[0] = numbers;
    else if (
      typeof numbers === "object" &&
      numbers !== null &&
      (numbers as NumericArray).length === array.length
    ) {
      array.set(numbers as NumericArray);
    } else {
      const given = typeof numbers === "number" ? 1 : ((numbers as NumericArray | undefined)?.length ?? 0);
      throw new ShapeError(`stream: ${given} numbers given for the input ${path}, ${array.length} expected`);
    }
    return;
  }
  for (const name in numbers as Record<string, unknown>) {
    if (name in (place as Record<string, unknown>)) continue;
    const expected = expectedNames(name, Object.keys(place as object));
    throw new DataError(`stream: input ${pathBelow(path, name)} is unknown: ${expected}`);
  }
  for (const name in place as Record<string, unknown>) {
    write(
      (place as Record<string, unknown>)[name],
      (numbers as Record<string, unknown>)[name],
      path === "" ? name : `${path}.${name}`,
    );
  }
}

/** A state's value with zeros in one row. */
function withoutRow({ value, dimensions }: Variable, row: number, axis: number): NumericArray {
  const size = dimensions[axis] ?? 0;
  if (!Number.isInteger(row) || row < 0 || row >= size) {
    throw new UsageError(`stream: row ${row} given, a whole number from 0 to ${size - 1} expected`);
  }
  const inner = dimensions.slice(axis + 1).reduce((product, length) => product * length, 1);
  const cleared = value.slice();
  for (let start = row * inner; start < cleared.length; start += size * inner)
    cleared.fill(0, start, start + inner);
  return cleared;
}
