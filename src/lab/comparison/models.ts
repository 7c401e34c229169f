/** The three families, and the three problems that each is trained on. */

import type { Value } from "../../backends/backend.ts";
import type { Cell } from "../../nn/cell.ts";
import { gru } from "../../nn/cells/gru.ts";
import { rnn } from "../../nn/cells/rnn.ts";
import { binaryCrossEntropy } from "../../nn/losses/binary-cross-entropy.ts";
import { meanSquaredError } from "../../nn/losses/regression.ts";
import { scalar } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";
import type { RandomSource } from "../../trace/variable.ts";
import { adding } from "../problems/adding.ts";
import { delayedBits, NOT_ASKED } from "../problems/delayed-bits.ts";
import { holding } from "../problems/holding.ts";
import { lstmWithForgetBias } from "../starts.ts";

export const families = {
  RNN: rnn,
  LSTM: lstmWithForgetBias(1),
  GRU: gru,
} as unknown as Readonly<Record<"RNN" | "LSTM" | "GRU", Cell<string, string>>>;
export type Family = keyof typeof families;
export const familyNames = Object.keys(families) as Family[];

/** A problem with x (T, B, input), and a number told at every step, or after the last one. */
export interface Problem {
  readonly input: number;
  readonly length: number;
  readonly tells: "every step" | "at the end";
  sequences(random: RandomSource, batch: number): { x: Value; y: Value };
  loss(told: Tensor, y: Tensor): Tensor;
  /** What is measured on fresh sequences. */
  error(told: Tensor, y: Tensor): Tensor;
}

export const addingProblem = (length: number): Problem => ({
  input: 2,
  length,
  tells: "at the end",
  sequences: (random, batch) => adding(random, { length, batch }),
  loss: meanSquaredError,
  error: meanSquaredError,
});

export const holdingProblem = (length: number, probability: number): Problem => ({
  input: 2,
  length,
  tells: "every step",
  sequences: (random, batch) => holding(random, { length, batch, probability }),
  loss: meanSquaredError,
  error: meanSquaredError,
});

export const copyProblem = (length: number, delay: number): Problem => ({
  input: 1,
  length,
  tells: "every step",
  sequences: (random, batch) => delayedBits(random, { length, batch, delay }),
  loss: binaryCrossEntropy,
  error(told, y) {
    const asked = y.equal(NOT_ASKED).not().convert("float32");
    const wrong = told.mul(y.sub(0.5)).lessEqual(scalar(0)).convert("float32").mul(asked);
    return wrong.sum().div(asked.sum());
  },
});
