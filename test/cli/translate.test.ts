// The commands on a translator: pairs in one file or two, one line for each, figures, pictures, the standard input.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { BleuCounts } from "../../src/training/measures/index.ts";
import { read } from "../draw/picture.ts";
import { makeFolder, removeFolder, temporaryFolder } from "../helpers/folder.ts";
import { reversed, tabbed } from "../tasks/translation/sentences.ts";
import { run, start } from "./cli.ts";

const small = "--embedding 4 --hidden 6 --epochs 4 --learning-rate 0.05 --least-count 1 --longest 8".split(
  " ",
);
const pairs = reversed(30);
const lines = (side: "source" | "target", of = pairs) => of.map((one) => `${one[side]}\n`).join("");

let folder: string;
let trained: string;

beforeAll(async () => {
  folder = makeFolder({
    "pairs.csv": `source,target\n${pairs.map(({ source, target }) => `${source},${target}\n`).join("")}`,
    "a.txt": lines("source"),
    "b.txt": lines("target"),
    "short.txt": "ONE\n",
    "test.tsv": tabbed(reversed(12, 2)),
    "new.txt": "one two\n\nthree\n",
  });
  trained = join(folder, "run");
  const result = await run("train", join(folder, "pairs.csv"), ...small, "--out", trained);
  expect(result.code).toBe(0);
  expect(result.out).toMatch(/^task translate: .*\n.*pairs\.csv: 30 pairs\n/);
  return () => removeFolder(folder);
}, 60_000);

it("train reads two files line by line, and refuses what does not fit", async () => {
  const out = join(temporaryFolder(), "run");
  const given = (target: string, ...more: string[]) =>
    run(
      "train",
      "--task",
      "translate",
      "--source",
      join(folder, "a.txt"),
      "--target",
      join(folder, target),
      ...small,
      "--out",
      out,
      ...more,
    );
  expect(await given("short.txt")).toMatchObject({
    code: 1,
    error: expect.stringMatching(
      /^rondo: .*a\.txt has 30 lines and .*short\.txt has 1: as many in both expected\n$/,
    ),
  });
  expect(existsSync(out)).toBe(false);
  expect(await given("b.txt", "--attention", "dot")).toMatchObject({ code: 2 });
  expect((await given("missing.txt", "--attention", "dot")).error).toMatch(/missing\.txt|attention dot/);
  expect((await given("b.txt", "--json")).code).toBe(0);
});

it("predict prints a line for each line, and JSON a line for each", async () => {
  const input = join(folder, "new.txt");
  const { out, code } = await run("predict", trained, "--input", input);
  expect(code).toBe(0);
  expect(out.split("\n")).toHaveLength(4);
  expect(out.split("\n")[1]).toBe("");
  const json = join(temporaryFolder(), "out.jsonl");
  await run("predict", trained, "--input", input, "--output", json, "--best", "2", "--batch", "2");
  const told = readFileSync(json, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(told.map(({ source }) => source)).toEqual(["one two", "", "three"]);
  expect(told.map(({ text }) => `${text}\n`).join("")).toBe(out);
  expect(told[0].best).toHaveLength(2);
  expect(told[0].alignment).toBeUndefined();
});

it("predict without an input answers each line that is typed, as with it", async () => {
  const { out } = await run("predict", trained, "--input", join(folder, "new.txt"));
  for (const words of [[], ["--follow"], ["--input", "-"]]) {
    const { child, ended } = start(folder, ["predict", trained, ...words]);
    child.stdin?.end("one two\n\nthree");
    expect(await ended).toMatchObject({ code: 0, out, error: "" });
  }
  for (const words of [
    ["--output", "x.txt"],
    ["--explain", "x"],
  ]) {
    expect(await run("predict", trained, ...words)).toMatchObject({
      code: 2,
      error: expect.stringMatching(/^rondo: --input FILE expected/),
    });
  }
}, 60_000);

it("evaluate tells figures with signatures, and writes what becomes of each pair", async () => {
  const [input, written] = [join(folder, "test.tsv"), join(temporaryFolder(), "out.txt")];
  const told = await run("evaluate", trained, "--input", input, "--predictions", written, "--json");
  const found = JSON.parse(told.out);
  expect(found).toMatchObject({
    pairs: 12,
    signatures: { bleu: expect.stringContaining("nrefs:1"), chrf: expect.stringContaining("nrefs:1") },
  });
  const bleu = new BleuCounts({ tokens: "13a" });
  for (const line of readFileSync(written, "utf8").split("\n").slice(0, -1)) {
    const [, text, expected] = line.split("\t") as [string, string, string];
    bleu.add(text, expected);
  }
  expect(found.bleu).toBe(bleu.report().bleu);
  const shown = await run("evaluate", trained, "--input", input);
  expect(shown.out).toContain(`BLEU|${found.signatures.bleu}`);
});

it("predict --explain draws what each line looked at", async () => {
  const out = join(temporaryFolder(), "drawn");
  const input = join(folder, "new.txt");
  const { code, out: printed } = await run("predict", trained, "--input", input, "--explain", out);
  expect(code).toBe(0);
  expect(printed.split("\n")).toHaveLength(4);
  const names = readdirSync(out);
  expect(names).toHaveLength(3);
  const [first] = names.sort();
  const svg = readFileSync(join(out, first as string), "utf8");
  read(svg);
  const weights = [...svg.matchAll(/<title>([^<]*) ← (one|two): ([\d.]+)<\/title>/g)].map((found) =>
    Number(found[3]),
  );
  expect(weights.length).toBeGreaterThan(0);
  for (let row = 0; row < weights.length; row += 2) {
    expect((weights[row] as number) + (weights[row + 1] as number)).toBeCloseTo(1, 2);
  }
  const drawn = await run("predict", trained, "--input", input, "--explain", "-");
  expect(drawn.code).toBe(0);
  expect(drawn.out).toContain("<end>");
});

it("describe, draw and explain know encoder and decoder", async () => {
  const described = await run("describe", trained);
  expect(described.out).toMatch(/encoder +gru, 1 layer of 6 units, both ways/);
  expect(JSON.parse((await run("describe", trained, "--json")).out).form).toMatchObject({
    attention: "additive",
  });
  const picture = join(temporaryFolder(), "network.svg");
  expect(await run("draw", trained, "--out", picture)).toMatchObject({ code: 0, error: "" });
  const texts = read(readFileSync(picture, "utf8")).shapes.map(({ text }) => text);
  expect(texts.filter((text) => /encoder/.test(text))).not.toEqual([]);
  expect(texts.filter((text) => /decoder/.test(text))).not.toEqual([]);
  expect(await run("explain", trained, "--json")).toMatchObject({ code: 0, error: "" });
});
