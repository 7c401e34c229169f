// Sentiment of parsed sentences: the Stanford Sentiment Treebank, whose every phrase has a label from 0, very negative, to 4, very positive. Every
// cell over trees learns the labels of all nodes, without outside vectors. Beside them a bidirectional LSTM learns the same phrases as rows of
// words of their own. docs/recursive.md has the figures, docs/sst-trees.log the log.
//
//     npx tsx examples/sst-trees.ts train.txt.gz dev.txt.gz test.txt.gz
//     npx tsx examples/sst-trees.ts train.txt.gz dev.txt.gz test.txt.gz --networks tree-lstm --runs 3
//
// Each training takes some minutes, and goes on where it was stopped.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { InvalidArgumentError } from "commander";
import { exampleCommand, readText, run, wholeFrom } from "./command-line.ts";
import { rondo, rondoJson } from "./rondo.ts";
import { phrasesOf } from "./sst.ts";
import { tableLines } from "./table.ts";
import { plainFile } from "./ud-english-ewt.ts";

/** Parts of the labels that are told right. */
export interface Figures {
  /** Of whole sentences. */
  readonly root: number;
  /** Of whole sentences that are not neutral: whether they are positive, by the probabilities of both labels of either side. */
  readonly twoClasses: number;
  /** Of all phrases. */
  readonly nodes: number;
}

/** A phrase, and whether it is a whole sentence. */
interface PhraseRow {
  readonly text: string;
  readonly label: string;
  readonly isRoot: boolean;
}

/** All phrases of a treebank, or its sentences alone; `once`: a phrase that comes again with the same label is left out. */
export function phraseRows(
  text: string,
  name: string,
  { sentences = false, once = false }: { readonly sentences?: boolean; readonly once?: boolean } = {},
): PhraseRow[] {
  const rows = text.split("\n").flatMap((line, at) => {
    if (line.trim() === "") return [];
    const phrases = phrasesOf(line, `${name}: line ${at + 1}`);
    return phrases
      .slice(0, sentences ? 1 : undefined)
      .map(({ text, label }, place) => ({ text, label: String(label), isRoot: place === 0 }));
  });
  return once ? [...new Map(rows.map((row) => [`${row.label} ${row.text}`, row])).values()] : rows;
}

/** What is told of a phrase: how likely each label is found. */
export interface ToldPhrase {
  readonly label: string;
  readonly probabilities: Readonly<Record<string, number>>;
}

/** The figures of what was told of each phrase, in order. */
export function figuresOf(rows: readonly PhraseRow[], told: readonly ToldPhrase[]): Figures {
  const counts = { roots: 0, rootsRight: 0, two: 0, twoRight: 0, right: 0 };
  rows.forEach(({ label, isRoot }, at) => {
    const { label: found, probabilities } = told[at] as ToldPhrase;
    if (found === label) counts.right += 1;
    if (!isRoot) return;
    counts.roots += 1;
    if (found === label) counts.rootsRight += 1;
    if (label === "2") return;
    counts.two += 1;
    const of = (...labels: string[]) => labels.reduce((sum, one) => sum + (probabilities[one] ?? 0), 0);
    if (of("3", "4") > of("0", "1") === Number(label) > 2) counts.twoRight += 1;
  });
  const { roots, rootsRight, two, twoRight, right } = counts;
  return { root: rootsRight / roots, twoClasses: twoRight / two, nodes: right / rows.length };
}

/**
 * Options of each cell. Those that multiply children with children have as many weights with few units, about as many as in their papers,
 * and learn by Adam: the first step of Adagrad is as long as its rate for every weight, which is far for each of so many small ones.
 */
const PRODUCTS = [
  "--epochs",
  "10",
  "--embedding",
  "100",
  "--optimizer",
  "adam",
  "--learning-rate",
  "0.001",
  "--dropout",
  "0.3",
];
const CELLS = {
  "tree-rnn": ["--hidden", "150"],
  "tree-matrix-vector": ["--hidden", "25", ...PRODUCTS],
  "tree-tensor": ["--hidden", "30", ...PRODUCTS],
  "tree-lstm": ["--hidden", "150"],
  "child-sum-tree-lstm": ["--hidden", "150"],
  "tree-gru": ["--hidden", "150"],
} as const;

const SEQUENCE = "bidirectional-lstm";
const NETWORKS = [...Object.keys(CELLS), SEQUENCE];

interface Files {
  readonly training: string;
  readonly held: string;
  readonly test: string;
}

/** Trains over trees; the best epoch is that with most roots right of the treebank that is held out. */
async function learnTrees(cell: keyof typeof CELLS, files: Files, more: readonly string[], folder: string) {
  await train(folder, [
    ...[files.training, "--task", "tree", "--validation-file", files.held, "--cell", cell],
    ...[...CELLS[cell], "--schedule", "cosine", "--best", "root", ...more],
  ]);
  const found = await rondoJson("evaluate", folder, "--input", files.test, "--classes", "2", "--json");
  const { rootAccuracy, twoClassAccuracy, accuracy } = found as Record<string, number>;
  return { root: rootAccuracy, twoClasses: twoClassAccuracy, nodes: accuracy } as Figures;
}

/** Trains over words in their order, as examples/sst.ts does. */
async function learnSequences(files: Files, more: readonly string[], folder: string): Promise<Figures> {
  const write = (file: string, part: string, which: Parameters<typeof phraseRows>[2]) => {
    const rows = phraseRows(readText(file), file, which);
    const path = `${folder}-${part}.jsonl`;
    writeFileSync(path, rows.map(({ text, label }) => `${JSON.stringify({ text, label })}\n`).join(""));
    return { rows, path };
  };
  const training = write(files.training, "training", { once: true });
  const held = write(files.held, "held-out", { sentences: true });
  const test = write(files.test, "test", {});
  await train(folder, [
    ...[training.path, "--task", "classify", "--validation-file", held.path, "--cell", "lstm"],
    ...["--hidden", "128", "--embedding", "128", "--dropout", "0.5", "--epochs", "3", "--batch", "64"],
    ...["--read", "max", "--schedule", "cosine", ...more],
  ]);
  const predictions = `${folder}-told.jsonl`;
  await rondoJson("evaluate", folder, "--input", test.path, "--predictions", predictions, "--json");
  const lines = readText(predictions).trimEnd().split("\n");
  return figuresOf(
    test.rows,
    lines.map((line) => JSON.parse(line) as ToldPhrase),
  );
}

/** Trains in a folder; a run that is there goes on. */
async function train(folder: string, words: readonly string[]): Promise<void> {
  await rondo("train", ...(existsSync(folder) ? ["--resume", folder] : [...words, "--out", folder]));
}

/** How long the training of a folder took, up to its last update. */
function secondsOf(folder: string): number {
  const lines = readText(join(folder, "metrics.jsonl")).trimEnd().split("\n");
  return Math.max(...lines.map((line) => (JSON.parse(line) as { readonly seconds?: number }).seconds ?? 0));
}

export interface Row extends Figures {
  readonly network: string;
  readonly seed: number;
  readonly seconds: number;
}

/** A line for each training. */
export function tableOf(rows: readonly Row[]): string[] {
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  return tableLines([
    ["network", "seed", "root, five classes", "root, two classes", "all nodes", "seconds"],
    ...rows.map(({ network, seed, root, twoClasses, nodes, seconds }) => [
      ...[network, String(seed)],
      ...[root, twoClasses, nodes].map(percent),
      seconds.toFixed(0),
    ]),
  ]);
}

function networksOf(given: string): string[] {
  const names = given.split(",");
  if (names.every((name) => NETWORKS.includes(name))) return names;
  throw new InvalidArgumentError(`Names out of ${NETWORKS.join(", ")} expected, with commas between.`);
}

interface Options {
  readonly networks: readonly string[];
  readonly epochs?: number;
  readonly out: string;
  readonly seed: number;
  readonly runs: number;
}

export const command = exampleCommand(
  "sst-trees",
  "Tell the sentiment of parsed sentences and of their phrases.",
)
  .argument("<training>", "a treebank")
  .argument("<held-out>", "another one, which chooses the best epoch")
  .argument("<test>", "and another one")
  .option("--networks <names>", "with commas between", networksOf, NETWORKS)
  .option("--epochs <count>", "as each network has by default", wholeFrom(1))
  .option("--runs <number>", "how many of each, with seeds from --seed on", wholeFrom(1), 1)
  .option("--out <folder>", "where files and runs are", "runs/sst-trees")
  .action(async (training: string, heldOut: string, test: string, options: Options) => {
    const { networks, epochs, out, seed, runs } = options;
    // Ctrl-C is for `rondo` too, which writes a checkpoint: that is waited for.
    process.on("SIGINT", () => {});
    mkdirSync(out, { recursive: true });
    const [plain, held, tested] = [training, heldOut, test].map((path) => plainFile(path, out));
    const files = { training: plain, held, test: tested } as Files;
    const rows: Row[] = [];
    for (const network of networks) {
      for (let at = seed; at < seed + runs; at++) {
        const folder = join(out, `${network}-seed-${at}`);
        const more = ["--seed", String(at), ...(epochs === undefined ? [] : ["--epochs", String(epochs)])];
        const figures =
          network === SEQUENCE
            ? await learnSequences(files, more, folder)
            : await learnTrees(network as keyof typeof CELLS, files, more, folder);
        rows.push({ network, seed: at, ...figures, seconds: secondsOf(folder) });
        for (const line of tableOf(rows.slice(-1))) console.log(line);
      }
    }
    for (const line of tableOf(rows)) console.log(line);
  });

if (process.argv[1] === import.meta.filename) await run(command);
