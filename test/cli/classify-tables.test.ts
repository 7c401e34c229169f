// Classifiers of tables from end to end: several labels in a cell, groups, some labels alone, series, and what decided.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { makeFolder, removeFolder, temporaryFolder } from "../helpers/folder.ts";
import { rows } from "../tasks/classification/rows.ts";
import { rondoCommand, run } from "./cli.ts";

const small = "--hidden 6 --embedding 6 --epochs 30 --batch 8 --learning-rate 0.03".split(" ");

/** Texts of one set of words, of two, or of none, in a table with a remark that has a comma and a line end. */
const made = rows(120);
const table = [
  "who;remark;body;tags",
  ...made.map(({ text, label }, at) => {
    const other = made[(at * 7 + 1) % made.length] as (typeof made)[number];
    const [body, tags] = [
      ["zebra; lion", []] as const,
      [text, [label]] as const,
      [`${text} ${other.text}`, [...new Set([label, other.label])]] as const,
    ][at % 3] as readonly [string, readonly string[]];
    return `w${at % 30};"one, or\ntwo";"${body}";${tags.join(" | ")}`;
  }),
].join("\n");

const activity = (at: number) => (at % 2 ? "walk" : "stand");
const moves = [
  "id,x,y,activity",
  ...Array.from({ length: 40 }, (_, id) =>
    Array.from(
      { length: 4 + (id % 5) },
      (_, step) => `r${id},${id % 2 ? (step % 2 ? 2 : -2) : 0},${step + id / 100},${activity(id)}`,
    ).join("\n"),
  ),
].join("\n");

let folder: string;
beforeAll(() => {
  folder = makeFolder({ "mail.csv": table, "moves.csv": moves });
  return () => removeFolder(folder);
});

const columns = "--text body --label tags --label-separator | --group who".split(" ");

describe("several labels in a cell", () => {
  let trained: string;

  beforeAll(async () => {
    trained = join(folder, "mail");
    const words = ["--task", "classify", ...columns, ...small, "--out", trained];
    const { code, out, error } = await run("train", join(folder, "mail.csv"), ...words);
    expect({ code, error }).toEqual({ code: 0, error: "" });
    expect(out).toMatch(/^.*mail\.csv: 120 rows of texts, 3 labels, 30 groups$/m);
    expect(out).toMatch(/^40 rows without any label$/m);
    expect(out).toMatch(/108 rows to train on, 12 held out/);
    expect(out).toMatch(/^F1 of all labels together \(micro F1\) +\d\.\d{3}$/m);
  });

  it("predict writes a line for each row: each label with its probability, or nothing", async () => {
    const { out } = await run("predict", trained, "--input", join(folder, "mail.csv"));
    const lines = out.split("\n");
    expect(lines).toHaveLength(121);
    const label = "(?:sea|town|wood)\\t[01]\\.\\d{4}";
    for (const line of lines) expect(line).toMatch(new RegExp(`^(?:${label}(?:\\t${label})*)?$`));
    expect(lines[0]).toBe("");
    expect(lines[1]).toMatch(new RegExp(`^${made[1]?.label}\\t[^\\t]*$`));
    const json = await run("predict", trained, "--input", join(folder, "mail.csv"), "--json");
    const [first] = json.out.split("\n").map((line) => line && JSON.parse(line));
    expect(first).toMatchObject({ labels: [], label: expect.any(String) });
    expect(Object.keys(first.probabilities)).toEqual(["sea", "town", "wood"]);
  });

  it("evaluate has a table of labels, each line of predictions what was expected, under another column's name too", async () => {
    const other = temporaryFolder({ "a.csv": "text,label\nship wave,sea | town\nzebra,\n" });
    const out = join(other, "told.jsonl");
    const words = ["--input", join(other, "a.csv"), "--text", "text", "--label", "label"];
    const told = await run("evaluate", trained, ...words, "--predictions", out);
    expect(told).toMatchObject({ code: 0, error: "" });
    expect(told.out).toMatch(/^sea +1 +1\.000 +1\.000 +1\.000$/m);
    const lines = readFileSync(out, "utf8").trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).expected)).toEqual([["sea", "town"], []]);
  });

  it("a table on the standard input is told from its header on, at once", () => {
    const words = `predict ${trained} --follow`;
    const piped = `printf 'body\\tx\\nship wave\\t1\\nzebra\\t2\\n' | ${rondoCommand().join(" ")} ${words}`;
    const lines = execFileSync("bash", ["-c", piped], { encoding: "utf8" }).split("\n");
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^sea\t/);
  });

  it("what decided is a picture for each row, in a folder of its own, or lines in the terminal", async () => {
    const place = temporaryFolder({ "a.jsonl": '{"body":"ship, <b>"}\n{"body":""}\n' });
    const words = ["predict", trained, "--input", join(place, "a.jsonl"), "--explain"];
    const pictures = join(place, "pictures");
    expect(await run(...words, pictures)).toMatchObject({ code: 0, error: "" });
    expect(readdirSync(pictures).sort()).toEqual(["1.svg", "2.svg"]);
    expect(readFileSync(join(pictures, "1.svg"), "utf8")).toMatch(/<title>(sea|town|wood) 0\.\d{4}<\/title>/);
    const shown = await run(...words, "-");
    expect(shown.out).toContain("ship, <b>");
  });
});

it("with --only every other label is one that is unknown", async () => {
  const out = join(folder, "only");
  const one = temporaryFolder({
    "rows.jsonl": rows(60)
      .map((row) => JSON.stringify(row))
      .join("\n"),
  });
  const words = ["--task", "classify", "--only", "sea", ...small, "--epochs", "2", "--out", out];
  const trained = await run("train", join(one, "rows.jsonl"), ...words);
  expect(trained.out).toContain("2 labels (unknown 36, sea 18)");
  const { out: told } = await run("evaluate", out, "--input", join(one, "rows.jsonl"), "--json");
  expect(JSON.parse(told)).toMatchObject({ rows: 60, unknown: 0, labels: { sea: { rows: 20 } } });
});

it("series of a table are trained on, told and evaluated by their steps", async () => {
  const out = join(folder, "moves");
  const words = "--task classify --columns x,y --series id --label activity --read max".split(" ");
  const trained = await run("train", join(folder, "moves.csv"), ...words, ...small, "--out", out);
  expect(trained).toMatchObject({ code: 0, error: "" });
  expect(trained.out).toMatch(/^.*moves\.csv: 40 rows of series, 2 labels\n6\.0 steps in the mean, 4 to 8$/m);
  const told = await run("predict", out, "--input", join(folder, "moves.csv"));
  const labels = told.out
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t")[0]);
  expect(labels).toEqual(Array.from({ length: 40 }, (_, at) => activity(at)));
  const place = temporaryFolder({ "one.csv": "id;y;x\na;0;-2\na;1;2\na;2;-2\n" });
  const one = await run("predict", out, "--input", join(place, "one.csv"), "--json");
  expect(JSON.parse(one.out)).toMatchObject({ label: "walk" });
});

it.each<[string, string[], string]>([
  ["mail.csv", ["--text", "bdy", "--label", "tags"], 'has no column "bdy": did you mean body?'],
  [
    "mail.csv",
    ["--text", "body", "--label", "tags", "--group", "whom"],
    'has no column "whom": did you mean who?',
  ],
  ["mail.csv", ["--text", "tags", "--label", "body"], "is this the column of the labels?"],
  [
    "moves.csv",
    ["--columns", "x,activity", "--series", "id", "--label", "activity"],
    'activity is "stand", a number',
  ],
  ["moves.csv", ["--columns", "x,y", "--label", "activity"], "series: none given, the column expected"],
  ["moves.csv", ["--columns", "x", "--series", "id", "--label", "y"], "one label a series expected"],
])("%s with %j is refused in one line, and nothing is written", async (file, words, message) => {
  const out = join(temporaryFolder(), "run");
  const given = ["train", join(folder, file), "--task", "classify", ...words, "--out", out];
  const { code, error } = await run(...given);
  expect(code).toBeGreaterThan(0);
  expect(error).toMatch(/^rondo: .*\n$/);
  expect(error).toContain(message);
  expect(existsSync(out)).toBe(false);
});
