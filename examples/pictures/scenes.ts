// Scenes of two or three coloured shapes, as pictures, and what is said of them: "a small red circle above a large blue square", or of three things
// "a small red circle above a large blue square, left of a large green star".
import { type RandomSource, value } from "rondo";
import { between, forms, Picture } from "./painting.ts";

export const sizes = ["small", "large"];
export const colours: Readonly<Record<string, readonly number[]>> = {
  red: [0.85, 0.15, 0.15],
  green: [0.15, 0.7, 0.2],
  blue: [0.15, 0.25, 0.9],
  yellow: [0.9, 0.85, 0.15],
  black: [0.05, 0.05, 0.05],
  white: [0.97, 0.97, 0.97],
};
export { forms };

/** All words that there are. */
export const vocabulary = [
  ...["a", ...sizes, ...Object.keys(colours), ...forms],
  ...["left", "right", "of", "above", "below", "and", ","],
];

/** A scene has so many rows and columns of cells, and a cell so many pixels across and down. */
const [CELLS, CELL] = [3, 12];
/** Pixels across and down. */
export const SIDE = CELLS * CELL;
/** Radii of what is small and what is large, and how far from the middle of its cell a thing may stand, in pixels. */
const RADII = [
  [3.2, 3.6],
  [5, 5.4],
] as const;
const OFF = 0.6;
/** How far a colour may be off, and how much noise there is in each number. */
const [TINT, NOISE] = [0.05, 0.04];

/** A shape in a cell; all by their numbers. */
export interface Thing {
  readonly size: number;
  readonly colour: number;
  readonly form: number;
  readonly cell: number;
}

export type Scene = readonly Thing[];

/** Some kinds of things, 8 of 60, are in no picture of the training; of each size, colour and form others are. */
export const isHeldOut = ({ size, colour, form }: Thing): boolean => (size + colour + form) % 7 === 0;

const kindOf = ({ size, colour, form }: Thing) =>
  (size * Object.keys(colours).length + colour) * forms.length + form;

/** One pair of kinds in seven is never seen together in training. */
export const areHeldApart = (one: Thing, other: Thing): boolean => (kindOf(one) + kindOf(other)) % 7 === 0;

/** What is new in a scene: nothing but the scene, a pair of kinds that the training never shows together, or a kind that it never shows. */
export const novelties = ["scene", "pair", "kind"] as const;
export type Novelty = (typeof novelties)[number];

export function noveltyOf(scene: Scene): Novelty {
  if (scene.some(isHeldOut)) return "kind";
  return scene.some((one, at) => scene.slice(at + 1).some((other) => areHeldApart(one, other)))
    ? "pair"
    : "scene";
}

/** Two or three things in as many cells, of which so much is new. */
export function drawScene(random: RandomSource, novelty: Novelty): Scene {
  const below = (end: number) => Math.floor(end * random.uniform());
  for (;;) {
    const free = Array.from({ length: CELLS * CELLS }, (_, cell) => cell);
    const scene = Array.from({ length: 2 + below(2) }, () => ({
      ...{ size: below(sizes.length), colour: below(Object.keys(colours).length), form: below(forms.length) },
      cell: free.splice(below(free.length), 1)[0] as number,
    }));
    if (noveltyOf(scene) === novelty) return scene;
  }
}

/** The things in the order in which they are named: small ones first, and of those that are as large what is read first. */
export const inOrder = (scene: Scene): Thing[] =>
  [...scene].sort((a, b) => a.size - b.size || a.cell - b.cell);

const nameOf = ({ size, colour, form }: Thing) =>
  `a ${sizes[size]} ${Object.keys(colours)[colour]} ${forms[form]}`;

/** Where one thing stands, seen from another one. */
function whereIs(one: Thing, other: Thing): string {
  const down = Math.floor(one.cell / CELLS) - Math.floor(other.cell / CELLS);
  const right = (one.cell % CELLS) - (other.cell % CELLS);
  return [
    ...(down === 0 ? [] : [down < 0 ? "above" : "below"]),
    ...(right === 0 ? [] : [right < 0 ? "left of" : "right of"]),
  ].join(" and ");
}

/** What is said of a scene: the first thing, and where it stands from each other one. */
export function captionOf(scene: Scene): string {
  const [first, ...others] = inOrder(scene) as [Thing, ...Thing[]];
  const told = others.map((other) => `${whereIs(first, other)} ${nameOf(other)}`);
  return `${nameOf(first)} ${told.join(" , ")}`;
}

/** A scene, onto a picture: things somewhere near the middle of their cells, on a grey ground. */
export function paintScene(picture: Picture, scene: Scene, random: RandomSource): void {
  const grey = between(0.4, 0.6, random);
  picture.fill([grey, grey, grey]);
  for (const { size, colour, form, cell } of scene) {
    const [least, most] = RADII[size] as (typeof RADII)[number];
    const near = (at: number) => (at + 0.5) * CELL + between(-OFF, OFF, random);
    const spot = {
      x: near(cell % CELLS),
      y: near(Math.floor(cell / CELLS)),
      radius: between(least, most, random),
    };
    const pure = Object.values(colours)[colour] as readonly number[];
    picture.paint(
      forms[form] as string,
      spot,
      pure.map((part) => part + between(-TINT, TINT, random)),
    );
  }
  picture.addNoise(NOISE, random);
}

/** Scenes as pictures (B, side, side, 3). */
export function paintScenes(scenes: readonly Scene[], random: RandomSource) {
  const numbers = SIDE * SIDE * 3;
  const data = new Float32Array(scenes.length * numbers);
  scenes.forEach((scene, row) => {
    paintScene(new Picture(SIDE, 3, data.subarray(row * numbers, (row + 1) * numbers)), scene, random);
  });
  return value(data, [scenes.length, SIDE, SIDE, 3]);
}
