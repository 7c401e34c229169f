// Nine speakers told apart by how they say a vowel: series of twelve numbers a step, 7 to 29 steps long. Files of the UCR/UEA archive in
// its form .ts become lines of JSON; then `rondo` trains, and evaluates on rows that nothing was learnt from. docs/classification.md has the log.
//
//     npx tsx examples/japanese-vowels.ts JapaneseVowels_TRAIN.ts JapaneseVowels_TEST.ts
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exampleCommand, readText, run, wholeFrom } from "./command-line.ts";
import { readSeries } from "./many-to-one.ts";
import { accuraciesOfSeeds } from "./rondo.ts";

interface Options {
  readonly out: string;
  readonly seed: number;
  readonly runs: number;
}

/** The rows of an archive's file as lines of JSON, a list of numbers for each channel: {"c1":[...],"c2":[...],"label":"3"}. */
export function jsonLinesOf(text: string, name: string): string {
  const { examples, channels } = readSeries(text, name);
  const lines = examples.map(({ steps, label }) => {
    const lists = Array.from({ length: channels }, (_, channel) => [
      `c${channel + 1}`,
      Array.from(steps.filter((_, at) => at % channels === channel)),
    ]);
    return JSON.stringify({ ...Object.fromEntries(lists), label });
  });
  return `${lines.join("\n")}\n`;
}

export const command = exampleCommand("japanese-vowels", "Tell speakers apart by a vowel.")
  .argument("<training>", "a file of the archive")
  .argument("<test>", "another one")
  .option("--runs <number>", "how many, with seeds from --seed on", wholeFrom(1), 3)
  .option("--out <folder>", "where files and runs are", "runs/japanese-vowels")
  .action(async (training: string, test: string, { out, seed, runs }: Options) => {
    mkdirSync(out, { recursive: true });
    const [rows, testRows] = [join(out, "training.jsonl"), join(out, "test.jsonl")];
    writeFileSync(rows, jsonLinesOf(readText(training), training));
    writeFileSync(testRows, jsonLinesOf(readText(test), test));
    const columns = Array.from({ length: 12 }, (_, channel) => `c${channel + 1}`).join(",");
    const words = [rows, "--task", "classify", "--columns", columns];
    await accuraciesOfSeeds(words, testRows, { out: join(out, "run"), seed, runs });
  });

if (process.argv[1] === import.meta.filename) await run(command);
