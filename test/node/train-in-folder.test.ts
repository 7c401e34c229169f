// A training of one's own in a folder: what is misused is refused before there is a folder, and nobody's model is written over.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { linear } from "../../src/nn/index.ts";
import { trainInFolder } from "../../src/node/index.ts";
import { float32 } from "../../src/program/compile.ts";
import { Training } from "../../src/training/training.ts";
import { temporaryFolder } from "../helpers/folder.ts";

function line() {
  const model = linear(1, 1);
  return new Training({
    model,
    inputs: { x: float32("B", 1) },
    loss: ({ x }) => model.apply(x).sub(x).pow(2).mean(),
    batches: { count: 4, at: (batch) => ({ x: [[batch], [1]] }) },
    epochs: 2,
  });
}

it.each([
  [{ report: "bars" }, 'report "bars" is unknown: expected bar, lines, json, nothing'],
  [{ checkpointEvery: -1 }, "checkpointEvery -1 given, a number of seconds above 0 expected"],
  [{ signal: {} }, "signal an object given, an AbortSignal expected"],
  [{ onEvent: 5 }, "onEvent 5 given, a function expected"],
  [{ lossText: "x" }, 'lossText "x" given, a function expected'],
  [{ nope: 1 }, "option nope is unknown"],
])("refuses %j before there is a folder", async (options, message) => {
  const path = join(temporaryFolder(), "run");
  const refused = trainInFolder(line(), path, options as never);
  await expect(refused).rejects.toThrow(UsageError);
  await expect(refused).rejects.toThrow(`trainInFolder: ${message}`);
  await expect(refused).rejects.not.toThrow("keeps the checkpoint");
  expect(existsSync(path)).toBe(false);
});

it.each([undefined, 5, ""])("refuses the folder %j", async (path) => {
  await expect(trainInFolder(line(), path as never)).rejects.toThrow(/^trainInFolder: path .* expected$/);
});

it("does not write over a model that no checkpoint goes with", async () => {
  const path = temporaryFolder();
  await trainInFolder(line(), path, { report: "nothing" });
  rmSync(join(path, "checkpoint.safetensors"));
  writeFileSync(join(path, "model.safetensors"), "mine");
  await expect(trainInFolder(line(), path, { report: "nothing" })).rejects.toThrow("holds a run already");
  expect(readFileSync(join(path, "model.safetensors"), "utf8")).toBe("mine");
});
