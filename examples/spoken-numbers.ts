// Sound in, text out: numbers of two to five digits, spoken one digit after the other. Nobody says when a digit is spoken: a network that
// reads in both directions finds out (Graves et al., "Connectionist temporal classification", 2006). The numbers are recordings of single
// digits, joined; those of the test are joined of other recordings than those that it learns from. docs/spoken-numbers.log has the figures.
//
//     npx tsx examples/spoken-numbers.ts recordings
import {
  compile,
  ctcBeamSearch,
  ctcBestPath,
  ctcLoss,
  DataError,
  dropout,
  float32,
  gru,
  int32,
  linear,
  linearDecay,
  measures,
  padTokens,
  padVectors,
  type RandomSource,
  randomSource,
  readRecording,
  recurrent,
  Scaler,
  soundFeatures,
  type Tensor,
  Training,
} from "rondo";
import { folderSource } from "rondo/node";
import { exampleCommand, run } from "./command-line.ts";
import { spokenDigits } from "./spoken-digits.ts";

/** A recording of a digit. */
export interface Spoken {
  readonly digit: number;
  readonly speaker: string;
  readonly samples: Float32Array;
}

const RATE = 8000;
/** The longest pause between two digits, in seconds. */
const PAUSE = 0.15;
/** How loud the noise around the digits is: 60 dB below full scale. */
const NOISE = 0.001;
/** Digits of the shortest number, and how many lengths there are. */
const [SHORTEST, LENGTHS] = [2, 4];

const features = soundFeatures({ rate: RATE, kind: "mfcc", hop: 0.02 });
const drawn = <Item>(items: readonly Item[], random: RandomSource) =>
  items[Math.floor(items.length * random.uniform())] as Item;

/** A number of so many digits, all of one speaker: its digits, and its features (steps, 13). */
export function speak(recordings: readonly Spoken[], digits: number, random: RandomSource) {
  const { speaker } = drawn(recordings, random);
  const own = recordings.filter((recording) => recording.speaker === speaker);
  const spoken = Array.from({ length: digits }, () => drawn(own, random));
  const pause = () => new Float32Array(PAUSE * RATE * random.uniform());
  const pieces = [pause(), ...spoken.flatMap(({ samples }) => [samples, pause()])];
  const samples = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    samples.set(piece, at);
    at += piece.length;
  }
  const heard = features.of(samples.map((sample) => sample + NOISE * random.normal()));
  return { digits: spoken.map(({ digit }) => digit), values: heard.values };
}

/** Train on numbers joined of some recordings; the digit error rate on `numbers` numbers joined of others. */
export async function readNumbers(
  known: readonly Spoken[],
  unseen: readonly Spoken[],
  {
    hidden = 128,
    batch = 32,
    batches = 100,
    epochs = 10,
    numbers = 416,
    learningRate = 0.004,
    beam = 16,
    seed = 1,
  } = {},
) {
  /** As many numbers as a batch has, all with so many digits; those of one name are the same whenever they are spoken. */
  const speakAll = (recordings: readonly Spoken[], digits: number, name: string) => {
    const random = randomSource(seed, name);
    return Array.from({ length: batch }, () => speak(recordings, digits, random));
  };
  const digitsOf = (k: number) => SHORTEST + (k % LENGTHS);
  const sample = speakAll(known, SHORTEST + LENGTHS, "scale").map(({ values }) => values);
  const scaler = Scaler.fit("standard", sample, { features: features.size });
  const hear = (spoken: ReturnType<typeof speakAll>) =>
    padVectors(
      spoken.map(({ values }) => scaler.transform(values)),
      features.size,
    );

  // Class 0 is the blank, digit d is class d + 1.
  const classOf = (digit: number) => digit + 1;
  const drop = dropout(0.2);
  const model = {
    rnn: recurrent(gru, features.size, hidden, { direction: "both" }),
    head: linear(2 * hidden, 11),
  };
  const types = { x: float32("T", "B", features.size), lengths: int32("B") };
  const scores = ({ x, lengths }: { x: Tensor; lengths: Tensor }) =>
    model.head.apply(drop.apply(model.rnn.apply(x, { lengths }).output));
  await new Training({
    model,
    inputs: { ...types, digits: int32("S", "B") },
    loss: ({ digits, ...heard }) => ctcLoss(scores(heard), digits, { lengths: heard.lengths }),
    batches: {
      count: batches,
      at(k, epoch) {
        const spoken = speakAll(known, digitsOf(k), `batch ${k} of ${epoch}`);
        const { values: x, lengths } = hear(spoken);
        return { x, lengths, digits: padTokens(spoken.map(({ digits }) => digits.map(classOf))).values };
      },
    },
    epochs,
    learningRate: (updates) => linearDecay(learningRate, { steps: updates }),
    clipNorm: 1,
    seed,
  }).run();

  const read = compile(scores, { inputs: types });
  const [path, search] = [new measures.EditCounts(), new measures.EditCounts()];
  const samples: { said: string; read: string; seconds: string }[] = [];
  for (let k = 0; k < Math.ceil(numbers / batch); k++) {
    const spoken = speakAll(unseen, digitsOf(k), `test ${k}`);
    const { values: x, lengths } = hear(spoken);
    const logits = read({ x, lengths });
    const paths = ctcBestPath(logits, { lengths });
    const found = ctcBeamSearch(logits, { lengths, beam });
    spoken.forEach(({ digits }, row) => {
      const [{ tokens, steps }, best] = [paths[row], found[row]] as [(typeof paths)[0], (typeof found)[0]];
      path.add(tokens, digits.map(classOf));
      search.add(best.tokens, digits.map(classOf));
      const text = (of: readonly number[]) => of.join("");
      const seconds = steps.map((step) => ((step * features.hop) / RATE).toFixed(2)).join(" ");
      samples.push({ said: text(digits), read: text(tokens.map((token) => token - 1)), seconds });
    });
  }
  return { path: path.report(), beam: search.report(), samples };
}

/** The recordings of a folder, as `spokenDigits` parts them. Throws DataError for one that is not at 8000 Hz. */
export async function readSpoken(path: string): Promise<{ known: Spoken[]; unseen: Spoken[] }> {
  const folder = folderSource(path);
  const [known, unseen]: [Spoken[], Spoken[]] = [[], []];
  for (const { file, digit, speaker, isTest } of spokenDigits(await folder.paths(), path)) {
    const { samples, rate } = await readRecording(folder.open(file));
    if (rate !== RATE) throw new DataError(`${file}: ${rate} Hz given, ${RATE} expected`);
    (isTest ? unseen : known).push({ digit, speaker, samples });
  }
  return { known, unseen };
}

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;

export const command = exampleCommand("spoken-numbers", "Write down spoken numbers.")
  .argument("<recordings>", "the folder of the recordings")
  .action(async (recordings: string, { seed }: { seed: number }) => {
    const { known, unseen } = await readSpoken(recordings);
    console.log(`${known.length} recordings of digits to train on, ${unseen.length} for the test`);
    const { path, beam, samples } = await readNumbers(known, unseen, { seed });
    for (const { said, read, seconds } of samples.slice(0, 5)) console.log(`${said}: ${read} at ${seconds}`);
    console.log(`${path.sequences} unseen numbers of ${path.units} digits`);
    for (const [name, { errorRate, exactMatch }] of Object.entries({ "best path": path, "beam of 16": beam }))
      console.log(
        `${name}: digit error rate ${percent(errorRate)}, whole numbers right ${percent(exactMatch)}`,
      );
  });

if (process.argv[1] === import.meta.filename) await run(command);
