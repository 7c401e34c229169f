// With --json every command prints lines of JSON, and nothing else; a command that is not listed here fails.
import { expect, it, onTestFinished } from "vitest";
import { createProgram } from "../../src/cli/rondo.ts";
import { RondoError } from "../../src/errors.ts";
import { jsonLine } from "../../src/node/json-line.ts";
import { temporaryFolder } from "../helpers/folder.ts";
import { sentence } from "../tasks/language-model/texts.ts";
import { run } from "./cli.ts";

/** For each command, words that it can be called with once there is a run, and what its lines have. */
const calls: Record<string, [string, string[]][]> = {
  train: [
    ["train --resume run --epochs 2", ["event", "run", "step"]],
    ["train --resume run", ["event", "run", "step"]],
  ],
  evaluate: [["evaluate run --text fox.txt", ["tokens", "nats", "perplexity", "bitsPerCharacter"]]],
  predict: [
    ["predict run --length 3 --temperature 0", ["text"]],
    ["generate run --prompt the --length 5", ["text"]],
  ],
  describe: [["describe run", ["file", "architecture", "parameters", "weights", "training", "heldOut"]]],
  draw: [
    ["draw lstm", ["title", "view", "file"]],
    ["draw gru --view unrolled --out -", ["title", "view", "svg"]],
    ["draw run", ["title", "view", "file"]],
  ],
  explain: [
    ["explain run", ["graph", "passes", "loops", "memory", "arithmetic"]],
    ["explain gru --hidden 3 --program stream", ["graph", "passes", "loops", "memory", "arithmetic"]],
  ],
  inspect: [["inspect run --input fox.txt --steps 5", ["loss", "gradients", "saturation", "states"]]],
  lab: [
    ["lab", ["name", "title", "claim", "seconds"]],
    ["lab exposure-bias --seed 1 --updates 1 --windows 2 --hidden 2", ["event", "experiment", "measured"]],
  ],
};

it.each(createProgram().commands.map((command) => command.name()))("%s --json", async (name) => {
  const folder = temporaryFolder({ "fox.txt": sentence });
  const before = process.cwd();
  process.chdir(folder);
  onTestFinished(() => process.chdir(before));
  const options = "--hidden 6 --embedding 4 --batch 4 --window 12 --epochs 1 --threads 1 --out run".split(
    " ",
  );
  expect(await run("train", "fox.txt", ...options)).toMatchObject({ code: 0, error: "" });
  expect(calls[name] ?? []).not.toEqual([]);
  for (const [words, keys] of calls[name] ?? []) {
    const { code, out, error } = await run(...words.split(" "), "--json");
    expect({ code, error }).toEqual({ code: 0, error: "" });
    const lines = out.trimEnd().split("\n");
    const objects = lines.map((line) => JSON.parse(line) as object);
    expect(Object.keys(objects[0] ?? {})).toEqual(expect.arrayContaining(keys));
  }
});

it("numbers that JSON does not have are refused, not written as null", () => {
  expect(jsonLine({ a: [1, { b: null }] })).toBe('{"a":[1,{"b":null}]}');
  for (const number of [Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => jsonLine({ measures: { perplexity: number } })).toThrow(RondoError);
    expect(() => jsonLine({ perplexity: number })).toThrow(`perplexity is ${number}, which JSON cannot say`);
  }
});
