// What a classifier's file says: described, gone on from with a file of held-out rows, and damaged files, each named.
import { beforeAll, describe, expect, it } from "vitest";
import { textSource } from "../../../src/data/source.ts";
import { FormatError } from "../../../src/errors.ts";
import { writeSafetensors } from "../../../src/formats/safetensors.ts";
import { readClassifier, trainClassifier } from "../../../src/index.ts";
import { classificationTask } from "../../../src/tasks/classification/task.ts";
import { readTaskModel } from "../../../src/tasks/file.ts";
import { readCheckpoint } from "../../../src/training/checkpoint.ts";
import { rows, tabbed } from "./rows.ts";

const small = { hidden: 4, embedding: 4, epochs: 3, batch: 8, learningRate: 0.03 };
type Json = Readonly<Record<string, unknown>>;
type Part = "model" | "prepared" | "training";

describe("a training with a file of held-out rows", () => {
  const files = {
    rows: textSource("rows.tsv", tabbed(rows(60))),
    heldOut: textSource("held.tsv", tabbed(rows(24, 2))),
  };

  async function train(task: Awaited<ReturnType<typeof classificationTask.begin>>) {
    const checkpoints: Uint8Array[] = [];
    let model: Uint8Array = new Uint8Array();
    await task.training.run({
      onCheckpoint: (bytes) => checkpoints.push(bytes),
      onModel: (bytes) => {
        model = bytes;
      },
    });
    return { checkpoints, model };
  }

  it("trains on all others, says so, and goes on to the same bits", async () => {
    const begun = await classificationTask.begin(files, small, {});
    expect(begun.plan).toContain("60 rows to train on, 24 held out");
    const { checkpoints, model } = await train(begun);
    const checkpoint = readCheckpoint(checkpoints[0] as Uint8Array, "c");
    expect(classificationTask.locations(checkpoint)).toEqual({ rows: "rows.tsv", heldOut: "held.tsv" });
    const rest = await train(await classificationTask.resume(checkpoint, files, {}, {}));
    expect(rest.model).toEqual(model);
    const { made } = classificationTask.open(readTaskModel(model, "m"), {}).describe();
    expect(made).toContainEqual(["trained on", "rows.tsv: 60 rows, held out held.tsv, 24 rows"]);
  });

  it("refuses another file of held-out rows, and none", async () => {
    const { checkpoints } = await train(await classificationTask.begin(files, small, {}));
    const checkpoint = readCheckpoint(checkpoints[0] as Uint8Array, "c");
    const resume = (heldOut?: string) =>
      classificationTask.resume(
        checkpoint,
        { rows: files.rows, ...(heldOut !== undefined && { heldOut: textSource("other.tsv", heldOut) }) },
        {},
        {},
      );
    await expect(resume(tabbed(rows(24, 3)))).rejects.toThrow(
      "other.tsv (24 rows) is not the file that c was trained on (held.tsv, 24 rows)",
    );
    await expect(resume()).rejects.toThrow("file of held-out rows");
  });

  it("refuses held-out rows of several labels where a row has one, and held-out rows of nothing", async () => {
    const begin = (heldOut: string) =>
      classificationTask.begin({ rows: files.rows, heldOut: textSource("held.jsonl", heldOut) }, small, {});
    await expect(begin('{"text":"a","label":["sea","town"]}')).rejects.toThrow(
      "held.jsonl: line 1 has the labels sea, town, one expected",
    );
    await expect(begin("\n")).rejects.toThrow("held.jsonl: no rows, one or more expected");
    await expect(begin('{"text":"a"}')).rejects.toThrow("held.jsonl: line 1 has no label");
  });

  it("takes held-out rows of labels that are not known as told wrong", async () => {
    const held = textSource("held.tsv", `${tabbed(rows(24, 2))}harbour\tship\n`);
    const begun = await classificationTask.begin({ ...files, heldOut: held }, small, {});
    const { model } = await train(begun);
    expect((await begun.summary?.(readTaskModel(model, "m")))?.measures).toMatchObject({
      rows: 25,
      unknown: 1,
    });
  });
});

it("is described by its kind, labels, form and training", async () => {
  const walks = Array.from({ length: 40 }, (_, at) => ({
    ...{ x: [at % 2, 1], y: [0, at], who: at % 20 },
    way: at % 4 === 0 ? [] : at % 2 ? ["up", "left"] : ["left"],
  }));
  const classifier = await trainClassifier(walks, {
    ...{ ...small, columns: ["x", "y"], label: "way", group: "who", scale: "robust" },
    ...{ read: "attention", cell: "lstm", layers: 2, classWeights: "balanced", batches: "balanced" },
  });
  const { form, made, json } = classificationTask
    .open(readTaskModel(classifier.toBytes(), "m"), {})
    .describe();
  expect(form.slice(0, 5)).toEqual([
    ["columns", "x, y, scale robust"],
    ["labels, several a row", "left, up"],
    ["lstm", "2 layers of 4 units, both ways, dropout 0.3"],
    ["read", "a mean of the outputs by attention"],
    ["head", "8 x 2"],
  ]);
  const told = Object.fromEntries(made);
  expect(told["trained on"]).toBe("rows: 40 rows, 10 % held out");
  expect(told.with).toMatch(/class weights balanced, batches balanced, seed 1$/);
  expect(json).toMatchObject({
    input: { kind: "series", size: 2 },
    labels: ["left", "up"],
    several: true,
    training: { settings: { columns: ["x", "y"], group: "who" }, commonest: ["left", "up"] },
  });
});

describe("a damaged file", () => {
  let texts: Uint8Array;
  let series: Uint8Array;

  beforeAll(async () => {
    texts = (await trainClassifier(rows(40), { ...small, epochs: 1 })).toBytes();
    const given = Array.from({ length: 40 }, (_, at) => ({ x: [at % 2, at], label: at % 2 ? "a" : "b" }));
    series = (await trainClassifier(given, { ...small, columns: ["x"], epochs: 1 })).toBytes();
  });

  /** The file with a part of what it says changed. */
  function changed(bytes: Uint8Array, part: Part, change: (before: Json) => unknown): Uint8Array {
    const { tensors, json } = readTaskModel(bytes, "m");
    const metadata = { ...tensors.metadata, [part]: JSON.stringify(change(json(part))) };
    return writeSafetensors({ ...tensors, metadata });
  }

  const within = (part: string, change: Json) => (before: Json) => ({
    ...before,
    [part]: { ...(before[part] as Json), ...change },
  });

  it("that is whole opens", () => {
    expect(
      readClassifier(
        changed(texts, "prepared", (before) => before),
        "m",
      ).labels,
    ).toHaveLength(3);
    expect(
      readClassifier(
        changed(series, "training", (before) => before),
        "m",
      ).predict([1]).label,
    ).toMatch(/a|b/);
  });

  it.each<[Part, (before: Json) => unknown, string]>([
    ["prepared", (before) => ({ ...before, labels: ["sea"] }), "m: prepared: labels: a list of two or more"],
    ["prepared", (before) => ({ ...before, labels: ["sea", 1, "b"] }), "m: prepared: labels: a list of"],
    ["prepared", (before) => ({ ...before, labels: ["a", "b"] }), 'm: tensor "head.weight"'],
    ["prepared", (before) => ({ ...before, several: 1 }), "m: prepared: several 1, true or false expected"],
    ["prepared", (before) => ({ ...before, input: 3 }), "m: input undefined: expected one of text, series"],
    ["prepared", within("input", { kind: "picture" }), 'm: input "picture": expected one of text, series'],
    ["prepared", within("input", { kind: "toString" }), 'm: input "toString": expected one of text, series'],
    ["prepared", within("input", { vocabulary: null }), "m: "],
    [
      "prepared",
      within("input", { vocabulary: { kind: "list", tokens: ["a", "b"] } }),
      "m: vocabulary: a token for unknown characters expected",
    ],
    [
      "prepared",
      within("input", { vocabulary: { kind: "subwords", merges: [] } }),
      "m: vocabulary: subwords, expected words, characters or bytes",
    ],
    ["prepared", within("input", { kind: "series" }), "m: scaler: center and scale of each number expected"],
    ["model", (before) => ({ ...before, read: "first" }), "m: model: read"],
    ["model", (before) => ({ ...before, longest: -1 }), "m: model: longest"],
    ["model", () => ({}), "m: "],
    ["training", (before) => ({ ...before, data: { name: "rows" } }), "m: training: data {"],
    ["training", (before) => ({ ...before, heldOut: 3 }), "m: training: heldOut 3, expected a name"],
    ["training", (before) => ({ ...before, commonest: 3 }), "m: training: commonest 3, labels expected"],
    ["training", (before) => ({ ...before, step: "x" }), 'm: training: step "x", expected a number'],
    ["training", within("validation", { loss: null }), "m: training: loss null, expected a number"],
    ["training", within("validation", { temperature: 0 }), "m: training: temperature 0, a number above 0"],
    ["training", within("settings", { label: 3 }), "m: training: settings: label 3"],
    ["training", within("settings", { tokens: "letters" }), "m: training: settings: tokens"],
    ["training", (before) => ({ ...before, settings: undefined }), "m: training: settings"],
  ])("of texts, %#: %s", (part, change, message) => {
    const bytes = changed(texts, part, change);
    expect(() => readClassifier(bytes, "m")).toThrow(FormatError);
    expect(() => readClassifier(bytes, "m")).toThrow(message);
  });

  it.each<[(before: Json) => unknown, string]>([
    [within("input", { scaler: undefined }), "m: scaler: center and scale of each number expected"],
    [within("input", { scaler: { kind: "standard", center: [0] } }), "m: "],
    [within("input", { columns: "x" }), "m: input: columns"],
    [within("input", { columns: ["x", "y"] }), "m: input: columns"],
  ])("of series, %#", (change, message) => {
    const bytes = changed(series, "prepared", change);
    expect(() => readClassifier(bytes, "m")).toThrow(FormatError);
    expect(() => readClassifier(bytes, "m")).toThrow(message);
  });
});
