/** What a backend is: something that makes a program runnable. */

import { printGiven } from "../checks.ts";
import type { Target } from "../compiler/target.ts";
import { DataError, ShapeError } from "../errors.ts";
import { type Bindings, evaluateDimension, printShape, solveDimension } from "../graph/dimension.ts";
import type { Node } from "../graph/node.ts";
import { countOf, dtypeOf } from "../numbers.ts";

/** An array with its shape, row-major. int32 tensors come as Int32Array; the reference backend gives Float64Array. */
export interface Value {
  readonly data: Float32Array | Int32Array | Float64Array;
  readonly shape: readonly number[];
}

/** A traced function: what goes in, what comes out, and which variables it changes. */
export interface Program {
  readonly inputs: readonly Node<"input">[];
  /** Those of the inputs whose places a run leaves as they are, and no result takes: so that they may be given once for many runs. Default none. */
  readonly steady?: readonly Node<"input">[];
  readonly results: readonly Node[];
  /** After the results are computed, each variable takes its new value; all read the values from before. */
  readonly updates: readonly (readonly [Node<"variable">, Node])[];
}

/** Everything that a program computes: its results, then the new values of variables. */
export function computedNodes({ results, updates }: Program): Node[] {
  return [...results, ...updates.map(([, value]) => value)];
}

export interface Executable {
  /** Memory that it holds, in bytes, where it can tell. */
  readonly bytes?: number;
  /** Run once; inputs by name. Results in the program's order, as arrays of their own. */
  run(inputs: Readonly<Record<string, Value>>): Value[];
  /**
   * For calls in quick succession: the shapes of the inputs stay, and nothing is copied or allocated at a call. Arrays of
   * a prepared program are places that every call reads and writes.
   */
  prepare(inputs: Readonly<Record<string, Value>>): Prepared;
}

/** A program with its inputs and results as arrays that stay where they are. */
export interface Prepared {
  /** Write the inputs here before a run, by name: before each, but for those that are steady. */
  readonly inputs: Readonly<Record<string, Value["data"]>>;
  /** Read the results here after it, in the program's order. */
  readonly results: readonly Value["data"][];
  run(): void;
}

export interface Backend {
  readonly name: string;
  /** What programs are lowered for, of a backend that lowers them. */
  readonly target?: (() => Target) | undefined;
  compile(program: Program): Executable;
}

/**
 * The sizes of the symbols, from the shapes of the inputs. Throws DataError for a missing input, ShapeError for shapes
 * that contradict the program or each other.
 */
export function bindSymbols(
  inputs: readonly Node<"input">[],
  values: Readonly<Record<string, Value>>,
): Bindings {
  const bindings: Record<string, number> = {};
  const check: (() => void)[] = [];
  for (const { attributes, shape, dtype } of inputs) {
    const value = values[attributes.name];
    if (!value)
      throw new DataError(`input ${attributes.name} is missing, ${dtype} ${printShape(shape)} expected`);
    const mismatch = () =>
      new ShapeError(
        `input ${attributes.name}: ${printShape(value.shape)} given, ${printShape(shape)} expected`,
      );
    const count = countOf(value.shape);
    if (value.shape.length !== shape.length) throw mismatch();
    if (value.data.length !== count) {
      throw new ShapeError(
        `input ${attributes.name}: ${value.data.length} numbers given for ${printShape(value.shape)}`,
      );
    }
    if (dtypeOf(value.data) !== dtype) {
      throw new ShapeError(`input ${attributes.name}: ${printGiven(value.data)} given, ${dtype} expected`);
    }
    value.shape.forEach((size, axis) => {
      const dimension = shape[axis] ?? 0;
      const solved = solveDimension(dimension, size);
      if (solved && !(Number.isInteger(solved.value) && solved.value >= 0)) throw mismatch();
      if (solved) bindings[solved.symbol] ??= solved.value;
      check.push(() => {
        const expected = evaluateDimension(dimension, bindings);
        if (expected === size) return;
        throw dimension === expected
          ? mismatch()
          : new ShapeError(
              `input ${attributes.name}: ${printShape(value.shape)} given, ${dimension} = ${expected} expected on axis ${axis}`,
            );
      });
    });
  }
  for (const run of check) run();
  return bindings;
}
