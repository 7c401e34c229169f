/** Batch normalisation of the last axis. */

import { checkOptions, printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import { type Dimension, multiplyDimensions } from "../../graph/dimension.ts";
import type { Update } from "../../program/compile.ts";
import { lerp, scalar } from "../../trace/functions.ts";
import { sizeTensor, type Tensor } from "../../trace/tensor.ts";
import { Variable } from "../../trace/variable.ts";
import { constant, zeros } from "../initializers.ts";
import { withinLengths } from "../lengths.ts";
import { checkEpsilon, checkInput, checkSize, type Layer } from "./layer.ts";
import { checkLengths } from "./sequence-layer.ts";

export interface BatchNormOptions {
  /** What keeps a division from 0; default 1e-5. */
  readonly epsilon?: number | undefined;
  /** How far the running statistics move towards the batch's; 0 to 1, default 0.1. */
  readonly momentum?: number | undefined;
}

export interface BatchNormCall {
  /** The program's own: with it, statistics are the batch's, and the running ones move. Without it they are the running ones. */
  readonly update?: Update | undefined;
  /** int32 (B), for x (T, B, N): steps after a row's length do not count, and give zeros. */
  readonly lengths?: Tensor | undefined;
}

export interface BatchNorm extends Layer {
  /** The running statistics are not trained. */
  readonly weights: Readonly<Record<"weight" | "bias" | "running_mean" | "running_var", Variable>>;
  /** (..., N) to (..., N). */
  apply(x: Tensor, call?: BatchNormCall): Tensor;
}

/**
 * y = (x - mean) / sqrt(variance + epsilon) * weight + bias for each of the N features: torch.nn.BatchNorm1d over rows,
 * which are all the axes but the last, so time and batch. A training step moves the running statistics towards the batch's
 * by `momentum`; that of the variance counts n / (n - 1) times over n rows.
 *
 *     trainingStep({ loss: ({ x, y }, update) => ({ loss: meanSquaredError(norm.apply(x, { update }), y), ... }), ... })
 *
 * Ioffe and Szegedy, "Batch normalization", 2015. `weight` (N) and `running_var` (N) start as 1, `bias` and `running_mean`
 * as 0. Throws UsageError for a size that is not a positive integer, an epsilon that is not positive, and a momentum that
 * is not from 0 to 1.
 */
export function batchNorm(size: number, options: BatchNormOptions = {}): BatchNorm {
  checkOptions("batchNorm", options, { epsilon: true, momentum: true });
  const { epsilon = 1e-5, momentum = 0.1 } = options;
  checkSize("batchNorm", "size", size);
  checkEpsilon("batchNorm", epsilon);
  if (!(momentum >= 0 && momentum <= 1)) {
    throw new UsageError(`batchNorm: momentum ${printGiven(momentum)} given, a number from 0 to 1 expected`);
  }
  const variable = (name: string, value: number, trainable = true) =>
    new Variable(name, [size], {
      initializer: value === 0 ? zeros : constant(value),
      trainable,
      layer: `batchNorm(${size})`,
    });
  const weights = {
    weight: variable("weight", 1),
    bias: variable("bias", 0),
    running_mean: variable("running_mean", 0, false),
    running_var: variable("running_var", 1, false),
  };
  const { weight, bias, running_mean, running_var } = weights;

  /** Over the rows that count; x is zeros elsewhere. */
  const batchStatistics = (x: Tensor, lengths: Tensor | undefined, update: Update) => {
    const rows = x.shape.map((_, axis) => axis).slice(0, -1);
    const all = x.shape.slice(0, -1).reduce(multiplyDimensions, 1 as Dimension);
    const count = lengths ? lengths.sum().convert("float32") : sizeTensor(all);
    const mean = x.sum(rows).div(count);
    const variance = withinLengths(x.sub(mean).square(), lengths).sum(rows).div(count);
    const move = (running: Variable, value: Tensor) =>
      update(running, lerp(running, value.stopGradient(), scalar(momentum)));
    move(running_mean, mean);
    move(running_var, variance.mul(count).div(count.sub(1).maximum(1)));
    return { mean, variance };
  };

  return {
    weights,
    apply(x, call = {}) {
      checkOptions("batchNorm", call, { update: true, lengths: true });
      const { update, lengths } = call;
      checkInput("batchNorm", x, size, lengths ? 3 : undefined);
      if (lengths !== undefined) checkLengths("batchNorm", lengths, x);
      if (update !== undefined && typeof update !== "function") {
        throw new UsageError(
          `batchNorm: update ${printGiven(update)} given, the \`update\` of a compiled function expected`,
        );
      }
      const own = withinLengths(x, lengths);
      const { mean, variance } = update
        ? batchStatistics(own, lengths, update)
        : { mean: running_mean, variance: running_var };
      const normal = own.sub(mean).div(variance.add(epsilon).sqrt());
      return withinLengths(normal.mul(weight).add(bias), lengths);
    },
  };
}
