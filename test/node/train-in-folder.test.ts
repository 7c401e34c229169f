// A training of one's own in a folder: what is misused is refused before there is a folder, and nobody's model is written over.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { linear } from "../../src/nn/index.ts";
import { appendLine, trainInFolder } from "../../src/node/index.ts";
import { float32 } from "../../src/program/compile.ts";
import { sgd } from "../../src/training/optimizers.ts";
import { Training } from "../../src/training/training.ts";
import { temporaryFolder } from "../helpers/folder.ts";

function line(more: object = {}) {
  const model = linear(1, 1);
  return new Training({
    model,
    inputs: { x: float32("B", 1) },
    loss: ({ x }) => model.apply(x).sub(x).pow(2).mean(),
    batches: { count: 4, at: (batch) => ({ x: [[batch], [1]] }) },
    epochs: 2,
    ...more,
  });
}

it.each([
  [{ report: "bars" }, 'report "bars" is unknown: expected bar, lines, json, nothing'],
  [{ checkpointEvery: -1 }, "checkpointEvery -1 given, a number of seconds above 0 expected"],
  [{ signal: {} }, "signal an object given, an AbortSignal expected"],
  [{ onEvent: 5 }, "onEvent 5 given, a function expected"],
  [{ diagnose: -1 }, "diagnose -1 given, a whole number of updates, or 0 for never, expected"],
  [{ onDiagnosis: 1 }, "onDiagnosis 1 given, a function expected"],
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

it("measures what is seen inside, and warns", async () => {
  const path = join(temporaryFolder(), "run");
  const told: string[] = [];
  // What explodes: the weight grows a thousandfold with each update.
  const training = line({ learningRate: 1000, optimizer: sgd(), epochs: 20 });
  const onDiagnosis = ({ event }: { readonly event: string }) => told.push(event);
  await expect(
    trainInFolder(training, path, { report: "nothing", diagnose: 3, onDiagnosis }),
  ).rejects.toThrow("training diverged");
  const lines = readFileSync(join(path, "metrics.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((text) => JSON.parse(text));
  const [diagnosis] = lines.filter(({ event }) => event === "diagnosis");
  expect(diagnosis).toMatchObject({ step: 3, epoch: 1, clipped: null, passes: {} });
  expect(Object.keys(diagnosis.layers)).toHaveLength(1);
  const warnings = lines.filter(({ event }) => event === "warning");
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatchObject({
    kind: "exploding",
    message: expect.stringMatching(/try to clip their norm/),
  });
  expect(told.filter((event) => event === "warning")).toHaveLength(1);
});

it("goes on where it was stopped: the same model, and every validation measured once", async () => {
  const train = (path: string, more: object = {}) => {
    const training = line({ validation: { count: 1, at: () => ({ x: [[3]] }) } });
    return trainInFolder(training, path, { report: "nothing", ...more });
  };
  const [whole, stopped] = [join(temporaryFolder(), "whole"), join(temporaryFolder(), "stopped")];
  expect(await train(whole)).toBe("finished");
  const stop = new AbortController();
  const onEvent = ({ step }: { readonly step: number }) => step === 5 && stop.abort();
  expect(await train(stopped, { signal: stop.signal, onEvent })).toBe("interrupted");
  // As where a process dies after it measured more than its checkpoint knows.
  appendLine(join(stopped, "metrics.jsonl"), '{"event":"validation","step":8,"epoch":2}');
  const steps: number[] = [];
  expect(await train(stopped, { onEvent: ({ step }: { step: number }) => steps.push(step) })).toBe(
    "finished",
  );
  expect(steps).toEqual([6, 7, 8, 8]); // three updates and a validation
  const model = (path: string) => readFileSync(join(path, "model.safetensors"));
  expect(model(stopped)).toEqual(model(whole));
  const validations = (path: string) =>
    readFileSync(join(path, "metrics.jsonl"), "utf8")
      .split("\n")
      .filter((text) => text.includes('"validation"'));
  expect(validations(whole)).toHaveLength(2);
  expect(validations(stopped)).toEqual(validations(whole));
  expect(await train(stopped)).toBe("finished");
});
