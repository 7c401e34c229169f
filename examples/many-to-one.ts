// Many to one: a sequence in, a label out. A bidirectional GRU reads rows of different lengths, and its two final states
// tell the class. Without files it learns to tell noisy waves apart; with files of the time series archive's format (.ts,
// such as Japanese Vowels: who speaks?) it learns those.
//
//     npx tsx examples/many-to-one.ts
//     npx tsx examples/many-to-one.ts TRAINING.ts TEST.ts
import {
  compile,
  concat,
  crossEntropy,
  DataError,
  dropout,
  float32,
  gru,
  int32,
  LengthBatches,
  linear,
  padVectors,
  randomSource,
  recurrent,
  type Tensor,
  Training,
  value,
} from "rondo";
import { exampleCommand, readText, run, withFiles } from "./command-line.ts";

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

/** The rows of a .ts file: channels separated by colons, their steps by commas, the label last. `where` is its name, for messages. */
export function readSeries(text: string, where: string): { examples: Example[]; channels: number } {
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
      channels === 0 ||
      row.length !== channels + 1 ||
      !series.every((x) => x.length === length && x.every(Number.isFinite))
    ) {
      throw new DataError(
        `${where}: row ${at}: ${channels || "one or more"} channels of numbers, as many in each, and a label expected`,
      );
    }
    const steps = Array.from({ length }, (_, t) => series.map((channel) => channel[t] as number));
    return { steps: Float32Array.from(steps.flat()), label: row[channels] as string };
  });
  if (examples.length === 0) throw new DataError(`${where}: no rows given, one or more expected`);
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
export async function classify(
  training: readonly Example[],
  test: readonly Example[],
  channels: number,
  { hidden = 64, batch = 16, epochs = 20, learningRate = 0.003, seed = 1, report }: Options = {},
): Promise<number> {
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

  const model = {
    rnn: recurrent(gru, channels, hidden, { direction: "both" }),
    head: linear(2 * hidden, labels.length),
  };
  const drop = dropout(0.5);
  const scores = (x: Tensor, lengths: Tensor) => {
    const { h } = model.rnn.apply(x, { lengths }).state; // (2, B, hidden): the last state of each direction
    return model.head.apply(drop.apply(concat(h.at(0, 0), h.at(0, 1))));
  };
  const rows = { x: float32("T", "B", channels), lengths: int32("B"), y: int32("B") };
  const batches = new LengthBatches(
    training.map(({ steps }) => steps.length / channels),
    { batch, seed },
  );
  await new Training({
    model,
    inputs: rows,
    loss: ({ x, lengths, y }) => crossEntropy(scores(x, lengths), y),
    batches: {
      count: batches.count,
      at: (k, epoch) => batchOf(Array.from(batches.at(k, epoch), (row) => training[row] as Example)),
    },
    epochs,
    learningRate,
    clipNorm: 1,
    seed,
  }).run({
    onEvent(event) {
      if (event.event === "step" && event.step % batches.count === 0) report?.(event.epoch, event.loss);
    },
  });
  const accuracy = compile(
    ({ x, lengths, y }) => scores(x, lengths).argmax().equal(y).convert("float32").mean(),
    { inputs: rows },
  );
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

export const command = withFiles(
  exampleCommand("many-to-one", "Tell classes of series apart: of waves, or of those in files (.ts)."),
).action(async (files: readonly string[], { seed }: { seed: number }) => {
  const [training, test] = files.map((file) => readSeries(readText(file), file));
  const report = (epoch: number, loss: number) => {
    if (epoch % 10 === 0) console.log(`epoch ${epoch}: loss of the last batch ${loss.toFixed(3)}`);
  };
  const accuracy =
    training && test
      ? await classify(training.examples, test.examples, training.channels, { epochs: 80, seed, report })
      : await classify(waves(1000, 1), waves(400, 2), 1, { seed, report });
  console.log(`test rows told right: ${(100 * accuracy).toFixed(1)} %`);
});

if (process.argv[1] === import.meta.filename) await run(command);
