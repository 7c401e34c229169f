// Words of the Penn Treebank: the small model of Zaremba, Sutskever and Vinyals, "Recurrent neural network
// regularization", 2014, trained as they trained it. Their rate of 1 is for a loss summed over the 20 steps of a window
// and their limit of 5 for its gradients; Rondo's loss is the mean, so that both are divided, or multiplied, by 20.
//
//     npx tsx examples/penn-treebank.ts ptb.train.txt ptb.valid.txt ptb.test.txt
//
// takes about an hour, and goes on where it was stopped. The files are those that everybody uses, with one sentence a
// line and 10,000 kinds of words. docs/penn-treebank.md has the log.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Command } from "commander";

const training = [
  ..."--tokens words --embedding 200 --hidden 200 --layers 2 --initialize uniform".split(" "),
  ..."--batch 20 --window 20 --epochs 13".split(" "),
  ..."--optimizer sgd --learning-rate 20 --clip 0.25".split(" "),
  // The whole rate in the first five epochs, then half of the last.
  ..."--schedule step --decay-hold 4 --decay-factor 0.5".split(" "),
];

const root = dirname(createRequire(import.meta.url).resolve("rondo/package.json"));

function rondo(...words: string[]): void {
  const command = join(root, "dist", "cli", "main.js");
  const { status } = spawnSync(process.execPath, [command, ...words], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

new Command("penn-treebank")
  .argument("<train>", "the text to train on")
  .argument("<valid>", "the text that chooses the best epoch")
  .argument("<test>", "the text to report on")
  .option("--out <folder>", "folder of the run", "runs/penn-treebank")
  .action((train: string, valid: string, test: string, { out }: { out: string }) => {
    if (existsSync(out)) rondo("train", "--resume", out);
    else rondo("train", train, "--validation-text", valid, ...training, "--out", out);
    // One row: every word is predicted from all words before it.
    rondo("evaluate", out, "--text", test, "--batch", "1");
  })
  .parse();
