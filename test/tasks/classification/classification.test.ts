// The classifier of texts: reading rows, the split, what it measures, and its file.
import { describe, expect, it } from "vitest";
import { textSource } from "../../../src/data/source.ts";
import { DataError, FormatError, UsageError } from "../../../src/errors.ts";
import { likeliest, measureRows } from "../../../src/tasks/classification/measures.ts";
import { completeClassification } from "../../../src/tasks/classification/options.ts";
import { readLabelledRows, readRows } from "../../../src/tasks/classification/rows.ts";
import { countLabels, splitByLabel } from "../../../src/tasks/classification/split.ts";
import { classificationTask } from "../../../src/tasks/classification/task.ts";
import { readTaskModel } from "../../../src/tasks/file.ts";
import { readCheckpoint } from "../../../src/training/checkpoint.ts";
import { rows, tabbed } from "./rows.ts";

const keys = { text: "body", label: "folder" };
const all = async (name: string, text: string) => {
  const found = [];
  for await (const row of readRows(textSource(name, text), keys)) found.push(row);
  return found;
};

describe("rows", () => {
  it("of lines: after a tab, after a mark, or without a label", async () => {
    expect(await all("a.tsv", "sea\tship wave\n__label__wood tree\ttop\n\nno label\n\tx\ntown\t\n")).toEqual([
      { line: 1, label: "sea", text: "ship wave" },
      { line: 2, label: "wood", text: "tree\ttop" },
      { line: 3, label: undefined, text: "" },
      { line: 4, label: undefined, text: "no label" },
      { line: 5, label: undefined, text: "x" },
      { line: 6, label: "town", text: "" },
    ]);
  });

  it("of JSON Lines, under the keys that are named", async () => {
    const text = '{"body":"a b","folder":"x"}\n{"body":"","folder":3}\n{"body":"c"}\n';
    expect(await all("a.jsonl", text)).toEqual([
      { line: 1, label: "x", text: "a b" },
      { line: 2, label: "3", text: "" },
      { line: 3, label: undefined, text: "c" },
    ]);
  });

  it("of lines with characters that end lines elsewhere; a label of no characters is none", async () => {
    expect(await all("a.txt", "__label__sea a\u2028b\rc\n")).toEqual([
      { line: 1, label: "sea", text: "a\u2028b\rc" },
    ]);
    expect(await all("a.jsonl", '{"body":"a","folder":""}')).toEqual([
      { line: 1, label: undefined, text: "a" },
    ]);
  });

  it("under keys that every object inherits", async () => {
    const found = [];
    for await (const row of readRows(textSource("a.jsonl", '{"body":"a"}'), {
      text: "body",
      label: "toString",
    }))
      found.push(row);
    expect(found).toEqual([{ line: 1, label: undefined, text: "a" }]);
  });

  it.each([
    ["a.jsonl", '{"body":3}\n', "a.jsonl: line 1: body is 3, a string expected"],
    [
      "a.jsonl",
      '{"body":"a","folder":["x"]}\n',
      "a.jsonl: line 1: folder is an array of 1, one label expected",
    ],
    ["a.tsv", "sea\tx\nnothing\n", "a.tsv: line 2 has no label"],
  ])("%s %j is refused", async (name, text, message) => {
    const read = readLabelledRows(textSource(name, text), keys);
    await expect(read).rejects.toThrow(DataError);
    await expect(read).rejects.toThrow(message);
  });
});

describe("the split", () => {
  it("holds out the same share of each label, whole rows, by the seed", () => {
    const given = rows(60);
    const { training, validation } = splitByLabel(given, 0.1, 1);
    expect(countLabels(validation)).toEqual([
      ["sea", 2],
      ["town", 2],
      ["wood", 2],
    ]);
    expect([...training, ...validation].map(({ text }) => text).sort()).toEqual(
      given.map(({ text }) => text).sort(),
    );
    expect(splitByLabel(given, 0.1, 1)).toEqual({ training, validation });
    expect(splitByLabel(given, 0.1, 2).validation).not.toEqual(validation);
    expect(splitByLabel(given, 0, 1).validation).toEqual([]);
  });

  it("leaves every label a row to learn from", () => {
    const { training } = splitByLabel([{ label: "rare" }, { label: "rare" }, { label: "one" }], 0.9, 1);
    expect(countLabels(training)).toEqual([
      ["one", 1],
      ["rare", 1],
    ]);
  });
});

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
    ["sea\tship\nsea\tsalt\n", { validation: 0 }, "rows.tsv: 1 label to learn, two or more expected"],
    ["a\tx\nb\ty\n", {}, "rows.tsv: 2 rows, of which a share of 0.2 holds out none"],
    ["a\tx\nb\ty\n", { hidden: 0 }, "hidden 0: expected a whole number from 1"],
    ["a\tx\nb\ty\n", { window: 3 }, "option window is unknown"],
    ["a\tx\nb\ty\n", { validation: 0, patience: 2 }, "patience needs a validation loss"],
  ])("%j with %j is refused", async (text, more, message) => {
    await expect(begin(text, more)).rejects.toThrow(message);
  });
});

it("labels that are not known count as errors, and are counted", async () => {
  const { settings } = completeClassification({}, 100);
  expect(settings).toMatchObject({ batch: 12, epochs: 100, learningRate: 0.003 });
  const model = {
    labels: ["a", "b"],
    probabilities: () => Float64Array.of(0.9, 0.1, 0.2, 0.8, 0.5, 0.5),
  };
  const found = await measureRows(
    model,
    [
      { text: "", label: "a" },
      { text: "", label: "a" },
      { text: "", label: "new" },
    ],
    "a",
  );
  expect(
    await measureRows(model, [{ text: "", label: "a" }], "a", { signal: { aborted: true } }),
  ).toBeUndefined();
  expect(found).toMatchObject({ rows: 3, accuracy: 1 / 3, baseline: 2 / 3, unknown: 1 });
  expect(found?.loss).toBeCloseTo(-(Math.log(0.9) + Math.log(0.2) + Math.log(1e-12)) / 3, 10);
  expect(likeliest([0.5, 0.5])).toBe(0);
  expect(() => completeClassification({ tokens: "characters" } as never, 1)).toThrow(UsageError);
});
