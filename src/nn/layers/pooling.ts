/**
 * A sequence to one vector a row, without weights: the mean, the largest and the last of a row's own steps. Steps beyond a
 * row's length are never read: whatever stands there, NaN included, reaches neither results nor gradients.
 */

import { ShapeError } from "../../errors.ts";
import { addDimensions, type Dimension, printShape } from "../../graph/dimension.ts";
import { where } from "../../trace/functions.ts";
import { expectTensors, located, sizeTensor, type Tensor } from "../../trace/tensor.ts";
import { isWithin, withinLengths } from "../lengths.ts";
import { rowsAt } from "./history.ts";
import { checkLengths } from "./sequence-layer.ts";

/**
 * The mean over the steps of each row: x (T, B, H) and lengths int32 (B), from 1 to T, to (B, H).
 * Throws ShapeError for tensors of other shapes.
 */
export function meanOverTime(x: Tensor, lengths?: Tensor): Tensor {
  const [steps, batch] = sequenceShape("meanOverTime", x, lengths);
  const count = lengths ? lengths.reshape([batch, 1]) : sizeTensor(steps);
  return withinLengths(x, lengths).sum(0).div(count.convert(x.dtype));
}

/**
 * The largest number of each feature over the steps of each row: x (T, B, H) and lengths int32 (B), from 1 to T, to (B, H).
 * Throws ShapeError for tensors of other shapes.
 */
export function maxOverTime(x: Tensor, lengths?: Tensor): Tensor {
  const [steps, batch] = sequenceShape("maxOverTime", x, lengths);
  if (!lengths) return x.max(0);
  const within = isWithin(lengths, steps).reshape([steps, batch, 1]);
  return where(within, x, Number.NEGATIVE_INFINITY).max(0);
}

/**
 * The last step of each row: x (T, B, H) and lengths int32 (B), from 1 to T, to (B, H).
 * Throws ShapeError for tensors of other shapes.
 */
export function lastOverTime(x: Tensor, lengths?: Tensor): Tensor {
  const [steps] = sequenceShape("lastOverTime", x, lengths);
  if (!lengths) return x.at(0, addDimensions(steps, -1));
  return rowsAt(x, lengths.sub(1));
}

/** The axes of a sequence. Throws ShapeError, with the line of the user's code, for another shape, or lengths of one. */
export function sequenceShape(
  name: string,
  x: Tensor,
  lengths: Tensor | undefined,
): readonly [Dimension, Dimension, Dimension] {
  expectTensors(name, x);
  const [steps, batch, size, ...rest] = x.shape;
  located(() => {
    if (size === undefined || rest.length > 0)
      throw new ShapeError(`${name}: a sequence ${printShape(x.shape)} given, (T, B, H) expected`);
  });
  if (lengths !== undefined) checkLengths(name, lengths, x);
  return [steps, batch, size] as [Dimension, Dimension, Dimension];
}
