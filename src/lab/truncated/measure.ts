/** A GRU that learns a delayed copy with its gradient cut every so many steps, the state carried on over the cuts. */

import type { Value } from "../../backends/backend.ts";
import { gru } from "../../nn/cells/gru.ts";
import { linear } from "../../nn/layers/linear.ts";
import { recurrent } from "../../nn/layers/recurrent.ts";
import { binaryCrossEntropy } from "../../nn/losses/binary-cross-entropy.ts";
import { randomSource } from "../../nn/random.ts";
import { compile, float32 } from "../../program/compile.ts";
import { scalar, zeros } from "../../trace/functions.ts";
import { Variable } from "../../trace/variable.ts";
import type { TrialContext } from "../experiment.ts";
import { delayedBits, NOT_ASKED } from "../problems/delayed-bits.ts";
import { train } from "../train.ts";

export interface TruncatedSettings {
  readonly length: number;
  readonly delay: number;
  /** After how many steps the gradient is cut: an update for each such part of a sequence. */
  readonly window: number;
  /** How often new sequences come. */
  readonly rounds: number;
  readonly hidden: number;
  readonly batch: number;
  readonly rate: number;
}

export type TruncatedMeasured = {
  /** The share of bits told right, of 200 fresh sequences. */
  readonly accuracy: number;
  readonly updates: number;
};

const TESTED = 200;

/** The same sequences for one seed and delay, wherever the gradient is cut. */
export async function measureTruncated(
  { length, delay, window, rounds, hidden, batch, rate }: TruncatedSettings,
  seed: number,
  context: TrialContext,
): Promise<TruncatedMeasured> {
  const model = { rnn: recurrent(gru, 1, hidden), head: linear(hidden, 1) };
  const carried = new Variable("carried", [1, batch, hidden], { trainable: false });
  carried.value = new Float32Array(batch * hidden);
  const parts = Math.ceil(length / window);
  const sequencesOf = (round: number) =>
    delayedBits(randomSource(seed, `round ${round}`), { length, batch, delay });
  let sequences = sequencesOf(0);
  await train({
    model,
    inputs: { x: float32("T", batch, 1), y: float32("T", batch, 1), keep: float32() },
    // A variable is a leaf of the graph: what is carried over in it brings no gradient back.
    loss: ({ x, y, keep }, update) => {
      const { output, state } = model.rnn.apply(x, { state: { h: carried.mul(keep) } });
      update(carried, state.h);
      return binaryCrossEntropy(model.head.apply(output), y);
    },
    batch(update) {
      const [number, part] = [Math.floor(update / parts), update % parts];
      if (part === 0) sequences = sequencesOf(number);
      const cut = ({ data, shape }: Value): Value => {
        const steps = data.subarray(part * window * batch, (part + 1) * window * batch);
        return { data: steps, shape: [steps.length / batch, ...shape.slice(1)] };
      };
      return { x: cut(sequences.x), y: cut(sequences.y), keep: part === 0 ? 0 : 1 };
    },
    updates: rounds * parts,
    learningRate: rate,
    seed,
    context,
  });
  const test = compile(
    ({ x, y }) => {
      const state = { h: zeros([1, TESTED, hidden]) };
      const logits = model.head.apply(model.rnn.apply(x, { state }).output);
      const asked = y.equal(NOT_ASKED).not();
      const right = scalar(0)
        .less(logits.mul(y.sub(0.5)))
        .and(asked);
      return right.convert("float32").sum().div(asked.convert("float32").sum());
    },
    {
      inputs: { x: float32(length, TESTED, 1), y: float32(length, TESTED, 1) },
      backend: context.backend,
    },
  );
  const accuracy = test(delayedBits(randomSource(seed, "test"), { length, batch: TESTED, delay }))
    .data[0] as number;
  return { accuracy, updates: rounds * parts };
}
