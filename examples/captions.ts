// A grid of vectors in, text out: scenes of two coloured shapes, as a convolutional network would see them, become sentences such as "a small
// red circle left of a large blue square". At every word the decoder attends to the cells of the grid (Xu et al., "Show, attend and
// tell: neural image caption generation with visual attention", 2015). What counts are scenes with things that it never saw.
//
//     npx tsx examples/captions.ts
import {
  additive,
  beamSearch,
  compile,
  compileSteps,
  crossEntropy,
  dropout,
  float32,
  gru,
  type Hypothesis,
  int32,
  linear,
  linearDecay,
  type RandomSource,
  randomSource,
  recurrent,
  type StateOf,
  stateTypes,
  type Tensor,
  Training,
  tanh,
  tokenDecoder,
  value,
  withAttention,
} from "rondo";
import { exampleCommand, run } from "./command-line.ts";
import { Alphabet, END, forcedTypes, START, teacherForcing } from "./decoder.ts";

const sizes = ["small", "large"];
const colours = ["red", "green", "blue", "yellow", "black", "white"];
const forms = ["circle", "square", "triangle", "star", "cross"];
const places = ["left", "right", "of", "above", "below", "and"];
const words = new Alphabet(["a", ...sizes, ...colours, ...forms, ...places], " ");

/** The grid has so many rows and columns. */
const SIDE = 3;
const CELLS = SIDE * SIDE;
/** What a cell shows, in so many numbers, and how much noise there is in each. */
const [SEEN, NOISE] = [24, 0.1];
/** What a cell shows and where it is: one of three rows, and one of three columns. */
const FEATURES = SEEN + 2 * SIDE;

/** A shape in a cell of the grid. */
export interface Thing {
  readonly size: number;
  readonly colour: number;
  readonly form: number;
  readonly cell: number;
}

export type Scene = readonly [Thing, Thing];

/** One in five kinds of things is never seen in training; of each size, colour and form some are. */
export const isHeldOut = ({ size, colour, form }: Thing): boolean => (size + colour + form) % 5 === 0;

/** Two things in two cells: none of them of the kinds that are held out, or at least one. */
export function drawScene(random: RandomSource, heldOut: boolean): Scene {
  const below = (end: number) => Math.floor(end * random.uniform());
  const thing = (cell: number): Thing => ({
    ...{ size: below(sizes.length), colour: below(colours.length), form: below(forms.length), cell },
  });
  for (;;) {
    const first = below(CELLS);
    const scene: Scene = [thing(first), thing((first + 1 + below(CELLS - 1)) % CELLS)];
    if (scene.some(isHeldOut) === heldOut) return scene;
  }
}

/** What is said of a scene: the small thing stands first, and of two that are as large that which is read first. */
export function captionOf(scene: Scene): string {
  const [one, other] = [...scene].sort((a, b) => a.size - b.size || a.cell - b.cell) as [Thing, Thing];
  const name = ({ size, colour, form }: Thing) => `a ${sizes[size]} ${colours[colour]} ${forms[form]}`;
  const down = Math.floor(one.cell / SIDE) - Math.floor(other.cell / SIDE);
  const right = (one.cell % SIDE) - (other.cell % SIDE);
  const where = [
    ...(down === 0 ? [] : [down < 0 ? "above" : "below"]),
    ...(right === 0 ? [] : [right < 0 ? "left of" : "right of"]),
  ];
  return `${name(one)} ${where.join(" and ")} ${name(other)}`;
}

/** Scenes as grids (9, B, 30). Each size, colour and form adds its own vector to what its cell shows, as filters would answer to it. */
export function grids(scenes: readonly Scene[], random: RandomSource) {
  const data = new Float32Array(CELLS * scenes.length * FEATURES);
  const startOf = (cell: number, row: number) => (cell * scenes.length + row) * FEATURES;
  scenes.forEach((scene, row) => {
    for (let cell = 0; cell < CELLS; cell++) {
      const start = startOf(cell, row);
      for (let at = 0; at < SEEN; at++) data[start + at] = NOISE * random.normal();
      data[start + SEEN + Math.floor(cell / SIDE)] = 1;
      data[start + SEEN + SIDE + (cell % SIDE)] = 1;
    }
    for (const { size, colour, form, cell } of scene) {
      for (const name of [sizes[size], colours[colour], forms[form]]) {
        const answers = filters.get(name as string) as readonly number[];
        const start = startOf(cell, row);
        answers.forEach((answer, at) => {
          data[start + at] = (data[start + at] as number) + answer;
        });
      }
    }
  });
  return value(data, [CELLS, scenes.length, FEATURES]);
}

/** The vectors of sizes, colours and forms: drawn once and for all. */
const filters = new Map(
  [...sizes, ...colours, ...forms].map((name) => {
    const random = randomSource(0, name);
    return [name, Array.from({ length: SEEN }, () => 0.5 * random.normal())] as const;
  }),
);

/** Train on `updates` batches of scenes; the part of `test` scenes with things that are held out whose sentence is exactly right. */
export async function describeScenes({
  test = 1000,
  hidden = 128,
  size = 64,
  batch = 64,
  updates = 1500,
  learningRate = 0.004,
  beam = 4,
  seed = 1,
} = {}) {
  const rnn = recurrent(withAttention(gru, additive({ units: size })), 32, hidden, { memory: size });
  const model = {
    cells: linear(FEATURES, size),
    start: linear(size, hidden),
    decoder: tokenDecoder(words.size, rnn, { readout: size, dropout: 0.1 }),
  };
  const drop = dropout(0.1);
  /** Of grids (9, B, 30) the memory (9, B, size), and the state that the decoder starts from: made of the mean over the cells. */
  const look = (grid: Tensor) => {
    const values = drop.apply(tanh(model.cells.apply(grid)));
    const context = values.mean(0, { keep: true });
    return { memory: { values }, state: { h: tanh(model.start.apply(context)), context } };
  };
  const draw = (count: number, name: string, heldOut: boolean) => {
    const random = randomSource(seed, name);
    const scenes = Array.from({ length: count }, () => drawScene(random, heldOut));
    return { scenes, captions: scenes.map(captionOf), grid: grids(scenes, random) };
  };
  await new Training({
    model,
    inputs: { grid: float32(CELLS, "B", FEATURES), ...forcedTypes },
    loss: ({ grid, inputs, targets }) =>
      crossEntropy(model.decoder.apply(inputs, look(grid)).logits, targets),
    batches: {
      count: updates,
      at(k) {
        const { captions, grid } = draw(batch, `batch ${k}`, false);
        return { grid, ...teacherForcing(captions.map((caption) => words.encode(caption))) };
      },
    },
    epochs: 1,
    learningRate: (count) => linearDecay(learningRate, { steps: count }),
    clipNorm: 1,
    seed,
  }).run();

  const begin = compile(look, { inputs: float32(CELLS, "B", FEATURES) });
  const writer = compileSteps(
    (token, before: StateOf<typeof rnn>, memory) => {
      const { logits, state, shown } = model.decoder.step(token, { state: before, memory });
      return [state, { logits, attention: shown.attention?.[0] }];
    },
    { inputs: int32("B"), state: stateTypes(rnn), memory: { values: float32(CELLS, "B", size) } },
  );
  const { scenes, captions, grid } = draw(test, "test", true);
  const found = beamSearch(writer.begin({ ...begin(grid), repeat: beam }), {
    ...{ beam, start: START, end: END, limit: 20 },
  });
  const samples = found.map(([best], row) => {
    const { tokens, attention } = best as Hypothesis;
    return { scene: scenes[row] as Scene, right: captions[row], text: words.decode(tokens), attention };
  });
  return { accuracy: samples.filter(({ right, text }) => right === text).length / test, samples };
}

/** Where each word of a sentence was looked for: the cells of the grid in percent, row by row; their things stand above. */
export function alignmentLines(
  scene: Scene,
  text: string,
  { data }: { readonly data: ArrayLike<number> },
): string[] {
  const line = (name: string, columns: readonly string[]) =>
    `${name.padEnd(8)}  ${columns.map((column) => column.padStart(9)).join("")}`.trimEnd();
  const cells = Array.from({ length: CELLS }, (_, cell) => {
    const thing = scene.find((one) => one.cell === cell);
    return thing ? [colours[thing.colour] as string, forms[thing.form] as string] : ["", "."];
  });
  const steps = text.split(" ").map((word, step) => {
    const weights = Array.from({ length: CELLS }, (_, cell) => data[step * CELLS + cell] as number);
    return line(
      word,
      weights.map((weight) => (weight < 0.005 ? "" : `${Math.round(100 * weight)} %`)),
    );
  });
  return [0, 1]
    .map((part) =>
      line(
        "",
        cells.map((cell) => cell[part] as string),
      ),
    )
    .concat(steps);
}

export const command = exampleCommand("captions", "Describe scenes of shapes.").action(
  async ({ seed }: { seed: number }) => {
    const { accuracy, samples } = await describeScenes({ seed });
    for (const { text } of samples.slice(0, 5)) console.log(text);
    const [{ scene, text, attention }] = samples as [(typeof samples)[0]];
    if (attention) console.log(["", ...alignmentLines(scene, text, attention), ""].join("\n"));
    console.log(`sentences of unseen things that are exactly right: ${(100 * accuracy).toFixed(1)} %`);
  },
);

if (process.argv[1] === import.meta.filename) await run(command);
