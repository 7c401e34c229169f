// The copy task (Hochreiter and Schmidhuber 1997, in the form of Arjovsky, Shah and Bengio, "Unitary evolution recurrent
// neural networks", 2016): ten symbols out of eight are shown, then nothing for a long time, then a mark after which they
// are to be written in order. Whoever remembers nothing writes an eighth of them right.
//
//     npx tsx examples/copy-task.ts --length 50
import {
  compile,
  crossEntropy,
  embedding,
  int32,
  linear,
  randomSource,
  recurrent,
  type Tensor,
  Training,
  value,
} from "rondo";
import { run } from "./command-line.ts";
import { type MemoryTestOptions, memoryTestCommand } from "./memory-test.ts";

const symbols = 8;
const shown = 10;
const [blank, mark] = [symbols, symbols + 1];
const tokens = symbols + 2;

/**
 * Rows x of `delay` + 20 steps: ten symbols, blanks, the mark and blanks to write in; and y, what is to be written: blanks, and
 * in the last ten steps the symbols. The mark comes `delay` steps after the last symbol. Both are int32 (T, B).
 */
export function copyRows(delay: number, rows: number, seed: number, batch: string) {
  const random = randomSource(seed, `copy.${batch}`);
  const steps = delay + 2 * shown;
  const x = new Int32Array(steps * rows).fill(blank);
  const y = new Int32Array(steps * rows).fill(blank);
  for (let row = 0; row < rows; row++) {
    for (let t = 0; t < shown; t++) {
      const symbol = Math.floor(random.uniform() * symbols);
      x[t * rows + row] = symbol;
      y[(steps - shown + t) * rows + row] = symbol;
    }
    x[(steps - shown - 1) * rows + row] = mark;
  }
  return { x: value(x, [steps, rows]), y: value(y, [steps, rows]) };
}

export function copyTraining({ cell, length, hidden, batch, interval, ...options }: MemoryTestOptions) {
  const model = {
    embed: embedding(tokens, tokens),
    rnn: recurrent(cell, tokens, hidden),
    head: linear(hidden, tokens),
  };
  const steps = length + 2 * shown;
  const inputs = { x: int32(steps, "B"), y: int32(steps, "B") };
  const scores = (x: Tensor) => model.head.apply(model.rnn.apply(model.embed.apply(x)).output);
  const accuracy = compile(
    ({ x, y }) => scores(x).argmax().equal(y).convert("float32").slice(0, -shown).mean(),
    { inputs },
  );
  const held = copyRows(length, 200, options.seed, "test");
  return new Training({
    model,
    inputs,
    loss: ({ x, y }) => crossEntropy(scores(x), y),
    batches: {
      count: interval,
      at: (k, epoch) => copyRows(length, batch, options.seed, `training.${epoch * interval + k}`),
    },
    validation: () => 1 - (accuracy(held).data[0] as number),
    clipNorm: 1,
    ...options,
  });
}

export const command = memoryTestCommand(
  {
    name: "copy-task",
    description: "Learn to write down ten symbols after a long delay, with each cell.",
    score: "highest accuracy on the ten symbols",
    scoreOf: (error) => 1 - error,
    ...{ length: 50, hidden: 64, batch: 32, learningRate: 0.005, updates: 10_000 },
  },
  copyTraining,
);

if (process.argv[1] === import.meta.filename) await run(command);
