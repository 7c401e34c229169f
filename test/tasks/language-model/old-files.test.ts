// Files that were written before there were tasks still open, and such a training goes on to the same weights, but for roundings of sums that are in another order since.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { FormatError } from "../../../src/errors.ts";
import { readSafetensors, writeSafetensors } from "../../../src/formats/safetensors.ts";
import { wasmBackend } from "../../../src/index.ts";
import { LanguageModelTraining, readLanguageModel } from "../../../src/tasks/language-model/index.ts";

const read = (name: string) => new Uint8Array(readFileSync(`test/fixtures/before-tasks/${name}.safetensors`));
const text = "the quick brown fox jumps over the lazy dog.\n".repeat(12);

it("a model", async () => {
  const bytes = read("model");
  expect(readSafetensors(bytes, "m").metadata.format).toBe("rondo language model");
  const { model, training } = readLanguageModel(bytes, "m");
  expect(model.architecture).toEqual({ cell: "gru", embedding: 4, hidden: 6, layers: 2, dropout: 0.1 });
  expect(training).toMatchObject({ step: 36, epoch: 2, text: { name: "fox.txt" } });
  expect(training?.settings.schedule).toEqual({ kind: "cosine", minimum: 0.001, warmUp: 0 });
  const held = text.slice(Math.floor(text.length * 0.8));
  const { nats } = await model.evaluate(held, { batch: 3, window: 8 });
  expect(nats).toBeCloseTo(training?.validation?.nats as number, 5);
});

it("a checkpoint, in the middle of an epoch", async () => {
  // The numbers of the file are those of an engine without fused instructions.
  const backend = wasmBackend({ fused: false });
  const training = LanguageModelTraining.resume(read("checkpoint"), text, { backend });
  expect(training.progress).toMatchObject({ step: 25, epoch: 1, batch: 7 });
  let model: Uint8Array = new Uint8Array();
  expect(
    await training.run({
      onModel: (bytes) => {
        model = bytes;
      },
    }),
  ).toBe("finished");
  const [found, expected] = [readSafetensors(model, "new"), readSafetensors(read("model"), "old")];
  expect([...found.tensors.keys()]).toEqual([...expected.tensors.keys()]);
  for (const [name, { shape, data }] of expected.tensors) {
    const own = found.tensors.get(name);
    expect(own?.shape).toEqual(shape);
    Array.from(data, Number).forEach((number, at) => {
      expect(Math.abs(Number(own?.data[at]) - number)).toBeLessThan(1e-5);
    });
  }
  expect(found.metadata).toMatchObject({ format: "rondo model", task: "language-model" });
});

it("a damaged one is told what it lacks", () => {
  const { tensors, metadata } = readSafetensors(read("model"), "m");
  const { architecture: _, ...others } = metadata;
  const bytes = writeSafetensors({ tensors, metadata: others });
  expect(() => readLanguageModel(bytes, "m")).toThrow(new FormatError("m: the metadata has no model"));
});
