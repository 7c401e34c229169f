// Videos in, words out: a convolutional network sees every frame by itself, and a recurrent one reads what it saw, frame by frame (Donahue et al.,
// "Long-term recurrent convolutional networks for visual recognition and description", 2015). The films are made up: forms move, and the classes
// say which form does what. Beside them stand networks that cannot tell what came first. docs/pictures.md has the figures, docs/videos.log what
// the command told.
//
//     npx tsx examples/videos.ts --out runs/videos
import { writeFileSync } from "node:fs";
import { Option } from "commander";
import {
  type Cell,
  compile,
  convolution2d,
  countParameters,
  crossEntropy,
  float32,
  gru,
  int32,
  type Layer,
  layerNorm,
  linear,
  linearDecay,
  lstm,
  maxPooling2d,
  randomSource,
  recurrent,
  relu,
  softmax,
  stream,
  type Tensor,
  Training,
} from "rondo";
import { exampleCommand, run, wholeFrom } from "./command-line.ts";
import { classes, classOf, drawFilm, type Film, FRAMES, paintFilms, SIDE } from "./pictures/films.ts";
import { pngOf, type SheetRow, sheetSvg } from "./pictures/sheet.ts";
import { tableLines } from "./table.ts";
import { type Run, train } from "./training.ts";

/** Sizes of what is seen in a frame, and of what is known of a film. */
interface Sizes {
  readonly features: number;
  readonly hidden: number;
}

/** From images (..., 20, 20, 1) to features (..., F): what is seen in each by itself. */
function eye(features: number) {
  const layers = {
    first: convolution2d(1, 8, 3, { activation: relu }),
    second: convolution2d(8, 16, 3, { activation: relu }),
    flat: linear((SIDE / 4) ** 2 * 16, features),
    // Features of one size from the first update on: what is dark and small would reach the recurrent layer as almost nothing.
    scale: layerNorm(features),
  };
  return {
    layers,
    see(x: Tensor): Tensor {
      const small = maxPooling2d(layers.second.apply(maxPooling2d(layers.first.apply(x), 2)), 2);
      const flat = small.reshape([...x.shape.slice(0, -3), (SIDE / 4) ** 2 * 16]);
      return relu(layers.scale.apply(layers.flat.apply(flat)));
    },
  };
}

/** What makes one vector (B, H) of the features of all frames (T, B, F). */
interface Reader {
  readonly layers: Layer;
  /** Frames that it is shown; default all. */
  readonly frames?: readonly [start: number, end: number];
  read(x: Tensor): Tensor;
}

const withCell =
  (cell: Cell<string, string>) =>
  ({ features, hidden }: Sizes) => {
    const rnn = recurrent(cell, features, hidden);
    return { layers: rnn, rnn, read: (x: Tensor) => rnn.apply(x).output.at(0, FRAMES - 1) };
  };

/** The mean over the frames, of what a layer makes of each: the same in whatever order they come. */
const inAnyOrder = ({ features, hidden }: Sizes): Reader => {
  const layer = linear(features, hidden);
  return { layers: layer, read: (x) => relu(layer.apply(x)).mean(0) };
};

const MIDDLE = (FRAMES - 1) / 2;
const withMemory = {
  gru: withCell(gru as Cell<string, string>),
  lstm: withCell(lstm as Cell<string, string>),
};
const readers: Readonly<Record<string, (sizes: Sizes) => Reader>> = {
  ...withMemory,
  "any-order": inAnyOrder,
  "one-frame": (sizes) => ({ ...inAnyOrder(sizes), frames: [MIDDLE, MIDDLE + 1] }),
};

export const networks = Object.keys(readers);

export interface Settings extends Partial<Sizes>, Partial<Omit<Run, "name">> {
  /** How many unseen films count. */
  readonly test?: number;
  readonly batch?: number;
  readonly epochs?: number;
  /** In an epoch. */
  readonly updates?: number;
  readonly learningRate?: number;
  readonly seed?: number;
}

/** How many unseen films a network tells right, as a part of all: the whole class, the form, and how it moves. */
export interface Score {
  readonly weights: number;
  readonly both: number;
  readonly form: number;
  readonly motion: number;
}

const types = { frames: float32(FRAMES, "B", SIDE, SIDE, 1) };
const motionsOfForm = classes.length / new Set(classes.map((name) => name.split(" ")[0])).size;

/** So many films of a name: the same ones whenever they are drawn. */
export function drawFilms(count: number, name: string, seed: number) {
  const random = randomSource(seed, name);
  const films = Array.from({ length: count }, () => drawFilm(random));
  return { films, frames: paintFilms(films, random), right: Int32Array.from(films, classOf) };
}

/** Trains a network on films that are drawn anew for every update; how it does on others. */
export async function watch(network: string, settings: Settings = {}) {
  const { features = 48, hidden = 64, test = 1000, batch = 32 } = settings;
  const { epochs = 8, updates = 100, learningRate = 0.006, seed = 1, ...running } = settings;
  const [{ layers, see }, head] = [eye(features), linear(hidden, classes.length)];
  const reader = (readers[network] as (sizes: Sizes) => Reader)({ features, hidden });
  const model = { eye: layers, reader: reader.layers, head };
  const scores = (frames: Tensor) => {
    const shown = reader.frames ? frames.slice(0, ...reader.frames) : frames;
    return head.apply(reader.read(see(shown)));
  };
  const draw = (name: string) => {
    const { frames, right } = drawFilms(batch, name, seed);
    return { frames, right };
  };
  const training = new Training({
    model,
    inputs: { ...types, right: int32("B") },
    loss: ({ frames, right }) => crossEntropy(scores(frames), right),
    batches: { count: updates, at: (k, epoch) => draw(`batch ${k} of ${epoch}`) },
    validation: { count: 8, at: (k) => draw(`validation ${k}`) },
    epochs,
    learningRate: (count) => linearDecay(learningRate, { steps: count }),
    clipNorm: 1,
    seed,
  });
  await train(training, { name: `${network}-${seed}`, ...running });

  const tell = compile((frames) => scores(frames).argmax(), { inputs: types.frames });
  const isRight = { both: 0, form: 0, motion: 0 };
  for (let k = 0; k * batch < test; k++) {
    const { frames, right } = drawFilms(Math.min(batch, test - k * batch), `test ${k}`, seed);
    const told = tell(frames).data;
    right.forEach((own, row) => {
      const said = told[row] as number;
      const motion = said % motionsOfForm === own % motionsOfForm;
      const form = Math.floor(said / motionsOfForm) === Math.floor(own / motionsOfForm);
      isRight.both += Number(form && motion);
      isRight.form += Number(form);
      isRight.motion += Number(motion);
    });
  }
  const score: Score = {
    weights: countParameters(model),
    ...{ both: isRight.both / test, form: isRight.form / test, motion: isRight.motion / test },
  };
  return { score, follow: "rnn" in reader ? follower(see, reader.rnn as RecurrentLayer, head) : undefined };
}

type RecurrentLayer = ReturnType<(typeof withMemory)["gru"]>["rnn"];

/** Of frames as they come, one at a time: what is probable after each. Nothing is kept of a frame but the state. */
function follower(see: (x: Tensor) => Tensor, rnn: RecurrentLayer, head: ReturnType<typeof linear>) {
  const live = stream(
    (frame, before) => {
      const { output, state } = rnn.step(see(frame), before as never);
      return [state as never, softmax(head.apply(output))];
    },
    { inputs: float32(1, SIDE, SIDE, 1), state: rnn.stateShapes(1), rows: 1 },
  );
  return {
    start: () => live.reset(),
    /** (classes), overwritten by the next frame. */
    next: (frame: Float32Array) => live.next(frame),
  };
}

/** What is thought of a film after each of its frames: the probabilities (T, classes) of a network that reads them one by one. */
export function followFilm(follow: ReturnType<typeof follower>, frames: ArrayLike<number>): number[][] {
  const size = SIDE * SIDE;
  follow.start();
  return Array.from({ length: frames.length / size }, (_, frame) =>
    Array.from(
      follow.next(Float32Array.from({ length: size }, (_, at) => frames[frame * size + at] as number)),
    ),
  );
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

/** Some films, with how probable the right class is after each frame. */
export function filmRows(
  films: readonly Film[],
  thoughts: readonly number[][][],
  frames: readonly ArrayLike<number>[],
): SheetRow[] {
  return films.map((film, row) => {
    const own = thoughts[row] as number[][];
    const last = own.at(-1) as number[];
    const said = last.indexOf(Math.max(...last));
    const size = SIDE * SIDE;
    return {
      title: `${classes[classOf(film)]}: after the last frame "${classes[said]}", ${percent(last[said] as number)}`,
      tiles: own.map((probabilities, frame) => ({
        image: pngOf(
          Array.from(
            { length: size },
            (_, at) => (frames[row] as ArrayLike<number>)[frame * size + at] as number,
          ),
          SIDE,
          1,
        ),
        text: `${Math.round(100 * (probabilities[classOf(film)] as number))} %`,
      })),
    };
  });
}

interface Options {
  readonly seed: number;
  readonly epochs: number;
  readonly networks: readonly string[];
  readonly out?: string;
  readonly picture?: string;
}

export const command = exampleCommand("videos", "Tell what moves in films, and how.")
  .addOption(new Option("--networks <names...>", "which ones").choices(networks).default(networks))
  .option("--epochs <count>", "of 100 updates", wholeFrom(1), 8)
  .option("--out <folder>", "where a training that is stopped goes on")
  .option("--picture <file>", "draw some films, and what the first network thinks of them, as SVG")
  .action(async ({ seed, epochs, networks, out, picture }: Options) => {
    const rows: string[][] = [];
    let follow: ReturnType<typeof follower> | undefined;
    for (const network of networks) {
      const start = process.cpuUsage();
      const found = await watch(network, { seed, epochs, folder: out, report: (line) => console.log(line) });
      const { user, system } = process.cpuUsage(start);
      const { weights, ...shares } = found.score;
      rows.push([
        network,
        String(weights),
        ...Object.values(shares).map(percent),
        ((user + system) / 1e6).toFixed(0),
      ]);
      follow ??= found.follow;
    }
    if (follow) show(follow, seed, picture);
    const head = ["network", "weights", "both right", "form", "motion", "processor seconds"];
    for (const line of tableLines([head, ...rows])) console.log(line);
  });

/** One film frame by frame, and where it is asked for a picture of four. */
function show(follow: ReturnType<typeof follower>, seed: number, picture: string | undefined): void {
  const some = ["up", "left", "clockwise", "growing"].map((motion) => {
    for (let at = 0; ; at++) {
      const drawn = drawFilms(1, `shown ${at}`, seed);
      if (drawn.films[0]?.motion === motion) return drawn;
    }
  });
  const start = performance.now();
  const thoughts = some.map(({ frames }) => followFilm(follow, frames.data));
  const each = (performance.now() - start) / (4 * FRAMES);
  const [first] = thoughts as [number[][]];
  console.log(
    `a film of "${classes[some[0]?.right[0] as number]}", frame by frame, in ${each.toFixed(2)} ms each:`,
  );
  first.forEach((probabilities, frame) => {
    const best = Math.max(...probabilities);
    console.log(
      `  ${String(frame + 1).padStart(2)}  ${percent(best).padStart(7)}  ${classes[probabilities.indexOf(best)]}`,
    );
  });
  if (picture === undefined) return;
  const rows = filmRows(
    some.flatMap(({ films }) => films),
    thoughts,
    some.map(({ frames }) => frames.data),
  );
  writeFileSync(picture, sheetSvg("Films, and how probable the right class is after each frame", rows));
}

if (process.argv[1] === import.meta.filename) await run(command);
