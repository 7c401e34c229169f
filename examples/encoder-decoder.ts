// Many to many with different lengths: an encoder reads the name of a number letter by letter, and a decoder that starts
// from its last state writes the number digit by digit. Both are trained together, to write what is right after what was
// right (Sutskever, Vinyals and Le, "Sequence to sequence learning with neural networks", 2014).
//
//     npx tsx examples/encoder-decoder.ts
import {
  compile,
  embedding,
  gru,
  int32,
  LengthBatches,
  linearDecay,
  padTokens,
  recurrent,
  type Tensor,
  Training,
} from "rondo";
import { exampleCommand, run } from "./command-line.ts";
import { Alphabet, decoder, forcedLoss, forcedTypes, greedy, teacherForcing } from "./decoder.ts";
import { drawNumbers, nameOf } from "./number-names.ts";

const letters = new Alphabet(" -abcdefghijklmnopqrstuvwxyz");
const digits = new Alphabet("0123456789");

/** Train on the names of `training` numbers from 100 on; the part of `test` others that are written without a mistake. */
export async function readNames({
  training = 10_000,
  test = 1000,
  below = 1_000_000,
  hidden = 128,
  batch = 64,
  epochs = 6,
  learningRate = 0.004,
  seed = 1,
}) {
  const model = {
    encoder: { embed: embedding(letters.size, 32), rnn: recurrent(gru, 32, hidden) },
    decoder: decoder(digits.size, hidden),
  };
  const source = { name: int32("S", "B"), lengths: int32("B") };
  const encode = ({ name, lengths }: { name: Tensor; lengths: Tensor }) =>
    model.encoder.rnn.apply(model.encoder.embed.apply(name), { lengths }).state.h;

  const drawn = drawNumbers(training + test, 100, below, seed);
  const [known, unseen] = [drawn.slice(0, training), drawn.slice(training)];
  const names = (numbers: readonly number[]) => numbers.map((number) => letters.encode(nameOf(number)));
  const sources = names(known);
  const batches = new LengthBatches(
    sources.map(({ length }) => length),
    { batch, seed },
  );
  await new Training({
    model,
    inputs: { ...source, ...forcedTypes },
    loss: ({ name, lengths, ...forced }) => forcedLoss(model.decoder, encode({ name, lengths }), forced),
    batches: {
      count: batches.count,
      at(k, epoch) {
        const rows = [...batches.at(k, epoch)];
        const { values: name, lengths } = padTokens(rows.map((row) => sources[row] as number[]));
        return { name, lengths, ...teacherForcing(rows.map((row) => digits.encode(String(known[row])))) };
      },
    },
    epochs,
    learningRate: (updates) => linearDecay(learningRate, { steps: updates }),
    clipNorm: 1,
    seed,
  }).run();

  const { values: name, lengths } = padTokens(names(unseen));
  const start = compile(encode, { inputs: source })({ name, lengths });
  const written = greedy(model.decoder, 8)(start).map(({ tokens }) => digits.decode(tokens));
  const right = written.filter((number, row) => number === String(unseen[row])).length;
  return {
    accuracy: right / test,
    samples: unseen.map((number, row) => [nameOf(number), written[row]] as const),
  };
}

export const command = exampleCommand(
  "encoder-decoder",
  "Read the names of numbers, and write their digits.",
).action(async ({ seed }: { seed: number }) => {
  const { accuracy, samples } = await readNames({ seed });
  for (const [name, number] of samples.slice(0, 5)) console.log(`${name}: ${number}`);
  console.log(`unseen names read without a mistake: ${(100 * accuracy).toFixed(1)} %`);
});

if (process.argv[1] === import.meta.filename) await run(command);
