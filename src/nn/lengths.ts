/** Rows of different lengths: which steps of a sequence are a row's own. */

import type { Dimension } from "../graph/dimension.ts";
import { range, where } from "../trace/functions.ts";
import { expectTensors, type Tensor } from "../trace/tensor.ts";

/** Whether step t is within the length of row b, lengths int32 (B): bool (T, B). */
export function isWithin(lengths: Tensor, steps: Dimension): Tensor {
  return range(steps).reshape([steps, 1]).less(lengths);
}

/** A sequence (T, B, ...) with zeros after each row's length, lengths int32 (B); without lengths, the sequence. */
export function withinLengths(sequence: Tensor, lengths: Tensor | undefined): Tensor {
  expectTensors("withinLengths", sequence);
  if (lengths === undefined) return sequence;
  const [steps, batch, ...rest] = sequence.shape as [Dimension, Dimension];
  const within = isWithin(lengths, steps).reshape([steps, batch, ...rest.map(() => 1)]);
  return where(within, sequence, 0);
}
