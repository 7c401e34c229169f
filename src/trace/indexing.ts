/** Indexing along any axis: compositions of rows by index of a table. Nodes in, nodes out. */

import { ShapeError } from "../errors.ts";
import * as build from "../graph/build.ts";
import { type Dimension, sizeOf } from "../graph/dimension.ts";
import { type Node, node } from "../graph/node.ts";
import { printType } from "../graph/types.ts";
import { aligned } from "./align.ts";
import { axisOf } from "./axes.ts";
import { at } from "./layout.ts";

/** The axes of a rank in order, one of them moved to the front or to the end. */
function moved(rank: number, axis: number, to: "front" | "end"): number[] {
  const others = Array.from({ length: rank }, (_, other) => other).filter((other) => other !== axis);
  return to === "front" ? [axis, ...others] : [...others, axis];
}

export function take(x: Node, indices: Node, axis: number): Node {
  const along = axisOf(x.shape, axis);
  const rows = build.gather(build.transpose(x, moved(x.shape.length, along, "front")), indices);
  const [count, rank] = [indices.shape.length, rows.shape.length];
  const axes = Array.from({ length: rank }, (_, other) => other);
  const before = axes.slice(count, count + along);
  return build.transpose(rows, [...before, ...axes.slice(0, count), ...axes.slice(count + along)]);
}

export function takeAlong(x: Node, indices: Node, axis: number): Node {
  const along = axisOf(x.shape, axis);
  const fits =
    indices.dtype === "int32" &&
    indices.shape.length === x.shape.length &&
    indices.shape.every((size, other) => other === along || size === x.shape[other]);
  if (!fits) {
    throw new ShapeError(
      `takeAlong: indices ${printType(indices)} given for axis ${along} of ${printType(x)}, int32 of the same other sizes expected`,
    );
  }
  const order = moved(x.shape.length, along, "end");
  const rows = build.transpose(x, order);
  const count = sizeOf(rows.shape);
  const size = rows.shape.at(-1) as Dimension;
  // Row r of N numbers starts at r N, in the flat list of all of them.
  const starts = build.slice(
    build.reshape(node("iota", [], { size: count }), rows.shape),
    rows.shape.length - 1,
    0,
    1,
  );
  const wanted = build.transpose(indices, order);
  const last = at(node("iota", [], { size }), 0, -1);
  const zero = build.constant(0, "int32");
  const isInside = aligned("and", aligned("lessEqual", zero, wanted), aligned("lessEqual", wanted, last));
  const flat = aligned("select", isInside, aligned("add", wanted, starts), build.constant(-1, "int32"));
  const taken = build.gather(build.reshape(rows, [count]), flat);
  return build.transpose(
    taken,
    order.map((_, other) => order.indexOf(other)),
  );
}
