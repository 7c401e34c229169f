// Pictures in, sentences out: a convolutional network sees scenes of two or three coloured shapes, and a decoder says what is there, such as "a small
// red circle left of a large blue square". At every word it attends to the places of the picture (Xu et al., "Show, attend and tell: neural image
// caption generation with visual attention", 2015); beside it a decoder is told the whole picture as one vector (Vinyals et al., "Show and tell: a
// neural image caption generator", 2015). docs/pictures.md has the figures, docs/captions.log what the command told.
//
//     npx tsx examples/captions.ts --out runs/captions
import { writeFileSync } from "node:fs";
import { Option } from "commander";
import {
  additive,
  beamSearch,
  compile,
  compileSteps,
  convolution2d,
  countParameters,
  crossEntropy,
  float32,
  gru,
  type Hypothesis,
  int32,
  layerNorm,
  linear,
  linearDecay,
  maxPooling2d,
  placesOf,
  randomSource,
  recurrent,
  relu,
  type StateOf,
  stateTypes,
  type Tensor,
  Training,
  tanh,
  tokenDecoder,
  withAttention,
  withCoordinates,
} from "rondo";
import { exampleCommand, run, wholeFrom } from "./command-line.ts";
import { Alphabet, END, forcedTypes, START, teacherForcing } from "./decoder.ts";
import {
  captionOf,
  drawScene,
  type Novelty,
  novelties,
  paintScenes,
  type Scene,
  SIDE,
  vocabulary,
} from "./pictures/scenes.ts";
import { pngOf, type SheetRow, sheetSvg } from "./pictures/sheet.ts";
import { tableLines } from "./table.ts";
import { type Run, train } from "./training.ts";

export const words = new Alphabet(vocabulary, " ");

/** What the convolutional network has left of a picture: so many rows and columns of places, each of so many channels. */
const [PLACES, CHANNELS] = [SIDE / 4, 48];
/** Words of the longest sentence. */
const LONGEST = 30;

/** From pictures (B, 36, 36, 3) to the places (81, B, M) of what is seen, each of which knows where it is. */
function eye(size: number) {
  const layers = {
    first: convolution2d(3, 12, 3, { activation: relu }),
    second: convolution2d(12, 24, 3, { activation: relu }),
    third: convolution2d(24, CHANNELS, 3, { activation: relu }),
    place: linear(CHANNELS + 2, size),
    scale: layerNorm(size),
  };
  return {
    layers,
    see(x: Tensor): Tensor {
      const half = maxPooling2d(layers.first.apply(x.sub(0.5).mul(2)), 2);
      const places = placesOf(
        withCoordinates(layers.third.apply(maxPooling2d(layers.second.apply(half), 2))),
      );
      return tanh(layers.scale.apply(layers.place.apply(places)));
    },
  };
}

/** What a decoder may look at, of the places (81, B, M): a memory (S, B, M), and the layers that make it. */
const memories = {
  /** All places: where it looks is its own choice, at every word. */
  attention: () => ({ layers: {}, of: (places: Tensor) => places }),
  /** The picture as a whole, in one vector. */
  vector(size: number) {
    const whole = linear(PLACES ** 2 * size, size);
    const of = (places: Tensor) =>
      tanh(whole.apply(places.transpose([1, 0, 2]).reshape([1, places.size(1), PLACES ** 2 * size])));
    return { layers: { whole }, of };
  },
};

export type Network = keyof typeof memories;
export const networks = Object.keys(memories) as Network[];

export interface Settings extends Partial<Omit<Run, "name">> {
  /** Numbers of a place, and of the decoder's state. */
  readonly size?: number;
  readonly hidden?: number;
  /** How many pictures count, for each kind of what is new in them. */
  readonly test?: number;
  readonly batch?: number;
  readonly epochs?: number;
  /** In an epoch. */
  readonly updates?: number;
  readonly learningRate?: number;
  readonly beam?: number;
  readonly seed?: number;
}

/** A picture, and what was said of it. */
export interface Sample {
  readonly scene: Scene;
  /** (36, 36, 3). */
  readonly picture: ArrayLike<number>;
  readonly right: string;
  readonly text: string;
  /** (words and END, 81): where the decoder looked, if it did. */
  readonly attention: Hypothesis["attention"];
}

/** Trains a network on pictures that are drawn anew for every update; what it says of others, by what is new in them. */
export async function describePictures(network: Network, settings: Settings = {}) {
  const { size = 64, hidden = 128, test = 500, batch = 32, epochs = 18, updates = 250 } = settings;
  const { learningRate = 0.004, beam = 3, seed = 1, ...running } = settings;
  const [{ layers, see }, memory] = [eye(size), memories[network](size)];
  const rnn = recurrent(withAttention(gru, additive({ units: size })), 32, hidden, { memory: size });
  const model = {
    ...{ eye: layers, memory: memory.layers, start: linear(size, hidden) },
    decoder: tokenDecoder(words.size, rnn, { readout: 64 }),
  };
  /** Of pictures (B, 36, 36, 3) the memory, and the state that the decoder starts from. */
  const look = (x: Tensor) => {
    const values = memory.of(see(x));
    const context = values.mean(0, { keep: true });
    return { memory: { values }, state: { h: tanh(model.start.apply(context)), context } };
  };
  const draw = (count: number, name: string, novelty: Novelty) => {
    const random = randomSource(seed, name);
    const scenes = Array.from({ length: count }, () => drawScene(random, novelty));
    return { scenes, captions: scenes.map(captionOf), x: paintScenes(scenes, random) };
  };
  const types = { x: float32("B", SIDE, SIDE, 3) };
  const forced = (name: string) => {
    const { captions, x } = draw(batch, name, "scene");
    return { x, ...teacherForcing(captions.map((caption) => words.encode(caption))) };
  };
  const training = new Training({
    model,
    inputs: { ...types, ...forcedTypes },
    loss: ({ x, inputs, targets }) => crossEntropy(model.decoder.apply(inputs, look(x)).logits, targets),
    batches: { count: updates, at: (k, epoch) => forced(`batch ${k} of ${epoch}`) },
    validation: { count: 8, at: (k) => forced(`validation ${k}`) },
    epochs,
    learningRate: (count) => linearDecay(learningRate, { steps: count }),
    clipNorm: 1,
    seed,
  });
  await train(training, { name: `${network}-${seed}`, ...running });

  const begin = compile(look, { inputs: types.x });
  const writer = compileSteps(
    (token, before: StateOf<typeof rnn>, memory) => {
      const { logits, state, shown } = model.decoder.step(token, { state: before, memory });
      return [state, { logits, attention: shown.attention?.[0] }];
    },
    { inputs: int32("B"), state: stateTypes(rnn), memory: { values: float32("S", "B", size) } },
  );
  const samples = (novelty: Novelty): Sample[] => {
    const { scenes, captions, x } = draw(test, `test ${novelty}`, novelty);
    const found = beamSearch(writer.begin({ ...begin(x), repeat: beam }), {
      ...{ beam, start: START, end: END, limit: LONGEST },
    });
    const numbers = SIDE * SIDE * 3;
    return scenes.map((scene, row) => {
      const [{ tokens, attention }] = found[row] as [Hypothesis];
      const picture = x.data.slice(row * numbers, (row + 1) * numbers) as Float32Array;
      return { scene, picture, right: captions[row] as string, text: words.decode(tokens), attention };
    });
  };
  const found = Object.fromEntries(novelties.map((novelty) => [novelty, samples(novelty)]));
  return { weights: countParameters(model), samples: found as Record<Novelty, Sample[]> };
}

/** The part of the sentences that are exactly right. */
export const exactOf = (samples: readonly Sample[]): number =>
  samples.filter(({ right, text }) => right === text).length / samples.length;

/** A picture, and over it for each word where the decoder looked: the brighter the more. */
export function attentionRow({ picture, text, attention }: Sample): SheetRow {
  const image = pngOf(picture, SIDE, 3);
  const tiles = text.split(" ").map((word, step) => {
    const weights = Array.from(
      { length: PLACES ** 2 },
      (_, place) => attention?.data[step * PLACES ** 2 + place] as number,
    );
    const most = Math.max(...weights);
    // Black that covers what was not looked at.
    const cover = weights.flatMap((weight) => [0, 0.8 * (1 - weight / most)]);
    return { image, over: pngOf(cover, PLACES, 2), text: word };
  });
  return { title: text, tiles: [{ image, text: "" }, ...tiles] };
}

interface Options {
  readonly seed: number;
  readonly epochs: number;
  readonly networks: readonly Network[];
  readonly out?: string;
  readonly picture?: string;
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

export const command = exampleCommand("captions", "Say what pictures of shapes show.")
  .addOption(new Option("--networks <names...>", "which ones").choices(networks).default(networks))
  .option("--epochs <count>", "of 250 updates", wholeFrom(1), 18)
  .option("--out <folder>", "where a training that is stopped goes on")
  .option("--picture <file>", "draw some pictures, and where the decoder looked at each word, as SVG")
  .action(async ({ seed, epochs, networks, out, picture }: Options) => {
    const rows: string[][] = [];
    for (const network of networks) {
      const start = process.cpuUsage();
      const { weights, samples } = await describePictures(network, {
        ...{ seed, epochs, folder: out, report: (line: string) => console.log(line) },
      });
      const { user, system } = process.cpuUsage(start);
      const exact = novelties.map((novelty) => percent(exactOf(samples[novelty])));
      rows.push([network, String(weights), ...exact, ((user + system) / 1e6).toFixed(0)]);
      for (const { text, right } of samples.scene.slice(0, 5))
        console.log(`  ${text}${text === right ? "" : ` (right: ${right})`}`);
      if (network !== "attention" || picture === undefined) continue;
      const shown = [...samples.scene.slice(0, 3), ...samples.pair.slice(0, 1)].map(attentionRow);
      writeFileSync(picture, sheetSvg("Pictures, and where the decoder looked at each word", shown));
    }
    const head = ["network", "weights", "new scene", "new pair", "new kind", "processor seconds"];
    for (const line of tableLines([head, ...rows])) console.log(line);
  });

if (process.argv[1] === import.meta.filename) await run(command);
