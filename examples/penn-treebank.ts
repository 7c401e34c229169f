// Words of the Penn Treebank: the small model of Zaremba, Sutskever and Vinyals, "Recurrent neural network
// regularization", 2014, trained as they trained it. Their rate of 1 is for a loss summed over the 20 steps of a window
// and their limit of 5 for its gradients; Rondo's loss is the mean, so that both are divided, or multiplied, by 20.
//
//     npx tsx examples/penn-treebank.ts ptb.train.txt ptb.valid.txt ptb.test.txt
//
// takes about an hour, and goes on where it was stopped. The files are those that everybody uses, with one sentence a
// line and 10,000 kinds of words. docs/penn-treebank.md has the log.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { exampleCommand, run } from "./command-line.ts";
import { rondo } from "./rondo.ts";

const training = [
  ..."--tokens words --embedding 200 --hidden 200 --layers 2 --initialize uniform".split(" "),
  ..."--batch 20 --window 20 --epochs 13".split(" "),
  ..."--optimizer sgd --learning-rate 20 --clip 0.25".split(" "),
  // The whole rate in the first five epochs, then half of the last.
  ..."--schedule step --decay-hold 4 --decay-factor 0.5".split(" "),
];

interface Options {
  readonly out: string;
  readonly seed: number;
}

export const command = exampleCommand("penn-treebank", "Train the model of Zaremba and others on words.")
  .argument("<train>", "the text to train on")
  .argument("<valid>", "the text that chooses the best epoch")
  .argument("<test>", "the text to report on")
  .option("--out <folder>", "where the runs are, one for each seed", "runs/penn-treebank")
  .action(async (train: string, valid: string, test: string, { out, seed }: Options) => {
    // Ctrl-C is for `rondo` too, which writes a checkpoint: that is waited for.
    process.on("SIGINT", () => {});
    const folder = join(out, `seed-${seed}`);
    const started = ["--validation-text", valid, ...training, "--seed", String(seed), "--out", folder];
    await rondo("train", ...(existsSync(folder) ? ["--resume", folder] : [train, ...started]));
    // One row: every word is predicted from all words before it.
    await rondo("evaluate", folder, "--text", test, "--batch", "1");
  });

if (process.argv[1] === import.meta.filename) await run(command);
