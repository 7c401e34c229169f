// Sentiment of sentences: five classes, from very negative to very positive, or two. The treebank has a label for each phrase of a sentence,
// and phrases are trained on as rows of their own; what is told is a whole sentence, as a plain sequence of words. docs/classification.md
// has the log.
//
//     npx tsx examples/sst.ts train.txt.gz dev.txt.gz test.txt.gz --classes 5
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DataError } from "rondo";
import { exampleCommand, readText, run, wholeFrom } from "./command-line.ts";
import { accuraciesOfSeeds } from "./rondo.ts";

export interface Phrase {
  readonly text: string;
  /** 0 to 4, from very negative to very positive. */
  readonly label: number;
}

/** A bracketed tree, (3 (2 It) (4 works)), as its phrases: the whole sentence first. Throws DataError for what is none. */
export function phrasesOf(tree: string, where: string): readonly [Phrase, ...Phrase[]] {
  const refused = () => new DataError(`${where}: a tree such as (3 (2 It) (4 works)) expected`);
  const phrases: Phrase[] = [];
  const open: { label: number; words: string[]; place: number }[] = [];
  for (const [piece] of tree.matchAll(/\([0-4] |\)|[^()\s]+/g)) {
    const top = open.at(-1);
    if (!top && (phrases.length > 0 || !piece.startsWith("("))) throw refused();
    if (piece.startsWith("(")) {
      open.push({ label: Number(piece[1]), words: [], place: phrases.length });
      phrases.push({ text: "", label: 0 });
    } else if (piece !== ")")
      top?.words.push(piece.replaceAll("\\/", "/").replaceAll("-LRB-", "(").replaceAll("-RRB-", ")"));
    else if (top) {
      open.pop();
      phrases[top.place] = { text: top.words.join(" "), label: top.label };
      open.at(-1)?.words.push(...top.words);
    }
  }
  const [first, ...rest] = phrases;
  if (first !== undefined && open.length === 0) return [first, ...rest];
  throw refused();
}

const NAMES = ["very negative", "negative", "neutral", "positive", "very positive"];

/** Rows of a treebank's lines: each sentence, or each phrase; of two classes those that are not neutral. */
export function rowsOf(
  text: string,
  name: string,
  { classes, phrases }: { classes: number; phrases: boolean },
) {
  const trees = text.split("\n").filter((line) => line.trim() !== "");
  const all = trees.flatMap((tree, at) => {
    const [sentence, ...parts] = phrasesOf(tree, `${name}: line ${at + 1}`);
    return phrases ? [sentence, ...parts] : [sentence];
  });
  const rows = all.flatMap(({ text: words, label }) => {
    if (classes === 5) return [{ text: words, label: NAMES[label] }];
    return label === 2 ? [] : [{ text: words, label: label > 2 ? "positive" : "negative" }];
  });
  // Many short phrases stand there again and again.
  return phrases ? [...new Map(rows.map((row) => [`${row.text}\n${row.label}`, row])).values()] : rows;
}

interface Options {
  readonly classes: number;
  readonly out: string;
  readonly seed: number;
  readonly runs: number;
}

export const command = exampleCommand("sst", "Tell the sentiment of sentences.")
  .argument("<training>", "a treebank")
  .argument("<held-out>", "another one, which chooses the best epoch")
  .argument("<test>", "and another one")
  .option("--classes <count>", "5, or 2 without neutral sentences", wholeFrom(2), 5)
  .option("--runs <number>", "how many, with seeds from --seed on", wholeFrom(1), 3)
  .option("--out <folder>", "where files and runs are", "runs/sst")
  .action(async (training: string, heldOut: string, test: string, { classes, out, seed, runs }: Options) => {
    mkdirSync(out, { recursive: true });
    const write = (file: string, name: string, phrases: boolean) => {
      const path = join(out, `${name}-${classes}.jsonl`);
      const rows = rowsOf(readText(file), file, { classes, phrases });
      writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
      return path;
    };
    const [rows, held, tested] = [
      write(training, "training", true),
      write(heldOut, "held-out", false),
      write(test, "test", false),
    ];
    const words = [
      ...[rows, "--task", "classify", "--validation-file", held],
      ...["--hidden", "128", "--embedding", "128", "--dropout", "0.5", "--epochs", "3", "--batch", "64"],
      ...["--read", "max", "--schedule", "cosine"],
    ];
    await accuraciesOfSeeds(words, tested, { out: join(out, `${classes}-classes`), seed, runs });
  });

if (process.argv[1] === import.meta.filename) await run(command);
