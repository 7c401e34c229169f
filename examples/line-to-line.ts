// Lines to lines: rows of letters, sums, dates, kana, answers and headlines, all made up, and all learnt by the one task `translate`.
// Each kind is a file in the folder lines/. docs/line-to-line.md tells of all of them.
//
//     npx tsx examples/line-to-line.ts reverse
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Argument } from "commander";
import { exampleCommand, run, wholeFrom } from "./command-line.ts";
import { kinds } from "./lines/index.ts";
import { type Kind, makePairs, type Pair, type Part } from "./lines/pairs.ts";
import { rondo, rondoJson } from "./rondo.ts";

/** Writes the sources and the targets of a part to two files, whose names are given back. */
function writePart(folder: string, part: Part, pairs: readonly Pair[]): { source: string; target: string } {
  const write = (side: keyof Pair) => {
    const file = join(folder, `${part}.${side}`);
    writeFileSync(file, pairs.map((pair) => `${pair[side]}\n`).join(""));
    return file;
  };
  return { source: write("source"), target: write("target") };
}

interface Options {
  readonly out: string;
  readonly seed: number;
  readonly pairs?: number;
}

export const command = exampleCommand(
  "line-to-line",
  "Make lines up, learn to write them, and count how many are right.",
)
  .addArgument(new Argument("<kind>", "what is learnt").choices(Object.keys(kinds)))
  .option("--out <folder>", "where files and runs are", "runs/line-to-line")
  .option("--pairs <count>", "to train on, where not as many as the kind has", wholeFrom(1))
  .addHelpText("after", () => {
    const lines = Object.entries(kinds).map(([name, { about }]) => `  ${name.padEnd(11)} ${about}`);
    return `\nKinds:\n${lines.join("\n")}`;
  })
  .action(async (name: string, { out, seed, pairs }: Options) => {
    const kind = kinds[name] as Kind;
    const folder = join(out, `${name}-${seed}`);
    mkdirSync(folder, { recursive: true });
    const made = makePairs(kind, seed, { ...kind.counts, training: pairs ?? kind.counts.training });
    const training = writePart(folder, "training", made.training);
    const validation = writePart(folder, "validation", made.validation);
    const test = writePart(folder, "test", made.test);
    const lines: string[] = [];
    for (const [model, words] of Object.entries(kind.models)) {
      const trained = join(folder, model.replace(" ", "-"));
      const files = ["--source", training.source, "--target", training.target];
      files.push("--validation-source", validation.source, "--validation-target", validation.target);
      const started = ["--task", "translate", ...files, ...words, "--seed", String(seed), "--out", trained];
      await rondo("train", ...(existsSync(trained) ? ["--resume", trained] : started));
      const tested = ["--source", test.source, "--target", test.target, "--beam", "1", "--json"];
      const told = (await rondoJson("evaluate", trained, ...tested)) as { exactMatch: number };
      lines.push(
        `${model.padEnd(14)}${(100 * told.exactMatch).toFixed(2)} % of ${made.test.length} lines exactly right`,
      );
    }
    console.log(lines.join("\n"));
  });

if (process.argv[1] === import.meta.filename) await run(command);
