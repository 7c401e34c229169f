// Checkpoints: the round trip, and every kind of damage.
import { describe, expect, it } from "vitest";
import { FormatError, TrainingError } from "../../src/errors.ts";
import { readSafetensors, type StoredTensor, writeSafetensors } from "../../src/formats/safetensors.ts";
import { Variable } from "../../src/trace/variable.ts";
import { readCheckpoint, restoreCheckpoint, writeCheckpoint } from "../../src/training/checkpoint.ts";
import { optimizerState } from "../../src/training/optimizer.ts";
import { adam, sgd } from "../../src/training/optimizers.ts";
import { startOfTraining } from "../../src/training/progress.ts";

const shapes = { h: [1, 2, 3], c: [1, 2, 3] };
const numbers = (count: number, scale: number) =>
  Float32Array.from({ length: count }, (_, at) => Math.sin(at) * scale);

/** A training in full swing; `fresh` is one of the same form whose values are others. */
function training(scale: number, optimizer = adam()) {
  const parameters = {
    "embedding.weight": new Variable("embedding.weight", [4, 3]),
    "frozen.scale": new Variable("frozen.scale", [2], { trainable: false }),
    "head.bias": new Variable("head.bias", [4]),
  };
  for (const variable of Object.values(parameters)) variable.value = numbers(variable.count, scale);
  const trainable = Object.values(parameters).filter((variable) => variable.trainable);
  const state = optimizerState(optimizer, trainable);
  for (const slots of state.slots) {
    for (const variable of Object.values(slots)) variable.value = numbers(variable.count, 3 * scale);
  }
  const recurrent = {
    h: { data: numbers(6, scale / 7), shape: shapes.h },
    c: { data: numbers(6, scale / 3), shape: shapes.c },
  };
  return { parameters, optimizer: state, recurrent };
}

const progress = {
  ...startOfTraining(),
  step: 17,
  epoch: 2,
  batch: 3,
  tokens: 999,
  seconds: 1.25,
  best: 1.5,
  waited: 1,
  schedule: { best: 1.5, waited: 1, reductions: 2 },
};
const bytes = writeCheckpoint(training(1), progress, { training: '{"seed":1}' });

it("gives back every number, the progress and the metadata", () => {
  const read = readCheckpoint(bytes, "run/checkpoint");
  expect(read.progress).toEqual(progress);
  expect(read.file.metadata.training).toBe('{"seed":1}');
  const [before, after] = [training(1), training(0)];
  const recurrent = restoreCheckpoint(read, after, shapes);
  for (const [name, variable] of Object.entries(before.parameters)) {
    expect(after.parameters[name as keyof typeof after.parameters].value).toEqual(variable.value);
  }
  expect(after.optimizer.step).toBe(17);
  after.optimizer.slots.forEach((slots, index) => {
    expect(Object.keys(slots)).toEqual(["exp_avg", "exp_avg_sq"]);
    for (const [slot, variable] of Object.entries(slots)) {
      expect(variable.value).toEqual(before.optimizer.slots[index]?.[slot]?.value);
    }
  });
  expect(recurrent).toEqual(before.recurrent);
  expect(writeCheckpoint({ ...after, recurrent }, progress, { training: '{"seed":1}' })).toEqual(bytes);
});

it("is not written when a number is no longer finite", () => {
  for (const spoil of [
    (state: ReturnType<typeof training>) => {
      state.parameters["head.bias"].value = [0, Number.NaN, 0, 0];
    },
    (state: ReturnType<typeof training>) => {
      (state.optimizer.slots[0]?.exp_avg as Variable).value = new Float32Array(12).fill(
        Number.POSITIVE_INFINITY,
      );
    },
    (state: ReturnType<typeof training>) => {
      state.recurrent.h.data[0] = Number.NaN;
    },
  ]) {
    const state = training(1);
    spoil(state);
    expect(() => writeCheckpoint(state, progress, {})).toThrow(TrainingError);
    expect(() => writeCheckpoint(state, progress, {})).toThrow(
      "is no longer finite at step 17: training diverged",
    );
  }
});

describe("damage is named, and nothing is restored", () => {
  /** The checkpoint with other metadata or tensors; undefined takes one out. */
  const damaged = (
    metadata: Record<string, string | undefined>,
    tensors: Record<string, StoredTensor | undefined> = {},
  ): Uint8Array => {
    const file = readSafetensors(bytes, "whole");
    const kept = <Value>(entries: [string, Value | undefined][]) =>
      entries.filter((entry): entry is [string, Value] => entry[1] !== undefined);
    return writeSafetensors({
      metadata: Object.fromEntries(kept(Object.entries({ ...file.metadata, ...metadata }))),
      tensors: new Map(kept(Object.entries({ ...Object.fromEntries(file.tensors), ...tensors }))),
    });
  };
  const withProgress = (change: object) => damaged({ progress: JSON.stringify({ ...progress, ...change }) });
  const bias = (...data: number[]) => ({ shape: [4], data: Float32Array.from(data) });

  const cases: [string, Uint8Array, string][] = [
    ["empty", new Uint8Array(0), "cut short"],
    ["cut in the header", bytes.subarray(0, 100), "cut short"],
    ["cut in the data", bytes.subarray(0, bytes.length - 4), "cut short"],
    [
      "not a safetensors file",
      new TextEncoder().encode("no checkpoint, just words"),
      "not a safetensors file",
    ],
    ["bytes after the end", Uint8Array.from([...bytes, 0]), "belong to no tensor"],
    ["another format", damaged({ format: "pt" }), 'names the format "pt"'],
    ["no format", damaged({ format: undefined }), "the metadata names no format"],
    ["another version", damaged({ version: "2" }), 'of version "2", expected version 1'],
    ["no progress", damaged({ progress: undefined }), "the metadata has no progress"],
    ["progress that is no JSON", damaged({ progress: "{" }), "progress is not JSON"],
    ["progress that is a list", damaged({ progress: "[]" }), "expected an object"],
    ["step missing", withProgress({ step: undefined }), "progress: step undefined, expected a whole number"],
    ["step negative", withProgress({ step: -1 }), "progress: step -1, expected a whole number"],
    ["epoch a word", withProgress({ epoch: "2" }), 'progress: epoch "2", expected a whole number'],
    ["seconds missing", withProgress({ seconds: null }), "progress: seconds null, expected 0 or more"],
    ["best a word", withProgress({ best: "1" }), 'progress: best "1", expected a number or null'],
    [
      "a schedule of words",
      withProgress({ schedule: { best: "1" } }),
      "schedule: expected an object of numbers",
    ],
    ["an unknown key", withProgress({ mood: 1 }), 'progress: key "mood" is unknown'],
    [
      "a weight missing",
      damaged({}, { "weights.head.bias": undefined }),
      'tensor "weights.head.bias" is missing',
    ],
    [
      "optimiser state missing",
      damaged({}, { "optimizer.head.bias.exp_avg": undefined }),
      'tensor "optimizer.head.bias.exp_avg" is missing',
    ],
    ["recurrent state missing", damaged({}, { "state.c": undefined }), 'tensor "state.c" is missing'],
    [
      "a tensor too many",
      damaged({}, { extra: { shape: [1], data: new Float32Array(1) } }),
      'tensor "extra" is not expected',
    ],
    [
      "a wrong shape",
      damaged({}, { "weights.embedding.weight": { shape: [3, 4], data: new Float32Array(12) } }),
      'tensor "weights.embedding.weight" has shape [3, 4], expected [4, 3]',
    ],
    [
      "another type",
      damaged({}, { "state.h": { shape: shapes.h, data: new Int32Array(6) } }),
      'tensor "state.h" has dtype I32, expected F32',
    ],
    ["NaN", damaged({}, { "weights.head.bias": bias(0, 0, Number.NaN, 0) }), "holds NaN at index 2"],
    [
      "infinity",
      damaged({}, { "optimizer.head.bias.exp_avg_sq": bias(Number.POSITIVE_INFINITY, 0, 0, 0) }),
      "holds Infinity at index 0",
    ],
  ];
  it.each(cases)("%s", (_, file, message) => {
    const target = training(0.5);
    const restore = () => restoreCheckpoint(readCheckpoint(file, "run/c.safetensors"), target, shapes);
    expect(restore).toThrow(FormatError);
    expect(restore).toThrow(message);
    expect(restore).toThrow(/^run\/c\.safetensors: [^\n]*$/);
    expect(target.optimizer.step).toBe(0);
    expect(target.parameters["embedding.weight"].value).toEqual(numbers(12, 0.5));
  });

  it("a checkpoint of another optimiser", () => {
    const restore = () => restoreCheckpoint(readCheckpoint(bytes, "c"), training(0, sgd()), shapes);
    expect(restore).toThrow('tensor "optimizer.embedding.weight.exp_avg" is not expected');
  });
});
