// The commands on a tagger: which task is meant, one prediction for each sentence, figures, files that are none of its own.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { makeFolder, removeFolder, temporaryFolder } from "../helpers/folder.ts";
import { columns, named, tagged } from "../tasks/tagging/sentences.ts";
import { run, start } from "./cli.ts";

const small = "--embedding 4 --hidden 4 --epochs 1".split(" ");

let folder: string;
let trained: string;

beforeAll(async () => {
  folder = makeFolder({
    "names.conll": columns(tagged(named(30), "BIO")).replaceAll("\t", " "),
    "test.txt": columns(tagged(named(9, 2), "BIO")),
    "some.txt": "Ann met Bob.\n\nIt will rain.",
    "broken.jsonl": '{"text":"a"}\n{"text":',
    "mail.jsonl": '{"body":"a","folder":"b"}\n',
  });
  trained = join(folder, "run");
  const names = join(folder, "names.conll");
  const result = await run("train", names, ...small, "--out", trained);
  const warning = "no better than the commonest tag of each word: more epochs or sentences may help";
  expect(result).toMatchObject({ code: 0, error: `rondo: ${warning}\n` });
  expect(result.out).toMatch(
    /^task tag: names\.conll has words with tags\n.*names\.conll: 30 sentences, .* tags of BIO\n/,
  );
  return () => removeFolder(folder);
}, 60_000);

it("predict prints a block for each sentence, and JSON a line for each", async () => {
  const input = join(folder, "some.txt");
  const { out } = await run("predict", trained, "--input", input);
  expect(out.replace(/\t[^\n]*/g, "")).toBe("Ann\nmet\nBob\n.\n\n\nIt\nwill\nrain\n.\n\n");
  const json = join(temporaryFolder(), "out.jsonl");
  await run("predict", trained, "--input", input, "--output", json);
  const told = readFileSync(json, "utf8").trimEnd().split("\n");
  expect(told.map((line) => JSON.parse(line).text)).toEqual(["Ann met Bob.", "", "It will rain."]);
});

it("evaluate tells figures, and writes what becomes of each sentence", async () => {
  const [input, lines] = [join(folder, "test.txt"), join(temporaryFolder(), "out.txt")];
  const told = await run("evaluate", trained, "--input", input, "--predictions", lines, "--json");
  expect(JSON.parse(told.out)).toMatchObject({ sentences: 9, conlleval: expect.any(Number), labels: {} });
  for (const line of readFileSync(lines, "utf8").trimEnd().split("\n")) {
    expect(line).toMatch(/^(?:\S+\t\S+\t\S+)?$/);
  }
});

it.each([
  ["broken.jsonl", /^rondo: .*broken\.jsonl: line 2 is not JSON/],
  ["mail.jsonl", /^rondo: .*mail\.jsonl: line 1 has neither text nor tokens/],
])("predict refuses %s in one line", async (name, message) => {
  const { code, error } = await run("predict", trained, "--input", join(folder, name), "--json");
  expect(code).toBe(1);
  expect(error).toMatch(message);
  expect(error.trimEnd().split("\n")).toHaveLength(1);
});

it.each([
  ["lines of text", "Ann met Bob.\n\nDora", "Ann\nmet\nBob\n.\n\n\nDora\n\n"],
  ["columns", "Ann\tB-PER\nmet\tO\n\nBob\tB-PER\n", "Ann\nmet\n\nBob\n\n"],
])("predict reads the standard input, which comes once: %s", async (_, input, words) => {
  const { child, ended } = start(folder, ["predict", trained, "--input", "-"]);
  child.stdin?.end(input);
  const { code, out } = await ended;
  expect([code, out.replace(/\t[^\n]*/g, "")]).toEqual([0, words]);
});

it("what is said of the schedule without its kind is said of the cosine", async () => {
  const out = join(temporaryFolder(), "run");
  const words = ["train", join(folder, "names.conll"), ...small, "--out", out];
  expect(await run(...words, "--decay-every", "3")).toMatchObject({
    code: 2,
    error: "rondo: schedule cosine has no setting every: it is of step\n",
  });
  expect(await run(...words, "--warmup", "3", "--json")).toMatchObject({ code: 0 });
  const { training } = JSON.parse((await run("describe", out, "--json")).out);
  expect(training.settings.schedule).toEqual({ kind: "cosine", warmUp: 3, minimum: 0 });
});

it("explain and draw know the network", async () => {
  expect(await run("explain", trained, "--json")).toMatchObject({ code: 0, error: "" });
  const picture = join(temporaryFolder(), "network.svg");
  expect(await run("draw", trained, "--out", picture)).toMatchObject({ code: 0, error: "" });
  expect(readFileSync(picture, "utf8")).toMatch(/^<svg/);
});
