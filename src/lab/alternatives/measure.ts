/** What is measured of each network: how well it does on three problems, and what an update costs, by the length of its sequences. */

import { type BackendChoice, backendOf } from "../../backends/choice.ts";
import { crossEntropy } from "../../nn/losses/cross-entropy.ts";
import { meanSquaredError } from "../../nn/losses/regression.ts";
import { countParameters, initialize, parameters } from "../../nn/model.ts";
import { randomSource } from "../../nn/random.ts";
import { compile, float32, int32 } from "../../program/compile.ts";
import { explain } from "../../program/explain.ts";
import { accuracy } from "../../training/measures/classes.ts";
import { adam } from "../../training/optimizers.ts";
import { trainingStep } from "../../training/step.ts";
import type { TrialContext } from "../experiment.ts";
import { noisySine } from "../problems/noisy-sine.ts";
import { parity } from "../problems/parity.ts";
import { RECALL_CUES, RECALL_SYMBOLS, recall } from "../problems/recall.ts";
import { timeInTurns } from "../time.ts";
import { train } from "../train.ts";
import { lastReadout, modelOf, type NetworkName, readouts, type Sizes } from "./models.ts";

export interface Settings extends Sizes {
  readonly batch: number;
  readonly tests: number;
  readonly delay: number;
  readonly recallUpdates: number;
  readonly parityUpdates: number;
  readonly parityLength: number;
  readonly sineUpdates: number;
  readonly sineLength: number;
  readonly lengths: readonly number[];
}

interface Part {
  readonly settings: Settings;
  readonly seed: number;
  readonly context: TrialContext;
}

export type Kept = { readonly accuracy: number; readonly weights: number };

/** The share of cues that are told after the delay. */
export async function measureRecall(name: NetworkName, { settings, seed, context }: Part): Promise<Kept> {
  const { batch, tests, delay, recallUpdates } = settings;
  const model = modelOf(name, RECALL_SYMBOLS, RECALL_CUES, settings);
  const inputs = { x: float32("T", "B", RECALL_SYMBOLS), y: int32("B") };
  await train({
    ...{ model, inputs, seed, context },
    loss: ({ x, y }) => crossEntropy(lastReadout(model, x), y),
    batch: (update) => recall(randomSource(seed, `recall ${update}`), { delay, batch }),
    updates: recallUpdates,
    learningRate: 0.001,
  });
  const tell = compile((x) => lastReadout(model, x).argmax(), {
    inputs: inputs.x,
    backend: context.backend,
  });
  const { x, y } = recall(randomSource(seed, "recall test"), { delay, batch: tests });
  return { accuracy: accuracy(tell(x).data, y.data), weights: countParameters(model) };
}

export type Odd = {
  /** The share of right answers after 1, 2, ... steps, to four times the length of the training. */
  readonly byLength: readonly number[];
};

/** Parity, at each step up to four times the length that the network was trained on. */
export async function measureParity(name: NetworkName, { settings, seed, context }: Part): Promise<Odd> {
  const { batch, tests, parityLength, parityUpdates } = settings;
  const model = modelOf(name, 1, 2, settings);
  const inputs = { x: float32("T", "B", 1), y: int32("T", "B") };
  await train({
    ...{ model, inputs, seed, context },
    loss: ({ x, y }) => crossEntropy(readouts(model, x), y),
    batch: (update) => parity(randomSource(seed, `parity ${update}`), { steps: parityLength, batch }),
    updates: parityUpdates,
    learningRate: 0.002,
  });
  const steps = 4 * parityLength;
  const { x, y } = parity(randomSource(seed, "parity test"), { steps, batch: tests });
  const tell = compile((x) => readouts(model, x).argmax(), { inputs: inputs.x, backend: context.backend });
  const told = tell(x).data;
  const atStep = (t: number) => [told, y.data].map((all) => all.slice(t * tests, (t + 1) * tests));
  return {
    byLength: Array.from({ length: steps }, (_, t) => {
      const [found = [], right = []] = atStep(t);
      return accuracy(found, right);
    }),
  };
}

export type Foretold = {
  /** Root mean square error at each step. */
  readonly byStep: readonly number[];
};

/** The error of the sine's next value, step by step. */
export async function measureSine(name: NetworkName, { settings, seed, context }: Part): Promise<Foretold> {
  const { batch, tests, sineLength: steps, sineUpdates } = settings;
  const model = modelOf(name, 1, 1, settings);
  const inputs = { x: float32("T", "B", 1), y: float32("T", "B", 1) };
  await train({
    ...{ model, inputs, seed, context },
    loss: ({ x, y }) => meanSquaredError(readouts(model, x), y),
    batch: (update) => noisySine(randomSource(seed, `sine ${update}`), { steps, batch }),
    updates: sineUpdates,
    learningRate: 0.005,
  });
  const run = compile(({ x, y }) => readouts(model, x).sub(y).square().mean([1, 2]).sqrt(), {
    inputs,
    backend: context.backend,
  });
  const found = run(noisySine(randomSource(seed, "sine test"), { steps, batch: tests }));
  return { byStep: Array.from(found.data) };
}

export type Cost = {
  /** Bytes that an update works in at each of the lengths, weights apart; null on a backend that does not tell. */
  readonly bytes: readonly (number | null)[];
  /** Milliseconds of an update at each of them. */
  readonly milliseconds: readonly number[];
};

/** Sequences of an update whose cost is measured. */
export const COST_BATCH = 4;

/** Memory and time of an update that tells a class after sequences of the lengths. */
export async function measureCost(name: NetworkName, { settings, seed, context }: Part): Promise<Cost> {
  const { lengths } = settings;
  const model = initialize(modelOf(name, RECALL_SYMBOLS, RECALL_CUES, settings), { seed });
  const updateOn = (backend: BackendChoice | undefined) =>
    trainingStep({
      parameters: parameters(model),
      optimizer: adam(),
      inputs: { x: float32("T", COST_BATCH, RECALL_SYMBOLS), y: int32(COST_BATCH) },
      loss: ({ x, y }) => crossEntropy(lastReadout(model, x), y),
      backend,
    });
  const { backend } = context;
  const canTell = backendOf("alternatives", backend ?? "auto").target !== undefined;
  const bytes = lengths.map((T) => (canTell ? explain({ T }, updateOn, { backend })[0] : undefined));
  const update = updateOn(backend);
  const milliseconds: number[] = [];
  for (const length of lengths) {
    const data = recall(randomSource(seed, `cost ${length}`), { delay: length - 1, batch: COST_BATCH });
    const [least = 0] = await timeInTurns([() => update.run(data, 0.001)], 2, context);
    milliseconds.push(least);
  }
  return { bytes: bytes.map((told) => told?.memory.arena ?? null), milliseconds };
}
