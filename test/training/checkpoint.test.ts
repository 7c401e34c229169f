// Checkpoints: the round trip, and every kind of damage.
import { describe, expect, it } from "vitest";
import { FormatError, TrainingError } from "../../src/errors.ts";
import { readSafetensors, type StoredTensor, writeSafetensors } from "../../src/formats/safetensors.ts";
import { parameters } from "../../src/nn/model.ts";
import { Variable } from "../../src/trace/variable.ts";
import { readCheckpoint, restoreCheckpoint, saveCheckpoint } from "../../src/training/checkpoint.ts";
import { optimizerState } from "../../src/training/optimizer.ts";
import { adam, sgd } from "../../src/training/optimizers.ts";
import { startOfTraining } from "../../src/training/progress.ts";

const shapes = { h: [1, 2, 3], c: [1, 2, 3] };
const numbers = (count: number, scale: number) =>
  Float32Array.from({ length: count }, (_, at) => Math.sin(at) * scale);

/** A training in full swing; another scale makes one of the same form whose values are others. */
function training(scale: number, optimizer = adam(), at = startOfTraining()) {
  const model = {
    embedding: { weight: new Variable("weight", [4, 3]) },
    frozen: { scale: new Variable("scale", [2], { trainable: false }) },
    head: { bias: new Variable("bias", [4]), counts: new Variable("counts", [2], { dtype: "int32" }) },
  };
  const weights = parameters(model);
  for (const variable of Object.values(weights)) {
    variable.value = variable.dtype === "int32" ? [8 * scale, -3] : numbers(variable.count, scale);
  }
  const trained = [model.embedding.weight, model.head.bias];
  const state = optimizerState(optimizer, trained);
  for (const slots of state.slots) {
    for (const variable of Object.values(slots)) variable.value = numbers(variable.count, 3 * scale);
  }
  const carried = {
    state: {
      h: { data: numbers(6, scale / 7), shape: shapes.h },
      c: { data: numbers(6, scale / 3), shape: shapes.c },
    },
  };
  return { model, step: { parameters: trained, state }, carried, progress: structuredClone(at) };
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
const bytes = saveCheckpoint(training(1, adam(), progress), { training: '{"seed":1}' });

it("gives back every number, the progress and the metadata", () => {
  const read = readCheckpoint(bytes, "run/checkpoint");
  expect(read.progress).toEqual(progress);
  expect(read.metadata.training).toBe('{"seed":1}');
  const [before, after] = [training(1), training(0)];
  const carried = restoreCheckpoint(read, after);
  const weights = parameters(after.model);
  for (const [name, variable] of Object.entries(parameters(before.model))) {
    expect(weights[name]?.value).toEqual(variable.value);
  }
  expect(after.step.state.step).toBe(17);
  expect(after.progress).toEqual(progress);
  after.step.state.slots.forEach((slots, index) => {
    expect(Object.keys(slots)).toEqual(["exp_avg", "exp_avg_sq"]);
    for (const [slot, variable] of Object.entries(slots)) {
      expect(variable.value).toEqual(before.step.state.slots[index]?.[slot]?.value);
    }
  });
  expect(carried).toEqual(before.carried);
  expect(saveCheckpoint({ ...after, carried }, { training: '{"seed":1}' })).toEqual(bytes);
});

it("is restored from its bytes as they are", () => {
  const after = training(0);
  expect(restoreCheckpoint(bytes, after)).toEqual(training(1).carried);
  expect(() => restoreCheckpoint("run" as never, after)).toThrow(
    'restore: "run" given, the bytes of a checkpoint expected',
  );
});

it("refuses what is trained without being of the model, and metadata of its own", () => {
  const state = training(1);
  const stranger = new Variable("stranger", [1]);
  const step = { parameters: [stranger], state: optimizerState(adam(), [stranger]) };
  expect(() => saveCheckpoint({ ...state, step })).toThrow("stranger is trained, but no weight of the model");
  expect(() => saveCheckpoint(state, { progress: "{}" })).toThrow("the metadata progress is the file's own");
  expect(() => saveCheckpoint(state, { epoch: 3 } as never)).toThrow("metadata epoch: 3 given, a string");
});

it("is not written when a number is no longer finite", () => {
  for (const spoil of [
    (state: ReturnType<typeof training>) => {
      state.model.head.bias.value = [0, Number.NaN, 0, 0];
    },
    (state: ReturnType<typeof training>) => {
      (state.step.state.slots[0]?.exp_avg as Variable).value = new Float32Array(12).fill(
        Number.POSITIVE_INFINITY,
      );
    },
    (state: ReturnType<typeof training>) => {
      state.carried.state.h.data[0] = Number.NaN;
    },
  ]) {
    const state = training(1, adam(), progress);
    spoil(state);
    expect(() => saveCheckpoint(state)).toThrow(TrainingError);
    expect(() => saveCheckpoint(state)).toThrow("is no longer finite at step 17: training diverged");
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
    const restore = () => restoreCheckpoint(readCheckpoint(file, "run/c.safetensors"), target);
    expect(restore).toThrow(FormatError);
    expect(restore).toThrow(message);
    expect(restore).toThrow(/^run\/c\.safetensors: [^\n]*$/);
    expect(target.step.state.step).toBe(0);
    expect(target.progress).toEqual(startOfTraining());
    expect(target.model.embedding.weight.value).toEqual(numbers(12, 0.5));
  });

  it("a checkpoint of another optimiser", () => {
    const restore = () => restoreCheckpoint(bytes, training(0, sgd()));
    expect(restore).toThrow('tensor "optimizer.embedding.weight.exp_avg" is not expected');
  });
});
