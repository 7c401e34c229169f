// Names of people, places and companies in sentences from templates. No name of the test part is in the training part, and a name
// does not say what it is: its neighbours do, and some of its letters. Names touch each other, so that it matters where each begins.
// The same sentences in two schemes of tags, IOB1 and BIOES, are learnt with and without a conditional random field.
// docs/entities.log has the log.
//
//     npx tsx examples/entities.ts
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { randomSource, type Span, type TagScheme, tagsOfSpans } from "rondo";
import { exampleCommand, run, wholeFrom } from "./command-line.ts";
import { rondo, rondoJson } from "./rondo.ts";

export interface Sentence {
  readonly words: readonly string[];
  readonly spans: readonly Span[];
}

const templates = [
  "PER lives in LOC .",
  "PER moved from LOC to LOC last year .",
  "ORG hired PER as head of its office in LOC .",
  "Shares of ORG fell after PER left the board .",
  "The mayor of LOC met PER on Monday .",
  "PER , who works for ORG , was born in LOC .",
  "ORG and ORG opened a plant near LOC .",
  "A train from LOC stops in LOC LOC LOC every hour .",
  "The jury named PER PER and PER .",
  "According to PER , prices in LOC will rise .",
  "Rain is expected in LOC tomorrow .",
  "The contract between ORG ORG and the city of LOC was signed .",
  "He sold the old house by the river .",
  "Nobody knows when the next meeting will be .",
  "Lawyers for ORG declined to comment .",
  "PER thanked PER for the visit to LOC .",
  "The spokesman of ORG , PER , said that profits rose .",
  "Tourists like LOC in spring .",
];

const starts = "B Br C D F G Gr H J K L M N P R S St T V W".split(" ");
const vowels = "a e i o u ei ou".split(" ");
const middles = "l ld m n nd r rk s ss t v".split(" ");

/** Names of each label that begin with a capital: people have two words, of which some companies have more. */
function names(count: number, seed: number, part: "training" | "test"): Record<string, string[]> {
  const taken = new Set<string>();
  const drawn = (purpose: string) => {
    const random = randomSource(seed, purpose);
    const one = (list: readonly string[]) => list[Math.floor(random.uniform() * list.length)] as string;
    const found: string[] = [];
    while (found.length < count) {
      const syllables = 1 + Math.floor(random.uniform() * 2);
      const rest = Array.from({ length: syllables }, () => one(vowels) + one(middles)).join("");
      const name = one(starts) + rest;
      if (taken.has(name)) continue;
      taken.add(name);
      found.push(name);
    }
    return { found, one };
  };
  // The words of the test part are drawn after those of the training part, and are others.
  const of = (which: string) => {
    const { found, one } = drawn(`${which} names`);
    const [people, places, firms] = [0, 1, 2].map((label) => found.filter((_, at) => at % 3 === label)) as [
      string[],
      string[],
      string[],
    ];
    const ends = ["Ltd", "Group", "Bank", "of Wales", ""];
    return {
      PER: people.map((name) => `${name} ${one(people)}`),
      LOC: places.map((name) => (name.length % 4 === 0 ? `New ${name}` : name)),
      ORG: firms.map((name) => `${name} ${one(ends)}`.trim()),
    };
  };
  const training = of("training");
  return part === "training" ? training : of("test");
}

/** Sentences of a part, each with its spans. */
export function makeEntities(count: number, seed: number, part: "training" | "test"): Sentence[] {
  const random = randomSource(seed, `sentences to ${part}`);
  const one = (list: readonly string[]) => list[Math.floor(random.uniform() * list.length)] as string;
  const known = names(600, seed, part);
  return Array.from({ length: count }, () => {
    const words: string[] = [];
    const spans: Span[] = [];
    for (const slot of one(templates).split(" ")) {
      const name = known[slot];
      const own = name ? one(name).split(" ") : [slot];
      if (name) spans.push({ label: slot, start: words.length, end: words.length + own.length });
      words.push(...own);
    }
    return { words, spans };
  });
}

/** Sentences in columns: a word and its tag a line, a blank line after each. */
export function columnsOf(sentences: readonly Sentence[], scheme: TagScheme): string {
  return sentences
    .map(({ words, spans }) => {
      const tags = tagsOfSpans(spans, words.length, scheme);
      return words.map((word, at) => `${word} ${tags[at]}\n`).join("");
    })
    .join("\n");
}

/** What `rondo evaluate` tells of spans. */
type Found = Readonly<Record<"f1" | "conlleval" | "accuracy", number>>;

/** What all runs of one kind came to: each strict F1, and the means. */
export function line(name: string, runs: readonly Found[]): string {
  const percent = (share: number) => (100 * share).toFixed(2);
  const mean = (figure: keyof Found) =>
    percent(runs.reduce((sum, found) => sum + found[figure], 0) / runs.length);
  return [
    name.padEnd(13),
    `strict F1 ${runs.map(({ f1 }) => percent(f1)).join(", ")}: mean ${mean("f1")}`,
    `conlleval F1 ${mean("conlleval")}`,
    `accuracy ${mean("accuracy")}`,
  ].join("  ");
}

interface Options {
  readonly out: string;
  readonly seed: number;
  readonly runs: number;
  readonly sentences: number;
}

export const command = exampleCommand("entities", "Find names in sentences from templates.")
  .option("--out <folder>", "where the files and the runs are", "runs/entities")
  .option("--runs <number>", "how many of each kind, with seeds from --seed on", wholeFrom(1), 3)
  .option("--sentences <number>", "to train on, four times as many as to test on", wholeFrom(8), 2000)
  .action(async ({ out, seed, runs, sentences }: Options) => {
    mkdirSync(out, { recursive: true });
    const kinds = new Map<string, Found[]>();
    for (let own = seed; own < seed + runs; own++) {
      for (const scheme of ["IOB1", "BIOES"] as const) {
        const files = (["training", "test"] as const).map((part) => {
          const file = join(out, `${part}-${scheme}-${own}.conll`);
          const count = part === "test" ? Math.ceil(sentences / 4) : sentences;
          writeFileSync(file, columnsOf(makeEntities(count, own, part), scheme));
          return file;
        }) as [string, string];
        for (const crf of ["yes", "no"]) {
          const folder = join(out, `${scheme}-crf-${crf}-${own}`);
          const options = ["--scheme", scheme, "--crf", crf, "--epochs", "6"];
          options.push("--seed", String(own), "--out", folder);
          await rondo(
            "train",
            ...(existsSync(folder) ? ["--resume", folder] : [files[0], "--task", "tag", ...options]),
          );
          const told = await rondoJson("evaluate", folder, "--input", files[1], "--scheme", scheme, "--json");
          const name = `${scheme}, ${crf === "yes" ? "" : "no "}CRF`;
          kinds.set(name, [...(kinds.get(name) ?? []), told as Found]);
        }
      }
    }
    for (const [name, found] of kinds) console.log(line(name, found));
  });

if (process.argv[1] === import.meta.filename) await run(command);
