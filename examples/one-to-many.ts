// One to many: a vector in, a sequence out. The digits of a number become the state that a decoder starts from, and it
// writes the number's name letter by letter. What counts are names of numbers that it never saw.
//
//     npx tsx examples/one-to-many.ts
import {
  compile,
  float32,
  LengthBatches,
  linear,
  linearDecay,
  type Tensor,
  Training,
  tanh,
  value,
} from "rondo";
import { exampleCommand, run } from "./command-line.ts";
import { Alphabet, decoder, forcedLoss, forcedTypes, greedy, teacherForcing } from "./decoder.ts";
import { drawNumbers, nameOf } from "./number-names.ts";

const alphabet = new Alphabet(" -abcdefghijklmnopqrstuvwxyz");
const digits = 3;

/** Numbers below 1,000 as vectors (B, 30): each digit a one among ten. */
function vectors(numbers: readonly number[]) {
  const data = new Float32Array(numbers.length * digits * 10);
  numbers.forEach((number, row) => {
    Array.from(String(number).padStart(digits, "0"), Number).forEach((digit, place) => {
      data[(row * digits + place) * 10 + digit] = 1;
    });
  });
  return value(data, [numbers.length, digits * 10]);
}

/** Train on `training` numbers; the part of `test` others whose names are written without a mistake. */
export async function nameNumbers({
  training = 800,
  test = 150,
  hidden = 128,
  batch = 16,
  epochs = 100,
  learningRate = 0.004,
  seed = 1,
}) {
  const model = { start: linear(digits * 10, hidden), decoder: decoder(alphabet.size, hidden) };
  const startOf = (x: Tensor) => tanh(model.start.apply(x)).reshape([1, x.size(0), hidden]);

  const drawn = drawNumbers(training + test, 1, 1_000, seed);
  const [known, unseen] = [drawn.slice(0, training), drawn.slice(training)];
  const names = known.map(nameOf);
  const batches = new LengthBatches(
    names.map(({ length }) => length),
    { batch, seed },
  );
  await new Training({
    model,
    inputs: { x: float32("B", digits * 10), ...forcedTypes },
    loss: ({ x, ...forced }) => forcedLoss(model.decoder, startOf(x), forced),
    batches: {
      count: batches.count,
      at(k, epoch) {
        const rows = [...batches.at(k, epoch)];
        const x = vectors(rows.map((row) => known[row] as number));
        return { x, ...teacherForcing(rows.map((row) => alphabet.encode(names[row] as string))) };
      },
    },
    epochs,
    learningRate: (updates) => linearDecay(learningRate, { steps: updates }),
    clipNorm: 1,
    seed,
  }).run();

  const start = compile(startOf, { inputs: float32("B", digits * 10) });
  const write = greedy(model.decoder, 60);
  const written = write(start(vectors(unseen))).map(({ tokens }) => alphabet.decode(tokens));
  const right = written.filter((name, row) => name === nameOf(unseen[row] as number)).length;
  return { accuracy: right / test, samples: unseen.map((number, row) => [number, written[row]] as const) };
}

export const command = exampleCommand("one-to-many", "Write the names of numbers, letter by letter.").action(
  async ({ seed }: { seed: number }) => {
    const { accuracy, samples } = await nameNumbers({ seed });
    for (const [number, name] of samples.slice(0, 5)) console.log(`${number}: ${name}`);
    console.log(`names of unseen numbers without a mistake: ${(100 * accuracy).toFixed(1)} %`);
  },
);

if (process.argv[1] === import.meta.filename) await run(command);
