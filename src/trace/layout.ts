/** Layout: the elements of a tensor under another shape, in another order, or some of them. Nodes in, nodes out. */

import { printGiven } from "../checks.ts";
import { ShapeError } from "../errors.ts";
import * as build from "../graph/build.ts";
import {
  addDimensions,
  canonicalDimension,
  type Dimension,
  divideDimensions,
  printShape,
  type Shape,
  sameShape,
  sizeOf,
  subtractDimensions,
} from "../graph/dimension.ts";
import type { Node } from "../graph/node.ts";
import { typeOf } from "../graph/operations.ts";
import { broadcastShapes, expand } from "./align.ts";
import { axisOf } from "./axes.ts";
import { constantOf, readShape } from "./number.ts";

export function reshape(x: Node, given: Shape): Node {
  if (!(Array.isArray(given) && given.includes(-1))) return build.reshape(x, readShape("reshape", given));
  const hole = given.indexOf(-1);
  const [before, after] = [given.slice(0, hole), given.slice(hole + 1)].map((part) =>
    readShape("reshape", part),
  ) as [Shape, Shape];
  const rest = sizeOf([...before, ...after]);
  const size = divideDimensions(sizeOf(x.shape), rest);
  if (size === undefined) {
    throw new ShapeError(
      `reshape: ${printShape(given)} given for ${printShape(x.shape)}: the size -1 cannot be told, as ${sizeOf(x.shape)} elements are no multiple of ${rest}`,
    );
  }
  return build.reshape(x, [...before, size, ...after]);
}

export function broadcastTo(x: Node, given: Shape): Node {
  const shape = readShape("broadcastTo", given);
  if (!sameShape(broadcastShapes("broadcastTo", x.shape, shape), shape)) {
    throw new ShapeError(`broadcastTo: ${printShape(x.shape)} does not fit in ${printShape(shape)}`);
  }
  return expand(x, shape);
}

export function slice(x: Node, axis: number, start: Dimension, end?: Dimension): Node {
  const along = axisOf(x.shape, axis);
  const size = x.shape[along] as Dimension;
  const from = positionOf("slice", "start", start, size);
  const to = end === undefined ? size : positionOf("slice", "end", end, size);
  return build.slice(x, along, from, subtractDimensions(to, from));
}

/** The element at an index along an axis, which vanishes. */
export function at(x: Node, axis: number, index: Dimension): Node {
  const along = axisOf(x.shape, axis);
  const from = positionOf("at", "index", index, x.shape[along] as Dimension);
  return build.reshape(
    build.slice(x, along, from, 1),
    x.shape.filter((_, other) => other !== along),
  );
}

/** A position along an axis, counted from its start; negative numbers count from its end. */
function positionOf(op: string, what: string, position: Dimension, size: Dimension): Dimension {
  if (typeof position === "string") return canonicalDimension(position);
  if (!Number.isInteger(position)) {
    throw new ShapeError(`${op}: the ${what} ${printGiven(position)} given, a whole number expected`);
  }
  if (typeof size === "number" && position < -size) {
    throw new ShapeError(
      `${op}: the ${what} ${position} given for an axis of ${size}, ${-size} or more expected`,
    );
  }
  return position < 0 ? addDimensions(size, position) : position;
}

/** Zeros before and after along an axis. */
export function pad(x: Node, axis: number, before: Dimension, after: Dimension, value: number): Node {
  const along = axisOf(x.shape, axis);
  const [start, end] = [canonicalDimension(before), canonicalDimension(after)];
  const constant = constantOf("pad", value, x.dtype);
  if (value === 0) return build.pad(x, along, start, end);
  typeOf("pad", [x], { axis: along, before: start, after: end });
  const border = (size: Dimension) =>
    build.broadcast(
      constant,
      x.shape.map((whole, at) => (at === along ? size : whole)),
      [],
    );
  const parts = [...(start === 0 ? [] : [border(start)]), x, ...(end === 0 ? [] : [border(end)])];
  return build.concat(parts, along);
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
