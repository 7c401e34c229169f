/** A sequence to one vector a row, by what a network attends to: a mean of the steps, whose weights are learnt. */

import { checkOptions } from "../../checks.ts";
import type { Dimension } from "../../graph/dimension.ts";
import { softmax, tanh, where } from "../../trace/functions.ts";
import { tell } from "../../trace/observation.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { BEYOND } from "../attention/attend.ts";
import { isWithin, withinLengths } from "../lengths.ts";
import { checkInput, checkSize, type Layer } from "./layer.ts";
import { type Linear, linear } from "./linear.ts";
import { checkLengths } from "./sequence-layer.ts";

export interface AttentionPoolingOptions {
  /** Units A of the layer that scores a step. Default the size H. */
  readonly units?: number | undefined;
}

export interface AttentionPooling extends Layer {
  /** `hidden` is W and b of the score, `score` its v. */
  readonly weights: { readonly hidden: Linear; readonly score: Linear };
  /**
   * x (T, B, H) and lengths int32 (B), from 1 to T, to the weighted mean of each row's own steps (B, H), and to the weights
   * (T, B): what each step counts for, from 0 to 1, of a row together 1, beyond its length 0.
   */
  apply(x: Tensor, lengths?: Tensor): { output: Tensor; weights: Tensor };
}

/**
 * The mean of the steps x_t, each weighted by softmax over the row's own steps of the score v . tanh(W x_t + b), with W (A, H),
 * b (A) and v (1, A). Steps beyond a row's length are never read. Yang, Yang, Dyer, He, Smola and Hovy, "Hierarchical attention
 * networks for document classification", 2016. Throws UsageError for sizes that are no positive integers.
 */
export function attentionPooling(size: number, options: AttentionPoolingOptions = {}): AttentionPooling {
  const name = "attentionPooling";
  checkOptions(name, options, { units: true });
  const { units = size } = options;
  checkSize(name, "size", size);
  checkSize(name, "units", units);
  const hidden = linear(size, units);
  const score = linear(units, 1, { bias: false });
  const layers = { hidden, score };
  return {
    weights: layers,
    apply(x, lengths) {
      checkInput(name, x, size, 3);
      if (lengths !== undefined) checkLengths(name, lengths, x);
      const [steps, batch] = x.shape as [Dimension, Dimension, Dimension];
      const own = withinLengths(x, lengths);
      const scores = score.apply(tanh(hidden.apply(own))).reshape([steps, batch]);
      const weights = softmax(lengths ? where(isWithin(lengths, steps), scores, BEYOND) : scores, 0);
      tell({ place: { weights: layers }, name: "attention", kind: "attention", stepAxes: 1 }, () =>
        weights.transpose().reshape([1, batch, steps]),
      );
      return { output: own.mul(weights.reshape([steps, batch, 1])).sum(0), weights };
    },
  };
}
