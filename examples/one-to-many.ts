// One to many: a vector in, a sequence out. The digits of a number become the state that a decoder starts from, and it
// writes the number's name letter by letter. What counts are names of numbers that it never saw.
//
//     npx tsx examples/one-to-many.ts
import {
  adam,
  compile,
  float32,
  initialize,
  LengthBatches,
  linear,
  parameters,
  type Tensor,
  tanh,
  trainingStep,
  value,
} from "rondo";
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
export function nameNumbers({
  training = 800,
  test = 150,
  hidden = 128,
  batch = 64,
  epochs = 100,
  learningRate = 0.004,
  seed = 1,
}) {
  const model = initialize(
    { start: linear(digits * 10, hidden), decoder: decoder(alphabet.size, hidden) },
    { seed },
  );
  const startOf = (x: Tensor) => tanh(model.start.apply(x)).reshape([1, x.size(0), hidden]);
  const step = trainingStep({
    parameters: Object.values(parameters(model)),
    optimizer: adam(),
    clipNorm: 1,
    inputs: { x: float32("B", digits * 10), ...forcedTypes },
    loss: ({ x, ...forced }) => ({ loss: forcedLoss(model.decoder, startOf(x), forced), outputs: {} }),
  });

  const drawn = drawNumbers(training + test, 1, 1_000, seed);
  const [known, unseen] = [drawn.slice(0, training), drawn.slice(training)];
  const names = known.map(nameOf);
  const batches = new LengthBatches(
    names.map(({ length }) => length),
    { batch, seed },
  );
  for (let update = 0; update < epochs * batches.count; update++) {
    const rows = [...batches.at(update)];
    const x = vectors(rows.map((row) => known[row] as number));
    const forced = teacherForcing(rows.map((row) => alphabet.encode(names[row] as string)));
    step.run({ x, ...forced }, learningRate * (1 - update / (epochs * batches.count)));
  }

  const start = compile(startOf, { inputs: float32("B", digits * 10) });
  const write = greedy(model.decoder, hidden, 60);
  const written = write(start(vectors(unseen))).map((tokens) => alphabet.decode(tokens));
  const right = written.filter((name, row) => name === nameOf(unseen[row] as number)).length;
  return { accuracy: right / test, samples: unseen.map((number, row) => [number, written[row]] as const) };
}

if (process.argv[1] === import.meta.filename) {
  const { accuracy, samples } = nameNumbers({});
  for (const [number, name] of samples.slice(0, 5)) console.log(`${number}: ${name}`);
  console.log(`names of unseen numbers without a mistake: ${(100 * accuracy).toFixed(1)} %`);
}
