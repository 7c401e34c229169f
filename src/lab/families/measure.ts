/** How well a family learns each of three tasks, and how long its updates take. */

import type { Value } from "../../backends/backend.ts";
import { crossEntropy } from "../../nn/losses/cross-entropy.ts";
import { countParameters, initialize, parameters } from "../../nn/model.ts";
import { randomSource } from "../../nn/random.ts";
import { compile, float32, int32 } from "../../program/compile.ts";
import type { Tensor } from "../../trace/tensor.ts";
import type { RandomSource } from "../../trace/variable.ts";
import { accuracy } from "../../training/measures/classes.ts";
import { adam } from "../../training/optimizers.ts";
import { trainingStep } from "../../training/step.ts";
import type { TrialContext } from "../experiment.ts";
import { MARKER_SYMBOLS, nextMarker } from "../problems/next-marker.ts";
import { parity } from "../problems/parity.ts";
import { RECALL_CUES, RECALL_SYMBOLS, recall } from "../problems/recall.ts";
import { timeInTurns } from "../time.ts";
import { train } from "../train.ts";
import { type Family, type FamilyModel, families, familyModel, tell } from "./models.ts";

/** A task: sequences of one-hot symbols or bits, and what is to be told of each step, or after the last one. */
export interface Task {
  readonly name: string;
  /** In the picture. */
  readonly short: string;
  readonly input: number;
  readonly output: number;
  /** Steps in training, and in the test. */
  readonly steps: number;
  readonly testSteps: number;
  /** Which answers are asked for in training. */
  readonly asks: "every step" | "the last step";
  /** Which of them count in the test. */
  readonly counts: "every step" | "the last step";
  readonly updates: number;
  readonly learningRate: number;
  rows(random: RandomSource, sizes: { steps: number; batch: number }): { x: Value; y: Value };
}

export interface TaskSettings {
  readonly delay: number;
  readonly recallUpdates: number;
  readonly parityLength: number;
  readonly parityUpdates: number;
  readonly tagLength: number;
  readonly tagUpdates: number;
}

export const tasksOf = (settings: TaskSettings) =>
  [
    {
      name: `recall after ${settings.delay} steps`,
      short: "recall",
      ...{ input: RECALL_SYMBOLS, output: RECALL_CUES },
      ...{ steps: settings.delay + 1, testSteps: settings.delay + 1 },
      ...{ asks: "the last step", counts: "the last step" },
      ...{ updates: settings.recallUpdates, learningRate: 0.003 },
      rows: (random, { steps, batch }) => recall(random, { delay: steps - 1, batch }),
    },
    {
      name: `parity of ${4 * settings.parityLength} bits, after ${settings.parityLength} in training`,
      short: "parity",
      ...{ input: 1, output: 2 },
      ...{ steps: settings.parityLength, testSteps: 4 * settings.parityLength },
      ...{ asks: "every step", counts: "the last step" },
      ...{ updates: settings.parityUpdates, learningRate: 0.005 },
      rows: parity,
    },
    {
      name: "tags that the next marker decides",
      short: "tags",
      ...{ input: MARKER_SYMBOLS, output: 2 },
      ...{ steps: settings.tagLength, testSteps: settings.tagLength },
      ...{ asks: "every step", counts: "every step" },
      ...{ updates: settings.tagUpdates, learningRate: 0.005 },
      rows: nextMarker,
    },
  ] as const satisfies readonly Task[];

export interface Sizes {
  /** That a network has at most. */
  readonly weights: number;
  readonly batch: number;
  /** Sequences to measure on. */
  readonly tests: number;
}

export type Learnt = {
  /** The share of right answers, on sequences of its own. */
  readonly accuracy: number;
  readonly weights: number;
};

/** What is asked of a model: (T, B, output), or (B, output) after the last step. */
const asked = (model: FamilyModel, { asks }: Task, x: Tensor) => {
  const told = tell(model, x);
  return asks === "every step" ? told : told.at(0, -1);
};

const inputsOf = ({ input, steps, asks }: Task, batch: number) => ({
  x: float32(steps, batch, input),
  y: asks === "every step" ? int32(steps, batch) : int32(batch),
});

export async function learn(
  family: Family,
  task: Task,
  { weights, batch, tests }: Sizes,
  seed: number,
  context: TrialContext,
): Promise<Learnt> {
  const { input, output, steps, testSteps, counts, updates, learningRate } = task;
  const model = familyModel(family, input, output, weights);
  await train({
    ...{ model, seed, context, updates, learningRate },
    inputs: inputsOf(task, batch),
    loss: ({ x, y }) => crossEntropy(asked(model, task, x), y),
    batch: (update) => task.rows(randomSource(seed, `${task.short} ${update}`), { steps, batch }),
  });
  const test = compile((x) => asked(model, task, x).argmax(), {
    inputs: float32(testSteps, tests, input),
    backend: context.backend,
  });
  const { x, y } = task.rows(randomSource(seed, `${task.short} test`), { steps: testSteps, batch: tests });
  const told = test(x).data;
  const from = counts === "every step" ? 0 : told.length - tests;
  return {
    accuracy: accuracy(told.slice(from), y.data.slice(from)),
    weights: countParameters(model),
  };
}

/** The shortest milliseconds of an update of each family, in turns. */
export type Times = { readonly milliseconds: readonly number[] };

export async function timeUpdates(
  task: Task,
  { weights, batch }: Sizes,
  seed: number,
  context: TrialContext,
): Promise<Times> {
  const { input, output, steps } = task;
  const rows = task.rows(randomSource(seed, "time"), { steps, batch });
  const updates = families.map((family) => {
    const model = initialize(familyModel(family, input, output, weights), { seed });
    const step = trainingStep({
      parameters: parameters(model),
      optimizer: adam(),
      inputs: inputsOf(task, batch),
      loss: ({ x, y }) => crossEntropy(asked(model, task, x), y),
      backend: context.backend,
    });
    return () => step.run(rows as never, 0.001);
  });
  return { milliseconds: await timeInTurns(updates, 20, context) };
}
