// A model as a file: the round trip, and every kind of damage named in one line.
import { describe, expect, it } from "vitest";
import { Vocabulary } from "../../../src/data/vocabulary.ts";
import { FormatError, TrainingError } from "../../../src/errors.ts";
import { readSafetensors, type StoredTensor, writeSafetensors } from "../../../src/formats/safetensors.ts";
import {
  LanguageModel,
  readLanguageModel,
  writeLanguageModel,
} from "../../../src/tasks/language-model/index.ts";
import { completeSettings } from "../../../src/tasks/language-model/options.ts";
import { sentence, small } from "./texts.ts";

const record = {
  text: { name: "fox.txt", characters: 900, fingerprint: "0123456789abcdef" },
  settings: completeSettings({}, { tokens: 1000 }),
  step: 10,
  epoch: 1,
  tokens: 480,
  validation: { nats: 2, bitsPerCharacter: 3, tokens: 90 },
};
const model = new LanguageModel(Vocabulary.build("characters", sentence), small).initialize(3);
const bytes = writeLanguageModel(model, record);

it("the file alone is enough to evaluate and generate", async () => {
  const read = readLanguageModel(bytes, "m");
  expect(read.training).toEqual(record);
  expect(read.model.architecture).toEqual(model.architecture);
  expect(read.model.generate("the", { length: 20 })).toBe(model.generate("the", { length: 20 }));
  expect(await read.model.evaluate(sentence)).toEqual(await model.evaluate(sentence));
  expect(writeLanguageModel(read.model, read.training)).toEqual(bytes);
  expect(readLanguageModel(writeLanguageModel(model), "m").training).toBeUndefined();
});

it("words keep their vocabulary", () => {
  const words = new LanguageModel(Vocabulary.build("words", sentence, { size: 8 }), small).initialize(1);
  const read = readLanguageModel(writeLanguageModel(words), "m").model;
  expect(read.vocabulary.toJSON()).toEqual(words.vocabulary.toJSON());
});

it("subwords keep their merges", async () => {
  const subwords = new LanguageModel(Vocabulary.build("subwords", sentence, { size: 280 }), small).initialize(
    1,
  );
  const read = readLanguageModel(writeLanguageModel(subwords), "m").model;
  expect(read.vocabulary).toEqual(subwords.vocabulary);
  expect(read.generate("the 😀", { length: 20 })).toBe(subwords.generate("the 😀", { length: 20 }));
  expect(await read.evaluate(sentence)).toEqual(await subwords.evaluate(sentence));
});

it("a model that is not finite is not written", () => {
  const broken = new LanguageModel(model.vocabulary, small).initialize(1);
  const bias = broken.parameters["head.bias"] as { value: ArrayLike<number> };
  bias.value = new Float32Array(model.vocabulary.size).fill(Number.NaN);
  expect(() => writeLanguageModel(broken)).toThrow(TrainingError);
  expect(() => writeLanguageModel(broken)).toThrow("head.bias is not finite");
});

describe("damage", () => {
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
  const architecture = (change: object) =>
    damaged({ model: JSON.stringify({ ...model.architecture, ...change }) });
  const training = (change: object) => damaged({ training: JSON.stringify({ ...record, ...change }) });
  const V = model.vocabulary.size;

  it.each<[string, Uint8Array, string]>([
    ["cut short", bytes.subarray(0, bytes.length - 1), "cut short"],
    ["a bad header", Uint8Array.from(bytes, (byte, at) => (at === 9 ? 0 : byte)), "not JSON"],
    [
      "a header that is too long",
      Uint8Array.from(bytes, (byte, at) => (at === 5 ? 9 : byte)),
      "header length",
    ],
    ["a checkpoint", damaged({ format: "rondo checkpoint" }), 'the format "rondo checkpoint"'],
    ["weights of something else", damaged({ format: undefined }), "the metadata names no format"],
    ["of a later version", damaged({ version: "2" }), 'of version "2", expected version 1'],
    ["no vocabulary", damaged({ prepared: undefined }), "the metadata has no prepared"],
    [
      "a vocabulary of another size",
      damaged({ prepared: '{"vocabulary":{"kind":"bytes"}}' }),
      "expected [256, 6]",
    ],
    ["no architecture", damaged({ model: undefined }), "the metadata has no model"],
    ["an unknown cell", architecture({ cell: "lsmt" }), 'model: cell "lsmt" is unknown'],
    ["no cell", architecture({ cell: undefined }), "model: cell is missing"],
    ["a size that is none", architecture({ hidden: "12" }), 'model: hidden "12": expected a whole number'],
    ["another size", architecture({ hidden: 13 }), "has shape [36, 6], expected [39, 6]"],
    [
      "another cell",
      architecture({ cell: "lstm" }),
      'tensor "rnn.weight_ih_l0" has shape [36, 6], expected [48, 6]',
    ],
    ["more layers", architecture({ layers: 2 }), 'tensor "rnn.weight_ih_l1" is missing'],
    ["an unknown part", architecture({ attention: true }), "model: attention is unknown"],
    ["a tensor missing", damaged({}, { "head.bias": undefined }), 'tensor "head.bias" is missing'],
    [
      "a tensor too many",
      damaged({}, { "head.extra": { shape: [1], data: new Float32Array(1) } }),
      'tensor "head.extra" is not expected',
    ],
    [
      "a wrong shape",
      damaged({}, { "head.bias": { shape: [1, V], data: new Float32Array(V) } }),
      `tensor "head.bias" has shape [1, ${V}], expected [${V}]`,
    ],
    [
      "a wrong type",
      damaged({}, { "head.bias": { shape: [V], data: new Float64Array(V) } }),
      "has dtype F64, expected F32",
    ],
    [
      "NaN",
      damaged({}, { "head.bias": { shape: [V], data: new Float32Array(V).fill(Number.NaN) } }),
      'tensor "head.bias" holds NaN at index 0',
    ],
    ["a record that is no JSON", damaged({ training: "hello" }), "training is not JSON"],
    ["a record of a step that is none", training({ step: "ten" }), 'training: step "ten", expected a number'],
    [
      "a record without a text",
      training({ text: {} }),
      "training: text {}, expected a name and a fingerprint",
    ],
    [
      "a record whose held-out text has no name",
      training({ text: { name: "a", characters: 9, fingerprint: "0123456789abcdef", heldOut: 3 } }),
      '"heldOut":3}, expected a name and a fingerprint',
    ],
    ["a record without settings", training({ settings: undefined }), "training: settings"],
    ...[
      { learningRate: null },
      { learningRate: true },
      { schedule: null },
      { schedule: {} },
      { optimizerSettings: [] },
      { optimizerSettings: {} },
      { clip: null },
      { clipValue: true },
      { validation: "" },
      { epochs: null },
    ].map((setting): [string, Uint8Array, string] => [
      `a setting of another kind: ${JSON.stringify(setting)}`,
      training({ settings: { ...record.settings, ...setting } }),
      `training: settings: `,
    ]),
    ["dropout that is no number", architecture({ dropout: null }), "model: dropout null"],
    [
      "a record with a bad validation",
      training({ validation: 3 }),
      "training: validation 3, expected an object",
    ],
    [
      "a record with a worse validation",
      training({ validation: {} }),
      "training: nats undefined, expected a number",
    ],
  ])("%s", (_, file, message) => {
    const read = () => readLanguageModel(file, "run/model.safetensors");
    expect(read).toThrow(FormatError);
    expect(read).toThrow(message);
    expect(read).toThrow(/^run\/model\.safetensors: [^\n]*$/);
  });
});
