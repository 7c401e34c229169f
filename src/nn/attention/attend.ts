/** Attending to a memory: its steps, each weighted by how high it scores. */

import { ShapeError } from "../../errors.ts";
import { type Dimension, printShape, sameShape } from "../../graph/dimension.ts";
import { einsum, softmax, where } from "../../trace/functions.ts";
import { expectTensors, located, type Tensor } from "../../trace/tensor.ts";
import { isWithin, withinLengths } from "../lengths.ts";
import type { Memory } from "../memory.ts";

/** What was read of a memory (S, B, M). */
export interface Attended {
  /** (B, M): the mean of the memory's steps by these weights. */
  readonly context: Tensor;
  /** (S, B): what each step counts for, from 0 to 1, 0 beyond a row's length. */
  readonly weights: Tensor;
}

/** The score of a step that is not a row's own: its part is 0 exactly, and its gradient too. */
export const BEYOND = -1e30;

/**
 * weights_s = softmax over the row's own steps s of scores_s; context = sum over s of weights_s values_s. Scores (S, B). What
 * the memory holds beyond a row's length is not read; scores should not be made of it either, which `withinLengths` sees to.
 * Bahdanau, Cho and Bengio, "Neural machine translation by jointly learning to align and translate", 2015, equations 5 and 6.
 */
export function attend(scores: Tensor, memory: Memory): Attended {
  const { values, lengths } = memory;
  expectTensors("attend", scores, values);
  const [steps, batch] = values.shape as [Dimension, Dimension];
  if (values.shape.length !== 3 || !sameShape(scores.shape, [steps, batch])) {
    located(() => {
      const given = `scores ${printShape(scores.shape)} of a memory ${printShape(values.shape)}`;
      throw new ShapeError(`attend: ${given} given, (S, B) and (S, B, M) expected`);
    });
  }
  const weights = softmax(lengths ? where(isWithin(lengths, steps), scores, BEYOND) : scores, 0);
  return { context: einsum("sb,sbm->bm", weights, withinLengths(values, lengths)), weights };
}
