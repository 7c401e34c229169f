/**
 * The closed table of operations: what each is called, which attributes it carries and what kind of work it is.
 * An LSTM, a softmax or a layer norm is a composition of these, never an operation of its own.
 */

import type { Body } from "./body.ts";
import type { Dimension, Shape } from "./dimension.ts";
import type { TensorType } from "./node.ts";

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
  not: NoAttributes;
  /** The value, through which no gradient flows. */
  stopGradient: NoAttributes;
  convert: { readonly dtype: DType };
  add: NoAttributes;
  subtract: NoAttributes;
  multiply: NoAttributes;
  divide: NoAttributes;
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
  | "leaf"
  | "elementwise"
  | "reduction"
  | "contraction"
  | "layout"
  | "indexing"
  | "scan"
  | "output";

export const kinds = {
  variable: "leaf",
  input: "leaf",
  argument: "leaf",
  constant: "leaf",
  iota: "leaf",
  dimension: "leaf",
  past: "leaf",
  negate: "elementwise",
  exp: "elementwise",
  log: "elementwise",
  tanh: "elementwise",
  sigmoid: "elementwise",
  sqrt: "elementwise",
  not: "elementwise",
  stopGradient: "elementwise",
  convert: "elementwise",
  add: "elementwise",
  subtract: "elementwise",
  multiply: "elementwise",
  divide: "elementwise",
  maximum: "elementwise",
  minimum: "elementwise",
  less: "elementwise",
  lessEqual: "elementwise",
  equal: "elementwise",
  and: "elementwise",
  or: "elementwise",
  select: "elementwise",
  random: "elementwise",
  sum: "reduction",
  max: "reduction",
  einsum: "contraction",
  reshape: "layout",
  transpose: "layout",
  broadcast: "layout",
  slice: "layout",
  pad: "layout",
  concat: "layout",
  flip: "layout",
  gather: "indexing",
  scatterAdd: "indexing",
  scan: "scan",
  output: "output",
} as const satisfies Record<Operation, Kind>;

/** The operations of one kind. */
export type OfKind<K extends Kind> = {
  [Op in Operation]: (typeof kinds)[Op] extends K ? Op : never;
}[Operation];
export type Elementwise = OfKind<"elementwise">;

/** Whether recomputing an operation costs little against loading its result: what a backward scan may redo instead of save. */
export const cheap: Record<Operation, boolean> = {
  variable: true,
  input: true,
  argument: true,
  constant: true,
  iota: true,
  dimension: true,
  past: false,
  negate: true,
  exp: false,
  log: false,
  tanh: false,
  sigmoid: false,
  sqrt: true,
  not: true,
  stopGradient: true,
  convert: true,
  add: true,
  subtract: true,
  multiply: true,
  divide: true,
  maximum: true,
  minimum: true,
  less: true,
  lessEqual: true,
  equal: true,
  and: true,
  or: true,
  select: true,
  random: false,
  sum: false,
  max: false,
  einsum: false,
  reshape: true,
  transpose: true,
  broadcast: true,
  slice: true,
  pad: true,
  concat: true,
  flip: true,
  gather: false,
  scatterAdd: false,
  scan: false,
  output: false,
};
