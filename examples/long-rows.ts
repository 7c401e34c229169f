// A long memory: rows of 784 steps of one value, whose middle third is the way of a pen that writes a digit and whose other
// steps are 0. The last state of each direction is read, 262 steps after the pen stopped. A gated cell learns it, whose gates start
// so that some units remember for long; the vanilla cell and the gated one with other gates do not. docs/classification.md has the table.
//
//     npx tsx examples/long-rows.ts
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exampleCommand, run, wholeFrom } from "./command-line.ts";
import { accuraciesOfSeeds } from "./rondo.ts";

const REST = 262;
const POINTS = 130;
type Point = readonly [x: number, y: number];

/** An arc of an ellipse in short lines; angles in turns, clockwise from the right. */
function arc([x, y]: Point, [width, height]: Point, from: number, to: number): Point[] {
  return Array.from({ length: 13 }, (_, at) => {
    const angle = 2 * Math.PI * (from + ((to - from) * at) / 12);
    return [x + width * Math.cos(angle), y + height * Math.sin(angle)];
  });
}

/** The strokes of each digit, in order, in a square from -1 to 1, y downwards. */
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

/**
 * A digit written a little differently each time, as 784 numbers: 262 zeros, how far right the pen is at 130 points of its way, how far
 * down it is at the same points, and 262 zeros.
 */
export function writeDigit(digit: number, draw: () => number): number[] {
  const within = (least: number, most: number) => least + (most - least) * draw();
  const [turn, slant, wide, high] = [
    within(-0.2, 0.2),
    within(-0.25, 0.25),
    within(0.8, 1.2),
    within(0.8, 1.2),
  ];
  const [right, down, haste] = [within(-0.15, 0.15), within(-0.15, 0.15), within(-0.15, 0.15)];
  const way = (DIGITS[digit] ?? []).flat().map(([x, y]): Point => {
    const [a, b] = [(x + slant * y) * wide, y * high];
    return [right + a * Math.cos(turn) - b * Math.sin(turn), down + a * Math.sin(turn) + b * Math.cos(turn)];
  });
  const points = Array.from({ length: POINTS }, (_, at) => {
    const share = at / (POINTS - 1);
    return along(way, share + haste * Math.sin(Math.PI * share));
  });
  const rest = new Array<number>(REST).fill(0);
  const rounded = (value: number) => Math.round(1000 * value) / 1000;
  return [...rest, ...points.map(([x]) => rounded(x)), ...points.map(([, y]) => rounded(y)), ...rest];
}

/** The point of a way of lines at a share of its length. */
function along(way: readonly Point[], share: number): Point {
  const lines = way.slice(1).map((to, at) => [way[at] as Point, to] as const);
  const lengths = lines.map(([[ax, ay], [bx, by]]) => Math.hypot(bx - ax, by - ay));
  let left = share * lengths.reduce((sum, length) => sum + length, 0);
  for (const [at, [[ax, ay], [bx, by]]] of lines.entries()) {
    const length = lengths[at] as number;
    if (left <= length && length > 0) {
      return [ax + (left / length) * (bx - ax), ay + (left / length) * (by - ay)];
    }
    left -= length;
  }
  return way.at(-1) as Point;
}

/** Lines of JSON: {"pen":[0,0,0,...],"digit":7}, each digit equally often. */
export function digitRows(count: number, seed: number): string {
  const draw = random(seed);
  const rows = Array.from({ length: count }, (_, at) => ({ pen: writeDigit(at % 10, draw), digit: at % 10 }));
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}

interface Options {
  readonly rows: number;
  readonly epochs: number;
  readonly out: string;
  readonly seed: number;
  readonly runs: number;
}

/** What is compared: a cell, how its weights start, and the learning rate. With 0.005 a vanilla cell that starts orthogonal stays at chance. */
const CONTENDERS = [
  ["gru", "uniform-gates", "0.005"],
  ["rnn", "default", "0.005"],
  ["rnn", "orthogonal", "0.001"],
  ["gru", "default", "0.005"],
] as const;

export const command = exampleCommand(
  "long-rows",
  "Tell digits by the way of a pen, long after it has stopped: by a gated cell and by the vanilla one.",
)
  .option("--rows <count>", "digits to train on", wholeFrom(20), 2000)
  .option("--epochs <count>", "times through them", wholeFrom(1), 12)
  .option("--runs <number>", "how many, with seeds from --seed on", wholeFrom(1), 3)
  .option("--out <folder>", "where files and runs are", "runs/long-rows")
  .action(async ({ rows, epochs, out, seed, runs }: Options) => {
    mkdirSync(out, { recursive: true });
    const [training, test] = [join(out, "training.jsonl"), join(out, "test.jsonl")];
    writeFileSync(training, digitRows(rows, 1));
    writeFileSync(test, digitRows(500, 2));
    for (const [cell, start, rate] of CONTENDERS) {
      console.log(`== ${cell}, --initialize ${start} --learning-rate ${rate}`);
      const words = [
        ...[training, "--task", "classify", "--columns", "pen", "--label", "digit", "--scale", "none"],
        ...["--cell", cell, "--initialize", start, "--read", "last", "--dropout", "0"],
        ...["--epochs", String(epochs), "--learning-rate", rate, "--schedule", "cosine"],
      ];
      await accuraciesOfSeeds(words, test, { out: join(out, `${cell}-${start}-${rate}`), seed, runs });
    }
  });

if (process.argv[1] === import.meta.filename) await run(command);
