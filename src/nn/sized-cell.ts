/** A cell for given sizes: one step of it is traced, which tells what it reads, shows and puts out. */

import { printGiven } from "../checks.ts";
import { ShapeError, UsageError } from "../errors.ts";
import { printShape, type Shape, sameShape } from "../graph/dimension.ts";
import { node } from "../graph/node.ts";
import type { DType } from "../graph/operations.ts";
import { zerosLike } from "../trace/functions.ts";
import { expectTensors, Tensor } from "../trace/tensor.ts";
import { uniquePathBelow } from "../trace/tree.ts";
import { type Cell, type CellParts, mapRecord, type StepContext, type Tensors } from "./cell.ts";
import { MEMORY_STEPS, type Memory } from "./memory.ts";

/** A tensor that a step shows beside its state. */
export interface ShownType {
  readonly dtype: DType;
  readonly shape: Shape;
  /** Which axis is the batch. */
  readonly batchAxis: number;
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
  /** The size M of the memory, 0 without one. */
  readonly memory: number;
  readonly readsMemory: boolean;
  /** What a step shows beside its state, by name. */
  readonly shown: Readonly<Record<string, ShownType>>;
  /** The distances beyond 1 that a step asks the past for, ascending. */
  readonly distances: readonly number[];
  readonly output: (state: Tensors<State>, weights: Tensors<Weight>) => Tensor;
  /** The part of the state that `output` gives, where it gives one as it is. */
  readonly outputPart: State | undefined;
  /** The size of what the cell puts out: (B, outputSize). */
  readonly outputSize: number;
  /** The sizes of the candidates that a step passes through `drop`, in the order of its calls. */
  readonly candidates: readonly number[];
}

/**
 * A cell for given sizes. One step is traced on placeholders, so that a mistake in it shows before there is data.
 * Throws UsageError for a cell without a state or with a size that is not a positive integer, and for one that reads a memory
 * without one; ShapeError where the step does not give the state or an output (B, any size), or shows what has no batch.
 */
export function sizedCell<State extends string, Weight extends string>(
  cell: Cell<State, Weight>,
  input: number,
  hidden: number,
  memory = 0,
): SizedCell<State, Weight> {
  const { name: cellName, step: equations, output: shows } = cell;
  const where = `cell ${cellName}`;
  const parts = cell.parts(input, hidden, memory);
  if (typeof parts?.state !== "object" || typeof parts.weights !== "object") {
    throw new UsageError(`${where}: parts ${printGiven(parts)} given, { state, weights } expected`);
  }
  const names = Object.keys(parts.state) as State[];
  const [first] = names;
  if (first === undefined) throw new UsageError(`${where}: no state given, at least one part expected`);
  checkSizes(where, parts, memory === 0 && cell.parts.length > 2);
  const output = shows ?? ((state: Tensors<State>) => state[first]);

  const state = mapRecord(parts.state, (size, name) => placeholder(name, ["B", size]));
  const weights = mapRecord(parts.weights, ({ shape }, name) => placeholder(name, shape));
  const step: SizedCell<State, Weight>["step"] = (given, before, x, context = {}) =>
    equations(given, before, x, {
      past(distance) {
        if (!Number.isInteger(distance) || distance < 1) {
          throw new UsageError(`${where}: past(${distance}) asked for, a positive integer expected`);
        }
        if (distance === 1) return before;
        return context.past ? context.past(distance) : mapRecord(before, zerosLike);
      },
      drop: context.drop ?? ((candidate) => candidate),
      get memory() {
        const read = context.memory;
        if (read) return read;
        throw new UsageError(
          `${where}: reads a memory, and was given none: recurrent(cell, input, hidden, { memory: size }) expected`,
        );
      },
      show: context.show ?? ((_, tensor) => tensor),
    });
  const distances = new Set<number>();
  const candidates: number[] = [];
  const shown: Record<string, ShownType> = {};
  let readsMemory = false;
  const next = step(weights, state, placeholder("x", ["B", input]), {
    past(distance) {
      distances.add(distance);
      return state;
    },
    drop(candidate) {
      candidates.push(rowSize(where, "a candidate", candidate));
      return candidate;
    },
    get memory() {
      readsMemory = true;
      return memory > 0 ? memoryPlaceholder(memory) : (undefined as never);
    },
    show(name, tensor) {
      uniquePathBelow(where, "", name);
      if (name in shown) throw new UsageError(`${where}: shows ${name} twice, names that differ expected`);
      const batchAxis = batchAxisOf(`${where}: shows ${name}`, tensor);
      shown[name] = { shape: tensor.shape, dtype: tensor.dtype, batchAxis };
      return tensor;
    },
  });
  checkState(
    where,
    "the step",
    next,
    mapRecord(state, (part) => part.shape),
  );
  if (distances.size > 0 && "past" in state) {
    throw new UsageError(`${where}: a state past given, another name expected of a cell that reads its past`);
  }
  const given = output(next, weights);
  const outputSize = rowSize(where, "an output", given);
  return {
    ...parts,
    input,
    hidden,
    memory,
    readsMemory,
    shown,
    step,
    distances: [...distances].sort((a, b) => a - b),
    output,
    outputPart: names.find((name) => next[name].node === given.node),
    outputSize,
    candidates,
  };
}

/** Throws ShapeError unless what a step gives is the state, of these shapes. */
export function checkState(
  where: string,
  what: string,
  given: Tensors<string>,
  shapes: Readonly<Record<string, Shape>>,
): void {
  const names = Object.keys(shapes);
  if (typeof given !== "object" || given === null) {
    throw new ShapeError(`${where}: ${what} gives ${printGiven(given)}, { ${names.join(", ")} } expected`);
  }
  const stray = Object.keys(given).find((name) => !(name in shapes));
  if (stray !== undefined) {
    throw new ShapeError(`${where}: ${what} gives ${stray}, which is no state; ${names.join(", ")} expected`);
  }
  for (const [name, expected] of Object.entries(shapes)) {
    const part = given[name];
    if (part !== undefined) expectTensors(`${where}: the state ${name}`, part);
    if (part && sameShape(part.shape, expected)) continue;
    const shape = part ? printShape(part.shape) : "nothing";
    throw new ShapeError(
      `${where}: ${what} gives ${shape} for the state ${name}, ${printShape(expected)} expected`,
    );
  }
}

/** The size of the rows of (B, size). */
export function rowSize(where: string, what: string, rows: Tensor): number {
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

/** The axis of what a step shows that is the batch, of B, S and numbers. */
function batchAxisOf(where: string, tensor: Tensor): number {
  expectTensors(where, tensor);
  const { shape } = tensor;
  const isKnown = shape.every((size) => typeof size === "number" || size === "B" || size === MEMORY_STEPS);
  if (isKnown && shape.filter((size) => size === "B").length === 1) return shape.indexOf("B");
  throw new ShapeError(
    `${where} ${printShape(shape)}, one axis B, and others of ${MEMORY_STEPS} and numbers, expected`,
  );
}

/** A tensor that stands for one of this shape in a trace. */
export function placeholder(name: string, shape: Shape, dtype: DType = "float32"): Tensor {
  return new Tensor(node("input", [], { name, dtype, shape }));
}

/** A memory of `size` numbers a step, for a trace. */
export function memoryPlaceholder(size: number): Memory {
  return {
    values: placeholder("memory", [MEMORY_STEPS, "B", size]),
    lengths: placeholder("memory lengths", ["B"], "int32"),
  };
}

/** Throws UsageError for a size of the state or of a weight that is not a positive integer. */
export function checkSizes(
  where: string,
  { state, weights }: CellParts<string, string>,
  lacksMemory = false,
): void {
  const sizes = Object.entries(state).filter(([, size]) => size !== MEMORY_STEPS);
  const declared = [
    ...sizes.map(([name, size]) => [`state ${name}`, [size]] as const),
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
    const hint = lacksMemory && wrong === 0 ? "; the layer was given no memory" : "";
    throw new UsageError(
      `${where}: ${what} of size ${printGiven(wrong)} given, a positive integer expected${hint}`,
    );
  }
}
