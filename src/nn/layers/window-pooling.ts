/** Pooling over windows, without weights: a sequence becomes a shorter one, an image a smaller one. */

import { checkOptions } from "../../checks.ts";
import { range, where } from "../../trace/functions.ts";
import { sizeTensor, type Tensor } from "../../trace/tensor.ts";
import { isWithin, withinLengths } from "../lengths.ts";
import { windowsAlong } from "../taps.ts";
import { bothOf, checkImage, type Extent2d } from "./image.ts";
import { checkSize } from "./layer.ts";
import { sequenceShape } from "./pooling.ts";

export interface PoolingOptions {
  /** Steps from the start of a window to that of the next; default its width, so that windows stand side by side. */
  readonly stride?: number | undefined;
  /** int32 (B), from 1 to T: what stands after a row's length is never read. */
  readonly lengths?: Tensor | undefined;
}

/** A shorter sequence. */
export interface Pooled {
  /** (T / stride, B, H), rounded up; zeros after a row's length. */
  readonly output: Tensor;
  /** int32 (B): the lengths / stride, rounded up; undefined where none were given. */
  readonly lengths: Tensor | undefined;
}

/**
 * The largest number of each feature in windows of `width` steps of x (T, B, H). A window begins at every `stride`-th step. The
 * last ones have fewer steps: those that are there, so that each row keeps one step or more.
 * Throws UsageError for a width or a stride that is no positive integer, ShapeError for tensors of other shapes.
 */
export function maxPooling(x: Tensor, width: number, options: PoolingOptions = {}): Pooled {
  return pooled("maxPooling", x, width, options, Number.NEGATIVE_INFINITY, (windows) => windows.max(1));
}

/** The mean of each feature in windows of `width` steps of x (T, B, H), likewise: of the steps that are there. */
export function meanPooling(x: Tensor, width: number, options: PoolingOptions = {}): Pooled {
  return pooled("meanPooling", x, width, options, 0, (windows, steps) =>
    windows.sum(1).div(steps.minimum(width).maximum(1)),
  );
}

/** `reduce` is given windows (N, width, B, H), with `beyond` where a row has no step, and how many steps there are from the start of each. */
function pooled(
  name: string,
  x: Tensor,
  width: number,
  options: PoolingOptions,
  beyond: number,
  reduce: (windows: Tensor, steps: Tensor) => Tensor,
): Pooled {
  checkOptions(name, options, { stride: true, lengths: true });
  const { stride = width, lengths } = options ?? {};
  checkSize(name, "width", width);
  checkSize(name, "stride", stride);
  const [all, batch] = sequenceShape(name, x, lengths);
  const own = lengths ? where(isWithin(lengths, all).reshape([all, batch, 1]), x, beyond) : x;
  const windows = windowsAlong(name, own.pad(0, 0, width - 1, beyond), 0, { width, stride });
  const starts = range(windows.size(0)).convert("float32").mul(stride).reshape([-1, 1, 1]);
  const ends = lengths ? lengths.convert("float32").reshape([batch, 1]) : sizeTensor(all);
  const shorter = lengths
    ?.convert("float32")
    .add(stride - 1)
    .div(stride)
    .floor()
    .convert("int32");
  return { output: withinLengths(reduce(windows, ends.sub(starts)), shorter), lengths: shorter };
}

export interface Pooling2dOptions {
  /** From the start of a window to that of the next, down and across; default its width, so that windows stand side by side. */
  readonly stride?: Extent2d | undefined;
}

/**
 * The largest number of each channel in windows of `width` rows and columns of images (..., rows, columns, C): of whole windows,
 * what is left at the end is not read. torch.nn.MaxPool2d, which has channels before rows.
 * Throws UsageError for a width or a stride that is no positive integer, ShapeError for tensors of other shapes.
 */
export function maxPooling2d(x: Tensor, width: Extent2d, options: Pooling2dOptions = {}): Tensor {
  return pooled2d("maxPooling2d", x, width, options, (windows, axis) => windows.max(axis));
}

/** The mean of each channel in windows of `width` rows and columns of images (..., rows, columns, C), likewise: torch.nn.AvgPool2d. */
export function meanPooling2d(x: Tensor, width: Extent2d, options: Pooling2dOptions = {}): Tensor {
  return pooled2d("meanPooling2d", x, width, options, (windows, axis) => windows.mean(axis));
}

/** One direction after the other. */
function pooled2d(
  name: string,
  x: Tensor,
  width: Extent2d,
  options: Pooling2dOptions,
  reduce: (windows: Tensor, axis: number) => Tensor,
): Tensor {
  checkOptions(name, options, { stride: true });
  const { stride = width } = options ?? {};
  const [widths, strides] = [bothOf(name, "width", width), bothOf(name, "stride", stride)];
  checkImage(name, x);
  const along = (image: Tensor, axis: -3 | -2) => {
    const direction = axis === -3 ? 0 : 1;
    const windows = { width: widths[direction], stride: strides[direction] };
    return reduce(windowsAlong(name, image, axis, windows), axis);
  };
  return along(along(x, -3), -2);
}
