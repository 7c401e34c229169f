// Text in, numbers out: the description of a curve, such as "from 3 rise slowly for 5 then fall fast for 2", becomes its points. A decoder
// that attends to the words reads the number that it wrote last, and writes the next one and whether it is the last one. What counts are
// descriptions that it never saw.
//
//     npx tsx examples/text-to-numbers.ts
import {
  additive,
  binaryCrossEntropy,
  bridge,
  compile,
  compileSteps,
  DataError,
  embedding,
  float32,
  gru,
  int32,
  isWithin,
  LengthBatches,
  linear,
  linearDecay,
  meanSquaredError,
  padTokens,
  padVectors,
  type RandomSource,
  randomSource,
  recurrent,
  type StateOf,
  stateTypes,
  type Tensor,
  Training,
  withAttention,
} from "rondo";
import { exampleCommand, run } from "./command-line.ts";
import { Alphabet } from "./decoder.ts";

/** How much a curve changes from point to point. */
const changes: Readonly<Record<string, number>> = {
  stay: 0,
  ...{ "rise slowly": 0.1, "rise steadily": 0.2, "rise fast": 0.4 },
  ...{ "fall slowly": -0.1, "fall steadily": -0.2, "fall fast": -0.4 },
};
const numerals = Array.from({ length: 10 }, (_, number) => String(number));
const words = new Alphabet(
  new Set(["from", "for", "then", ...Object.keys(changes).flatMap((name) => name.split(" ")), ...numerals]),
  " ",
);
/** The most points of a curve: the first one, and three parts of nine. */
const LIMIT = 28;

/** A description of one to three parts. */
export function drawDescription(random: RandomSource): string {
  const among = <Item>(items: readonly Item[]) => items[Math.floor(items.length * random.uniform())] as Item;
  const part = () => `${among(Object.keys(changes))} for ${among(numerals.slice(2))}`;
  return `from ${among(numerals)} ${Array.from({ length: among([1, 2, 3]) }, part).join(" then ")}`;
}

/** The points of a description: the first one, and one for each step of each part. Throws DataError for another text. */
export function pointsOf(text: string): number[] {
  const [, first, parts] = /^from (\d) (.+)$/.exec(text) ?? [];
  const points = [Number(first)];
  for (const part of parts?.split(" then ") ?? [""]) {
    const [, name = "", steps] = /^(.+) for (\d)$/.exec(part) ?? [];
    const change = changes[name];
    if (change === undefined)
      throw new DataError(`"${text}" given, such as "from 3 rise slowly for 5" expected`);
    for (let step = 0; step < Number(steps); step++) points.push((points.at(-1) as number) + change);
  }
  return points;
}

/** So many different descriptions. */
export function drawDescriptions(count: number, seed: number): string[] {
  const random = randomSource(seed, "descriptions");
  const drawn = new Set<string>();
  while (drawn.size < count) drawn.add(drawDescription(random));
  return [...drawn];
}

/** The root of the mean of squared errors over all points of the right curves; a curve that ends early stays where it is. */
export function errorOf(
  written: readonly (readonly number[])[],
  right: readonly (readonly number[])[],
): number {
  const errors = right.flatMap((points, row) => {
    const own = written[row] as readonly number[];
    return points.map((point, t) => (own[t] ?? own.at(-1) ?? 0) - point);
  });
  return Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);
}

/** Train on `training` descriptions; what is written of `test` others, and how far it is off. */
export async function drawCurves({
  training = 8000,
  test = 1000,
  hidden = 128,
  size = 64,
  batch = 64,
  epochs = 10,
  learningRate = 0.004,
  seed = 1,
} = {}) {
  const reader = recurrent(gru, 32, size, { direction: "both" });
  const writer = recurrent(withAttention(gru, additive({ units: size })), 1, hidden, { memory: 2 * size });
  const model = {
    embed: embedding(words.size, 32),
    reader,
    start: bridge(reader, writer),
    writer,
    head: linear(writer.outputSize, 2),
  };
  const source = { text: int32("S", "B"), lengths: int32("B") };
  /** The memory (S, B, 2 size) and the state that the writer starts from. */
  const read = ({ text, lengths }: { text: Tensor; lengths: Tensor }) => {
    const { output, state } = model.reader.apply(model.embed.apply(text), { lengths });
    return { memory: { values: output, lengths }, state: model.start.apply(state) };
  };
  /** The next number (..., B, 1), which is the one before and a change, and the logit (..., B) of its being the last one. */
  const write = (output: Tensor, before: Tensor) => {
    const found = model.head.apply(output);
    return { number: before.add(found.slice(-1, 0, 1)), last: found.at(-1, 1) };
  };
  /** What the writer reads of a number: it is made smaller, as what gates read should be. */
  const seen = (number: Tensor) => number.mul(0.1);

  const drawn = drawDescriptions(training + test, seed);
  const [known, unseen] = [drawn.slice(0, training), drawn.slice(training)];
  const curves = known.map(pointsOf);
  const batches = new LengthBatches(
    curves.map(({ length }) => length),
    { batch, seed },
  );
  const encode = (texts: readonly string[]) => {
    const { values, lengths } = padTokens(texts.map((text) => words.encode(text)));
    return { text: values, lengths };
  };
  await new Training({
    model,
    inputs: {
      source,
      before: float32("T", "B", 1),
      points: float32("T", "B", 1),
      isLast: int32("T", "B"),
      counts: int32("B"),
    },
    loss({ source, before, points, isLast, counts }) {
      const written = write(model.writer.apply(seen(before), read(source)).output, before);
      const error = meanSquaredError(written.number, points, { mask: isWithin(counts, "T") });
      const nats = binaryCrossEntropy(written.last, isLast);
      return { loss: error.mul(10).add(nats), measures: { error, nats } };
    },
    batches: {
      count: batches.count,
      at(k, epoch) {
        const rows = [...batches.at(k, epoch)];
        const right = rows.map((row) => curves[row] as number[]);
        const { values: points, lengths: counts } = padVectors(right, 1);
        const { values: before } = padVectors(
          right.map((own) => [0, ...own.slice(0, -1)]),
          1,
        );
        const { values: isLast } = padTokens(
          right.map((own) => own.map((_, t) => Number(t === own.length - 1))),
          { padding: -1 },
        );
        return { source: encode(rows.map((row) => known[row] as string)), before, points, isLast, counts };
      },
    },
    epochs,
    learningRate: (updates) => linearDecay(learningRate, { steps: updates }),
    clipNorm: 1,
    seed,
  }).run();

  const steps = compileSteps(
    (before, state: StateOf<typeof writer>, memory) => {
      const stepped = model.writer.step(seen(before), state, { memory });
      return [stepped.state, write(stepped.output, before)];
    },
    {
      inputs: float32("B", 1),
      state: stateTypes(writer),
      memory: { values: float32("S", "B", 2 * size), lengths: int32("B") },
    },
  );
  const live = steps.begin(compile(read, { inputs: source })(encode(unseen)));
  const written: number[][] = unseen.map(() => []);
  const done = new Set<number>();
  let before = new Float32Array(test);
  for (let t = 0; t < LIMIT && done.size < test; t++) {
    const { number, last } = live.next(before);
    before = Float32Array.from(number);
    before.forEach((point, row) => {
      if (done.has(row)) return;
      written[row]?.push(point);
      if ((last[row] as number) > 0) done.add(row);
    });
  }
  const right = unseen.map(pointsOf);
  return {
    error: errorOf(written, right),
    rightLengths: written.filter(({ length }, row) => length === right[row]?.length).length / test,
    naive: errorOf(Array<number[]>(test).fill(meanCurve(curves)), right),
    samples: unseen.map((text, row) => ({ text, points: written[row] as number[] })),
  };
}

/** What can be said of a point without a description: the mean of all curves that get so far. */
export function meanCurve(curves: readonly (readonly number[])[]): number[] {
  return Array.from({ length: LIMIT }, (_, t) => {
    const points = curves.flatMap((curve) => curve[t] ?? []);
    return points.reduce((sum, point) => sum + point, 0) / Math.max(points.length, 1);
  });
}

export const command = exampleCommand("text-to-numbers", "Draw curves from their descriptions.").action(
  async ({ seed }: { seed: number }) => {
    const { error, rightLengths, naive, samples } = await drawCurves({ seed });
    for (const { text, points } of samples.slice(0, 5)) {
      console.log(`${text}: ${points.map((point) => point.toFixed(2)).join(" ")}`);
    }
    console.log(`unseen curves are off by ${error.toFixed(3)}, the mean curve by ${naive.toFixed(3)}`);
    console.log(`curves that end where they should: ${(100 * rightLengths).toFixed(1)} %`);
  },
);

if (process.argv[1] === import.meta.filename) await run(command);
