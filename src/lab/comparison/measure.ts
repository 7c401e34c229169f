/** How well a family has learnt a problem after so many updates, and what an update costs. */

import { linear } from "../../nn/layers/linear.ts";
import { recurrent } from "../../nn/layers/recurrent.ts";
import { initialize, parameters } from "../../nn/model.ts";
import { randomSource } from "../../nn/random.ts";
import { compile, float32 } from "../../program/compile.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { adam } from "../../training/optimizers.ts";
import { trainingStep } from "../../training/step.ts";
import type { TrialContext } from "../experiment.ts";
import { timeInTurns } from "../time.ts";
import { train } from "../train.ts";
import { addingProblem, type Family, families, familyNames, type Problem } from "./models.ts";

export interface Sizes {
  readonly hidden: number;
  readonly batch: number;
}

/** A network of a family for a problem, with what it tells. */
function networkFor(family: Family, problem: Problem, { hidden, batch }: Sizes) {
  const { input, length, tells } = problem;
  const model = { rnn: recurrent(families[family], input, hidden), head: linear(hidden, 1) };
  const told = (x: Tensor) => {
    const { output } = model.rnn.apply(x);
    return model.head.apply(tells === "every step" ? output : output.at(0, length - 1));
  };
  const types = (rows: number) => ({
    x: float32(length, rows, input),
    y: tells === "every step" ? float32(length, rows, 1) : float32(rows, 1),
  });
  return { model, told, inputs: types(batch), types };
}

const TESTED = 200;

export interface LearningSettings extends Sizes {
  readonly rate: number;
  readonly updates: number;
  /** Updates between two tests. */
  readonly every: number;
  /** The training ends with the first test below it; without, after all updates. */
  readonly until?: number | undefined;
}

export type Learnt = {
  /** The errors on the same fresh sequences, one for each test. */
  readonly errors: readonly number[];
};

export async function learn(
  family: Family,
  problem: Problem,
  { rate, updates, every, until, ...sizes }: LearningSettings,
  seed: number,
  context: TrialContext,
): Promise<Learnt> {
  const { model, told, inputs, types } = networkFor(family, problem, sizes);
  const test = compile(({ x, y }) => problem.error(told(x), y), {
    inputs: types(TESTED),
    backend: context.backend,
  });
  const held = problem.sequences(randomSource(seed, "test"), TESTED);
  const errors: number[] = [];
  await train({
    model,
    inputs,
    loss: ({ x, y }) => problem.loss(told(x), y),
    batch: (update) => problem.sequences(randomSource(seed, `update ${update}`), sizes.batch),
    updates,
    learningRate: rate,
    seed,
    context,
    after(update) {
      if (update % every !== 0) return undefined;
      const error = test(held).data[0] as number;
      errors.push(error);
      return until !== undefined && error < until ? "stop" : undefined;
    },
  });
  return { errors };
}

export type Costs = {
  /** The weights of the recurrent layer that multiply the state, and all of it. */
  readonly recurrent: Readonly<Record<string, number>>;
  readonly weights: Readonly<Record<string, number>>;
  /** The shortest milliseconds of an update. */
  readonly milliseconds: Readonly<Record<string, number>>;
};

/** Updates of the adding problem, by each family in turn. */
export async function timeUpdates(
  { length, times, ...sizes }: Sizes & { readonly length: number; readonly times: number },
  seed: number,
  context: TrialContext,
): Promise<Costs> {
  const problem = addingProblem(length);
  const sequences = problem.sequences(randomSource(seed, "time"), sizes.batch);
  const networks = familyNames.map((family) => networkFor(family, problem, sizes));
  const updates = networks.map(({ model, told, inputs }) => {
    initialize(model, { seed });
    const step = trainingStep({
      parameters: parameters(model),
      optimizer: adam(),
      inputs,
      loss: ({ x, y }) => problem.loss(told(x), y),
      clipNorm: 1,
      seed,
      backend: context.backend,
    });
    return () => step.run(sequences as never, 0.001);
  });
  const milliseconds = await timeInTurns(updates, times, context);
  const byFamily = (found: (at: number) => number) =>
    Object.fromEntries(familyNames.map((family, at) => [family, found(at)]));
  const count = (at: number, part: string) =>
    Object.entries(networks[at]?.model.rnn.weights ?? {})
      .filter(([name]) => name.startsWith(part))
      .reduce((sum, [, weight]) => sum + weight.count, 0);
  return {
    recurrent: byFamily((at) => count(at, "weight_hh")),
    weights: byFamily((at) => count(at, "")),
    milliseconds: byFamily((at) => milliseconds[at] as number),
  };
}
