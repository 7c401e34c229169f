/** A network that foretells a series: trained with inputs of its own at some rate, measured while it runs freely. */

import type { Value } from "../../backends/backend.ts";
import { gru } from "../../nn/cells/gru.ts";
import { linear } from "../../nn/layers/linear.ts";
import { recurrent } from "../../nn/layers/recurrent.ts";
import { startState } from "../../nn/layers/state.ts";
import { meanSquaredError } from "../../nn/losses/regression.ts";
import { randomSource } from "../../nn/random.ts";
import { scheduledSampling } from "../../nn/scheduled-sampling.ts";
import { compile, float32, value } from "../../program/compile.ts";
import { range, where } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";
import type { RandomSource } from "../../trace/variable.ts";
import type { TrialContext } from "../experiment.ts";
import { train } from "../train.ts";

/** How a network is trained. */
export interface Mode {
  readonly name: string;
  /** How likely it reads its own output, at an update from 0. */
  readonly probability: (update: number) => number;
  /** Whether the gradient flows through its own outputs too. */
  readonly through?: boolean | undefined;
}

export interface Sizes {
  readonly hidden: number;
  readonly batch: number;
  readonly updates: number;
  readonly learningRate: number;
  /** True values at the start of each window. */
  readonly context: number;
  /** Values after them. */
  readonly horizon: number;
  /** Windows to measure on. */
  readonly windows: number;
}

/** Rows of a series, (steps, batch, 1): to train on, and others to measure on. */
export interface Problem {
  readonly name: string;
  rows(random: RandomSource, sizes: { steps: number; batch: number }, part: "training" | "test"): Value;
}

export type Foretold = {
  /** Root mean square error over the steps of a free run. */
  readonly rms: number;
  /** The same where each step reads the true value. */
  readonly oneStep: number;
  /** Of each step of a free run. */
  readonly byStep: readonly number[];
  /** The first window: what came, and what the network foretold after the context. */
  readonly truth: readonly number[];
  readonly run: readonly number[];
};

type Model = ReturnType<typeof createModel>;

const createModel = (hidden: number) => ({ rnn: recurrent(gru, 1, hidden), head: linear(hidden, 1) });

/** What follows each value of series (T + 1, B, 1), the last one excepted: (T, B, 1). */
function foretell(
  { rnn, head }: Model,
  series: Tensor,
  steps: number,
  probability: Tensor | number,
  detach = true,
): Tensor {
  const { outputs } = scheduledSampling(
    (state: { h: Tensor }, x) => {
      const { output, state: next } = rnn.step(x, state);
      return [next, head.apply(output)];
    },
    {
      init: startState(rnn, series.size(1)),
      inputs: series.slice(0, 0, steps),
      ...{ probability, detach },
    },
  );
  return outputs;
}

/** Trains on a problem in a mode, and lets the network run. */
export async function measure(
  problem: Problem,
  mode: Mode,
  sizes: Sizes,
  seed: number,
  context: TrialContext,
): Promise<Foretold> {
  const { hidden, batch, updates, learningRate, horizon, windows } = sizes;
  const steps = sizes.context + horizon;
  const model = createModel(hidden);
  /** The probability of own inputs behind the context, (T, 1). */
  const behindContext = (probability: Tensor | number) =>
    where(range(steps).reshape([steps, 1]).less(sizes.context), 0, probability);
  await train({
    model,
    inputs: { series: float32(steps + 1, "B", 1), probability: float32() },
    loss: ({ series, probability }) =>
      meanSquaredError(
        foretell(model, series, steps, behindContext(probability), !mode.through),
        series.slice(0, 1, steps + 1),
      ),
    batch: (update) => ({
      series: problem.rows(
        randomSource(seed, `${problem.name} ${update}`),
        { steps: steps + 1, batch },
        "training",
      ),
      probability: value([mode.probability(update)], []),
    }),
    updates,
    learningRate: (update) => (update < 0.7 * updates ? learningRate : learningRate / 5),
    ...{ seed, context },
  });
  const run = compile(
    ({ series }: { series: Tensor }) => {
      const targets = series.slice(0, 1, steps + 1);
      const errors = (found: Tensor) => found.sub(targets).square().mean([1, 2]);
      const free = foretell(model, series, steps, behindContext(1));
      return {
        free: errors(free),
        forced: errors(foretell(model, series, steps, 0)),
        first: free.at(1, 0),
      };
    },
    {
      inputs: { series: float32(steps + 1, "B", 1) },
      ...(context.backend && { backend: context.backend }),
    },
  );
  const series = problem.rows(
    randomSource(seed, `${problem.name} test`),
    { steps: steps + 1, batch: windows },
    "test",
  );
  const found = run({ series });
  const after = ({ data }: Value) => Array.from<number>(data).slice(sizes.context);
  const root = (squares: readonly number[]) =>
    Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length);
  return {
    rms: root(after(found.free)),
    oneStep: root(after(found.forced)),
    byStep: after(found.free).map(Math.sqrt),
    truth: Array.from({ length: steps }, (_, t) => series.data[(t + 1) * windows] as number),
    run: Array.from(found.first.data),
  };
}
