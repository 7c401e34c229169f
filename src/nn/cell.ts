/** What a cell is: the sizes of its state, its weights, and the equations of one step. It knows nothing of time. */

import { checkOptions, printGiven } from "../checks.ts";
import { UsageError } from "../errors.ts";
import type { Tensor } from "../trace/tensor.ts";
import type { Initializer } from "../trace/variable.ts";
import type { Memory, StateSize } from "./memory.ts";

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
  /** The size of each part of the state; `MEMORY_STEPS` for one with a number for each step of the memory. */
  readonly state: Readonly<Record<State, StateSize>>;
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
  /**
   * What the layer was given to read at every step. Its values are zeros beyond the rows' lengths. Throws UsageError where
   * the layer was given none.
   */
  readonly memory: Memory;
  /**
   * Shows a tensor of this step beside the output, by name, such as a gate (B, any size) or what is attended to (S, B): one of
   * its axes is the batch. A layer gives what was shown of all steps, (T, ...), as `shown`; what nobody looks at costs nothing.
   * Gives the tensor back, so that an equation can name what it computes: `const f = show("f", sigmoid(...))`.
   */
  show(name: string, tensor: Tensor): Tensor;
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
  /** `memory` is the size M of the memory that the layer was given, 0 where it was given none. */
  parts(input: number, hidden: number, memory?: number): CellParts<State, Weight>;
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
 * The names of states and weights are types: a step that uses another name does not compile. A cell that reads a memory gets
 * its size as a third number, and the memory itself as `memory` of its last argument.
 */
export function cell<State extends string, Weight extends string>(
  name: string,
  parts: (input: number, hidden: number, memory: number) => CellParts<State, Weight>,
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

/** The size of the first part of a state, which is what a cell shows by default. Throws UsageError where it is no number. */
export function firstSize(where: string, state: Readonly<Record<string, StateSize>>): number {
  const [[name, size] = []] = Object.entries(state);
  if (typeof size === "number") return size;
  throw new UsageError(
    `${where}: a first part of the state ${name} of size ${size} given, a number expected`,
  );
}

/** The same names with other values. */
export function mapRecord<Name extends string, From, To>(
  record: Readonly<Record<Name, From>>,
  map: (value: From, name: Name) => To,
): Record<Name, To> {
  const entries = Object.entries(record) as [Name, From][];
  return Object.fromEntries(entries.map(([name, value]) => [name, map(value, name)])) as Record<Name, To>;
}
