/** Layout: the elements of a tensor under another shape, in another order, or some of them. Nodes in, nodes out. */

import { printGiven } from "../checks.ts";
import { ShapeError } from "../errors.ts";
import * as build from "../graph/build.ts";
import {
  addDimensions,
  type Dimension,
  printShape,
  type Shape,
  sameShape,
  subtractDimensions,
} from "../graph/dimension.ts";
import type { Node } from "../graph/node.ts";
import { broadcastShapes, expand } from "./align.ts";
import { axisOf } from "./axes.ts";
import { checkShape } from "./number.ts";

export function reshape(x: Node, shape: Shape): Node {
  checkShape("reshape", shape);
  return build.reshape(x, shape);
}

export function broadcastTo(x: Node, shape: Shape): Node {
  checkShape("broadcastTo", shape);
  if (!sameShape(broadcastShapes("broadcastTo", x.shape, shape), shape)) {
    throw new ShapeError(`broadcastTo: ${printShape(x.shape)} does not fit in ${printShape(shape)}`);
  }
  return expand(x, shape);
}

export function slice(x: Node, axis: number, start: Dimension, end?: Dimension): Node {
  const along = axisOf(x.shape, axis);
  const size = subtractDimensions(end ?? (x.shape[along] as Dimension), start);
  checkShape("slice", [start], "start");
  return build.slice(x, along, start, size);
}

/** The element at an index along an axis, which vanishes. */
export function at(x: Node, axis: number, index: Dimension): Node {
  const along = axisOf(x.shape, axis);
  return build.reshape(
    slice(x, along, index, addDimensions(index, 1)),
    x.shape.filter((_, other) => other !== along),
  );
}

export function split(x: Node, count: number, axis: number): Node[] {
  const whole = x.shape[axisOf(x.shape, axis)];
  if (typeof whole !== "number" || !(Number.isInteger(count) && count > 0) || whole % count !== 0) {
    throw new ShapeError(
      `split: axis ${axis} of ${printShape(x.shape)} does not fall into ${printGiven(count)} equal parts`,
    );
  }
  const part = whole / count;
  return Array.from({ length: count }, (_, index) => slice(x, axis, index * part, (index + 1) * part));
}
