// Digits drawn by hand-like strokes, read pixel by pixel: rows of 784 steps of one value, whose parts lie hundreds of steps apart.
// The largest output over time is read, so that each step is near the loss: so a gated cell learns it, and the vanilla one too.
// docs/classification.md has the table.
//
//     npx tsx examples/long-rows.ts
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exampleCommand, run, wholeFrom } from "./command-line.ts";
import { accuraciesOfSeeds } from "./rondo.ts";

const SIZE = 28;
type Point = readonly [x: number, y: number];

/** An arc of an ellipse in short lines; angles in turns, clockwise from the right. */
function arc([x, y]: Point, [width, height]: Point, from: number, to: number): Point[] {
  return Array.from({ length: 13 }, (_, at) => {
    const angle = 2 * Math.PI * (from + ((to - from) * at) / 12);
    return [x + width * Math.cos(angle), y + height * Math.sin(angle)];
  });
}

/** The strokes of each digit in a square from -1 to 1, y downwards. */
const DIGITS: readonly (readonly (readonly Point[])[])[] = [
  [arc([0, 0], [0.55, 0.85], 0, 1)],
  [
    [
      [-0.3, -0.5],
      [0.05, -0.85],
      [0.05, 0.85],
    ],
  ],
  [[...arc([0, -0.4], [0.5, 0.45], 0.5, 1.1), [-0.5, 0.85], [0.55, 0.85]]],
  [[...arc([0, -0.42], [0.45, 0.42], 0.55, 1.25), ...arc([0, 0.42], [0.5, 0.43], 0.75, 1.45)]],
  [
    [
      [0.25, 0.85],
      [0.25, -0.85],
      [-0.5, 0.3],
      [0.55, 0.3],
    ],
  ],
  [[[0.5, -0.85], [-0.4, -0.85], [-0.45, -0.1], ...arc([0, 0.35], [0.5, 0.5], 0.65, 1.4)]],
  [[[0.35, -0.85], ...arc([0, 0.35], [0.5, 0.5], 0.6, 0.55), ...arc([0, 0.35], [0.5, 0.5], 0.5, 1.5)]],
  [
    [
      [-0.5, -0.85],
      [0.5, -0.85],
      [-0.1, 0.85],
    ],
  ],
  [arc([0, -0.42], [0.42, 0.42], 0, 1), arc([0, 0.42], [0.5, 0.45], 0, 1)],
  [
    arc([0, -0.35], [0.48, 0.48], 0, 1),
    [
      [0.48, -0.35],
      [0.35, 0.85],
    ],
  ],
];

/** Numbers from 0 to below 1, the same for the same seed: mulberry32. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A digit drawn a little differently each time, as 784 whole numbers from 0 to 255, row by row. */
export function drawDigit(digit: number, draw: () => number): number[] {
  const within = (least: number, most: number) => least + (most - least) * draw();
  const [turn, slant, thickness] = [within(-0.2, 0.2), within(-0.25, 0.25), within(1.1, 1.7)];
  const [wide, high] = [within(7.5, 10.5), within(8.5, 11)];
  const [left, top] = [SIZE / 2 + within(-2, 2), SIZE / 2 + within(-2, 2)];
  const placed = ([x, y]: Point): Point => {
    const [a, b] = [(x + slant * y) * wide, y * high];
    return [left + a * Math.cos(turn) - b * Math.sin(turn), top + a * Math.sin(turn) + b * Math.cos(turn)];
  };
  const lines = (DIGITS[digit] ?? []).flatMap((stroke) => {
    const points = stroke.map(placed);
    return points.slice(1).map((to, at) => [points[at] as Point, to] as const);
  });
  return Array.from({ length: SIZE * SIZE }, (_, pixel) => {
    const centre: Point = [(pixel % SIZE) + 0.5, Math.floor(pixel / SIZE) + 0.5];
    const distance = lines.reduce((least, [from, to]) => Math.min(least, distanceTo(centre, from, to)), SIZE);
    return Math.round(255 * Math.min(1, Math.max(0, thickness + 0.5 - distance)));
  });
}

/** How far a point is from a line between two others. */
function distanceTo([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const [dx, dy] = [bx - ax, by - ay];
  const along = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1);
  const at = Math.min(1, Math.max(0, along));
  return Math.hypot(x - ax - at * dx, y - ay - at * dy);
}

/** Lines of JSON: {"pixel":[0,0,12,...],"digit":7}, each digit equally often. */
export function digitRows(count: number, seed: number): string {
  const draw = random(seed);
  const rows = Array.from({ length: count }, (_, at) => ({
    pixel: drawDigit(at % 10, draw),
    digit: at % 10,
  }));
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}

interface Options {
  readonly rows: number;
  readonly epochs: number;
  readonly out: string;
  readonly seed: number;
  readonly runs: number;
}

export const command = exampleCommand(
  "long-rows",
  "Read digits pixel by pixel, by a gated cell and by the vanilla one.",
)
  .option("--rows <count>", "digits to train on", wholeFrom(20), 2000)
  .option("--epochs <count>", "times through them", wholeFrom(1), 14)
  .option("--runs <number>", "how many, with seeds from --seed on", wholeFrom(1), 3)
  .option("--out <folder>", "where files and runs are", "runs/long-rows")
  .action(async ({ rows, epochs, out, seed, runs }: Options) => {
    mkdirSync(out, { recursive: true });
    const [training, test] = [join(out, "training.jsonl"), join(out, "test.jsonl")];
    writeFileSync(training, digitRows(rows, 1));
    writeFileSync(test, digitRows(500, 2));
    for (const cell of ["gru", "rnn"]) {
      const words = [
        ...[training, "--task", "classify", "--columns", "pixel", "--label", "digit"],
        ...["--cell", cell, "--read", "max", "--hidden", "64", "--dropout", "0", "--epochs", String(epochs)],
        ...["--learning-rate", "0.005", "--schedule", "cosine"],
      ];
      await accuraciesOfSeeds(words, test, { out: join(out, cell), seed, runs });
    }
  });

if (process.argv[1] === import.meta.filename) await run(command);
