// The commands on a classifier: which task is meant, one line for each row, and files that must not be lost.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { writeSafetensors } from "../../src/formats/safetensors.ts";
import { readTaskModel } from "../../src/tasks/file.ts";
import { makeFolder, removeFolder, temporaryFolder } from "../helpers/folder.ts";
import { rows } from "../tasks/classification/rows.ts";
import { sentence } from "../tasks/language-model/texts.ts";
import { rondoCommand, run } from "./cli.ts";

const small = "--task classify --hidden 4 --embedding 4 --epochs 2 --batch 4 --learning-rate 0.05".split(" ");

/** Labels as JSON can have them; lines cannot. */
const strange = { sea: "sea", wood: "wo od\n\t\u{1F332}", town: "\u2028" };
const objects = rows(60)
  .map(({ text, label }) => JSON.stringify({ text, label: strange[label as keyof typeof strange] }))
  .join("\n");

let folder: string;
let trained: string;

beforeAll(async () => {
  folder = makeFolder({ "rows.jsonl": objects, "some.txt": "ship wave\n\nroad\r\nlast" });
  trained = join(folder, "run");
  const result = await run("train", join(folder, "rows.jsonl"), ...small, "--out", trained);
  expect(result).toMatchObject({ code: 0, error: "" });
  expect(result.out).toMatch(/54 rows to train on, 6 held out; 3 labels \(sea 18, wo od\\u000a\\u0009/);
  return () => removeFolder(folder);
});

it("predict prints exactly one line for each, whatever the labels, and the last may have no end", async () => {
  const { out } = await run("predict", trained, "--input", join(folder, "rows.jsonl"));
  expect(out.split("\n")).toHaveLength(61);
  expect(out).toMatch(/^(?:(?:sea|wo od\\u000a\\u0009\u{1F332}|\\u2028)\t0\.\d{4}\n){60}$/u);
  expect((await run("predict", trained, "--input", join(folder, "some.txt"))).out.split("\n")).toHaveLength(
    5,
  );
  const json = await run("predict", "--json", "--input", join(folder, "rows.jsonl"), trained);
  const labels = new Set(Object.values(strange));
  for (const line of json.out.trimEnd().split("\n")) expect(labels).toContain(JSON.parse(line).label);
});

it("evaluate tells each label, and writes what becomes of each row", async () => {
  const rows = join(folder, "rows.jsonl");
  const [out, lines] = [join(temporaryFolder(), "out.jsonl"), join(temporaryFolder(), "out.tsv")];
  const told = await run("evaluate", trained, "--input", rows, "--predictions", lines);
  expect(told).toMatchObject({ code: 0, error: "" });
  expect(told.out).toMatch(/^label, told as +sea +wo od/m);
  const written = readFileSync(lines, "utf8").trimEnd().split("\n");
  expect(written).toHaveLength(60);
  for (const line of written) expect(line.split("\t")).toHaveLength(3);
  const machines = await run("evaluate", trained, "--input", rows, "--predictions", out, "--json");
  const found = JSON.parse(machines.out) as { accuracy: number; labels: Record<string, { rows: number }> };
  const each = readFileSync(out, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(each.map(({ line }) => line)).toEqual(Array.from({ length: 60 }, (_, at) => at + 1));
  expect(each.filter(({ label, expected }) => label === expected).length / 60).toBeCloseTo(
    found.accuracy,
    12,
  );
  expect(Object.values(found.labels).map(({ rows: count }) => count)).toEqual([20, 20, 20]);
  const standard = await run("evaluate", trained, "--input", rows, "--predictions", "-");
  expect(standard).toMatchObject({
    code: 2,
    error: "rondo: --predictions -: a file expected, as the figures go to the standard output\n",
  });
});

it("describe says labels in one line, and percentages without the remains of binary fractions", async () => {
  const out = join(temporaryFolder(), "run");
  const words = [...small, "--epochs", "1", "--validation", "0.07", "--out", out];
  expect(await run("train", join(folder, "rows.jsonl"), ...words)).toMatchObject({ code: 0 });
  const described = (await run("describe", out)).out;
  expect(described).toMatch(/^labels +sea, wo od\\u000a\\u0009\u{1F332}, \\u2028$/mu);
  expect(described).toContain("60 rows, 7 % held out\n");
});

it("predict never writes over its input or its model", async () => {
  const input = join(folder, "some.txt");
  const model = join(trained, "model.safetensors");
  const before = [readFileSync(input), readFileSync(model)];
  for (const output of [input, join(folder, ".", "run", "..", "some.txt"), model]) {
    const { code, error } = await run("predict", trained, "--input", input, "--output", output);
    expect(code).toBe(2);
    expect(error).toMatch(/^rondo: --output .* is what is read: another file expected\n$/);
  }
  expect([readFileSync(input), readFileSync(model)]).toEqual(before);
});

it("a stream that can be read once alone is left to the command, wherever the run stands among the words", () => {
  const words = `predict --input /dev/stdin ${trained}`;
  const piped = `printf 'ship wave\\nroad\\n' | ${rondoCommand().join(" ")} ${words}`;
  const out = execFileSync("bash", ["-c", piped], { encoding: "utf8" });
  expect(out.split("\n")).toHaveLength(3);
});

it("of a task that is given twice the last counts, as of every option", async () => {
  const place = temporaryFolder({ "fox.txt": sentence });
  const out = join(place, "run");
  const words = ["--task=classify", "--window", "12", "--hidden", "4", "--epochs", "1", "--out", out];
  const result = await run("train", join(place, "fox.txt"), ...words, "--task", "language-model");
  expect(result).toMatchObject({ code: 0, error: "" });
  expect((await run("describe", out)).out).toMatch(/^task +language-model$/m);
});

it("what is said of the schedule without its kind is said of the constant one", async () => {
  const place = temporaryFolder();
  const words = ["train", join(folder, "rows.jsonl"), ...small, "--out", join(place, "run")];
  expect(await run(...words, "--decay-every", "3")).toMatchObject({
    code: 2,
    error: "rondo: schedule constant has no setting every: it is of step\n",
  });
  expect(await run(...words, "--warmup", "3", "--json")).toMatchObject({ code: 0, error: "" });
  const described = JSON.parse((await run("describe", join(place, "run"), "--json")).out);
  expect(described.training.settings.schedule).toEqual({ kind: "constant", warmUp: 3 });
});

it("a file of a task that there is not is a file that cannot be read, no wrong use of the command", async () => {
  const { tensors } = readTaskModel(readFileSync(join(trained, "model.safetensors")), "m");
  const file = join(temporaryFolder(), "m.safetensors");
  const metadata = { ...tensors.metadata, task: "juggle" };
  writeFileSync(file, writeSafetensors({ ...tensors, metadata }));
  expect(await run("describe", file)).toMatchObject({
    code: 1,
    error: expect.stringMatching(
      /^rondo: .*m\.safetensors: task "juggle" is unknown: expected language-model, classify, .*\n$/,
    ),
  });
});
