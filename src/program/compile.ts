/**
 * compile: a function over tensors becomes a function over arrays. It is traced once, and its program runs for all sizes
 * of its symbolic axes; a function without declared inputs is traced anew for each combination of shapes it is given.
 */

import type { Backend, Executable, Program, Value } from "../backends/backend.ts";
import { type BackendChoice, backendOf } from "../backends/choice.ts";
import { checkOptions, printGiven } from "../checks.ts";
import { DataError, ShapeError, UsageError } from "../errors.ts";
import { type Dimension, type Shape, sameShape } from "../graph/dimension.ts";
import { inProgram } from "../graph/interning.ts";
import { type Node, node } from "../graph/node.ts";
import { dtypeOf } from "../numbers.ts";
import { currentTrace, refuseWhileTracing, type Trace, traced as trace } from "../trace/current.ts";
import type { Expectation } from "../trace/expectation.ts";
import { readShape } from "../trace/number.ts";
import { checkComputed } from "../trace/own.ts";
import { expectTensors, Tensor } from "../trace/tensor.ts";
import { leaves, type MapTree, mapTree, namedLeaves, strayPart } from "../trace/tree.ts";
import { Variable } from "../trace/variable.ts";
import { expectationCheck } from "./expectations.ts";
import { RecentPrograms } from "./recent.ts";
import { checkValue, isValue, readValue, type ValueLike } from "./values.ts";

export { type Nested, type ValueLike, value } from "./values.ts";

/** The dtype and shape of an input; symbols such as "T" stand for sizes that the data will tell, also in "2*T+1". */
export class InputType {
  readonly dtype: "float32" | "int32";
  readonly shape: Shape;

  constructor(dtype: "float32" | "int32", shape: Shape) {
    if (dtype !== "float32" && dtype !== "int32") {
      throw new UsageError(`an input of ${printGiven(dtype)} given, float32 or int32 expected`);
    }
    this.dtype = dtype;
    this.shape = Object.freeze(readShape(dtype, shape));
  }
}

/** A float32 input, as in float32("T", "B", 64). */
export const float32 = (...shape: Dimension[]) => new InputType("float32", shape);
/** An int32 input, as in int32("T", "B"). */
export const int32 = (...shape: Dimension[]) => new InputType("int32", shape);

/** Gives a variable a new value when the program has run; all results are computed from the old ones. */
export type Update = (variable: Variable, value: Tensor) => void;

export interface CompileOptions<Inputs> {
  /**
   * The tree of input types. Without it, shapes are taken from the arrays of each call; the programs of the shapes given
   * last are kept, up to 256 MiB and 64 of them.
   */
  readonly inputs?: Inputs;
  /** Default "auto": machine code where it can run, else WebAssembly. */
  readonly backend?: BackendChoice | undefined;
}

/** A compiled function: a tree of arrays in, a tree of arrays out. */
export type Compiled<Inputs, Result> = (values: Inputs) => MapTree<Result, Tensor, Value>;

export const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;
export const isType = (value: unknown): value is InputType => value instanceof InputType;

/**
 * Compile `build`. It gets tensors in the tree of `inputs` and returns a tree of tensors; the result is a function from
 * a tree of arrays to a tree of arrays. `update`, its second argument, gives variables new values.
 *
 * A call throws DataError for an input that is missing, for a number that the input's dtype cannot hold, and for one that the
 * function does not expect, such as a token outside of a vocabulary. The message says where the first one stands. No dtype holds
 * what is not a number; int32 holds no NaN, no fractions, and nothing beyond 32 bits. A call throws ShapeError for a shape that
 * does not fit. Without declared inputs a call takes values only (`value(data, shape)`), whose arrays tell the dtypes.
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
  options?: { readonly backend?: BackendChoice | undefined },
): Compiled<MapTree<Inputs, Tensor, Value>, Result>;
export function compile(
  build: (inputs: never, update: Update) => unknown,
  options: CompileOptions<unknown> = {},
): (values: never) => unknown {
  if (typeof build !== "function") {
    throw new UsageError(`compile: ${printGiven(build)} given, a function over tensors expected`);
  }
  checkOptions("compile", options, { inputs: true, backend: true });
  const { inputs } = options;
  const backend = backendOf("compile", options.backend);
  if (inputs !== undefined) {
    const compiled = compileTraced(build, inputs, backend);
    return (values: unknown) => {
      refuseWhileTracing("a compiled function", "the function that was compiled");
      return runTraced(compiled, values);
    };
  }
  const recent = new RecentPrograms<CompiledProgram>();
  return (given: unknown) => {
    refuseWhileTracing("a compiled function", "the function that was compiled");
    const values = checkValues(given);
    const types = mapTree(
      values,
      isValue,
      ({ data, shape }) => new InputType(dtypeOf(data) ?? "float32", shape),
    );
    const key = leaves(types, isType)
      .map(([path, { dtype, shape }]) => `${path}:${dtype}(${shape.join()})`)
      .join();
    return runTraced(
      recent.get(key, () => compileTraced(build, types ?? {}, backend)),
      values,
    );
  };
}

/** The tree with all its values checked, whose arrays tell their dtypes. Throws DataError for a leaf that is none. */
function checkValues(tree: unknown): unknown {
  const isLeaf = (part: unknown): part is unknown =>
    isValue(part) || typeof part !== "object" || part === null || dtypeOf(part) !== undefined;
  return mapTree(tree, isLeaf, (leaf, path) => {
    if (leaf === undefined) return undefined;
    const where = `input ${inputName(path)}`;
    if (isValue(leaf)) return checkValue(where, leaf);
    throw new DataError(
      `${where}: ${printGiven(leaf)} given, value(data, shape) expected where no inputs are declared`,
    );
  });
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

/** Throws ShapeError unless a variable can take the value, UsageError for what is no variable. */
export function checkUpdate(variable: Variable, tensor: Tensor): void {
  if (!(variable instanceof Variable)) {
    throw new UsageError(`update of ${printGiven(variable)}: a variable expected`);
  }
  expectTensors(`update of ${variable.name}`, tensor);
  if (sameShape(variable.shape, tensor.shape) && variable.dtype === tensor.dtype) return;
  throw new ShapeError(
    `update of ${variable.name}: (${tensor.shape.join(", ")}) given, (${variable.shape.join(", ")}) expected`,
  );
}

/** A traced function with its program, and the check of the numbers that it is given. */
export interface CompiledProgram {
  readonly traced: Traced;
  readonly executable: Executable;
  readonly check: (values: Readonly<Record<string, Value>>) => void;
}

/** Trace `build` and compile its program. */
export function compileTraced(
  build: (inputs: never, update: Update) => unknown,
  inputs: unknown,
  backend: Backend,
): CompiledProgram {
  return inProgram(() => {
    const traced = traceProgram(build, inputs);
    return { traced, executable: backend.compile(traced.program), check: expectationCheck(traced) };
  });
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
    checkUpdate(variable, tensor);
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

function runTraced({ traced, executable, check }: CompiledProgram, given: unknown): unknown {
  const { inputs, result } = traced;
  const stray = strayPart(given, inputs, isType);
  if (stray !== undefined) throw new DataError(`input ${stray}`);
  const values: Record<string, Value> = {};
  for (const [path, { dtype }] of leaves(inputs, isType)) {
    const found =
      path === ""
        ? given
        : path.split(".").reduce<unknown>((tree, name) => (tree as Record<string, unknown>)?.[name], given);
    if (found === undefined) throw new DataError(`input ${inputName(path)} is missing`);
    values[inputName(path)] = readValue(`input ${inputName(path)}`, found, dtype);
  }
  check(values);
  const outputs = executable.run(values);
  // In the order in which they were collected: a tensor that stands in several places is an array of its own in each.
  let at = 0;
  return mapTree(result, isTensor, () => outputs[at++]);
}
