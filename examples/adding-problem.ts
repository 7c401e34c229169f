// The adding problem (Hochreiter and Schmidhuber, "Long short-term memory", 1997, in the form of Le, Jaitly and Hinton,
// "A simple way to initialize recurrent networks of rectified linear units", 2015): of T random numbers two are marked,
// and the network tells their sum after the last. Always to say 1 leaves a mean squared error of 1/6.
//
//     npx tsx examples/adding-problem.ts --length 100
import {
  compile,
  float32,
  linear,
  meanSquaredError,
  randomSource,
  recurrent,
  type Tensor,
  Training,
  value,
} from "rondo";
import { run } from "./command-line.ts";
import { type MemoryTestOptions, memoryTestCommand } from "./memory-test.ts";

/** Rows x (T, B, 2), each step a number from [0, 1) and a mark, and the sums y (B, 1) of the two numbers that are marked. */
export function addingRows(length: number, rows: number, seed: number, batch: string) {
  const random = randomSource(seed, `adding.${batch}`);
  const x = new Float32Array(length * rows * 2);
  const y = new Float32Array(rows);
  const half = Math.floor(length / 2);
  for (let row = 0; row < rows; row++) {
    for (let t = 0; t < length; t++) x[(t * rows + row) * 2] = random.uniform();
    const first = Math.floor(random.uniform() * half);
    const second = half + Math.floor(random.uniform() * (length - half));
    for (const t of [first, second]) {
      x[(t * rows + row) * 2 + 1] = 1;
      y[row] = (y[row] ?? 0) + (x[(t * rows + row) * 2] ?? 0);
    }
  }
  return { x: value(x, [length, rows, 2]), y: value(y, [rows, 1]) };
}

export function addingTraining({ cell, length, hidden, batch, interval, ...options }: MemoryTestOptions) {
  const model = { rnn: recurrent(cell, 2, hidden), head: linear(hidden, 1) };
  const inputs = { x: float32(length, "B", 2), y: float32("B", 1) };
  const error = ({ x, y }: { x: Tensor; y: Tensor }) =>
    meanSquaredError(model.head.apply(model.rnn.apply(x).output.at(0, length - 1)), y);
  const test = compile(error, { inputs });
  const held = addingRows(length, 1000, options.seed, "test");
  return new Training({
    model,
    inputs,
    loss: error,
    batches: {
      count: interval,
      at: (k, epoch) => addingRows(length, batch, options.seed, `training.${epoch * interval + k}`),
    },
    validation: () => test(held).data[0] as number,
    clipNorm: 1,
    ...options,
  });
}

export const command = memoryTestCommand(
  {
    name: "adding-problem",
    description: "Learn to add two marked numbers of a long sequence, with each cell.",
    score: "lowest test error (MSE)",
    scoreOf: (error) => error,
    ...{ length: 100, hidden: 64, batch: 32, learningRate: 0.002, updates: 10_000 },
  },
  addingTraining,
);

if (process.argv[1] === import.meta.filename) await run(command);
