// The command inspect: an example of every task, whose loss is that of the training; the page, the terminal, JSON; and what cannot be looked at.
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { makeFolder, removeFolder, temporaryFolder } from "../helpers/folder.ts";
import { columns, named, tagged } from "../tasks/tagging/sentences.ts";
import { reversed, tabbed } from "../tasks/translation/sentences.ts";
import { sentiments } from "../tasks/trees/sentiments.ts";
import { run } from "./cli.ts";

const sea = "the sea was calm and the ship lay at the quay\nno wind came up\n".repeat(12);
const kinds = { ship: "the ship sails on waves", car: "a car drives along roads" };
const rows = Array.from({ length: 16 }, (_, at) => Object.entries(kinds)[at % 2] as [string, string]);
const wave = (count: number) =>
  Array.from({ length: count }, (_, at) => `2026-01-${String(at + 1).padStart(2, "0")},${Math.sin(at) + 3}`);
const long = Array.from({ length: 260 }, (_, at) => `${at},${Math.sin(at / 3) + (at % 7) / 10}`);

const small = ["--hidden", "5", "--epochs", "1", "--threads", "1"];
const little = ["--embedding", "4", ...small];

/** A run of each task: what it is trained on, and with which options. */
const runs: Readonly<Record<string, readonly string[]>> = {
  lm: ["sea.txt", ...little, "--layers", "2", "--window", "12", "--batch", "2"],
  classes: ["rows.tsv", "--task", "classify", ...little, "--read", "attention"],
  series: ["series.jsonl", "--task", "classify", "--columns", "a,b", ...small],
  tags: ["names.conll", "--task", "tag", ...little, "--characters", "3"],
  trees: ["trees.txt", "--task", "tree", ...little, "--sequence", "yes"],
  pairs: [
    "pairs.tsv",
    "--task",
    "translate",
    ...little,
    "--least-count",
    "1",
    "--label-smoothing",
    "0",
    "--scheduled-sampling",
    "linear",
  ],
  forecast: [
    "days.csv",
    "--task",
    "forecast",
    "--time",
    "time",
    "--target",
    "value",
    "--horizon",
    "3",
    "--context",
    "6",
    ...small,
  ],
  paths: [
    "days.csv",
    "--task",
    "forecast",
    "--time",
    "time",
    "--target",
    "value",
    "--method",
    "recursive",
    "--horizon",
    "3",
    "--context",
    "6",
    ...small,
  ],
  detector: ["rows.csv", "--task", "anomaly", "--target", "value", ...small],
};

let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = makeFolder({
    "sea.txt": sea,
    "strange.txt": `${sea.slice(0, 62)}§ 4\n`,
    "short.txt": "the",
    "shorter.txt": "th",
    "word.txt": "ship\n",
    "start.txt": sea.slice(0, 13),
    "rows.tsv": rows.map(([label, text], row) => `${label}\t${text} ${row}\n`).join(""),
    "one.tsv": `ship\t${kinds.ship}\n`,
    "plain.txt": `${kinds.car}\n${kinds.ship}\n`,
    "series.jsonl": rows
      .map(([label], row) => `${JSON.stringify({ a: [row, 1, 2], b: [0, 1, row], label })}\n`)
      .join(""),
    "names.conll": columns(tagged(named(30), "BIO")),
    "sentence.conll": columns(tagged(named(3, 2).slice(0, 1), "BIO")),
    "sentence.txt": "Ann lives in Rome .\n",
    "trees.txt": sentiments(30).join("\n"),
    "tree.txt": "(2 (1 not) (0 (1 very) (0 bad)))",
    "bare.txt": "(not (very bad))",
    "pairs.tsv": tabbed(reversed(30)),
    "pair.tsv": "one two\tTWO ONE\n",
    "text.txt": "two one\n\n",
    "days.csv": `time,value\n${wave(30).join("\n")}\n`,
    "few.csv": `time,value\n${wave(2).join("\n")}\n`,
    "rows.csv": `row,value\n${long.join("\n")}\n`,
    "page.html": "<p>",
  });
  for (const [name, [file, ...options]] of Object.entries(runs)) {
    const result = await run("train", at(file as string), ...options, "--out", at(name));
    expect([name, result.code, result.code === 0 ? "" : result.error]).toEqual([name, 0, ""]);
  }
  return () => removeFolder(folder);
}, 120_000);

interface Told {
  readonly loss: number;
  readonly about: Readonly<Record<string, string>>;
  readonly steps: readonly { readonly path: string; readonly names: readonly string[] }[];
  readonly states: Readonly<Record<string, readonly (readonly (readonly number[])[])[]>>;
  readonly gradients: Readonly<Record<string, { readonly lags: readonly number[] }>>;
  readonly attention: Readonly<Record<string, readonly (readonly (readonly number[])[])[]>>;
  readonly last?: { readonly gradients: Readonly<Record<string, { readonly lags: readonly number[] }>> };
}

async function inspected(name: string, input: string, ...more: string[]): Promise<Told> {
  const { code, out, error } = await run("inspect", at(name), "--input", at(input), "--json", ...more);
  expect([code, error]).toEqual([0, ""]);
  expect(out.trimEnd()).not.toContain("\n");
  return JSON.parse(out) as Told;
}

const evaluated = async (name: string, flag: string, input: string, ...more: string[]) =>
  JSON.parse((await run("evaluate", at(name), flag, at(input), "--json", ...more)).out) as Record<
    string,
    number
  >;

const sizes = (told: Told) =>
  Object.fromEntries(
    Object.entries(told.states).map(([name, all]) => [
      name,
      [all.length, all[0]?.length, all[0]?.[0]?.length],
    ]),
  );

describe("an example", () => {
  it("of a text is its tokens, each with the one that comes next", async () => {
    const told = await inspected("lm", "start.txt");
    const { nats } = await evaluated("lm", "--text", "start.txt", "--batch", "1");
    expect(told.loss).toBeCloseTo(nats as number, 4);
    expect(told.steps[0]?.names.join("")).toBe(sea.slice(0, 12));
    expect(sizes(told)["rnn.l1.c"]).toEqual([12, 1, 5]);
    expect(told.last?.gradients["rnn.l0.h"]?.lags).toHaveLength(12);
    // The last step's error reaches the last layer as it is, and less of it is in the mean over all.
    const first = told.last?.gradients["rnn.l1.h"]?.lags[0] as number;
    expect(first).toBeCloseTo(12 * (told.gradients["rnn.l1.h"]?.lags[0] as number), 4);
    // What comes after the lines that are read is nobody's business.
    const third = await inspected("lm", "strange.txt", "--row", "2", "--steps", "7");
    expect(third.steps[0]?.names.join("")).toBe("no wind");
  });

  it("of rows is one with its label, or with the one that the model tells", async () => {
    const told = await inspected("classes", "one.tsv");
    expect(told.about.loss).toMatch(/nats, of ship, the label of the row$/);
    expect(told.steps[0]?.names).toEqual(kinds.ship.split(" "));
    expect(sizes(told)).toEqual({ "rnn.l0.h": [5, 1, 5], "rnn.l0_reverse.h": [5, 1, 5] });
    const probability = async (file: string, label: string, row: number) => {
      const { out } = await run("predict", at("classes"), "--input", at(file), "--json");
      const { probabilities } = JSON.parse(out.split("\n")[row] as string) as {
        probabilities: Record<string, number>;
      };
      const { temperature } = JSON.parse((await run("describe", at("classes"), "--json")).out) as {
        temperature?: number;
      };
      const scores = Object.entries(probabilities).map(
        ([name, one]) => [name, (temperature ?? 1) * Math.log(one)] as const,
      );
      const sum = scores.reduce((all, [, score]) => all + Math.exp(score), 0);
      return Math.exp(scores.find(([name]) => name === label)?.[1] as number) / sum;
    };
    expect(told.loss).toBeCloseTo(-Math.log(await probability("one.tsv", "ship", 0)), 3);
    const own = await inspected("classes", "plain.txt", "--row", "2");
    const [, label] = /nats, of (ship|car), the model's own/.exec(own.about.loss as string) as unknown as [
      string,
      string,
    ];
    expect(own.loss).toBeCloseTo(-Math.log(await probability("plain.txt", label, 1)), 3);
    expect(own.loss).toBeLessThan(Math.log(2) + 0.01);
    expect(own.attention["attention.attention"]?.[0]?.[0]).toHaveLength(5);
    const cut = await inspected("classes", "plain.txt", "--steps", "3");
    expect(cut.steps[0]?.names).toEqual(["a", "car", "drives"]);
  });

  it("of series has the numbers that are read", async () => {
    const told = await inspected("series", "series.jsonl", "--row", "3");
    expect(sizes(told)["rnn.l0.h"]).toEqual([3, 1, 5]);
    const page = at("series.html");
    await run("inspect", at("series"), "--input", at("series.jsonl"), "--out", page);
    expect(readFileSync(page, "utf8")).toMatch(/data-line="a"[\s\S]*data-line="b"/);
  });

  it("of sentences is one with its tags, or with those that the model tells, and its longest word", async () => {
    const told = await inspected("tags", "sentence.conll");
    expect(told.loss).toBeCloseTo((await evaluated("tags", "--input", "sentence.conll")).loss as number, 4);
    const own = await inspected("tags", "sentence.txt");
    expect(own.about.loss).toContain("the model's own");
    expect(own.steps.map(({ path, names }) => [path, names.join(" ")])).toEqual([
      ["", "Ann lives in Rome ."],
      ["spelling", "l i v e s"],
    ]);
    expect(sizes(own)["spelling.rnn.l0.h"]).toEqual([5, 5, 3]);
  });

  it("of trees is one with its labels, or with those that the model tells", async () => {
    const told = await inspected("trees", "tree.txt");
    expect(told.loss).toBeCloseTo((await evaluated("trees", "--input", "tree.txt")).loss as number, 4);
    expect(told.steps.map(({ names }) => names)).toEqual([
      ["not", "very", "bad", "(very…bad)", "(not…bad)"],
      ["not", "very", "bad"],
    ]);
    expect(sizes(told)["tree.h"]).toEqual([5, 1, 5]);
    const own = await inspected("trees", "bare.txt", "--bare");
    expect(own.about.loss).toContain("the model's own");
  });

  it("of pairs is a text with its translation, or with the model's", async () => {
    const told = await inspected("pairs", "pair.tsv");
    expect(told.loss).toBeCloseTo((await evaluated("pairs", "--input", "pair.tsv")).loss as number, 4);
    expect(told.steps.map(({ names }) => names)).toEqual([
      ["one", "two"],
      ["TWO", "ONE", "<end>"],
    ]);
    const [attention] = Object.values(told.attention);
    expect(attention?.map(([row]) => row?.length)).toEqual([2, 2, 2]);
    const own = await inspected("pairs", "text.txt");
    expect(own.about.loss).toMatch(/the model's own, as the file has none that it knows/);
    // The likeliest token at each step is more probable than any other one.
    expect(own.loss).toBeLessThan(Math.log(20));
  });

  it("of a table is the last window, or the last steps, with what came after them", async () => {
    const direct = await inspected("forecast", "days.csv");
    expect(direct.steps[0]?.names).toEqual(
      ["22", "23", "24", "25", "26", "27"].map((day) => `2026-01-${day}`),
    );
    expect(direct.last).toBeUndefined();
    const recursive = await inspected("paths", "days.csv");
    expect(recursive.steps[0]?.names.at(-1)).toBe("2026-01-29");
    expect(recursive.last?.gradients["rnn.l0.h"]?.lags).toHaveLength(8);
    const detector = await inspected("detector", "rows.csv", "--steps", "20");
    expect(detector.steps[0]?.names).toHaveLength(20);
    expect(sizes(detector)["rnn.l0.h"]).toEqual([20, 1, 5]);
  });
});

describe("what is told", () => {
  it("is a page, whose name is told", async () => {
    const page = join(temporaryFolder(), "report.html");
    const told = await run("inspect", at("pairs"), "--input", at("pair.tsv"), "--out", page);
    expect(told).toEqual({ code: 0, out: `${page}\n`, error: "" });
    const html = readFileSync(page, "utf8");
    expect(html).toContain(`<h1>Inside ${at("pairs")}</h1>`);
    for (const title of [
      "How far back the error reaches",
      "Saturated units",
      "Spectral radius",
      "Attention",
    ]) {
      expect(html).toContain(`<h2>${title}</h2>`);
    }
    expect(html).toContain("<h2>encoder.l0: states and gates</h2>");
  });

  it("is figures in the terminal, in lines that fit it", async () => {
    const { code, out } = await run("inspect", at("lm"), "--input", at("sea.txt"));
    expect(code).toBe(0);
    expect(out).toMatch(/^task {7}a language model on a text\n/);
    expect(out).toMatch(/looked at {2}line 1 of .*sea\.txt/);
    expect(out).toContain("gradient of the error of the last step by steps back, as a power of ten");
    expect(out).toMatch(/\nrnn\.l0\.h: .* 11 steps back/);
    expect(out).toMatch(/\nsaturated\nrnn\.l0\.i +sigmoid +\d+\.\d %\n/);
    expect(out).toMatch(/\nspectral radius\nrnn\.l0\.weight_hh +(\d\.\d{3}(, )?){4}\n/);
    expect(out).toMatch(/\nnorms +gradient +weights\nembedding /);
  });

  it("is what names ask for, and nothing else", async () => {
    const told = (await inspected(
      "lm",
      "sea.txt",
      "--name",
      "rnn.l1.h",
      "--name",
      "radius",
    )) as unknown as Record<string, object>;
    const filled = Object.keys(told).filter((name) => Object.keys(told[name] ?? {}).length > 0);
    expect(filled).toEqual(expect.arrayContaining(["states", "gradients", "radius"]));
    expect(Object.keys(told.states as object)).toEqual(["rnn.l1.h"]);
    expect(told.saturation).toEqual({});
    const alone = await run("inspect", at("lm"), "--input", at("sea.txt"), "--name", "saturation");
    expect(alone.out).toContain("saturated");
    expect(alone.out).not.toMatch(/spectral|steps back|--out/);
    const values = await run("inspect", at("lm"), "--input", at("sea.txt"), "--name", "values");
    expect(values.out).toMatch(
      /\n\nStates, gates, attention: drawn with --out FILE\.html, as numbers with --json\.\n$/,
    );
  });
});

describe("what cannot be looked at", () => {
  const page = () => join(temporaryFolder(), "report.html");

  it.each([
    ["lm", [], 2, "--input FILE expected: what .* shall read"],
    [
      "lm",
      ["--input", "sea.txt", "--out", "report.txt"],
      2,
      "--out .*report\\.txt: a file whose name ends in \\.html expected",
    ],
    [
      "lm",
      ["--input", "page.html", "--out", "page.html"],
      2,
      "--out .*page\\.html is what is read: another file expected",
    ],
    [
      "lm",
      ["--input", "-"],
      2,
      "the standard input cannot be read again for an inspection: a file expected in place of -",
    ],
    [
      "lm",
      ["--input", "sea.txt", "--name", "saturations"],
      2,
      'inspect: the name "saturations" is unknown: did you mean saturation\\?',
    ],
    ["lm", ["--input", "sea.txt", "--name", "rnn.l0.hh"], 2, "inspect: .*: did you mean rnn\\.l0\\.h\\?"],
    [
      "lm",
      ["--input", "sea.txt", "--name", "gates"],
      2,
      "inspect: .*: a layer, a state or gate such as rnn\\.l0\\.h, or one of values, .*, weights expected",
    ],
    ["lm", ["--input", "sea.txt", "--steps", "1"], 2, ".*steps 1.*a whole number from 2"],
    ["lm", ["--input", "sea.txt", "--row", "0"], 2, ".*row 0.*a whole number from 1"],
    ["lm", ["--input", "short.txt"], 0, ""],
    ["lm", ["--input", "shorter.txt"], 1, ".*shorter\\.txt: 2 tokens from line 1 on, three or more expected"],
    ["classes", ["--input", "word.txt"], 1, ".*a window of 1 step given, 2 or more expected"],
    ["lm", ["--input", "sea.txt", "--row", "99"], 1, ".*sea\\.txt: line 99 asked for, it has 25 lines"],
    ["lm", ["--input", "pairs.tsv"], 1, ".*pairs\\.tsv: .*character"],
    [
      "lm",
      ["--input", "strange.txt", "--row", "2", "--steps", "30"],
      1,
      ".*strange\\.txt from line 2 on: character .§. \\(U\\+00A7, line 2\\)",
    ],
    ["classes", ["--input", "one.tsv", "--row", "2"], 1, ".*one\\.tsv: row 2 asked for, it has 1 texts"],
    ["classes", ["--input", "absent.tsv"], 1, ".*absent\\.tsv"],
    [
      "tags",
      ["--input", "sentence.txt", "--row", "4"],
      1,
      ".*sentence\\.txt: row 4 asked for, it has 1 sentences",
    ],
    ["trees", ["--input", "sea.txt"], 1, ".*sea\\.txt.*"],
    [
      "pairs",
      ["--input", "text.txt", "--row", "2"],
      1,
      ".*text\\.txt: row 2: an empty text, one with words expected",
    ],
    ["pairs", ["--source", "text.txt"], 2, "--source given without --target: both expected"],
    [
      "forecast",
      ["--input", "few.csv"],
      1,
      ".*few\\.csv: the series has 2 rows, more than the horizon \\(3\\) expected",
    ],
    ["forecast", ["--input", "rows.csv"], 1, ".*rows\\.csv.*time"],
    ["detector", ["--input", "rows.csv", "--row", "2"], 1, ".*rows\\.csv: row 2 asked for, it has 1 series"],
    ["absent", ["--input", "sea.txt"], 1, ".*absent"],
  ] as const)("%s %j", async (name, words, code, message) => {
    const given = words.map((word) => (/\.\w+$/.test(word) && !word.startsWith("rnn") ? at(word) : word));
    const out = given.includes("--out") ? [] : ["--out", page()];
    const result = await run("inspect", at(name), ...given, ...out);
    expect(result.code).toBe(code);
    expect(result.error).toMatch(code === 0 ? /^$/ : new RegExp(`^rondo: ${message}.*\n$`));
    expect(existsSync(given.at(-1) as string) && statSync(given.at(-1) as string).size).not.toBe(0);
  });
});
