/**
 * compile: a function over tensors becomes a function over arrays. It is traced once, and its program runs for all sizes
 * of its symbolic axes; a function without declared inputs is traced anew for each combination of shapes it is given.
 */

import {
  type Backend,
  bindSymbols,
  checkBackend,
  type Executable,
  type Program,
  type Value,
} from "../backends/backend.ts";
import { wasm } from "../backends/wasm/index.ts";
import { checkOptions, printGiven } from "../checks.ts";
import { DataError, ShapeError, UsageError } from "../errors.ts";
import { type Dimension, evaluateDimension, type Shape, sameShape } from "../graph/dimension.ts";
import { type Node, node } from "../graph/node.ts";
import { currentTrace, refuseWhileTracing, type Trace, traced as trace } from "../trace/current.ts";
import type { Expectation } from "../trace/expectation.ts";
import { checkShape } from "../trace/number.ts";
import { checkComputed } from "../trace/own.ts";
import { expectTensors, Tensor } from "../trace/tensor.ts";
import { leaves, type MapTree, mapTree, namedLeaves, strayPart } from "../trace/tree.ts";
import { Variable } from "../trace/variable.ts";

/** The dtype and shape of an input; symbols such as "T" stand for sizes that the data will tell. */
export class InputType {
  readonly dtype: "float32" | "int32";
  readonly shape: Shape;

  constructor(dtype: "float32" | "int32", shape: Shape) {
    if (dtype !== "float32" && dtype !== "int32") {
      throw new UsageError(`an input of ${printGiven(dtype)} given, float32 or int32 expected`);
    }
    checkShape(dtype, shape);
    this.dtype = dtype;
    this.shape = shape;
  }
}

/** A float32 input, as in float32("T", "B", 64). */
export const float32 = (...shape: Dimension[]) => new InputType("float32", shape);
/** An int32 input, as in int32("T", "B"). */
export const int32 = (...shape: Dimension[]) => new InputType("int32", shape);

type Nested = number | readonly Nested[];
/** What a compiled function takes for a tensor: an array with its shape, or nested lists of numbers. */
export type ValueLike = Value | Nested;

/** Gives a variable a new value when the program has run; all results are computed from the old ones. */
export type Update = (variable: Variable, value: Tensor) => void;

export interface CompileOptions<Inputs> {
  /** The tree of input types. Without it, shapes are taken from the arrays of each call. */
  readonly inputs?: Inputs;
  /** Default: WebAssembly. */
  readonly backend?: Backend;
}

/** A compiled function: a tree of arrays in, a tree of arrays out. */
export type Compiled<Inputs, Result> = (values: Inputs) => MapTree<Result, Tensor, Value>;

export const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;
export const isType = (value: unknown): value is InputType => value instanceof InputType;

/** An array with its shape, row-major. Throws ShapeError where the shape does not have as many elements. */
export function value(data: Value["data"], shape: readonly number[]): Value {
  const count = shape.reduce((product, size) => product * size, 1);
  if (count !== data.length)
    throw new ShapeError(`${data.length} numbers given for the shape (${shape.join(", ")})`);
  return { data, shape };
}

export function isValue(given: unknown): given is Value {
  return typeof given === "object" && given !== null && "data" in given && "shape" in given;
}

/** Nested lists as one array. Throws DataError for lists of uneven lengths. */
function fromNested(nested: Nested, dtype: "float32" | "int32", name: string): Value {
  const shape: number[] = [];
  for (let level: Nested | undefined = nested; typeof level === "object"; level = level[0])
    shape.push(level.length);
  const flat: number[] = [];
  const visit = (part: Nested, depth: number) => {
    if (typeof part === "number") flat.push(part);
    if ((typeof part === "number" ? undefined : part.length) !== shape[depth]) {
      throw new DataError(`input ${name}: lists of uneven lengths given, an array of one shape expected`);
    }
    if (typeof part !== "number") for (const child of part) visit(child, depth + 1);
  };
  visit(nested, 0);
  return { data: dtype === "int32" ? Int32Array.from(flat) : Float32Array.from(flat), shape };
}

/**
 * Compile `build`. It gets tensors in the tree of `inputs` and returns a tree of tensors; the result is a function from
 * a tree of arrays to a tree of arrays. `update`, its second argument, gives variables new values.
 *
 *     const step = compile(({ x, y }) => mean(square(x.dot(w).sub(y))), { inputs: { x: float32("B", 3), y: float32("B") } });
 *     step({ x: [[1, 2, 3]], y: [4] }).data[0];
 */
export function compile<const Inputs, Result>(
  build: (inputs: MapTree<Inputs, InputType, Tensor>, update: Update) => Result,
  options: CompileOptions<Inputs> & { readonly inputs: Inputs },
): Compiled<MapTree<Inputs, InputType, ValueLike>, Result>;
export function compile<Inputs, Result>(
  build: (inputs: Inputs, update: Update) => Result,
  options?: { readonly backend?: Backend },
): Compiled<MapTree<Inputs, Tensor, Value>, Result>;
export function compile(
  build: (inputs: never, update: Update) => unknown,
  options: CompileOptions<unknown> = {},
): (values: never) => unknown {
  if (typeof build !== "function") {
    throw new UsageError(`compile: ${printGiven(build)} given, a function over tensors expected`);
  }
  checkOptions("compile", options, { inputs: true, backend: true });
  const { inputs, backend = wasm } = options;
  checkBackend("compile", backend);
  if (inputs !== undefined) {
    const traced = traceProgram(build, inputs);
    const executable = backend.compile(traced.program);
    return (values: unknown) => {
      refuseWhileTracing("a compiled function", "the function that was compiled");
      return runTraced(traced, executable, values);
    };
  }
  const cache = new Map<string, (values: never) => unknown>();
  return (values: unknown) => {
    refuseWhileTracing("a compiled function", "the function that was compiled");
    const types = mapTree(
      values,
      isValue,
      ({ data, shape }) => new InputType(data instanceof Int32Array ? "int32" : "float32", shape),
    );
    const key = leaves(types, isType)
      .map(([path, { dtype, shape }]) => `${path}:${dtype}(${shape.join()})`)
      .join();
    const compiled =
      cache.get(key) ??
      compile(build as (inputs: unknown, update: Update) => unknown, { inputs: types ?? {}, backend });
    cache.set(key, compiled);
    return compiled(values as never);
  };
}

/** A function that has been traced: the trees of its inputs and results, its program, and what it expects of numbers. */
export interface Traced {
  readonly inputs: unknown;
  readonly expectations: readonly Expectation[];
  readonly program: Program;
  readonly result: unknown;
}

/** The name in a program of an input at a path of the tree. */
export function inputName(path: string): string {
  return path === "" ? "input" : path;
}

/** Run `build` on placeholders and collect what it computes and updates. */
export function traceProgram(build: (inputs: never, update: Update) => unknown, inputs: unknown): Traced {
  namedLeaves("inputs", inputs, isType, "float32(...) or int32(...)");
  const updates = new Map<Node<"variable">, Node>();
  let own: Trace | undefined;
  const update: Update = (variable, tensor) => {
    if (currentTrace() !== own) {
      throw new UsageError(
        "update called outside of the function that it was given to: it belongs to one trace",
      );
    }
    if (!(variable instanceof Variable))
      throw new UsageError(`update of ${printGiven(variable)}: a variable expected`);
    expectTensors(`update of ${variable.name}`, tensor);
    if (!sameShape(variable.shape, tensor.shape) || variable.dtype !== tensor.dtype) {
      throw new ShapeError(
        `update of ${variable.name}: (${tensor.shape.join(", ")}) given, (${variable.shape.join(", ")}) expected`,
      );
    }
    if (updates.has(variable.node as Node<"variable">))
      throw new UsageError(`${variable.name} is updated twice in one program`);
    updates.set(variable.node as Node<"variable">, tensor.node);
  };
  const declared: Node<"input">[] = [];
  const [result, traced] = trace((started) => {
    own = started;
    const tensors = mapTree(inputs, isType, ({ dtype, shape }, path) => {
      const input = node("input", [], { name: inputName(path), dtype, shape, scope: started.id });
      declared.push(input);
      return new Tensor(input);
    });
    return build(tensors as never, update);
  });
  if (typeof result === "object" && result !== null && "then" in result) {
    throw new UsageError(
      "a function that returns a Promise given, one that returns tensors at once expected",
    );
  }
  const results = leaves(result, isTensor).map(([, tensor]) => tensor.node);
  if (results.length === 0 && updates.size === 0) {
    throw new UsageError(
      `a function that returns ${printGiven(result)} without tensors given, tensors expected`,
    );
  }
  checkComputed([...results, ...updates.values()], traced);
  return {
    inputs,
    expectations: traced.expectations,
    result,
    program: { inputs: declared, results, updates: [...updates] },
  };
}

function runTraced(traced: Traced, executable: Executable, given: unknown): unknown {
  const { inputs, expectations, program, result } = traced;
  const stray = strayPart(given, inputs, isType);
  if (stray !== undefined) throw new DataError(`input ${stray}`);
  const values: Record<string, Value> = {};
  for (const [path, { dtype }] of leaves(inputs, isType)) {
    const found =
      path === ""
        ? given
        : path.split(".").reduce<unknown>((tree, name) => (tree as Record<string, unknown>)?.[name], given);
    if (found === undefined) throw new DataError(`input ${inputName(path)} is missing`);
    values[inputName(path)] = isValue(found) ? found : fromNested(found as Nested, dtype, inputName(path));
  }
  if (expectations.length > 0) checkExpectations(expectations, program, values);
  const outputs = executable.run(values);
  const results = new Map(program.results.map((output, index) => [output, outputs[index] as Value]));
  return mapTree(result, isTensor, (tensor: Tensor) => results.get(tensor.node));
}

/** Throws DataError for the first number that is not within the limits that the function expects. */
function checkExpectations(
  expectations: readonly Expectation[],
  { inputs }: Program,
  values: Readonly<Record<string, Value>>,
): void {
  const bindings = bindSymbols(inputs, values);
  for (const { input, least, most, except } of expectations) {
    const { name } = input.attributes;
    const [low, high] = [evaluateDimension(least, bindings), evaluateDimension(most, bindings)];
    const { data } = values[name] as Value;
    const at = data.findIndex((element) => !((element >= low && element <= high) || element === except));
    if (at < 0) continue;
    const print = (limit: Dimension, size: number) => (limit === size ? `${size}` : `${limit} = ${size}`);
    const also = except === undefined ? "" : `, or ${except},`;
    throw new DataError(
      `input ${name}: ${data[at]} given at ${at}, ${print(least, low)} to ${print(most, high)}${also} expected`,
    );
  }
}
