// English to German: the descriptions of pictures of Multi30k (Elliott et al. 2016), from words alone, by an encoder and a decoder that attends.
// The command's defaults, but for the learning rate; the best epoch by the set's own validation part; BLEU of the test part of 2016 on its own tokens.
// docs/multi30k.log has the log.
//
//     npx tsx examples/multi30k.ts train.lc.norm.tok.en train.lc.norm.tok.de val.lc.norm.tok.en val.lc.norm.tok.de \
//       test_2016_flickr.lc.norm.tok.en test_2016_flickr.lc.norm.tok.de
//
// The files may be compressed (.gz). A run takes half an hour on two cores, and goes on where it was stopped.
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "rondo";
import { exampleCommand, run, wholeFrom } from "./command-line.ts";
import { rondo, rondoJson } from "./rondo.ts";
import { plainFile } from "./ud-english-ewt.ts";

interface Options {
  readonly out: string;
  readonly seed: number;
  readonly epochs: number;
}

/** What `rondo evaluate` tells of translations. */
export interface Found {
  readonly bleu: number;
  readonly chrf: number;
  readonly loss: number;
  readonly signatures: { readonly bleu: string };
}

/** What greedy search and beams came to. */
export function lines(found: readonly (readonly [beam: number, Found])[]): string[] {
  return found.map(
    ([beam, { bleu, chrf, signatures }]) =>
      `beam ${beam}: BLEU ${bleu.toFixed(2)}, chrF ${chrf.toFixed(2)} (${signatures.bleu})`,
  );
}

export const command = exampleCommand(
  "multi30k",
  "Translate descriptions of pictures from English to German.",
)
  .argument("<files...>", "sources and targets: to train on, to choose the best epoch, and to test on")
  .option("--epochs <count>", "times through the pairs", wholeFrom(1), 10)
  .option("--out <folder>", "where the run is", "runs/multi30k")
  .action(async (files: string[], { out, seed, epochs }: Options) => {
    if (files.length !== 6) throw new UsageError(`${files.length} files given, six expected`);
    // Ctrl-C is for `rondo` too, which writes a checkpoint: that is waited for.
    process.on("SIGINT", () => {});
    mkdirSync(out, { recursive: true });
    const plain = files.map((path) => plainFile(path, out)) as [
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    const [source, target, heldSource, heldTarget, testSource, testTarget] = plain;
    const folder = join(out, `seed-${seed}`);
    const started = [
      ...["--task", "translate", "--source", source, "--target", target],
      ...["--validation-source", heldSource, "--validation-target", heldTarget],
      ...["--encoder", "bidirectional-gru", "--attention", "additive", "--learning-rate", "0.002"],
      ...["--epochs", String(epochs), "--seed", String(seed), "--out", folder],
    ];
    await rondo("train", ...(existsSync(folder) ? ["--resume", folder] : started));
    const found: [number, Found][] = [];
    for (const beam of [1, 5]) {
      const words = ["--source", testSource, "--target", testTarget, "--beam", String(beam), "--json"];
      found.push([beam, (await rondoJson("evaluate", folder, ...words)) as Found]);
    }
    for (const line of lines(found)) console.log(line);
  });

if (process.argv[1] === import.meta.filename) await run(command);
