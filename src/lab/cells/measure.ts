/** What is measured of a cell: whether it counts, whether it remembers, and what an update costs. */

import type { Value } from "../../backends/backend.ts";
import type { Cell } from "../../nn/cell.ts";
import { linear } from "../../nn/layers/linear.ts";
import { recurrent } from "../../nn/layers/recurrent.ts";
import { crossEntropy } from "../../nn/losses/cross-entropy.ts";
import { parameters } from "../../nn/model.ts";
import { randomSource } from "../../nn/random.ts";
import { compile, float32, int32, value } from "../../program/compile.ts";
import type { Tensor } from "../../trace/tensor.ts";
import type { TrialContext } from "../experiment.ts";
import { parity } from "../problems/parity.ts";
import { RECALL_CUES, RECALL_SYMBOLS, recall } from "../problems/recall.ts";
import { train } from "../train.ts";

type AnyCell = Cell<string, string>;

export interface Sizes {
  readonly hidden: number;
  readonly batch: number;
  readonly updates: number;
  readonly learningRate: number;
  /** Sequences to measure on. */
  readonly rows: number;
}

const networkOf = (cell: AnyCell, input: number, hidden: number, classes: number) => ({
  rnn: recurrent(cell, input, hidden),
  head: linear(hidden, classes),
});

/**
 * Trains a cell to say at every step whether the ones so far are odd in number, and gives the share of right answers at each step of sequences
 * that are `factor` times as long.
 */
export async function measureParity(
  cell: AnyCell,
  { hidden, batch, updates, learningRate, rows, steps, factor }: Sizes & { steps: number; factor: number },
  seed: number,
  context: TrialContext,
): Promise<number[]> {
  const model = networkOf(cell, 1, hidden, 2);
  const answer = (x: Tensor) => model.head.apply(model.rnn.apply(x).output);
  await train({
    model,
    inputs: { x: float32("T", "B", 1), y: int32("T", "B") },
    loss: ({ x, y }) => crossEntropy(answer(x), y),
    batch: (update) => parity(randomSource(seed, `parity ${update}`), { steps, batch }),
    ...{ updates, learningRate, seed, context },
  });
  const length = steps * factor;
  const { x, y } = parity(randomSource(seed, "parity test"), { steps: length, batch: rows });
  const isRight = right(answer, 1, context)(x, y);
  return Array.from({ length }, (_, at) => share(isRight.slice(at * rows, (at + 1) * rows)));
}

/** Trains a cell to say the first symbol after a delay, and gives the share of right answers. */
export async function measureRecall(
  cell: AnyCell,
  { hidden, batch, updates, learningRate, rows, delay }: Sizes & { delay: number },
  seed: number,
  context: TrialContext,
): Promise<number> {
  const model = networkOf(cell, RECALL_SYMBOLS, hidden, RECALL_CUES);
  const answer = (x: Tensor) => model.head.apply(model.rnn.apply(x).output.at(0, -1));
  await train({
    model,
    inputs: { x: float32("T", "B", RECALL_SYMBOLS), y: int32("B") },
    loss: ({ x, y }) => crossEntropy(answer(x), y),
    batch: (update) => recall(randomSource(seed, `recall ${update}`), { delay, batch }),
    ...{ updates, learningRate, seed, context },
  });
  const { x, y } = recall(randomSource(seed, "recall test"), { delay, batch: rows });
  return share(right(answer, RECALL_SYMBOLS, context)(x, y));
}

/** What an update costs. */
export type Cost = {
  /** Weights of the recurrent layer. */
  readonly weights: number;
  /** Numbers of the state of a row. */
  readonly state: number;
  /** Milliseconds of an update, the fastest of those that were timed: what else a machine does makes others slower. */
  readonly milliseconds: number;
};

/** The cost of an update of as many sequences as an update of the other measurements has, with inputs as wide as the layer. */
export async function measureCost(
  cell: AnyCell,
  { hidden, batch, steps, updates }: { hidden: number; batch: number; steps: number; updates: number },
  seed: number,
  context: TrialContext,
): Promise<Cost> {
  const rnn = recurrent(cell, hidden, hidden);
  const random = randomSource(seed, "cost");
  const numbers = Float32Array.from({ length: steps * batch * hidden }, () => random.normal());
  const x = value(numbers, [steps, batch, hidden]);
  const warming = 5;
  const times: number[] = [];
  await train({
    model: { rnn },
    inputs: { x: float32("T", "B", hidden) },
    loss: (given) => rnn.apply(given.x).output.square().mean(),
    batch: () => ({ x }),
    updates: warming + updates,
    learningRate: 0.001,
    ...{ seed, context },
    after: () => times.push(performance.now()),
  });
  const each = times.slice(warming).map((time, at) => time - (times[at + warming - 1] as number));
  const sizeOf = ({ dimensions }: { dimensions: readonly number[] }) => dimensions.reduce((a, b) => a * b, 1);
  const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);
  return {
    weights: sum(Object.values(parameters({ rnn })).map(sizeOf)),
    state: sum(Object.values(rnn.stateShapes(1)).map((shape) => shape.at(-1) as number)),
    milliseconds: Math.min(...each),
  };
}

/** Whether each answer is right. */
function right(answer: (x: Tensor) => Tensor, input: number, { backend }: TrialContext) {
  const choose = compile(({ x }: { x: Tensor }) => answer(x).argmax(-1), {
    inputs: { x: float32("T", "B", input) },
    ...(backend && { backend }),
  });
  return (x: Value, y: Value): boolean[] =>
    Array.from<number, boolean>(choose({ x }).data, (chosen, at) => chosen === y.data[at]);
}

const share = (isRight: readonly boolean[]) => isRight.filter(Boolean).length / isRight.length;
