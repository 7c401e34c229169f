// Translating as the command uses it: trainings that resume, files that are damaged, predictions, a stream, figures, drawings.
import { describe, expect, it } from "vitest";
import { textSource } from "../../../src/data/source.ts";
import { DataError, FormatError, UsageError } from "../../../src/errors.ts";
import { readSafetensors, writeSafetensors } from "../../../src/formats/safetensors.ts";
import { readTaskModel } from "../../../src/tasks/file.ts";
import type { GivenFiles, GivenOptions, Prediction, TaskModel } from "../../../src/tasks/task.ts";
import { readTranslator, type Translation } from "../../../src/tasks/translation/index.ts";
import { translationTask } from "../../../src/tasks/translation/task.ts";
import { readCheckpoint } from "../../../src/training/checkpoint.ts";
import { BleuCounts } from "../../../src/training/measures/index.ts";
import { reversed, tabbed } from "./sentences.ts";

const small = { embedding: 6, hidden: 6, batch: 4, epochs: 2, leastCount: 1, learningRate: 0.02 };
const file = (text: string, name = "pairs.tsv") => textSource(name, text);
const pairs = reversed(40);
const held = { validationPairs: file(tabbed(reversed(9, 4)), "held.tsv") };

const begin = (more: GivenOptions = {}, files: GivenFiles = {}) =>
  translationTask.begin({ pairs: file(tabbed(pairs)), ...files }, { ...small, ...more }, {});

async function trained(more: GivenOptions = {}, files: GivenFiles = {}) {
  const made = await begin(more, files);
  let best: Uint8Array = new Uint8Array();
  await made.training.run({ onModel: (bytes) => (best = bytes) });
  return { made, best, model: translationTask.open(readTaskModel(best, "model"), {}) };
}

async function all<One>(given: AsyncIterable<One> | undefined) {
  const found: One[] = [];
  for await (const one of given ?? []) found.push(one);
  return found;
}
const told = async (model: TaskModel, text: string, given: GivenOptions = {}, name = "new.txt") =>
  (await all(model.predict({ input: file(text, name) }, given))).map((one) => one.json as Translation);

describe("a training", async () => {
  const { made, best, model } = await trained();

  it("tells what it found, and what it does", () => {
    expect(made.audit?.lines[0]).toBe("pairs.tsv: 40 pairs");
    expect(made.plan).toMatch(
      /^pairs\.tsv: \d+ pairs to train on, \d+ held out; gru of 6 units, which attends to what the bidirectional-gru read \(additive\)$/,
    );
    expect(made.unit).toBe("tokens");
    expect(made.data).toMatchObject({ tokens: { source: 12, target: 12 } });
    const { form, made: how, json } = model.describe();
    expect(form).toContainEqual(["encoder", "gru, 1 layer of 6 units, both ways"]);
    expect(form).toContainEqual(["attention", "additive, before each step"]);
    expect(form).toContainEqual(["source", "12 words"]);
    expect(how[0]).toEqual(["trained on", "pairs.tsv: 40 pairs, 10 % held out"]);
    expect(json).toMatchObject({ tokens: { source: 12, target: 12, shared: false } });
  });

  it("ends with the figures of what was held out", async () => {
    const summary = await made.summary?.(readTaskModel(best, "model"));
    expect(summary?.measures).toMatchObject({ bleu: expect.any(Number), chrf: expect.any(Number) });
    const { validation } = readTranslator(best);
    expect(summary?.measures.loss).toBeCloseTo(validation?.loss as number, 10);
    expect(summary?.measures.tokenAccuracy).toBe(validation?.tokenAccuracy);
    const none = await begin({ validation: 0, epochs: 1 });
    expect(none.summary && (await none.summary(readTaskModel(best, "model")))).toBeUndefined();
  });

  it("predicts a line for each line, as the translator does, whatever the batch", async () => {
    const lines = ["one two", "", "three\tfour", '"', "  ", "🌲 seven", "eight"];
    const translator = readTranslator(best);
    for (const given of [{}, { batch: 1 }, { beam: 2, best: 2, batch: 3 }, { temperature: 1, seed: 4 }]) {
      const printed = await all(model.predict({ input: file(lines.join("\n"), "new.txt") }, given));
      for (const { text } of printed) expect(text).not.toContain("\n");
      const expected = translator.translateAll(lines, given);
      expect(printed.map(({ json }) => json)).toEqual(
        expected.map(({ alignment: _, best: several, ...one }) => ({
          ...one,
          ...(several && { best: several.map(({ alignment: __, ...own }) => own) }),
        })),
      );
      const followed = await all(model.follow?.(file(lines.join("\n"), "standard input"), given));
      expect(followed).toEqual(printed);
    }
    expect(await told(model, "")).toEqual([]);
  });

  it("reads texts out of tables and JSON Lines too", async () => {
    const [expected] = await told(model, "one two");
    expect(await told(model, "id,source\n1,one two\n", {}, "a.csv")).toEqual([expected]);
    expect(await told(model, '{"de":"one two"}\n', { sourceColumn: "de" }, "a.jsonl")).toEqual([expected]);
    await expect(told(model, '{"de":"one two"}\n{"source":3}\n', {}, "a.jsonl")).rejects.toThrow(
      "a.jsonl: line 1",
    );
    await expect(told(model, "one", { beam: 0 })).rejects.toThrow(UsageError);
    await expect(all(model.predict({}, {}))).rejects.toThrow("no file of texts given");
  });

  it("is measured: what it writes is what BLEU is of", async () => {
    const input = file(tabbed([...reversed(25, 8), { source: "one", target: "" }]), "test.tsv");
    const rows: Prediction[] = [];
    const found = await model.evaluate({ input }, { beam: 2 }, async (one) => void rows.push(one));
    expect(found.measures).toMatchObject({ pairs: 25, empty: 1 });
    const bleu = new BleuCounts({ tokens: "13a" });
    for (const { text, json } of rows) {
      const [source, written, expected] = text.split("\t") as [string, string, string];
      bleu.add(written, expected);
      expect(json).toMatchObject({ source, text: written, expected, line: expect.any(Number) });
    }
    expect(rows).toHaveLength(25);
    expect(found.measures.bleu).toBe(bleu.report().bleu);
    expect(found.details).toEqual({
      signatures: { bleu: bleu.report().signature, chrf: expect.stringContaining("nrefs:1") },
    });
    expect(found.lines?.join("\n")).toMatch(/BLEU\|nrefs[\s\S]*source[\s\S]*written[\s\S]*expected/);
    const [source, target] = [
      reversed(25, 8).map((one) => one.source),
      reversed(25, 8).map((one) => one.target),
    ];
    const two = { source: file(source.join("\n"), "a"), target: file(target.join("\n"), "b") };
    expect((await model.evaluate(two, { beam: 2 })).measures.bleu).toBe(found.measures.bleu);
    const fewer = { ...two, target: file("ONE\n", "b") };
    await expect(model.evaluate(fewer, {})).rejects.toThrow(
      "a has 25 lines and b has 1: as many in both expected",
    );
    const again = translationTask.open(readTaskModel(best, "model"), {});
    expect(await again.evaluate({ input }, { beam: 2 })).toEqual(found);
  });

  it("explains each line, an empty one too", async () => {
    const drawings = await all(model.explain?.({ input: file("one two\n\nthree", "new.txt") }, {}));
    expect(drawings).toHaveLength(3);
    for (const drawing of drawings) {
      expect(drawing.svg()).toMatch(/^<svg[\s\S]*<\/svg>\s*$/);
      expect(typeof drawing.text()).toBe("string");
    }
    expect((await trained({ attention: "none", epochs: 1 })).model.explain).toBeUndefined();
  });

  it("of a damaged file is refused", () => {
    const { tensors, metadata } = readSafetensors(best, "model");
    const opened = (parts: object, weights: typeof tensors = tensors) =>
      translationTask.open(
        readTaskModel(writeSafetensors({ tensors: weights, metadata: { ...metadata, ...parts } }), "m"),
        {},
      );
    const changed = (part: string, change: object) => () =>
      opened({ [part]: JSON.stringify({ ...JSON.parse(metadata[part] as string), ...change }) });
    const { source } = JSON.parse(metadata.prepared as string) as { source: { vocabulary: object } };
    const damage: [string, object][] = [
      ["prepared", { source: undefined }],
      ["prepared", { source: 3 }],
      ["prepared", { shared: source }],
      ["prepared", { source: { ...source, tokens: "letters" } }],
      ["prepared", { source: { ...source, tokens: "subwords" } }],
      ["prepared", { source: { ...source, split: "none" } }],
      ["prepared", { source: { ...source, more: 1 } }],
      ["prepared", { source: { ...source, vocabulary: {} } }],
      ["prepared", { target: { ...source, vocabulary: { ...source.vocabulary, tokens: ["a", "b"] } } }],
      ["model", { hidden: 0 }],
      ["model", { hidden: 7 }],
      ["model", { layers: 2 }],
      ["model", { encoder: "gru" }],
      ["model", { encoder: "both-gru" }],
      ["model", { decoder: "lstm" }],
      ["model", { attention: "none" }],
      ["model", { attention: "dot" }],
      ["model", { attention: "multi-head", heads: 4 }],
      ["model", { attention: "general" }],
      ["model", { coverage: 1 }],
      ["model", { local: "predictive" }],
      ["model", { longest: undefined }],
      ["model", { longest: "long" }],
      ["model", { dropout: 1 }],
      ["model", { more: 1 }],
      ["training", { data: {} }],
      ["training", { data: undefined }],
      ["training", { validationData: {} }],
      ["training", { validationData: undefined }],
      ["training", { reading: { sourceColumn: 3 } }],
      ["training", { settings: {} }],
      ["training", { settings: undefined }],
      ["training", { validation: 3 }],
      ["training", { validation: { loss: "small", tokenAccuracy: 1 } }],
      ["training", { validation: { loss: 1 } }],
      ["training", { epoch: "two" }],
      ["training", { step: null }],
    ];
    for (const [part, change] of damage) {
      expect(changed(part, change), `${part} ${JSON.stringify(change)}`).toThrow(FormatError);
    }
    for (const part of ["prepared", "model", "training"]) {
      expect(changed(part, {})).not.toThrow();
      for (const text of ["", "{", "[]", "null", "3"]) {
        expect(() => opened({ [part]: text }), `${part} ${text}`).toThrow(FormatError);
      }
    }
    const [name, tensor] = [...tensors][0] as [string, { shape: readonly number[]; data: Float32Array }];
    const without = new Map([...tensors].slice(1));
    const reshaped = new Map([...tensors, [name, { ...tensor, shape: [...tensor.shape].reverse() }]]);
    for (const weights of [without, reshaped]) {
      expect(() => opened({}, weights as typeof tensors)).toThrow(FormatError);
    }
    for (const length of [0, 7, 100, Math.floor(best.length / 2), best.length - 1]) {
      expect(() => translationTask.open(readTaskModel(best.slice(0, length), "m"), {})).toThrow(FormatError);
    }
    expect(() => opened({ task: "tag" })).toThrow(
      'm: a model of the task "tag", one of "translate" expected',
    );
  });
});

describe("a training that was stopped", () => {
  it.each<[string, GivenOptions, GivenFiles]>([
    [
      "with dropout and scheduled sampling",
      { dropout: 0.3, scheduledSampling: "exponential", samplingEnd: 0.4 },
      {},
    ],
    [
      "with pairs of their own, several layers and coverage",
      { layers: 2, coverage: 0.5, attention: "location" },
      held,
    ],
    [
      "without attention",
      { attention: "none", context: "every-step", sharedVocabulary: "yes", tokens: "subwords" },
      {},
    ],
  ])("goes on to the same bits: %s", async (_, more, files) => {
    const [whole, stopped] = [await begin(more, files), await begin(more, files)];
    let expected: Uint8Array = new Uint8Array();
    await whole.training.run({ onModel: (bytes) => (expected = bytes) });
    const stop = new AbortController();
    const checkpoint = await new Promise<Uint8Array>((resolve) => {
      void stopped.training.run({
        signal: stop.signal,
        onEvent: ({ step }) => step === 12 && stop.abort(),
        onCheckpoint: resolve,
      });
    });
    const read = () => readCheckpoint(checkpoint, "checkpoint");
    const given = { pairs: file(tabbed(pairs)), ...files };
    expect(translationTask.locations(read())).toEqual(
      Object.fromEntries(Object.entries(given).map(([role, { name }]) => [role, name])),
    );
    const resumed = await translationTask.resume(read(), given, {}, {});
    let found: Uint8Array = new Uint8Array();
    await resumed.training.run({ onModel: (bytes) => (found = bytes) });
    expect(found).toEqual(expected);
    const other = (changed: GivenFiles, epochs?: number) =>
      translationTask.resume(read(), { ...given, ...changed }, { epochs }, {});
    await expect(other({ pairs: file(tabbed(reversed(40, 2))) })).rejects.toThrow(
      "is not the file that checkpoint was trained on",
    );
    expect((await other({}, 5)).training.epochs).toBe(5);
    if ("validationPairs" in files) {
      await expect(other({ validationPairs: undefined })).rejects.toThrow(
        "checkpoint was trained with pairs of their own to validate on",
      );
      await expect(other({ validationPairs: file("a\tb\n", "held.tsv") })).rejects.toThrow(DataError);
    } else {
      await expect(other(held)).rejects.toThrow(
        "checkpoint was trained without pairs of their own to validate on",
      );
    }
  });
});

describe("what is of no use", () => {
  it.each<[string, string, GivenOptions, string]>([
    ["no pairs", "\n\n", {}, "pairs.tsv: no pairs, one or more expected"],
    ["lines without a tab", "one\ttwo\nthree\n", {}, "pairs.tsv: line 2 has 1 cell"],
    ["empty targets alone", "one\t\ntwo\t \n", {}, "pairs.tsv: every pair has an empty text"],
    ["one pair, of which none is held out", "one\tEINS\n", {}, "of which a share of 0.1 holds out none"],
    [
      "texts that are all too long",
      "a b\tc d\ne f\tg h\n",
      { longest: 1, validation: 0.5 },
      "more than 1 token",
    ],
  ])("%s: is refused", async (_, text, more, message) => {
    const begun = begin(more, { pairs: file(text) });
    await expect(begun).rejects.toThrow(DataError);
    await expect(begun).rejects.toThrow(message);
  });

  it("options that contradict each other, and files that are missing: is refused", async () => {
    await expect(begin({ validation: 0.2 }, held)).rejects.toThrow(UsageError);
    await expect(begin({ attention: "dot" })).rejects.toThrow("attention dot: the encoder bidirectional-gru");
    await expect(translationTask.begin({}, {}, {})).rejects.toThrow("no file of pairs given");
  });
});

it("is guessed of files with sources and targets", () => {
  const head = (name: string, ...lines: string[]) => translationTask.guess?.({ name, lines });
  expect(head("a.csv", "source,target", "a,b")).toBe("a.csv has sources and targets");
  expect(head("a.jsonl", '{"source":"a","target":"b"}')).toBe("a.jsonl has sources and targets");
  expect(head("a.tsv", "a\tb")).toBeUndefined();
});
