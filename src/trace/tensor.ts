/**
 * Tensor: what a traced function sees. Every method builds a node of the graph; nothing is computed here.
 * Shapes of two operands are aligned from the right, and axes of size 1 or missing ones repeat.
 */

import { checkOptions, printGiven } from "../checks.ts";
import { ShapeError, UsageError } from "../errors.ts";
import * as build from "../graph/build.ts";
import {
  addDimensions,
  type Dimension,
  printShape,
  type Shape,
  sameShape,
  subtractDimensions,
} from "../graph/dimension.ts";
import { joinLabels } from "../graph/einsum.ts";
import { type Node, node } from "../graph/node.ts";
import type { DType, Elementwise } from "../graph/operations.ts";
import { printType } from "../graph/types.ts";
import { atCaller } from "./caller.ts";
import { checkDtype, checkShape, constantOf } from "./number.ts";

/** Anything that can stand beside a tensor in arithmetic. */
export type TensorLike = Tensor | number;

/** One axis or several; negative ones count from the end. */
export type Axes = number | readonly number[];

export interface ReductionOptions {
  /** Whether the axes stay, with size 1. Default false. */
  readonly keep?: boolean | undefined;
}

/** Runs a rule; a shape error gains the line of the user's code that asked for it. */
export function located<Result>(make: () => Result): Result {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof ShapeError) || error.located) throw error;
    throw new ShapeError(`${error.message}${atCaller()}`, { located: true });
  }
}

/** The shape that both align to; throws ShapeError where axes differ and neither is 1. */
export function broadcastShapes(op: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, at) => {
    const left = a[at - rank + a.length] ?? 1;
    const right = b[at - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new ShapeError(`${op}: shapes ${printShape(a)} and ${printShape(b)} do not fit`);
    }
    return left === 1 ? right : left;
  });
}

/** The node repeated to a shape that it aligns with. */
export function expand(from: Node, shape: Shape): Node {
  const offset = shape.length - from.shape.length;
  const kept = from.shape.map((_, axis) => axis).filter((axis) => from.shape[axis] === shape[axis + offset]);
  const narrow = build.reshape(
    from,
    kept.map((axis) => from.shape[axis] as Dimension),
  );
  return build.broadcast(
    narrow,
    shape,
    kept.map((axis) => axis + offset),
  );
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

  /** Sizes of the axes: numbers, or symbols such as "T" that the data will bind. */
  get shape(): Shape {
    return this.node.shape;
  }

  get dtype(): DType {
    return this.node.dtype;
  }

  /** Size of an axis; negative axes count from the last. */
  size(axis: number): Dimension {
    return this.shape[this.#axis(axis)] as Dimension;
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
  equal(other: TensorLike): Tensor {
    return binary("equal", this, other);
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
  /** The value, through which no gradient flows. */
  stopGradient(): Tensor {
    return unary("stopGradient", this);
  }
  /** The values as another dtype; float32 to int32 cuts towards zero, bool gives 0 and 1. */
  convert(dtype: DType): Tensor {
    return located(() => {
      checkDtype("convert", dtype);
      return new Tensor(build.convert(this.node, dtype));
    });
  }

  /** Sum over `axes` (default all), which vanish unless `keep`. */
  sum(axes?: Axes, options: ReductionOptions = {}): Tensor {
    return this.#reduce("sum", axes, options, (list) => build.sum(this.node, list));
  }
  max(axes?: Axes, options: ReductionOptions = {}): Tensor {
    return this.#reduce("max", axes, options, (list) =>
      list.length === 0 ? this.node : node("max", [this.node], { axes: list }),
    );
  }
  /** The mean over `axes` (default all). Throws ShapeError over none, here or, where the data tells, when the program is called. */
  mean(axes?: Axes, options: ReductionOptions = {}): Tensor {
    const list = this.#axes(axes);
    const none = list.find((axis) => this.shape[axis] === 0);
    if (none !== undefined) {
      located(() => {
        throw new ShapeError(`mean: axis ${none} of ${printShape(this.shape)} has no elements`);
      });
    }
    const count = list.reduce<Tensor>(
      (product, axis) => product.mul(sizeTensor(this.size(axis))),
      sizeTensor(1),
    );
    return this.sum(list, options).div(count);
  }

  /**
   * The matrix product: the last axis of this with the first of a vector, or the second last of a matrix.
   * (..., I) . (I, H) -> (..., H); (..., I) . (I) -> (...).
   */
  dot(other: Tensor): Tensor {
    expectTensors("dot", other);
    const rank = this.shape.length;
    return located(() => {
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
      return new Tensor(build.einsum(this.node, other.node, joinLabels(labels)));
    });
  }

  reshape(shape: Shape): Tensor {
    return located(() => {
      checkShape("reshape", shape);
      return new Tensor(build.reshape(this.node, shape));
    });
  }
  /** Axis i of the result is axis permutation[i]; by default the axes in reverse order. */
  transpose(permutation?: readonly number[]): Tensor {
    const order = permutation ?? this.shape.map((_, axis) => this.shape.length - 1 - axis);
    return located(() => new Tensor(build.transpose(this.node, order)));
  }
  /** Repeated to `shape`, aligned from the right. */
  broadcastTo(shape: Shape): Tensor {
    return located(() => {
      checkShape("broadcastTo", shape);
      if (!sameShape(broadcastShapes("broadcastTo", this.shape, shape), shape)) {
        throw new ShapeError(`broadcastTo: ${printShape(this.shape)} does not fit in ${printShape(shape)}`);
      }
      return new Tensor(expand(this.node, shape));
    });
  }
  /** Elements start to end (exclusive) along an axis; `end` defaults to the last. */
  slice(axis: number, start: Dimension, end?: Dimension): Tensor {
    const at = this.#axis(axis);
    const size = subtractDimensions(end ?? (this.shape[at] as Dimension), start);
    return located(() => {
      checkShape("slice", [start], "start");
      return new Tensor(build.slice(this.node, at, start, size));
    });
  }
  /** Element `index` along an axis, which vanishes. */
  at(axis: number, index: Dimension): Tensor {
    const position = this.#axis(axis);
    return this.slice(position, index, addDimensions(index, 1)).reshape(
      this.shape.filter((_, other) => other !== position),
    );
  }
  /** Cut in `count` equal parts along an axis (default the last). */
  split(count: number, axis = -1): Tensor[] {
    const whole = this.size(axis);
    if (typeof whole !== "number" || !(Number.isInteger(count) && count > 0) || whole % count !== 0) {
      return located(() => {
        throw new ShapeError(
          `split: axis ${axis} of ${printShape(this.shape)} does not fall into ${printGiven(count)} equal parts`,
        );
      });
    }
    const part = whole / count;
    return Array.from({ length: count }, (_, index) => this.slice(axis, index * part, (index + 1) * part));
  }
  /** Zeros before and after along an axis. */
  pad(axis: number, before: Dimension, after: Dimension = 0): Tensor {
    return located(() => new Tensor(build.pad(this.node, this.#axis(axis), before, after)));
  }
  /** The elements along an axis in reverse order. */
  flip(axis: number): Tensor {
    return new Tensor(node("flip", [this.node], { axis: this.#axis(axis) }));
  }
  /** Rows of this table (V, ...rest) by int32 indices (...n) -> (...n, ...rest). An index outside of 0..V-1 reads zeros. */
  gather(indices: Tensor): Tensor {
    expectTensors("gather", indices);
    return located(() => new Tensor(build.gather(this.node, indices.node)));
  }

  #axis(axis: number): number {
    const at = axis < 0 ? this.shape.length + axis : axis;
    if (at < 0 || at >= this.shape.length || !Number.isInteger(at)) {
      return located(() => {
        throw new ShapeError(`axis ${printGiven(axis)} does not exist in ${printShape(this.shape)}`);
      });
    }
    return at;
  }
  #axes(axes: Axes | undefined): number[] {
    if (axes === undefined) return this.shape.map((_, axis) => axis);
    return [...new Set([axes].flat().map((axis) => this.#axis(axis)))].sort((a, b) => a - b);
  }
  #reduce(
    op: string,
    axes: Axes | undefined,
    options: ReductionOptions,
    reduce: (axes: number[]) => Node,
  ): Tensor {
    checkOptions(op, options, { keep: true });
    const { keep = false } = options;
    const list = this.#axes(axes);
    return located(() => {
      const reduced = reduce(list);
      const kept = this.shape.map((size, axis) => (list.includes(axis) ? 1 : size));
      return new Tensor(keep ? build.reshape(reduced, kept) : reduced);
    });
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
export function sizeTensor(size: Dimension): Tensor {
  return new Tensor(
    typeof size === "number" ? build.constant(size) : node("dimension", [], { dimension: size }),
  );
}

export function unary(op: Exclude<Elementwise, "convert">, a: Tensor): Tensor {
  return located(() => new Tensor(build.elementwise(op, a.node)));
}

function binary(op: Exclude<Elementwise, "convert">, a: Tensor, other: TensorLike): Tensor {
  return located(() => {
    const b = other instanceof Tensor ? other.node : constantOf(op, other, a.dtype);
    const shape = broadcastShapes(op, a.shape, b.shape);
    return new Tensor(build.elementwise(op, expand(a.node, shape), expand(b, shape)));
  });
}
