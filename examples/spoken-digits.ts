// Ten digits, spoken by six people: short recordings of the Free Spoken Digit Dataset (Jackson et al., 2018), named
// DIGIT_SPEAKER_NUMBER.wav. Those with the numbers 0 to 4 are the test part, as the data set has it; nothing is learnt from them. `rondo`
// trains on a table of paths, labels and speakers, and evaluates on another one. docs/sound.md has the figures, docs/spoken-digits.log the log.
//
//     npx tsx examples/spoken-digits.ts recordings
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { DataError } from "rondo";
import { folderSource } from "rondo/node";
import { exampleCommand, run } from "./command-line.ts";
import { rondo } from "./rondo.ts";

interface Options {
  readonly out: string;
  readonly seed: number;
}

/** Recordings of each digit and speaker that are for tests, by their numbers. */
const TESTS = 5;

/** What the name of a recording tells. */
export interface SpokenDigit {
  readonly file: string;
  readonly digit: number;
  readonly speaker: string;
  readonly isTest: boolean;
}

/** The recordings among the files of a folder. Throws DataError where there is none to train on, or none to test on. */
export function spokenDigits(files: readonly string[], folder: string): SpokenDigit[] {
  const found = files.flatMap((file): SpokenDigit[] => {
    const [, digit, speaker, number] = /^(\d)_(\w+)_(\d+)\.wav$/.exec(file) ?? [];
    if (speaker === undefined) return [];
    return [{ file, digit: Number(digit), speaker, isTest: Number(number) < TESTS }];
  });
  if (found.some(({ isTest }) => isTest) && found.some(({ isTest }) => !isTest)) return found;
  throw new DataError(`${folder}: recordings named DIGIT_SPEAKER_NUMBER.wav expected`);
}

/** The tables of a folder's recordings: one to train on, one to test on. Throws as `spokenDigits`. */
export function tablesOf(
  files: readonly string[],
  folder: string,
): { readonly training: string; readonly test: string } {
  const recordings = spokenDigits(files, folder);
  const table = (wanted: boolean) => {
    const rows = recordings.filter(({ isTest }) => isTest === wanted);
    const lines = rows.map(({ file, digit, speaker }) => `"${join(folder, file)}",${digit},${speaker}`);
    return `${["audio,label,speaker", ...lines].join("\n")}\n`;
  };
  return { training: table(false), test: table(true) };
}

export const command = exampleCommand("spoken-digits", "Tell spoken digits apart.")
  .argument("<recordings>", "the folder of the recordings")
  .option("--out <folder>", "where tables and runs are", "runs/spoken-digits")
  .action(async (recordings: string, { out, seed }: Options) => {
    const folder = resolve(recordings);
    const { training, test } = tablesOf(await folderSource(folder).paths(), folder);
    mkdirSync(out, { recursive: true });
    const [rows, testRows] = [join(out, "training.csv"), join(out, "test.csv")];
    writeFileSync(rows, training);
    writeFileSync(testRows, test);
    const run = join(out, `seed-${seed}`);
    await rondo(
      ...["train", rows, "--task", "classify", "--audio", "audio", "--features", "mfcc"],
      ...["--seed", String(seed), "--out", run],
    );
    await rondo("evaluate", run, "--input", testRows);
  });

if (process.argv[1] === import.meta.filename) await run(command);
