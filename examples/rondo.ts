// Runs the command `rondo` of the installed package from an example.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const root = dirname(createRequire(import.meta.url).resolve("rondo/package.json"));

/** Runs `rondo` to its end; where that was no good one, this process ends with the same code. */
export async function rondo(...words: readonly string[]): Promise<void> {
  const command = join(root, "dist", "cli", "main.js");
  const [code] = await once(spawn(process.execPath, [command, ...words], { stdio: "inherit" }), "close");
  if (code !== 0) process.exit(code ?? 1);
}

/** The same, of a command that prints one line of JSON: what it says. */
export async function rondoJson(...words: readonly string[]): Promise<unknown> {
  const command = join(root, "dist", "cli", "main.js");
  const child = spawn(process.execPath, [command, ...words], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    text += piece;
  });
  const [code] = await once(child, "close");
  if (code !== 0) process.exit(code ?? 1);
  return JSON.parse(text);
}

/** What `rondo evaluate` tells of rows with labels. */
export interface Accuracy {
  readonly accuracy: number;
}

/**
 * Trains and evaluates in a folder for each seed, and tells the accuracy of each and their mean; a run that is there goes on. `words` are those
 * of `rondo train` and `test` is the file that it is evaluated on.
 */
export async function accuraciesOfSeeds(
  words: readonly string[],
  test: string,
  { out, seed, runs }: { readonly out: string; readonly seed: number; readonly runs: number },
): Promise<void> {
  // Ctrl-C is for `rondo` too, which writes a checkpoint: that is waited for.
  process.on("SIGINT", () => {});
  const found: Accuracy[] = [];
  for (let at = seed; at < seed + runs; at++) {
    const folder = `${out}-seed-${at}`;
    const started = [...words, "--seed", String(at), "--out", folder];
    await rondo("train", ...(existsSync(folder) ? ["--resume", folder] : started));
    found.push((await rondoJson("evaluate", folder, "--input", test, "--json")) as Accuracy);
  }
  console.log(meanLine(found));
}

/** The accuracy of each run and their mean, in a line. */
export function meanLine(found: readonly Accuracy[]): string {
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  const mean = found.reduce((sum, { accuracy }) => sum + accuracy, 0) / found.length;
  return `accuracy ${found.map(({ accuracy }) => percent(accuracy)).join(", ")}: mean ${percent(mean)}`;
}
