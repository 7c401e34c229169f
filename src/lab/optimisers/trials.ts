/** Trainings that end as soon as a network is right often enough: how many updates each optimiser takes, with and without normalisation. */

import { gru } from "../../nn/cells/gru.ts";
import { lstmWith } from "../../nn/cells/lstm-with.ts";
import { rnn } from "../../nn/cells/rnn.ts";
import { batchNorm } from "../../nn/layers/batch-norm.ts";
import { linear } from "../../nn/layers/linear.ts";
import { recurrent } from "../../nn/layers/recurrent.ts";
import { crossEntropy } from "../../nn/losses/cross-entropy.ts";
import { randomSource } from "../../nn/random.ts";
import type { InputType, Update, ValueLike } from "../../program/compile.ts";
import type { Tensor } from "../../trace/tensor.ts";
import type { Optimizer } from "../../training/optimizer.ts";
import { accuracyOf, classifier } from "../classifier.ts";
import type { TrialContext } from "../experiment.ts";
import { prototypes, type SeenFeature } from "../problems/prototypes.ts";
import { RECALL_CUES, RECALL_SYMBOLS, recall, recallTypes } from "../problems/recall.ts";
import { lstmWithForgetBias } from "../starts.ts";
import { train } from "../train.ts";

/** What sequences are, and which of them an update gets. */
interface Problem {
  readonly inputs: { readonly x: InputType; readonly y: InputType };
  draw(part: string, rows: number): { x: ValueLike; y: ValueLike };
}

/** A network, whose batch normalisations take their statistics from the batch where there is an `update`. */
interface Network {
  readonly model: object;
  logits(x: Tensor, update?: Update): Tensor;
}

export interface Ask {
  readonly problem: Problem;
  readonly network: Network;
  readonly optimizer: Optimizer;
  readonly learningRate: number;
  /** How often it shall be right. */
  readonly goal: number;
  /** It is measured after so many updates each, and goes on for so many at most. */
  readonly every: number;
  readonly atMost: number;
  readonly batch: number;
}

export type Reached = {
  /** After how many updates it was right often enough; null where it never was. */
  readonly updates: number | null;
  /** How often it was right, each time that it was measured. */
  readonly accuracies: readonly number[];
};

/** Recall of a cue after a delay. */
export const recallOf = (delay: number, seed: number): Problem => ({
  inputs: recallTypes(delay),
  draw: (part, rows) => recall(randomSource(seed, `recall ${delay} ${part}`), { delay, batch: rows }),
});

/** Features of very different sizes, some of them far from 0. */
const badScale = [10, 10, 1, 1, 1, 0.1, 0.1, 0.1].map(
  (times, of): SeenFeature => ({
    of,
    times,
    plus: [20, -20, 5][of] ?? 0,
  }),
);

const prototypeSizes = { classes: 4, steps: 15, features: badScale.length, noise: 1.5 };

/** Four prototypes in noise, on a good or a bad scale. */
export function prototypesOf(seed: number, scale: "good" | "bad"): Problem {
  const { inputs, draw } = prototypes({ ...prototypeSizes, seed });
  return {
    inputs,
    draw: (part, rows) =>
      draw(randomSource(seed, `prototypes ${part}`), rows, scale === "bad" ? badScale : undefined),
  };
}

/** The networks that are compared. */
export const networks = {
  recall: (hidden: number): Network => classifier(recurrent(gru, RECALL_SYMBOLS, hidden), RECALL_CUES),
  /** An LSTM whose products are standardised (Ba, Kiros and Hinton 2016), or not. */
  lstm: (hidden: number, isNormalised: boolean): Network =>
    classifier(
      recurrent(
        isNormalised ? lstmWith({ normalize: true, forgetBias: 1 }) : lstmWithForgetBias(1),
        prototypeSizes.features,
        hidden,
      ),
      prototypeSizes.classes,
    ),
  /** Two vanilla layers, with batch normalisation before each and behind the second, or without. */
  rnns(hidden: number, isNormalised: boolean): Network {
    const { features, classes } = prototypeSizes;
    const layers = [recurrent(rnn, features, hidden), recurrent(rnn, hidden, hidden)] as const;
    const head = linear(hidden, classes);
    const norms = isNormalised ? [batchNorm(features), batchNorm(hidden), batchNorm(hidden)] : [];
    return {
      model: { layers, norms, head },
      logits(x, update) {
        const normal = (at: number, given: Tensor) => norms[at]?.apply(given, { update }) ?? given;
        const first = layers[0].apply(normal(0, x)).output;
        const second = layers[1].apply(normal(1, first)).output;
        return head.apply(normal(2, second.at(0, -1)));
      },
    };
  },
};

/** Trains until the network is right often enough. */
export async function updatesTo(ask: Ask, seed: number, context: TrialContext): Promise<Reached> {
  const { problem, network, optimizer, learningRate, goal, every, atMost, batch } = ask;
  const { inputs, draw } = problem;
  const accuracy = accuracyOf((x) => network.logits(x), inputs, draw("test", 500), context);
  const accuracies: number[] = [];
  let reached: number | null = null;
  await train({
    model: network.model,
    inputs,
    loss: ({ x, y }, update) => crossEntropy(network.logits(x, update), y),
    batch: (update) => draw(`${update}`, batch),
    updates: atMost,
    ...{ optimizer, learningRate, seed, context },
    after(update) {
      if (update % every !== 0) return "go on";
      accuracies.push(accuracy());
      if ((accuracies.at(-1) as number) < goal) return "go on";
      reached = update;
      return "stop";
    },
  });
  return { updates: reached, accuracies };
}
