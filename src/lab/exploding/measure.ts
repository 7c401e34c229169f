/** One training of a network that adds up its inputs. */

import { TrainingError } from "../../errors.ts";
import { rnnRelu } from "../../nn/cells/rnn.ts";
import { identity, zeros } from "../../nn/initializers.ts";
import { linear } from "../../nn/layers/linear.ts";
import { recurrent } from "../../nn/layers/recurrent.ts";
import { meanSquaredError } from "../../nn/losses/regression.ts";
import { float32, value } from "../../program/compile.ts";
import type { RandomSource } from "../../trace/variable.ts";
import { sgd } from "../../training/optimizers.ts";
import { measurable, type TrialContext } from "../experiment.ts";
import { mean } from "../seeds.ts";
import { train } from "../train.ts";

/** The rectified network h' = max(W x + h, 0) as it starts: its recurrent matrix is the identity, its biases are 0. */
const adding: typeof rnnRelu = {
  ...rnnRelu,
  parts(input, hidden) {
    const { state, weights } = rnnRelu.parts(input, hidden);
    const start = { weight_hh: identity, bias_ih: zeros, bias_hh: zeros };
    const started = Object.entries(start).map(([name, initializer]) => [
      name,
      { ...weights[name as keyof typeof start], initializer },
    ]);
    return { state, weights: { ...weights, ...Object.fromEntries(started) } };
  },
};

export type Learnt = {
  /** The loss of each update, until it was no longer finite. */
  readonly losses: readonly number[];
  /** Its mean over the last tenth; null where the training did not get there. */
  readonly last: number | null;
};

export interface SumOptions {
  readonly steps: number;
  readonly hidden: number;
  readonly batch: number;
  readonly updates: number;
  readonly learningRate: number;
  /** 0 for none. */
  readonly clip: number;
  readonly seed: number;
  readonly random: RandomSource;
  readonly context: TrialContext;
}

/** Learns y (B, 1), the sum over T of normal x (T, B, 1) over sqrt(T), by plain gradient descent. */
export async function learnSum({
  steps,
  hidden,
  batch,
  updates,
  learningRate,
  clip,
  seed,
  random,
  context,
}: SumOptions): Promise<Learnt> {
  const model = { rnn: recurrent(adding, 1, hidden), head: linear(hidden, 1) };
  const losses: number[] = [];
  const batchOf = () => {
    const x = Float32Array.from({ length: steps * batch }, () => random.normal());
    const y = Float32Array.from({ length: batch }, (_, row) => {
      let sum = 0;
      for (let t = 0; t < steps; t++) sum += x[t * batch + row] as number;
      return sum / Math.sqrt(steps);
    });
    return { x: value(x, [steps, batch, 1]), y: value(y, [batch, 1]) };
  };
  try {
    await train({
      model,
      inputs: { x: float32("T", "B", 1), y: float32("B", 1) },
      loss: ({ x, y }) => meanSquaredError(model.head.apply(model.rnn.apply(x).state.h.at(0, 0)), y),
      batch: batchOf,
      updates,
      learningRate,
      optimizer: sgd(),
      clip,
      seed,
      context,
      after: (_, loss) => losses.push(loss),
    });
  } catch (error) {
    if (!(error instanceof TrainingError)) throw error;
    return { losses, last: null };
  }
  return { losses, last: measurable(mean(losses.slice(-Math.ceil(updates / 10)))) };
}
