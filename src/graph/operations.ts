/**
 * The closed table of operations: what each is called, which attributes it carries, and its facts in one row. An LSTM, a
 * softmax or a layer norm is a composition of these, never an operation of its own.
 */

import { ShapeError } from "../errors.ts";
import type { Body } from "./body.ts";
import type { Dimension, Shape } from "./dimension.ts";
import type { Node, TensorType } from "./node.ts";
import * as types from "./types.ts";

export type DType = "float32" | "int32" | "bool";

/** The identity of a variable: the object that holds its value is the trace stage's. */
export interface VariableIdentity {
  readonly id: number;
  readonly name: string;
}

/** Of an operation that its inputs say all about. */
export type NoAttributes = Record<never, never>;

/** Every operation and the attributes of its nodes. Shapes in the comments: a and b are the inputs in order. */
export interface Attributes {
  // Leaves
  /** A value that lives from call to call: a weight, an optimiser's moment, a carried state. */
  variable: TensorType & { readonly variable: VariableIdentity };
  /** A value given with each call; `scope` is the trace that it is an input of, so that inputs of two are never one node. */
  input: TensorType & { readonly name: string; readonly scope?: number };
  /** Argument `index` of the scan body being traced (`scope` > 0), or of a finished body (`scope` 0). */
  argument: TensorType & { readonly index: number; readonly scope: number };
  /** A scalar. */
  constant: { readonly value: number; readonly dtype: DType };
  /** 0, 1, ..., size - 1 as int32. */
  iota: { readonly size: Dimension };
  /** The size of an axis as a float32 scalar. */
  dimension: { readonly dimension: Dimension };
  /** Inside a body: output `output` of the step `distance` steps earlier, or of the step `index[b]` per row (input 0; -1 reads zeros). */
  past: TensorType & { readonly output: number; readonly distance: number; readonly scope: number };

  // Elementwise: inputs and result share one shape
  negate: NoAttributes;
  exp: NoAttributes;
  log: NoAttributes;
  tanh: NoAttributes;
  sigmoid: NoAttributes;
  sqrt: NoAttributes;
  /** The largest whole number that is not larger. */
  floor: NoAttributes;
  /** Of radians. */
  sin: NoAttributes;
  cos: NoAttributes;
  not: NoAttributes;
  /** The value, through which no gradient flows. */
  stopGradient: NoAttributes;
  convert: { readonly dtype: DType };
  add: NoAttributes;
  subtract: NoAttributes;
  multiply: NoAttributes;
  divide: NoAttributes;
  /** power(x, y): x^y, which negative x have of whole y alone (NaN else); x^0 and 1^y are 1. */
  power: NoAttributes;
  maximum: NoAttributes;
  minimum: NoAttributes;
  less: NoAttributes;
  lessEqual: NoAttributes;
  equal: NoAttributes;
  and: NoAttributes;
  or: NoAttributes;
  /** select(condition, a, b): a where the condition holds, else b. */
  select: NoAttributes;
  /** random(key0, key1, counter): uniform float32 in [0, 1) from int32 keys and counters (Threefry-2x32). */
  random: NoAttributes;

  // Reductions over `axes` (ascending), which vanish
  sum: { readonly axes: readonly number[] };
  max: { readonly axes: readonly number[] };

  /** The product of two tensors summed over the labels that the result lacks: labels "tbi,ih->tbh". */
  einsum: { readonly labels: string };

  // Layout
  reshape: { readonly shape: Shape };
  /** Axis i of the result is axis permutation[i] of the input. */
  transpose: { readonly permutation: readonly number[] };
  /** Axis i of the input becomes axis axes[i] of the result; the other axes repeat. */
  broadcast: { readonly shape: Shape; readonly axes: readonly number[] };
  slice: { readonly axis: number; readonly start: Dimension; readonly size: Dimension };
  /** Zeros before and after along an axis. */
  pad: { readonly axis: number; readonly before: Dimension; readonly after: Dimension };
  concat: { readonly axis: number };
  flip: { readonly axis: number };

  // Indexing along the first axis
  /** gather(table (V, ...rest), indices (...n)) -> (...n, ...rest). */
  gather: NoAttributes;
  /** scatterAdd(indices (...n), updates (...n, ...rest)) -> (size, ...rest): rows added up by index. */
  scatterAdd: { readonly size: Dimension };

  // Time
  /**
   * A cell applied along time: inputs are initial states, sequences (T, ...) and captures, in the body's order.
   * With `recompute`, it is there to save memory: differentiation saves the states alone and computes everything else of a
   * step anew, and nothing that grows with the number of steps leaves its loop.
   */
  scan: {
    readonly body: Body;
    readonly length: Dimension;
    readonly reverse: boolean;
    readonly recompute: boolean;
  };
  /** Result `index` of a scan: its final states, then its output sequences (T, ...). */
  output: { readonly index: number };
}

export type Operation = keyof Attributes;

/** What kind of work an operation is; stages act on kinds, not on names. */
export type Kind =
  /** What comes from outside of the program. */
  | "given"
  /** What a scan gives to each of its steps. */
  | "bound"
  /** One number that the program shows. */
  | "number"
  /** The positions along an axis. */
  | "positions"
  | "elementwise"
  | "reduction"
  | "contraction"
  /** The elements of one tensor in another order, some repeated or left out. */
  | "view"
  /** Parts, or zeros, side by side along an axis. */
  | "assembly"
  | "indexing"
  | "scan"
  | "output";

/** What is true of an operation, whoever asks. What a stage makes of it (a gradient, code) is in a table of that stage. */
export interface Facts<Op extends Operation = Operation, K extends Kind = Kind> {
  readonly kind: K;
  /** How many inputs it takes, or the least and the most. */
  readonly inputs: number | readonly [least: number, most: number];
  /** Whether it costs little to compute again, against loading its result: a backward scan computes it again instead. */
  readonly cost: "cheap" | "dear";
  /** How a drawing writes it; undefined where the drawing shows its input instead, which has the same numbers. */
  readonly symbol: string | undefined;
  /** The shape and dtype of the result. */
  readonly type: types.TypeRule<Op>;
  /** The numbers that as the left, or the right, of two inputs make the result the other input. */
  readonly neutral?: { readonly left?: number; readonly right: number };
  /** The operation that a reduction repeats. */
  readonly repeats?: "add" | "maximum";
}

/** One row of the table. */
function facts<Op extends Operation, K extends Kind>(
  kind: K,
  inputs: Facts["inputs"],
  cost: Facts["cost"],
  symbol: Facts["symbol"],
  type: types.TypeRule<Op>,
  more: Pick<Facts, "neutral" | "repeats"> = {},
): Facts<Op, K> {
  return { kind, inputs, cost, symbol, type, ...more };
}

const { alike, real, numeric } = types;
const infinity = Number.POSITIVE_INFINITY;

/** The facts of every operation; one without a row does not compile. */
export const operations = {
  variable: facts("given", 0, "cheap", "variable", types.given),
  input: facts("given", 0, "cheap", "input", types.given),
  argument: facts("bound", 0, "cheap", "argument", types.given),
  past: facts("bound", [0, 1], "dear", "past", types.past),
  constant: facts("number", 0, "cheap", "constant", types.constant),
  dimension: facts("number", 0, "cheap", "dimension", types.dimension),
  iota: facts("positions", 0, "cheap", "iota", types.iota),

  negate: facts("elementwise", 1, "cheap", "−", alike(numeric)),
  exp: facts("elementwise", 1, "dear", "exp", alike(real)),
  log: facts("elementwise", 1, "dear", "log", alike(real)),
  tanh: facts("elementwise", 1, "dear", "tanh", alike(real)),
  sigmoid: facts("elementwise", 1, "dear", "σ", alike(real)),
  sqrt: facts("elementwise", 1, "cheap", "√", alike(real)),
  floor: facts("elementwise", 1, "cheap", "floor", alike(real)),
  sin: facts("elementwise", 1, "dear", "sin", alike(real)),
  cos: facts("elementwise", 1, "dear", "cos", alike(real)),
  not: facts("elementwise", 1, "cheap", "not", alike(["bool"])),
  stopGradient: facts("elementwise", 1, "cheap", undefined, alike(types.all)),
  convert: facts("elementwise", 1, "cheap", undefined, types.convert),
  add: facts("elementwise", 2, "cheap", "+", alike(numeric), { neutral: { left: 0, right: 0 } }),
  subtract: facts("elementwise", 2, "cheap", "−", alike(numeric), { neutral: { right: 0 } }),
  multiply: facts("elementwise", 2, "cheap", "×", alike(numeric), { neutral: { left: 1, right: 1 } }),
  divide: facts("elementwise", 2, "cheap", "÷", alike(real), { neutral: { right: 1 } }),
  power: facts("elementwise", 2, "dear", "pow", alike(real), { neutral: { right: 1 } }),
  maximum: facts("elementwise", 2, "cheap", "max", alike(numeric), {
    neutral: { left: -infinity, right: -infinity },
  }),
  minimum: facts("elementwise", 2, "cheap", "min", alike(numeric), {
    neutral: { left: infinity, right: infinity },
  }),
  less: facts("elementwise", 2, "cheap", "<", alike(numeric, "bool")),
  lessEqual: facts("elementwise", 2, "cheap", "≤", alike(numeric, "bool")),
  equal: facts("elementwise", 2, "cheap", "=", alike(numeric, "bool")),
  and: facts("elementwise", 2, "cheap", "and", alike(["bool"])),
  or: facts("elementwise", 2, "cheap", "or", alike(["bool"])),
  select: facts("elementwise", 3, "cheap", "if", types.select),
  random: facts("elementwise", 3, "dear", "random", alike(["int32"], "float32")),

  sum: facts("reduction", 1, "dear", "Σ", types.reduction, { repeats: "add" }),
  max: facts("reduction", 1, "dear", "max", types.reduction, { repeats: "maximum" }),

  einsum: facts("contraction", 2, "dear", "einsum", types.einsum),

  reshape: facts("view", 1, "cheap", undefined, types.reshape),
  transpose: facts("view", 1, "cheap", undefined, types.transpose),
  broadcast: facts("view", 1, "cheap", undefined, types.broadcast),
  slice: facts("view", 1, "cheap", "slice", types.slice),
  flip: facts("view", 1, "cheap", "flip", types.flip),
  pad: facts("assembly", 1, "cheap", "pad", types.pad),
  concat: facts("assembly", [1, infinity], "cheap", "concat", types.concat),

  gather: facts("indexing", 2, "dear", "gather", types.gather),
  scatterAdd: facts("indexing", 2, "dear", "scatterAdd", types.scatterAdd),

  scan: facts("scan", [0, infinity], "dear", "scan", types.scan),
  output: facts("output", 1, "dear", "output", types.output),
} satisfies { readonly [Op in Operation]: Facts<Op> };

/** The facts of one operation. */
export function factsOf(op: Operation): Facts {
  return operations[op] as Facts;
}

/** The operations of one kind. */
export type OfKind<K extends Kind> = {
  [Op in Operation]: (typeof operations)[Op]["kind"] extends K ? Op : never;
}[Operation];
export type Elementwise = OfKind<"elementwise">;

/** The number that a reduction starts from: the neutral one of what it repeats, or the dtype's nearest to it. */
export function startOf(op: OfKind<"reduction">, dtype: DType): number {
  const { repeats } = factsOf(op);
  const { right = 0 } = (repeats && factsOf(repeats).neutral) ?? {};
  return dtype === "int32" ? Math.min(Math.max(right, -(2 ** 31)), 2 ** 31 - 1) : right;
}

/** The type of an operation's result. Throws ShapeError where the inputs do not fit. */
export function typeOf<Op extends Operation>(
  op: Op,
  inputs: readonly Node[],
  attributes: Attributes[Op],
): TensorType {
  const { inputs: allowed, type } = factsOf(op);
  const [least, most] = typeof allowed === "number" ? [allowed, allowed] : allowed;
  if (inputs.length < least || inputs.length > most) {
    const expected = most === least ? least : most === infinity ? `${least} or more` : `${least} to ${most}`;
    throw new ShapeError(`${op}: ${inputs.length} inputs given, ${expected} expected`);
  }
  return type(inputs, attributes, op);
}
