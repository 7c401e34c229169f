/** Attending to a memory: its steps, each weighted by how high it scores. */

import { ShapeError } from "../../errors.ts";
import { type Dimension, printShape, sameShape } from "../../graph/dimension.ts";
import { einsum, softmax, where } from "../../trace/functions.ts";
import { expectTensors, located, type Tensor } from "../../trace/tensor.ts";
import { isWithin, withinLengths } from "../lengths.ts";
import type { Memory } from "../memory.ts";

/** What was read of a memory (S, B, M). */
export interface Attended {
  /** (B, M): the sum of the memory's steps, each times its weight. */
  readonly context: Tensor;
  /** (S, B): what each step counts for, from 0 to 1, 0 beyond a row's length. */
  readonly weights: Tensor;
}

/** The score of a step that is not to be read: its part is 0 exactly, and its gradient too. */
export const BEYOND = -1e30;

/**
 * weights_s = softmax over the row's own steps s of scores_s; context = sum over s of weights_s values_s. Scores (S, B). What
 * the memory holds beyond a row's length is not read; scores should not be made of it either, which `withinLengths` sees to.
 * Bahdanau, Cho and Bengio, "Neural machine translation by jointly learning to align and translate", 2015, equations 5 and 6.
 */
export function attend(scores: Tensor, memory: Memory): Attended {
  checkScores("attend", scores, memory);
  const weights = softmax(ownScores(scores, memory), 0);
  return { context: contextOf(weights, memory), weights };
}

/** Throws ShapeError, with the line of the user's code, for scores that are not (S, B) of a memory (S, B, M). */
export function checkScores(where: string, scores: Tensor, { values }: Memory): void {
  expectTensors(where, scores, values);
  if (values.shape.length === 3 && sameShape(scores.shape, values.shape.slice(0, 2))) return;
  located(() => {
    const given = `scores ${printShape(scores.shape)} of a memory ${printShape(values.shape)}`;
    throw new ShapeError(`${where}: ${given} given, (S, B) and (S, B, M) expected`);
  });
}

/** Scores (S, B) or (S, B, n), of which those beyond a row's length are not read. */
export function ownScores(scores: Tensor, { lengths }: Memory): Tensor {
  if (!lengths) return scores;
  const [steps, batch, ...rest] = scores.shape as [Dimension, Dimension];
  const own = isWithin(lengths, steps).reshape([steps, batch, ...rest.map(() => 1)]);
  return where(own, scores, BEYOND);
}

/** The sum of a memory's steps, each times its weight: (B, M). */
export function contextOf(weights: Tensor, { values, lengths }: Memory): Tensor {
  return einsum("sb,sbm->bm", weights, withinLengths(values, lengths));
}
