// Classifiers of texts that were written before there were other kinds of input still open, and such a training goes on.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { textSource } from "../../../src/data/source.ts";
import { readSafetensors } from "../../../src/formats/safetensors.ts";
import { readClassifier, wasmBackend } from "../../../src/index.ts";
import { classificationTask } from "../../../src/tasks/classification/task.ts";
import { readCheckpoint } from "../../../src/training/checkpoint.ts";

const read = (name: string) => new Uint8Array(readFileSync(`test/fixtures/before-kinds/${name}.safetensors`));
const rows = readFileSync("test/fixtures/before-kinds/rows.tsv", "utf8");

it("a model tells what it told", () => {
  const classifier = readClassifier(read("model"));
  expect(classifier.form).toMatchObject({ cell: "gru", hidden: 4, read: "mean", longest: 0 });
  const told = classifier.predict(["ship wave", "tree leaf n3", ""]);
  expect(told.map(({ label, probability }) => `${label} ${probability.toFixed(4)}`)).toEqual([
    "wood 0.5552",
    "wood 0.5625",
    "sea 0.6277",
  ]);
});

it("a checkpoint, to the weights that it would have come to", async () => {
  // The bits of the file are those of an engine without fused instructions.
  const backend = wasmBackend({ fused: false });
  const checkpoint = readCheckpoint(read("checkpoint"), "c");
  expect(classificationTask.locations(checkpoint)).toEqual({ rows: "rows.tsv" });
  const files = { rows: textSource("rows.tsv", rows) };
  const task = await classificationTask.resume(checkpoint, files, {}, { backend });
  let model: Uint8Array = new Uint8Array();
  await task.training.run({
    onModel: (bytes) => {
      model = bytes;
    },
  });
  expect(readSafetensors(model, "new").tensors).toEqual(readSafetensors(read("model"), "old").tensors);
});
