/** One network as it starts, and how much of the gradient of a loss at the end arrives at each step before. */

import { inspect } from "../../inspect/inspect.ts";
import { linear } from "../../nn/layers/linear.ts";
import { recurrent } from "../../nn/layers/recurrent.ts";
import { meanSquaredError } from "../../nn/losses/regression.ts";
import { initialize } from "../../nn/model.ts";
import { randomSource } from "../../nn/random.ts";
import { float32, value } from "../../program/compile.ts";
import type { TrialContext } from "../experiment.ts";
import type { Case } from "./cases.ts";

export interface Sizes {
  readonly steps: number;
  readonly batch: number;
  readonly input: number;
  readonly hidden: number;
}

/**
 * By part of the state, such as "h": log10 of the norm of dL/dh_t over that of dL/dh_T, from t = T back to t = 1. A part that the loss does
 * not see at T itself, as c of an LSTM, which only later steps read, is compared with the last step that it sees.
 */
export type Followed = Readonly<Record<string, readonly number[]>>;

/** What float32 holds besides 0 is no smaller: less than that stands as this. */
const LEAST = 1.4e-45;

/**
 * x (T, B, I) and y (B, 1) are normal, and the loss is the mean square of y less a linear readout of h_T. Norms are Frobenius norms over
 * rows and units, of total derivatives.
 */
export function follow(
  { cell }: Case,
  { steps, batch, input, hidden }: Sizes,
  seed: number,
  { backend }: TrialContext,
): Followed {
  const model = initialize({ rnn: recurrent(cell, input, hidden), head: linear(hidden, 1) }, { seed });
  const random = randomSource(seed, "inputs and targets");
  const normal = (...shape: number[]) =>
    value(
      Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.normal()),
      shape,
    );
  const { gradients } = inspect(
    model,
    {
      inputs: { x: float32(steps, batch, input), y: float32(batch, 1) },
      values: { x: normal(steps, batch, input), y: normal(batch, 1) },
      loss: ({ x, y }) => meanSquaredError(model.head.apply(model.rnn.apply(x).output.at(0, steps - 1)), y),
      backend,
    },
    Object.keys(cell.parts(input, hidden).state).map((part) => `rnn.l0.${part}.gradient`),
  );
  return Object.fromEntries(
    Object.entries(gradients).map(([name, { lags }]) => {
      const last = lags.find((norm) => norm > 0) ?? Number.NaN;
      const relative = lags.map((norm) => Math.log10(Math.max(norm, LEAST) / last));
      return [name.slice("rnn.l0.".length), relative.slice(lags.indexOf(last))];
    }),
  );
}
