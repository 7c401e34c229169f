/**
 * Tensor: what a traced function sees. Every method builds nodes of the graph; nothing is computed here.
 */

import { printGiven } from "../checks.ts";
import { ShapeError, UsageError } from "../errors.ts";
import * as build from "../graph/build.ts";
import { type Dimension, printShape, type Shape, subtractDimensions } from "../graph/dimension.ts";
import { joinLabels } from "../graph/einsum.ts";
import { type Node, node } from "../graph/node.ts";
import type { DType, Elementwise } from "../graph/operations.ts";
import { printType } from "../graph/types.ts";
import { aligned } from "./align.ts";
import * as arithmetic from "./arithmetic.ts";
import { type Axes, axisOf, type ReductionOptions, type VarianceOptions } from "./axes.ts";
import { atCaller } from "./caller.ts";
import { expectWithin } from "./expectation.ts";
import * as indexing from "./indexing.ts";
import * as layout from "./layout.ts";
import { checkDtype, constantOf, sizeNode } from "./number.ts";
import * as reduction from "./reduction.ts";

/** Anything that can stand beside a tensor in arithmetic. */
export type TensorLike = Tensor | number;

/** Runs a rule; a shape error gains the line of the user's code that asked for it. */
export function located<Result>(make: () => Result): Result {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof ShapeError) || error.located) throw error;
    throw new ShapeError(`${error.message}${atCaller()}`, { located: true });
  }
}

export class Tensor {
  readonly node: Node;

  constructor(graphNode: Node) {
    this.node = graphNode;
  }

  /** What it is called where something else was expected. */
  get [Symbol.toStringTag](): string {
    return "Tensor";
  }
  /** What it is, for messages: "Tensor float32 (T, B)". */
  toString(): string {
    return `Tensor ${printType(this.node)}`;
  }
  /** Throws UsageError where JavaScript would compute with the object itself, as in x * 2 and x > 0. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === "string") return this.toString();
    throw new UsageError(
      `${this} given to an operator of JavaScript, which does not know tensors: x.add(2), x.sub(2), x.mul(2), x.div(2), x.less(2), x.equal(2) expected${atCaller()}`,
    );
  }
  /** Throws UsageError: a tensor is a part of a graph, and the numbers of a variable are its `value`. */
  toJSON(): never {
    throw new UsageError(
      `${this} cannot be JSON: the result of a compiled function, the value of a variable, or writeSafetensors expected`,
    );
  }

  /** Sizes of the axes: numbers, or texts over symbols, such as "T" or "2*T+1", that the data will bind. */
  get shape(): Shape {
    return this.node.shape;
  }

  get dtype(): DType {
    return this.node.dtype;
  }

  /** Size of an axis; negative axes count from the last. */
  size(axis: number): Dimension {
    return located(() => this.shape[axisOf(this.shape, axis)] as Dimension);
  }

  add(other: TensorLike): Tensor {
    return binary("add", this, other);
  }
  sub(other: TensorLike): Tensor {
    return binary("subtract", this, other);
  }
  /** Element-wise product. */
  mul(other: TensorLike): Tensor {
    return binary("multiply", this, other);
  }
  div(other: TensorLike): Tensor {
    return binary("divide", this, other);
  }
  maximum(other: TensorLike): Tensor {
    return binary("maximum", this, other);
  }
  minimum(other: TensorLike): Tensor {
    return binary("minimum", this, other);
  }
  less(other: TensorLike): Tensor {
    return binary("less", this, other);
  }
  lessEqual(other: TensorLike): Tensor {
    return binary("lessEqual", this, other);
  }
  greater(other: TensorLike): Tensor {
    return tensor(() => arithmetic.greater(this.node, beside("greater", this, other)));
  }
  greaterEqual(other: TensorLike): Tensor {
    return tensor(() => arithmetic.greaterEqual(this.node, beside("greaterEqual", this, other)));
  }
  equal(other: TensorLike): Tensor {
    return binary("equal", this, other);
  }
  /** True also where one of them is NaN, which equals nothing. */
  notEqual(other: TensorLike): Tensor {
    return tensor(() => arithmetic.notEqual(this.node, beside("notEqual", this, other)));
  }
  and(other: Tensor): Tensor {
    return binary("and", this, other);
  }
  or(other: Tensor): Tensor {
    return binary("or", this, other);
  }
  not(): Tensor {
    return unary("not", this);
  }
  neg(): Tensor {
    return unary("negate", this);
  }
  exp(): Tensor {
    return unary("exp", this);
  }
  log(): Tensor {
    return unary("log", this);
  }
  tanh(): Tensor {
    return unary("tanh", this);
  }
  sigmoid(): Tensor {
    return unary("sigmoid", this);
  }
  sqrt(): Tensor {
    return unary("sqrt", this);
  }
  square(): Tensor {
    return this.mul(this);
  }
  /**
   * This to the power of `exponent`, within 2 ulp. A negative number has powers of whole exponents, else NaN; x^0 and 1^y are
   * 1, even of NaN, and 0 to a negative power is infinite, as IEEE 754 has it. The gradient is right at 0 too: that of x^2
   * is 0, that of x^0.5 infinite; with respect to the exponent it is 0 of a base of 0, NaN of a negative one. Of int32, the
   * exponent is a whole number from 0.
   */
  pow(exponent: TensorLike): Tensor {
    return tensor(() => arithmetic.power(this.node, beside("pow", this, exponent)));
  }
  /** The sine of radians: within 2 ulp for every number, however large. NaN of an infinite one. */
  sin(): Tensor {
    return unary("sin", this);
  }
  /** The cosine, likewise. */
  cos(): Tensor {
    return unary("cos", this);
  }
  /** The absolute value; the gradient at 0 is 0. */
  abs(): Tensor {
    return tensor(() => arithmetic.absolute(this.node));
  }
  /** -1, 0 or 1; NaN of NaN. No gradient flows, as through floor, ceil and round. */
  sign(): Tensor {
    return tensor(() => arithmetic.sign(this.node));
  }
  /** The largest whole number that is not larger, as float32. */
  floor(): Tensor {
    return unary("floor", this);
  }
  /** The smallest whole number that is not smaller. */
  ceil(): Tensor {
    return tensor(() => arithmetic.ceil(this.node));
  }
  /** The nearest whole number; of two that are as near, the even one: 0.5 gives 0, and 1.5 gives 2. */
  round(): Tensor {
    return tensor(() => arithmetic.round(this.node));
  }
  /** The value, through which no gradient flows. */
  stopGradient(): Tensor {
    return unary("stopGradient", this);
  }
  /** The values as another dtype; float32 to int32 cuts towards zero, bool gives 0 and 1. */
  convert(dtype: DType): Tensor {
    return tensor(() => {
      checkDtype("convert", dtype);
      return build.convert(this.node, dtype);
    });
  }

  /** Sum over `axes` (default all), which vanish unless `keep`. */
  sum(axes?: Axes, options: ReductionOptions = {}): Tensor {
    return tensor(() => reduction.sum(this.node, axes, options));
  }
  /** The largest number over `axes` (default all); NaN where one is NaN. The gradient falls to equal parts on equal ones. */
  max(axes?: Axes, options: ReductionOptions = {}): Tensor {
    return tensor(() => reduction.max(this.node, axes, options));
  }
  /** The smallest number over `axes` (default all), by the same rules. */
  min(axes?: Axes, options: ReductionOptions = {}): Tensor {
    return tensor(() => reduction.min(this.node, axes, options));
  }
  /**
   * Where along an axis (default the last) the largest number stands, as int32: the first of equal ones, and the first NaN if
   * there is one. Throws ShapeError for an axis without elements, here or, where the data tells, when the program is called.
   */
  argmax(axis = -1, options: ReductionOptions = {}): Tensor {
    return tensor(() => reduction.argmax(this.node, axis, options));
  }
  /** Where along an axis (default the last) the smallest number stands, by the same rules. */
  argmin(axis = -1, options: ReductionOptions = {}): Tensor {
    return tensor(() => reduction.argmin(this.node, axis, options));
  }
  /** The mean over `axes` (default all). Throws ShapeError over none, here or, where the data tells, when the program is called. */
  mean(axes?: Axes, options: ReductionOptions = {}): Tensor {
    return tensor(() => reduction.mean(this.node, axes, options));
  }
  /**
   * The mean over `axes` (default all) of (x - mean)^2. Of a `sample` the sum is divided by n - 1. Throws ShapeError over no
   * numbers, or one of a sample, here or, where the data tells, when the program is called.
   */
  variance(axes?: Axes, options: VarianceOptions = {}): Tensor {
    return tensor(() => reduction.variance(this.node, axes, options));
  }
  /**
   * log sum e^x over `axes` (default all), which does not overflow: -infinity where all numbers are, +infinity where one is.
   * The gradient is softmax(x), and 0 where the result is infinite.
   */
  logSumExp(axes?: Axes, options: ReductionOptions = {}): Tensor {
    return tensor(() => reduction.logSumExp(this.node, axes, options));
  }

  /**
   * The matrix product: the last axis of this with the first of a vector, or the second last of a matrix.
   * (..., I) . (I, H) -> (..., H); (..., I) . (I) -> (...).
   */
  dot(other: Tensor): Tensor {
    expectTensors("dot", other);
    const rank = this.shape.length;
    return tensor(() => {
      if (rank === 0 || other.shape.length === 0 || other.shape.length > 2) {
        const shapes = `${printShape(this.shape)} and ${printShape(other.shape)}`;
        throw new ShapeError(`dot: ${shapes} given, (..., I) and (I, H) or (I) expected`);
      }
      const letters = "abcdefghijklmnopqrstuvwx";
      const leading = letters.slice(0, rank - 1);
      const labels =
        other.shape.length === 1
          ? { a: `${leading}y`, b: "y", result: leading }
          : { a: `${leading}y`, b: "yz", result: `${leading}z` };
      return build.einsum(this.node, other.node, joinLabels(labels));
    });
  }

  /** The same elements in another shape, in which one size may be -1: what is left for it, as in reshape([-1, "B"]). */
  reshape(shape: Shape): Tensor {
    return tensor(() => layout.reshape(this.node, shape));
  }
  /** Axis i of the result is axis permutation[i]; by default the axes in reverse order. */
  transpose(permutation?: readonly number[]): Tensor {
    const order = permutation ?? this.shape.map((_, axis) => this.shape.length - 1 - axis);
    return tensor(() => build.transpose(this.node, order));
  }
  /** Repeated to `shape`, aligned from the right. */
  broadcastTo(shape: Shape): Tensor {
    return tensor(() => layout.broadcastTo(this.node, shape));
  }
  /**
   * Elements start to end (exclusive) along an axis, by default to the last; negative numbers count from its end. Throws
   * ShapeError where the axis does not have them: here or, where the data tells, when the program is called.
   */
  slice(axis: number, start: Dimension, end?: Dimension): Tensor {
    return tensor(() => layout.slice(this.node, axis, start, end));
  }
  /** Element `index` along an axis, which vanishes; -1 is the last. Throws ShapeError as `slice` does. */
  at(axis: number, index: Dimension): Tensor {
    return tensor(() => layout.at(this.node, axis, index));
  }
  /** Cut in `count` equal parts along an axis (default the last). */
  split(count: number, axis = -1): Tensor[] {
    return located(() => layout.split(this.node, count, axis)).map((part) => new Tensor(part));
  }
  /** Zeros, or another number, before and after along an axis. */
  pad(axis: number, before: Dimension, after: Dimension = 0, value = 0): Tensor {
    return tensor(() => layout.pad(this.node, axis, before, after, value));
  }
  /** The elements along an axis in reverse order. */
  flip(axis: number): Tensor {
    return tensor(() => node("flip", [this.node], { axis: axisOf(this.shape, axis) }));
  }
  /** Rows of this table (V, ...rest) by int32 indices (...n) -> (...n, ...rest). An index outside of 0..V-1 reads zeros. */
  gather(indices: Tensor): Tensor {
    expectTensors("gather", indices);
    return tensor(() => build.gather(this.node, indices.node));
  }
  /**
   * The elements at int32 indices (...n) along an axis (default the first), whose place the axes of the indices take:
   * numpy.take. Indices that a program is given have to be from 0 to the axis's size less 1; one that it computed outside of
   * that reads zeros.
   */
  take(indices: Tensor, axis = 0): Tensor {
    expectTensors("take", indices);
    const size = this.size(axis);
    expectWithin(indices, 0, subtractDimensions(size, 1));
    return tensor(() => indexing.take(this.node, indices.node, axis));
  }
  /**
   * At each place of the indices int32 (..., K, ...) the element that stands at that index along the axis, in the same place
   * of the other axes, which have the same sizes: (..., N, ...) -> (..., K, ...), torch.gather. Indices outside of 0..N-1 are
   * refused, or read zeros, as by `take`.
   */
  takeAlong(indices: Tensor, axis: number): Tensor {
    expectTensors("takeAlong", indices);
    const size = this.size(axis);
    expectWithin(indices, 0, subtractDimensions(size, 1));
    return tensor(() => indexing.takeAlong(this.node, indices.node, axis));
  }
}

// Not a method of the class: TypeScript would let tensors be iterated over, and now says itself that they cannot be.
Object.defineProperty(Tensor.prototype, Symbol.iterator, {
  value(this: Tensor): never {
    throw new UsageError(
      `${this} cannot be iterated over: x.at(0, 1), x.slice(0, 1, 3), x.split(2), or scan for the steps of a sequence, expected${atCaller()}`,
    );
  },
});

/**
 * Throws ShapeError, with the line of the user's code, for the first that is no tensor: layers and functions over tensors
 * are parts of a function that is traced, and cannot be given arrays.
 */
export function expectTensors(where: string, ...given: readonly unknown[]): void {
  const stray = given.findIndex((one) => !(one instanceof Tensor));
  if (stray < 0) return;
  const isNothing = given[stray] === undefined || given[stray] === null;
  const hint = isNothing ? "" : ": arrays become tensors as inputs of a function that is given to compile";
  located(() => {
    throw new ShapeError(`${where}: ${printGiven(given[stray])} given, a tensor expected${hint}`);
  });
}

/** The size of an axis as a float32 scalar. */
export const sizeTensor = (size: Dimension): Tensor => new Tensor(sizeNode(size));

/** What a rule makes, as a tensor; a shape error gains the line of the user's code. */
function tensor(make: () => Node): Tensor {
  return located(() => new Tensor(make()));
}

function unary(op: Exclude<Elementwise, "convert">, a: Tensor): Tensor {
  return tensor(() => build.elementwise(op, a.node));
}

function binary(op: Exclude<Elementwise, "convert">, a: Tensor, other: TensorLike): Tensor {
  return tensor(() => aligned(op, a.node, beside(op, a, other)));
}

/** What stands beside a tensor; a number takes its dtype. */
function beside(op: string, { dtype }: Tensor, other: TensorLike): Node {
  return other instanceof Tensor ? other.node : constantOf(op, other, dtype);
}
