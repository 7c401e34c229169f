/**
 * What windows of one size see that slide along an axis, for convolutions and pooling: slices of the axis, which move nothing
 * where the stride is 1.
 */

import { ShapeError } from "../errors.ts";
import {
  addDimensions,
  ceilDivide,
  type Dimension,
  multiplyDimensions,
  subtractDimensions,
} from "../graph/dimension.ts";
import { stack } from "../trace/functions.ts";
import { located, type Tensor } from "../trace/tensor.ts";

/** Windows along one axis, all of one form. */
export interface Sliding {
  /** How many elements a window has. */
  readonly width: number;
  /** From the start of a window to that of the next; default 1. */
  readonly stride?: number | undefined;
  /** From an element of a window to its next; default 1. */
  readonly dilation?: number | undefined;
}

/** From the first element of a window to behind its last one. */
export function spanOf({ width, dilation = 1 }: Sliding): number {
  return dilation * (width - 1) + 1;
}

/**
 * The tensors of all first elements of the windows, of all second ones and so on: element j of window n stands at n stride +
 * j dilation along the axis. Only whole windows count. Throws ShapeError, with the line of the user's code, for an axis that
 * is shorter than one.
 */
export function tapsAlong(where: string, x: Tensor, axis: number, windows: Sliding): Tensor[] {
  const { width, stride = 1, dilation = 1 } = windows;
  const [along, span] = [axis < 0 ? x.shape.length + axis : axis, spanOf(windows)];
  const size = x.size(along);
  if (typeof size === "number" && size < span) {
    located(() => {
      throw new ShapeError(`${where}: ${size} elements along axis ${axis} given, ${span} or more expected`);
    });
  }
  const count = ceilDivide(subtractDimensions(size, span - 1), stride);
  const phases = stride === 1 ? undefined : phasesOf(x, along, stride);
  return Array.from({ length: width }, (_, tap) => {
    const start = tap * dilation;
    if (!phases) return x.slice(along, start, addDimensions(start, count));
    const from = Math.floor(start / stride);
    return phases.at(along + 1, start % stride).slice(along, from, addDimensions(from, count));
  });
}

/** The windows themselves: an axis of their elements after the one along which they slide. */
export function windowsAlong(where: string, x: Tensor, axis: number, windows: Sliding): Tensor {
  const { width, stride = 1, dilation = 1 } = windows;
  const along = axis < 0 ? x.shape.length + axis : axis;
  const size = x.size(along);
  // Windows side by side are the axis itself, cut.
  if (width === stride && dilation === 1 && typeof size === "number" && size >= width) {
    return phasesOf(x.slice(along, 0, size - (size % width)), along, width);
  }
  return stack(tapsAlong(where, x, axis, windows), along + 1);
}

/** An axis in rows of `stride` elements, with zeros behind its end: (..., N, ...) to (..., N / stride, stride, ...). */
function phasesOf(x: Tensor, along: number, stride: number): Tensor {
  const size = x.size(along);
  const rows = ceilDivide(size, stride);
  const missing: Dimension = subtractDimensions(multiplyDimensions(rows, stride), size);
  return x
    .pad(along, 0, missing)
    .reshape([...x.shape.slice(0, along), rows, stride, ...x.shape.slice(along + 1)]);
}
