import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { experiments } from "../../src/lab/index.ts";
import { temporaryFolder } from "../helpers/folder.ts";
import { run, start } from "./cli.ts";

const small = "exposure-bias --updates 3 --windows 4 --hidden 2 --horizon 4".split(" ");

function inFolder(): string {
  const folder = temporaryFolder();
  const before = process.cwd();
  process.chdir(folder);
  onTestFinished(() => process.chdir(before));
  return folder;
}

test("without a name, a line for each experiment", async () => {
  const { code, out, error } = await run("lab");
  expect({ code, error }).toEqual({ code: 0, error: "" });
  const lines = out.trimEnd().split("\n");
  expect(lines.map((line) => line.split(" ")[0])).toEqual(experiments.map(({ name }) => name));
  for (const line of lines) expect(line).toMatch(/^\S+ +[A-Z].*\.? \(\d+ (s|min.*)\)$/);
});

test("every experiment has another name, a claim, and help that says its settings", async () => {
  expect(new Set(experiments.map(({ name }) => name)).size).toBe(experiments.length);
  for (const { name, title, claim, options } of experiments) {
    expect(claim.length, name).toBeLessThan(200);
    const { code, out } = await run("lab", name, "--help");
    expect(code).toBe(0);
    expect(out).toContain(title);
    expect(out.match(/^ {2}--/gm)?.length, name).toBeGreaterThan(Object.keys(options).length);
  }
});

test("an experiment prints its tables and what they show, and draws its picture", async () => {
  const folder = inFolder();
  const { code, out, error } = await run("lab", ...small, "--seed", "4", "--out", "found.svg");
  expect({ code, error }).toEqual({ code: 0, error: "" });
  expect(out).toMatch(/^Exposure bias: /);
  expect(out).toMatch(/^1\/\d+ {2}.*, seed 4$/m);
  expect(out).toMatch(/^(yes|NO ) /m);
  expect(out).toMatch(/\d+ trials in \d+ s on \w+\npicture: found.svg\n$/);
  expect(readFileSync(join(folder, "found.svg"), "utf8")).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
  // There is nothing to go on with.
  expect(existsSync(join(folder, "runs/lab/exposure-bias.jsonl"))).toBe(false);
});

test("the picture is drawn in the terminal too", async () => {
  inFolder();
  const { code, out } = await run("lab", ...small, "--seed", "4", "--out", "-");
  expect(code).toBe(0);
  expect(out).toMatch(/┤[\s\S]*└──/);
});

test("the same command goes on where it was stopped", async () => {
  const folder = temporaryFolder();
  const words = ["lab", ...small, "--updates", "1500", "--seed", "1", "--json"];
  const stopped = start(folder, words);
  await stopped.printed('"event":"trial"');
  stopped.child.kill("SIGINT");
  const first = await stopped.ended;
  expect(first.code).toBe(130);
  expect(first.error).toMatch(
    /^rondo: stopped; the same command goes on: .*exposure-bias.jsonl keeps what was measured\n$/,
  );
  const trials = (out: string) =>
    out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { event: string; name: string; measured: unknown })
      .filter(({ event }) => event === "trial");
  const before = trials(first.out);
  // A line that was cut short is no trial.
  appendFileSync(join(folder, "runs/lab/exposure-bias.jsonl"), '{"experiment":"expo');
  const second = await start(folder, words).ended;
  expect(second).toMatchObject({ code: 0, error: "" });
  const after = trials(second.out);
  expect(after.length).toBeGreaterThan(0);
  const names = [...before, ...after].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const end = JSON.parse(second.out.trimEnd().split("\n").at(-1) as string) as { trials: { name: string }[] };
  expect(end.trials.map(({ name }) => name)).toEqual(names);
});

test.each([
  [["lab", "exposure-bais"], 'there is no experiment "exposure-bais": did you mean exposure-bias?'],
  [
    ["lab", "nothing-like-it"],
    /^rondo: there is no experiment "nothing-like-it": .*exposure-bias.* expected$/,
  ],
  [["lab", ...small, "--out", "found.png"], "--out found.png: a file whose name ends in .svg expected"],
  [
    ["lab", ...small, "--out", "-", "--json"],
    "--out - draws for people, --json prints for machines: one expected",
  ],
  [["lab", ...small, "--seed", "1,1"], "seeds 1, 1 given, each once expected"],
  [["lab", ...small, "--seed", "x"], "A number is expected."],
  [["lab", "exposure-bias", "--hidden", "0"], "hidden 0: expected a whole number from 1"],
  [["lab", "exposure-bias", "--hiden", "3"], "unknown option '--hiden'"],
  [["lab", "exposure"], 'there is no experiment "exposure": did you mean exposure-bias?'],
  [["lab", "--out", "found.svg"], "--out is of an experiment: rondo lab NAME --out FILE.svg"],
])("%j is one line", async (words, message) => {
  inFolder();
  const { code, error } = await run(...words);
  expect(error.trimEnd()).toMatch(
    typeof message === "string" ? new RegExp(message.replace(/[.?+()]/g, "\\$&")) : message,
  );
  expect(error.trimEnd().split("\n")).toHaveLength(1);
  expect(code).toBe(2);
});

test("a picture that cannot be written is refused before anything is measured", async () => {
  const folder = inFolder();
  const { code, out, error } = await run("lab", ...small, "--out", "nowhere/found.svg");
  expect({ code, out }).toEqual({ code: 1, out: "" });
  expect(error).toMatch(/cannot write nowhere\/found.svg: no such file or directory/);
  expect(existsSync(join(folder, "runs"))).toBe(false);
});

test("trials of other settings stay, and what is damaged is named", async () => {
  const folder = inFolder();
  const file = join(folder, "runs/lab/exposure-bias.jsonl");
  mkdirSync(join(folder, "runs/lab"), { recursive: true });
  const other = {
    experiment: "exposure-bias",
    settings: { hidden: 1 },
    name: "a",
    seed: 1,
    seconds: 1,
    measured: 3,
  };
  writeFileSync(file, `${JSON.stringify(other)}\n${JSON.stringify({ ...other, seconds: "x" })}\nnonsense\n`);
  expect(await run("lab", ...small, "--seed", "4")).toMatchObject({ code: 0 });
  expect(readFileSync(file, "utf8")).toBe(`${JSON.stringify(other)}\n`);
  const { out } = await run("lab", "backpropagation", "--json");
  const { settings } = JSON.parse(out.trimEnd().split("\n").at(-1) as string) as { settings: object };
  const damaged = {
    experiment: "backpropagation",
    settings,
    name: "lesson",
    seed: 1,
    seconds: 1,
    measured: { a: 1 },
  };
  const trial = JSON.parse(out.split("\n")[0] as string) as { name: string };
  writeFileSync(
    join(folder, "runs/lab/backpropagation.jsonl"),
    JSON.stringify({ ...damaged, name: trial.name }),
  );
  const { code, error } = await run("lab", "backpropagation");
  expect(code).toBe(1);
  expect(error).toMatch(/none of its measurements: .*; remove .*backpropagation.jsonl\n$/);
});
