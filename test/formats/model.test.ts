// A model's weights in a file: the round trip, weights of other libraries, and what is refused.
import { describe, expect, it } from "vitest";
import { FormatError, TrainingError, UsageError } from "../../src/errors.ts";
import { readModel, writeModel } from "../../src/formats/model.ts";
import { readSafetensors, writeSafetensors } from "../../src/formats/safetensors.ts";
import { batchNorm, gru, initialize, linear, parameters, recurrent, Variable } from "../../src/index.ts";

const create = (hidden = 3) => ({
  rnn: recurrent(gru, 2, hidden),
  norm: batchNorm(hidden),
  head: linear(hidden, 1),
  counts: new Variable("counts", [2], {
    dtype: "int32",
    trainable: false,
    initializer: () => Int32Array.of(3, -4),
  }),
});
const values = (model: object) =>
  Object.fromEntries(Object.entries(parameters(model)).map(([name, { value }]) => [name, value]));
const model = initialize(create(), { seed: 1 });
const bytes = writeModel(model, { classes: '["a","b"]' });

it("gives another model of the same form every weight, trained or not, and the metadata back", () => {
  const other = initialize(create(), { seed: 2 });
  const metadata = readModel(bytes, other, "m");
  expect(metadata).toMatchObject({ format: "rondo model", version: "1", classes: '["a","b"]' });
  expect(values(other)).toEqual(values(model));
  expect(Object.keys(values(other))).toContain("norm.running_var");
  expect(writeModel(other, { classes: '["a","b"]' })).toEqual(bytes);
});

it("starts a model that has no values yet", () => {
  const other = create();
  readModel(bytes, other);
  expect(values(other)).toEqual(values(model));
});

it("takes weights of other libraries, whose metadata say nothing or something else", () => {
  const { tensors } = readSafetensors(bytes, "m");
  for (const metadata of [{}, { format: "pt" }] as Record<string, string>[]) {
    const other = create();
    readModel(writeSafetensors({ tensors, metadata }), other);
    expect(values(other)).toEqual(values(model));
  }
});

describe("refused, with the model as it was", () => {
  const file = readSafetensors(bytes, "m");
  const changed = (metadata: Record<string, string>) =>
    writeSafetensors({ tensors: file.tensors, metadata: { ...file.metadata, ...metadata } });
  it.each<[string, Uint8Array, object, string]>([
    ["other sizes", bytes, create(4), 'tensor "rnn.weight_ih_l0" has shape [9, 2], expected [12, 2]'],
    ["a layer too few", bytes, { rnn: create().rnn }, 'tensor "norm.weight" is not expected'],
    ["a layer too many", bytes, { ...create(), more: linear(1, 1) }, 'tensor "more.weight" is missing'],
    ["a checkpoint", changed({ format: "rondo checkpoint" }), create(), 'the format "rondo checkpoint"'],
    [
      "a later version",
      changed({ version: "2" }),
      create(),
      'rondo model of version "2", expected version 1',
    ],
    ["no safetensors", new Uint8Array(100).fill(65), create(), "not a safetensors file"],
  ])("%s", (_, given, target, message) => {
    initialize(target, { seed: 5 });
    const before = values(target);
    const read = () => readModel(given, target, "run/m.safetensors");
    expect(read).toThrow(FormatError);
    expect(read).toThrow(message);
    expect(read).toThrow(/^run\/m\.safetensors: [^\n]*$/);
    expect(values(target)).toEqual(before);
  });

  it("what cannot be written", () => {
    expect(() => writeModel(create())).toThrow("has no value yet");
    const broken = initialize(create(), { seed: 1 });
    broken.head.weights.weight.value = [1, Number.NaN, 1];
    expect(() => writeModel(broken)).toThrow(TrainingError);
    expect(() => writeModel(broken)).toThrow("head.weight is not finite");
    expect(() => writeModel(model, { classes: 3 } as never)).toThrow(UsageError);
    expect(() => writeModel(model, { classes: 3 } as never)).toThrow(
      "writeModel: metadata classes: 3 given, a string such as JSON.stringify(...) expected",
    );
    expect(() => writeModel(model, { format: "mine" })).toThrow("the metadata format is the file's own");
    expect(() => writeModel(model, null as never)).toThrow("metadata null given, an object of strings");
  });
});
