// Parts of speech in English of the web: the universal tags of the treebank EWT of Universal Dependencies, from its words and their
// characters alone, without vectors or words of anybody else. The task's defaults, the best epoch by the treebank's own validation
// part. docs/ud-english-ewt.log has the log.
//
//     npx tsx examples/ud-english-ewt.ts en_ewt-ud-train.conllu en_ewt-ud-dev.conllu en_ewt-ud-test.conllu
//
// The files may be compressed (.gz). Each run takes some minutes, and goes on where it was stopped.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { DataError } from "rondo";
import { readFileBytes } from "rondo/node";
import { exampleCommand, run, wholeFrom } from "./command-line.ts";
import { rondo, rondoJson } from "./rondo.ts";

interface Options {
  readonly out: string;
  readonly seed: number;
  readonly runs: number;
}

/** What `rondo evaluate` tells of words. */
export interface Found {
  readonly accuracy: number;
  readonly unknownAccuracy: number;
  readonly baseline: { readonly accuracy: number };
}

/** The path of a file as it is read, decompressed in a folder where that has to be. */
export function plainFile(path: string, folder: string): string {
  if (!path.endsWith(".gz")) return path;
  const plain = join(folder, basename(path, ".gz"));
  try {
    writeFileSync(plain, gunzipSync(readFileBytes(path)));
  } catch (error) {
    throw new DataError(`${path}: cannot be decompressed: ${(error as Error).message}`, { cause: error });
  }
  return plain;
}

/** What all runs came to. */
export function lines(found: readonly Found[]): string[] {
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  const mean = (of: (one: Found) => number) =>
    percent(found.reduce((sum, one) => sum + of(one), 0) / found.length);
  return [
    `accuracy ${found.map(({ accuracy }) => percent(accuracy)).join(", ")}: mean ${mean((one) => one.accuracy)}`,
    `of words that are new ${mean((one) => one.unknownAccuracy)}; the commonest tag of each word ${mean((one) => one.baseline.accuracy)}`,
  ];
}

export const command = exampleCommand("ud-english-ewt", "Tag words of English with parts of speech.")
  .argument("<train>", "the treebank to train on")
  .argument("<dev>", "that which chooses the best epoch")
  .argument("<test>", "that which is reported on")
  .option("--out <folder>", "where the runs are, one for each seed", "runs/ud-english-ewt")
  .option("--runs <number>", "how many, with seeds from --seed on", wholeFrom(1), 3)
  .action(async (train: string, dev: string, test: string, { out, seed, runs }: Options) => {
    // Ctrl-C is for `rondo` too, which writes a checkpoint: that is waited for.
    process.on("SIGINT", () => {});
    mkdirSync(out, { recursive: true });
    const [training, held, tested] = [train, dev, test].map((path) => plainFile(path, out)) as [
      string,
      string,
      string,
    ];
    const found: Found[] = [];
    for (let at = 0; at < runs; at++) {
      const folder = join(out, `seed-${seed + at}`);
      const started = [training, "--task", "tag", "--column", "UPOS", "--validation-file", held];
      const others = ["--seed", String(seed + at), "--out", folder];
      await rondo("train", ...(existsSync(folder) ? ["--resume", folder] : [...started, ...others]));
      found.push((await rondoJson("evaluate", folder, "--input", tested, "--json")) as Found);
    }
    for (const line of lines(found)) console.log(line);
  });

if (process.argv[1] === import.meta.filename) await run(command);
