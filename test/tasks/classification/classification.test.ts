// The classifier of texts as a task: trained, written, opened again, stopped and resumed.
import { describe, expect, it } from "vitest";
import { textSource } from "../../../src/data/source.ts";
import { FormatError } from "../../../src/errors.ts";
import { classificationTask } from "../../../src/tasks/classification/task.ts";
import { readTaskModel } from "../../../src/tasks/file.ts";
import { readCheckpoint } from "../../../src/training/checkpoint.ts";
import { rows, tabbed } from "./rows.ts";

const options = {
  hidden: 8,
  embedding: 8,
  epochs: 12,
  batch: 8,
  learningRate: 0.03,
  validation: 0.2,
  tokens: "words",
  vocabulary: 50,
};
const begin = (text = tabbed(rows(90)), more: object = {}) =>
  classificationTask.begin({ rows: textSource("rows.tsv", text) }, { ...options, ...more }, {});

async function train(more: object = {}) {
  const made = await begin(undefined, more);
  const checkpoints: Uint8Array[] = [];
  let model: Uint8Array = new Uint8Array();
  await made.training.run({
    onCheckpoint: (bytes) => checkpoints.push(bytes),
    onModel: (bytes) => {
      model = bytes;
    },
  });
  return { made, checkpoints, model };
}

describe("training", () => {
  it("learns to tell labels that it has not seen the rows of, and its file alone is enough", async () => {
    const { made, model } = await train();
    expect(made.plan).toContain("72 rows to train on, 18 held out; 3 labels (sea 24, town 24, wood 24)");
    const opened = classificationTask.open(readTaskModel(model, "m"), {});
    const test = tabbed(rows(60, 2));
    const { measures: found } = await opened.evaluate({ input: textSource("test.tsv", test) }, {});
    expect(found.accuracy).toBeGreaterThan(0.9);
    expect(found).toMatchObject({ rows: 60, baseline: 1 / 3, unknown: 0 });
    const predicted = [];
    const inputs = "sea\tship salt\ntree root zebra\n\n";
    for await (const { text, json } of opened.predict({ input: textSource("new", inputs) }, {})) {
      predicted.push([text.split("\t")[0], json]);
    }
    expect(predicted).toHaveLength(3);
    expect(predicted[0]?.[0]).toBe("sea");
    expect(predicted[1]?.[0]).toBe("wood");
    const [[, first]] = predicted as [[string, { probabilities: Record<string, number> }]];
    const { probabilities } = first;
    expect(Object.values(probabilities).reduce((sum, x) => sum + x)).toBeCloseTo(1, 6);
    expect(opened.describe().form).toContainEqual(["labels", "sea, town, wood"]);
  });

  it("goes on from a checkpoint to the same bits", async () => {
    const whole = await train({ epochs: 3 });
    const checkpoint = readCheckpoint(whole.checkpoints[0] as Uint8Array, "c");
    expect(classificationTask.locations(checkpoint)).toEqual({ rows: "rows.tsv" });
    const files = { rows: textSource("rows.tsv", tabbed(rows(90))) };
    const rest = await classificationTask.resume(checkpoint, files, {}, {});
    let model: Uint8Array = new Uint8Array();
    await rest.training.run({
      onModel: (bytes) => {
        model = bytes;
      },
    });
    expect(model).toEqual(whole.model);
  });

  it("refuses another file, fewer epochs than are done, and damaged files", async () => {
    const { checkpoints, model } = await train({ epochs: 2 });
    const checkpoint = readCheckpoint(checkpoints[1] as Uint8Array, "c");
    const resume = (text: string, change: object = {}) =>
      classificationTask.resume(checkpoint, { rows: textSource("other.tsv", text) }, change, {});
    await expect(resume(tabbed(rows(91)))).rejects.toThrow(
      "other.tsv (91 rows) is not the file that c was trained on (rows.tsv, 90 rows)",
    );
    await expect(resume(tabbed(rows(90)), { epochs: 1 })).rejects.toThrow(
      "epochs 1: c has been trained for 2",
    );
    const file = readTaskModel(model, "m");
    const record = file.json("training");
    const changed = (change: object) => JSON.stringify({ ...record, ...change });
    for (const [part, text] of [
      ["prepared", JSON.stringify({ ...file.json("prepared"), labels: ["sea", "sea", "town"] })],
      ["training", changed({ validation: { loss: "x" } })],
      ["training", changed({ validation: 1 })],
      ["training", changed({ step: "many" })],
      ["training", changed({ epoch: {} })],
      ["prepared", '{"labels":["a"]}'],
      ["model", "{}"],
      ["training", "{}"],
    ] as const) {
      const metadata = { ...file.tensors.metadata, [part]: text };
      const json = () => JSON.parse(text) as Record<string, unknown>;
      const open = () =>
        classificationTask.open(
          {
            ...file,
            tensors: { ...file.tensors, metadata },
            json: (name) => (name === part ? json() : file.json(name)),
          },
          {},
        );
      expect(open).toThrow(FormatError);
      expect(open).toThrow(/^m: /);
    }
  });

  it.each<[string, object, string]>([
    ["sea\tship\nsea\tsalt\n", { validation: 0 }, "rows.tsv: 1 label to learn (sea), two or more expected"],
    ["a\tx\nb\ty\n", {}, "rows.tsv: 2 rows, of which a share of 0.2 holds out none"],
    ["a\tx\nb\ty\n", { hidden: 0 }, "hidden 0: expected a whole number from 1"],
    ["a\tx\nb\ty\n", { window: 3 }, "option window is unknown"],
    ["a\tx\nb\ty\n", { validation: 0, patience: 2 }, "patience needs a validation loss"],
  ])("%j with %j is refused", async (text, more, message) => {
    await expect(begin(text, more)).rejects.toThrow(message);
  });
});
