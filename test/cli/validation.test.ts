// --validation: a fraction to hold out, or a file that is held out, for every task that takes one.
import { renameSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { makeFolder, removeFolder } from "../helpers/folder.ts";
import { sentence } from "../tasks/language-model/texts.ts";
import { sentiments } from "../tasks/trees/sentiments.ts";
import { run } from "./cli.ts";

const small = "--hidden 4 --embedding 4 --epochs 1".split(" ");
const rows = (count: number) =>
  Array.from({ length: count }, (_, at) => `${at % 2 ? "up" : "down"}\tword${at} ${at % 2 ? "high" : "low"}`);

let folder: string;
beforeAll(() => {
  folder = makeFolder({
    "train.txt": sentiments(30).join("\n"),
    "dev.txt": sentiments(8, 3).join("\n"),
    "text.txt": sentence.repeat(2),
    "held.txt": sentence,
    "rows.tsv": rows(30).join("\n"),
    "others.tsv": rows(8).join("\n"),
    "pairs.tsv": Array.from({ length: 30 }, (_, at) => `${at} a\tb ${at}`).join("\n"),
    "more.tsv": "1 a\tb 1\n2 a\tb 2",
    "tags.conll": Array.from({ length: 20 }, (_, at) => `Ann B-PER\nsleeps O\n${at} O\n`).join("\n"),
    "held.conll": "Ann B-PER\nsings O\n",
  });
  return () => removeFolder(folder);
});

const train = (words: readonly string[], out: string) =>
  run(
    "train",
    ...words.map((word) => (word.includes(".") ? join(folder, word) : word)),
    ...small,
    "--out",
    join(folder, out),
  );

it.each([
  [
    "tree",
    ["train.txt", "--task", "tree", "--validation", "dev.txt", "--cell", "tree-lstm"],
    /8 held out in .*dev\.txt/,
  ],
  ["language-model", ["text.txt", "--task", "language-model", "--validation", "held.txt"], /held out/],
  [
    "classify",
    ["rows.tsv", "--task", "classify", "--validation", "others.tsv"],
    /30 rows to train on, 8 held out/,
  ],
  [
    "tag",
    ["tags.conll", "--task", "tag", "--validation", "held.conll", "--characters", "4"],
    /1 held out in .*held\.conll/,
  ],
  [
    "translate",
    ["pairs.tsv", "--task", "translate", "--validation", "more.tsv"],
    /30 pairs to train on, 2 held out in .*more\.tsv/,
  ],
] as const)(
  "%s is validated on the file that --validation names",
  async (name, words, plan) => {
    const { code, out, error } = await train(words, `run-${name}`);
    expect([code, error.replace(/^rondo: .*(?:no better|more|few).*\n/gm, "")]).toEqual([0, ""]);
    expect(out).toMatch(plan);
  },
  30_000,
);

describe("rondo train", () => {
  const tree = ["train.txt", "--task", "tree"];

  it("still takes a fraction, and the file's own flag", async () => {
    expect((await train([...tree, "--validation", "0"], "none")).out).toMatch(
      /30 trees to train on, 0 held out;/,
    );
    expect((await train([...tree, "--validation-file", "dev.txt"], "own")).out).toMatch(/8 held out in/);
  });

  it("goes on with a validation file that has moved", async () => {
    for (const [name, task, words] of [
      ["dev.txt", "tree", tree],
      ["others.tsv", "classify", ["rows.tsv", "--task", "classify"]],
    ] as const) {
      expect(await train([...words, "--validation", name], `moved-${task}`)).toMatchObject({ code: 0 });
      const moved = join(folder, `moved-${name}`);
      renameSync(join(folder, name), moved);
      const again = ["train", "--resume", join(folder, `moved-${task}`), "--epochs", "2"];
      const lost = await run(...again);
      expect(lost).toMatchObject({ code: 1 });
      expect(lost.error).toMatch(/rondo train --resume .* --validation-file FILE\n$/);
      expect(await run(...again, "--validation", moved)).toMatchObject({ code: 0 });
      expect(await run(...again.slice(0, 3), "--epochs", "3", "--validation-file", moved)).toMatchObject({
        code: 0,
      });
      renameSync(moved, join(folder, name));
    }
    expect(await run("train", "--resume", join(folder, "moved-tree"), "--validation", "0.2")).toMatchObject({
      ...{ code: 2, error: expect.stringContaining("--validation cannot change when a run goes on") },
    });
  });

  it.each([
    [
      ["--validation", "nowhere.txt"],
      /'--validation <fraction or file>' argument '.*nowhere\.txt' is invalid\. It is neither a number nor a file that there is\.$/,
    ],
    [["--validation", "0,1"], /argument '0,1' is invalid\. It is neither/],
    [["--validation", ""], /argument '' is invalid\. A path is expected\.$/],
    [["--validation", "1.5"], /validation 1\.5: expected a number from 0 to below 1$/],
    [
      ["--validation", "dev.txt", "--validation-file", "train.txt"],
      /--validation-file .*train\.txt and --validation .*dev\.txt are one file: one of both expected$/,
    ],
  ])("refuses %j", async (words, line) => {
    const paths = words.map((word) => (word.endsWith(".txt") ? join(folder, word) : word));
    const { code, error } = await run(
      "train",
      join(folder, "train.txt"),
      "--task",
      "tree",
      ...paths,
      "--out",
      join(folder, "refused"),
    );
    expect(code).toBe(2);
    expect(error.trimEnd()).toMatch(line);
    expect(error.trimEnd()).not.toContain("\n");
  });

  it("says so in the help", async () => {
    const { out } = await run("train", "--task", "tree", "--help");
    expect(out.replace(/\s+/g, " ")).toContain("--validation <fraction or file> of the trees to hold out");
  });
});
