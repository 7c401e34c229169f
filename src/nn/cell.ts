/** What a cell is: the sizes of its state, its weights, and the equations of one step. It knows nothing of time. */

import { checkOptions, printGiven } from "../checks.ts";
import { ShapeError, UsageError } from "../errors.ts";
import { printShape, type Shape, sameShape } from "../graph/dimension.ts";
import { node } from "../graph/node.ts";
import { zerosLike } from "../trace/functions.ts";
import { expectTensors, Tensor } from "../trace/tensor.ts";
import { uniquePathBelow } from "../trace/tree.ts";
import type { Initializer } from "../trace/variable.ts";

/** What the columns of a weight matrix multiply: the input, the state, or [state, input]. */
export type Reads = "input" | "state" | "both";

/** A weight that every layer with the cell has one of, for each depth and direction. */
export interface WeightDeclaration {
  readonly shape: readonly number[];
  /** How it starts, whatever the layer is told; without it the layer decides. */
  readonly initializer?: Initializer | undefined;
  /** What the matrix multiplies, for a layer that starts recurrent weights differently from others. */
  readonly reads?: Reads | undefined;
  /**
   * Of gates' biases, for each of their blocks of `hidden`: 1 where a gate keeps the state, -1 where it lets in what takes
   * the state's place, otherwise 0. For a layer that starts such gates differently from others.
   */
  readonly keeps?: readonly (-1 | 0 | 1)[] | undefined;
}

/** A weight matrix (rows, columns) of a cell. */
export function matrix(
  rows: number,
  columns: number,
  options: Pick<WeightDeclaration, "initializer" | "reads"> = {},
): WeightDeclaration {
  checkOptions("matrix", options, { initializer: true, reads: true });
  return { shape: [rows, columns], ...options };
}

/** A weight vector (size) of a cell, such as a bias. */
export function vector(
  size: number,
  options: Pick<WeightDeclaration, "initializer" | "keeps"> = {},
): WeightDeclaration {
  checkOptions("vector", options, { initializer: true, keeps: true });
  return { shape: [size], ...options };
}

/** The parts of a cell for given sizes: tensors of a state are (B, size). */
export interface CellParts<State extends string, Weight extends string> {
  /** The size of each part of the state. */
  readonly state: Readonly<Record<State, number>>;
  readonly weights: Readonly<Record<Weight, WeightDeclaration>>;
}

/** Tensors by name. */
export type Tensors<Name extends string> = Readonly<Record<Name, Tensor>>;

/** What a step may use besides weights, state and input. */
export interface StepContext<State extends string> {
  /** The state `distance` steps back: 1 is the state before this step. Zeros before the start. */
  past(distance: number): Tensors<State>;
  /**
   * What recurrent dropout drops: a cell passes its candidate, which is what it is about to add to its memory, (B, any
   * size), through it. The identity unless the layer drops.
   */
  drop(candidate: Tensor): Tensor;
}

/** The equations of one step: from x (B, input) and the state to the next state. */
export type Step<State extends string, Weight extends string> = (
  weights: Tensors<Weight>,
  state: Tensors<State>,
  x: Tensor,
  context: StepContext<State>,
) => Tensors<State>;

export interface CellOptions<State extends string, Weight extends string = string> {
  /** What the cell shows of its new state, (B, any size); by default the first part of the state. */
  readonly output?: ((state: Tensors<State>, weights: Tensors<Weight>) => Tensor) | undefined;
}

/** A cell, for any sizes. Layers make variables from its weights. */
export interface Cell<State extends string, Weight extends string> extends CellOptions<State, Weight> {
  readonly name: string;
  readonly parts: (input: number, hidden: number) => CellParts<State, Weight>;
  readonly step: Step<State, Weight>;
}

/**
 * A cell from its parts, for x (B, input) and `hidden` units, and its equations, such as
 *
 *     const elman = cell(
 *       "elman",
 *       (input, hidden) => ({
 *         state: { h: hidden },
 *         weights: { W: matrix(hidden + input, hidden), b: vector(hidden) },
 *       }),
 *       ({ W, b }, { h }, x) => ({ h: tanh(concat(h, x).dot(W).add(b)) }),
 *     );
 *
 * The names of states and weights are types: a step that uses another name does not compile.
 */
export function cell<State extends string, Weight extends string>(
  name: string,
  parts: (input: number, hidden: number) => CellParts<State, Weight>,
  step: Step<NoInfer<State>, NoInfer<Weight>>,
  options: CellOptions<NoInfer<State>, NoInfer<Weight>> = {},
): Cell<State, Weight> {
  checkOptions(`cell ${name}`, options, { output: true });
  const { output } = options;
  if (output !== undefined && typeof output !== "function") {
    throw new UsageError(`cell ${name}: output ${printGiven(output)} given, a function expected`);
  }
  return { name, parts, step, output };
}

/** Throws UsageError for what is no cell, such as the name of one, or a function that would make one. */
export function checkCell(where: string, cell: Cell<string, string>): void {
  const given: Partial<Cell<string, string>> | null = cell;
  if (typeof given?.parts === "function" && typeof given.step === "function") return;
  const hint =
    typeof cell === "string"
      ? `: cells[${printGiven(cell)}] is the one of a name`
      : typeof cell === "function"
        ? ": call it"
        : "";
  throw new UsageError(`${where}: ${printGiven(cell)} given, a cell such as lstm expected${hint}`);
}

/** A cell for given sizes, after one step of it was traced. */
export interface SizedCell<State extends string, Weight extends string> extends CellParts<State, Weight> {
  /** The step, where nothing is dropped and the past beyond the state is zeros unless the context says otherwise. */
  step(
    weights: Tensors<Weight>,
    state: Tensors<State>,
    x: Tensor,
    context?: Partial<StepContext<State>>,
  ): Tensors<State>;
  readonly input: number;
  readonly hidden: number;
  /** The distances beyond 1 that a step asks the past for, ascending. */
  readonly distances: readonly number[];
  readonly output: (state: Tensors<State>, weights: Tensors<Weight>) => Tensor;
  /** The part of the state that `output` gives, where it gives one as it is. */
  readonly shown: State | undefined;
  /** The size of what the cell puts out: (B, outputSize). */
  readonly outputSize: number;
  /** The sizes of the candidates that a step passes through `drop`, in the order of its calls. */
  readonly candidates: readonly number[];
}

/**
 * A cell for given sizes. One step is traced on placeholders, so that a mistake in it shows before there is data.
 * Throws UsageError for a cell without a state or with a size that is not a positive integer, ShapeError where the step
 * does not give the state or an output (B, any size).
 */
export function sizedCell<State extends string, Weight extends string>(
  cell: Cell<State, Weight>,
  input: number,
  hidden: number,
): SizedCell<State, Weight> {
  const { name: cellName, parts: partsFor, step: equations, output: shows } = cell;
  const where = `cell ${cellName}`;
  const parts = partsFor(input, hidden);
  if (typeof parts?.state !== "object" || typeof parts.weights !== "object") {
    throw new UsageError(`${where}: parts ${printGiven(parts)} given, { state, weights } expected`);
  }
  const names = Object.keys(parts.state) as State[];
  const [first] = names;
  if (first === undefined) throw new UsageError(`${where}: no state given, at least one part expected`);
  checkSizes(where, parts);
  const output = shows ?? ((state: Tensors<State>) => state[first]);

  const state = mapRecord(parts.state, (size, name) => placeholder(name, ["B", size]));
  const weights = mapRecord(parts.weights, ({ shape }, name) => placeholder(name, shape));
  const step: SizedCell<State, Weight>["step"] = (given, before, x, { past, drop } = {}) =>
    equations(given, before, x, {
      past(distance) {
        if (!Number.isInteger(distance) || distance < 1) {
          throw new UsageError(`${where}: past(${distance}) asked for, a positive integer expected`);
        }
        if (distance === 1) return before;
        return past ? past(distance) : mapRecord(before, zerosLike);
      },
      drop: drop ?? ((candidate) => candidate),
    });
  const distances = new Set<number>();
  const candidates: number[] = [];
  const next = step(weights, state, placeholder("x", ["B", input]), {
    past(distance) {
      distances.add(distance);
      return state;
    },
    drop(candidate) {
      candidates.push(rowSize(where, "a candidate", candidate));
      return candidate;
    },
  });
  if (typeof next !== "object" || next === null) {
    throw new ShapeError(`${where}: the step gives ${printGiven(next)}, { ${names.join(", ")} } expected`);
  }
  const stray = Object.keys(next).find((name) => !(name in state));
  if (stray !== undefined) {
    throw new ShapeError(
      `${where}: the step gives ${stray}, which is no state; ${names.join(", ")} expected`,
    );
  }
  for (const name of names) {
    const expected = state[name].shape;
    if (next[name] !== undefined) expectTensors(`${where}: the state ${name}`, next[name]);
    if (next[name] && sameShape(next[name].shape, expected)) continue;
    const given = next[name] ? printShape(next[name].shape) : "nothing";
    throw new ShapeError(
      `${where}: the step gives ${given} for the state ${name}, ${printShape(expected)} expected`,
    );
  }
  if (distances.size > 0 && "past" in state) {
    throw new UsageError(`${where}: a state past given, another name expected of a cell that reads its past`);
  }
  const given = output(next, weights);
  const outputSize = rowSize(where, "an output", given);
  return {
    ...parts,
    input,
    hidden,
    step,
    distances: [...distances].sort((a, b) => a - b),
    output,
    shown: names.find((name) => next[name].node === given.node),
    outputSize,
    candidates,
  };
}

/** The size of the rows of (B, size). */
function rowSize(where: string, what: string, rows: Tensor): number {
  expectTensors(`${where}: ${what}`, rows);
  const { shape } = rows;
  const [batch, size] = shape;
  if (shape.length !== 2 || batch !== "B" || typeof size !== "number") {
    throw new ShapeError(`${where}: ${what} ${printShape(shape)} given, (B, any size) expected`);
  }
  return size;
}

/** The axis along which a matrix that reads [state, input] has a part for each; undefined where sizes do not tell. */
export function stateAxis(
  shape: readonly number[],
  { input, hidden }: { readonly input: number; readonly hidden: number },
): 0 | 1 | undefined {
  const both = hidden + input;
  return shape[1] === both ? 1 : shape[0] === both ? 0 : undefined;
}

/** The same names with other values. */
export function mapRecord<Name extends string, From, To>(
  record: Readonly<Record<Name, From>>,
  map: (value: From, name: Name) => To,
): Record<Name, To> {
  const entries = Object.entries(record) as [Name, From][];
  return Object.fromEntries(entries.map(([name, value]) => [name, map(value, name)])) as Record<Name, To>;
}

function placeholder(name: string, shape: Shape): Tensor {
  return new Tensor(node("input", [], { name, dtype: "float32", shape }));
}

function checkSizes(where: string, { state, weights }: CellParts<string, string>): void {
  const declared = [
    ...Object.entries(state).map(([name, size]) => [`state ${name}`, [size]] as const),
    ...Object.entries(weights).map(([name, { shape }]) => [`weight ${name}`, shape] as const),
  ];
  for (const [what, shape] of declared) {
    uniquePathBelow(where, "", what.slice(what.indexOf(" ") + 1));
    if (!Array.isArray(shape)) {
      throw new UsageError(
        `${where}: ${what} ${printGiven(shape)} given, matrix(...) or vector(...) expected`,
      );
    }
    const wrong = shape.find((size) => !Number.isInteger(size) || size < 1);
    if (wrong === undefined) continue;
    throw new UsageError(`${where}: ${what} of size ${printGiven(wrong)} given, a positive integer expected`);
  }
}
