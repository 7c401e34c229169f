/** Axes by number, of which negative ones count from the last: one or several, as functions over tensors take them. */

import { printGiven } from "../checks.ts";
import { ShapeError } from "../errors.ts";
import { printShape, type Shape } from "../graph/dimension.ts";

/** One axis or several; negative ones count from the end. */
export type Axes = number | readonly number[];

export interface ReductionOptions {
  /** Whether the axes stay, with size 1. Default false. */
  readonly keep?: boolean | undefined;
}

export interface VarianceOptions extends ReductionOptions {
  /** Whether the numbers are a sample of more, so that n - 1 divides the sum of squares in place of n. Default false. */
  readonly sample?: boolean | undefined;
}

/** The axis counted from the first. Throws ShapeError for one that the shape does not have. */
export function axisOf(shape: Shape, axis: number): number {
  const at = axis < 0 ? shape.length + axis : axis;
  if (at < 0 || at >= shape.length || !Number.isInteger(at)) {
    throw new ShapeError(`axis ${printGiven(axis)} does not exist in ${printShape(shape)}`);
  }
  return at;
}

/** The axes, each once, in ascending order; all of them where none are given. */
export function axesOf(shape: Shape, axes: Axes | undefined): number[] {
  if (axes === undefined) return shape.map((_, axis) => axis);
  return [...new Set([axes].flat().map((axis) => axisOf(shape, axis)))].sort((a, b) => a - b);
}
