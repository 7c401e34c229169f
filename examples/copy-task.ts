// The copy task (Hochreiter and Schmidhuber 1997, in the form of Arjovsky, Shah and Bengio, "Unitary evolution recurrent
// neural networks", 2016): ten symbols out of eight are shown, then nothing for a long time, then a mark after which they
// are to be written in order. Whoever remembers nothing writes an eighth of them right.
//
//     npx tsx examples/copy-task.ts --length 50
import {
  adam,
  compile,
  crossEntropy,
  embedding,
  initialize,
  int32,
  linear,
  parameters,
  randomSource,
  recurrent,
  type Tensor,
  trainingStep,
  value,
} from "rondo";
import { right } from "./accuracy.ts";
import { type Goal, type MemoryTestOptions, memoryTestCommand, type Trial } from "./memory-test.ts";

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

export const goal: Goal = {
  score: "highest accuracy on the ten symbols",
  better: (accuracy, other) => accuracy > other,
  solved: (accuracy) => accuracy > 0.99,
};

export function copyTrial({ cell, length, hidden, batch, learningRate, seed }: MemoryTestOptions): Trial {
  const model = initialize(
    { embed: embedding(tokens, tokens), rnn: recurrent(cell, tokens, hidden), head: linear(hidden, tokens) },
    { seed },
  );
  const steps = length + 2 * shown;
  const inputs = { x: int32(steps, "B"), y: int32(steps, "B") };
  const scores = (x: Tensor) => model.head.apply(model.rnn.apply(model.embed.apply(x)).output);
  const step = trainingStep({
    parameters: Object.values(parameters(model)),
    optimizer: adam(),
    clipNorm: 1,
    inputs,
    loss: ({ x, y }) => ({ loss: crossEntropy(scores(x), y), outputs: {} }),
  });
  const accuracy = compile(
    ({ x, y }) =>
      right(scores(x), y)
        .slice(0, steps - shown)
        .mean(),
    { inputs },
  );
  const held = copyRows(length, 200, seed, "test");
  return {
    update: (index) => void step.run(copyRows(length, batch, seed, `training.${index}`), learningRate),
    test: () => accuracy(held).data[0] ?? Number.NaN,
  };
}

if (process.argv[1] === import.meta.filename) {
  memoryTestCommand(
    {
      name: "copy-task",
      description: "Learn to write down ten symbols after a long delay, with each cell.",
      ...{ length: 50, hidden: 64, batch: 32, learningRate: 0.005, updates: 10_000 },
    },
    goal,
    copyTrial,
  );
}
