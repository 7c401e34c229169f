/** Aligning: shapes of two operands are aligned from the right, and axes of size 1 or missing ones repeat. */

import { ShapeError } from "../errors.ts";
import * as build from "../graph/build.ts";
import { type Dimension, printShape, type Shape } from "../graph/dimension.ts";
import type { Node } from "../graph/node.ts";
import type { Elementwise } from "../graph/operations.ts";

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

/** An elementwise operation over nodes, each repeated to the shape that all of them align to. */
export function aligned(op: Exclude<Elementwise, "convert">, ...inputs: readonly Node[]): Node {
  const shape = inputs.reduce<Shape>((all, input) => broadcastShapes(op, all, input.shape), []);
  return build.elementwise(op, ...inputs.map((input) => expand(input, shape)));
}
