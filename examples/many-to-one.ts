// Many to one: a sequence in, a label out. A bidirectional GRU reads rows of different lengths, and its two final states
// tell the class. Without files it learns to tell noisy waves apart; with files of the time series archive's format (.ts,
// such as Japanese Vowels: who speaks?) it learns those.
//
//     npx tsx examples/many-to-one.ts
//     npx tsx examples/many-to-one.ts TRAINING.ts TEST.ts
import { readFileSync } from "node:fs";
import { Command } from "commander";
import {
  adam,
  compile,
  concat,
  crossEntropy,
  DataError,
  dropout,
  float32,
  gru,
  initialize,
  int32,
  LengthBatches,
  linear,
  padVectors,
  parameters,
  randomSource,
  recurrent,
  type Tensor,
  trainingStep,
  value,
} from "rondo";
import { right } from "./accuracy.ts";

/** A sequence, step by step in one list of steps * channels numbers, and what it is. */
export interface Example {
  readonly steps: Float32Array;
  readonly label: string;
}

/** Waves of four shapes, of 20 to 60 steps, with any period from 8 to 20, phase and height, and much noise. */
export function waves(count: number, seed: number): Example[] {
  const shapes = {
    sine: (phase: number) => Math.sin(2 * Math.PI * phase),
    square: (phase: number) => (phase < 0.5 ? 1 : -1),
    rising: (phase: number) => 2 * phase - 1,
    falling: (phase: number) => 1 - 2 * phase,
  };
  const random = randomSource(seed, "waves");
  return Array.from({ length: count }, (_, at) => {
    const [label, shape] = Object.entries(shapes)[at % 4] as [string, (phase: number) => number];
    const [period, start] = [8 + 12 * random.uniform(), random.uniform()];
    const height = 0.5 + random.uniform();
    const length = 20 + Math.floor(41 * random.uniform());
    const steps = Float32Array.from(
      { length },
      (_, t) => height * shape((start + t / period) % 1) + 0.3 * random.normal(),
    );
    return { steps, label };
  });
}

/** The rows of a .ts file: channels separated by colons, their steps by commas, the label last. */
export function readSeries(text: string): { examples: Example[]; channels: number } {
  const rows = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !/^[#@]/.test(line))
    .map((line) => line.split(":"));
  const channels = (rows[0]?.length ?? 1) - 1;
  const examples = rows.map((row, at) => {
    const series = row.slice(0, channels).map((channel) => channel.split(",").map(numberOf));
    const length = series[0]?.length ?? 0;
    if (
      row.length !== channels + 1 ||
      !series.every((x) => x.length === length && x.every(Number.isFinite))
    ) {
      throw new DataError(
        `row ${at}: ${channels} channels of numbers, as many in each, and a label expected`,
      );
    }
    const steps = Array.from({ length }, (_, t) => series.map((channel) => channel[t] as number));
    return { steps: Float32Array.from(steps.flat()), label: row[channels] as string };
  });
  return { examples, channels };
}

/** NaN for what is no number, or nothing at all. */
function numberOf(text: string): number {
  return text.trim() === "" ? Number.NaN : Number(text);
}

interface Options {
  readonly hidden?: number;
  readonly batch?: number;
  readonly epochs?: number;
  readonly learningRate?: number;
  readonly seed?: number;
  readonly report?: (epoch: number, loss: number) => void;
}

/** Train on rows of so many channels; the part of test rows whose label is told right. */
export function classify(
  training: readonly Example[],
  test: readonly Example[],
  channels: number,
  { hidden = 64, batch = 16, epochs = 20, learningRate = 0.003, seed = 1, report }: Options = {},
): number {
  const labels = [...new Set(training.map(({ label }) => label))].sort();
  const scale = standardizer(training, channels);
  const batchOf = (examples: readonly Example[]) => {
    const { values: x, lengths } = padVectors(
      examples.map(({ steps }) => scale(steps)),
      channels,
    );
    const y = Int32Array.from(examples, ({ label }) => labels.indexOf(label));
    return { x, lengths, y: value(y, [examples.length]) };
  };

  const model = initialize(
    { rnn: recurrent(gru, channels, hidden, { direction: "both" }), head: linear(2 * hidden, labels.length) },
    { seed },
  );
  const drop = dropout(0.5);
  const scores = (x: Tensor, lengths: Tensor) => {
    const { h } = model.rnn.apply(x, { lengths }).state; // (2, B, hidden): the last state of each direction
    return model.head.apply(drop.apply(concat(h.at(0, 0), h.at(0, 1))));
  };
  const rows = { x: float32("T", "B", channels), lengths: int32("B"), y: int32("B") };
  const step = trainingStep({
    parameters: Object.values(parameters(model)),
    optimizer: adam(),
    clipNorm: 1,
    seed,
    inputs: rows,
    loss: ({ x, lengths, y }) => ({ loss: crossEntropy(scores(x, lengths), y), outputs: {} }),
  });

  const batches = new LengthBatches(
    training.map(({ steps }) => steps.length / channels),
    { batch, seed },
  );
  for (let update = 0; update < epochs * batches.count; update++) {
    const chosen = [...batches.at(update)].map((row) => training[row] as Example);
    const { loss } = step.run(batchOf(chosen), learningRate);
    if ((update + 1) % batches.count === 0) report?.((update + 1) / batches.count, loss);
  }
  const accuracy = compile(({ x, lengths, y }) => right(scores(x, lengths), y).mean(), { inputs: rows });
  return accuracy(batchOf(test)).data[0] as number;
}

/** To mean 0 and deviation 1 of each channel in the training rows. */
function standardizer(training: readonly Example[], channels: number): (steps: Float32Array) => Float32Array {
  const moments = Array.from({ length: channels }, (_, channel) => {
    const all = training.flatMap(({ steps }) => [...steps.filter((_, at) => at % channels === channel)]);
    const mean = all.reduce((sum, x) => sum + x, 0) / all.length;
    const variance = all.reduce((sum, x) => sum + (x - mean) ** 2, 0) / all.length;
    return { mean, deviation: Math.sqrt(variance) || 1 };
  });
  return (steps) =>
    steps.map((x, at) => {
      const { mean, deviation } = moments[at % channels] as { mean: number; deviation: number };
      return (x - mean) / deviation;
    });
}

if (process.argv[1] === import.meta.filename) {
  const command = new Command("many-to-one").argument("[files...]", "a training and a test file").parse();
  if (command.args.length % 2 !== 0) command.error("error: a training and a test file expected");
  const [training, test] = command.args.map((file) => readSeries(readFileSync(file, "utf8")));
  const report = (epoch: number, loss: number) => {
    if (epoch % 10 === 0) console.log(`epoch ${epoch}: loss of the last batch ${loss.toFixed(3)}`);
  };
  const accuracy =
    training && test
      ? classify(training.examples, test.examples, training.channels, { epochs: 80, report })
      : classify(waves(1000, 1), waves(400, 2), 1, { report });
  console.log(`test rows told right: ${(100 * accuracy).toFixed(1)} %`);
}
