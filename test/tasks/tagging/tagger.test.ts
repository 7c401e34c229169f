// Taggers as programs use them: trained on sentences in memory, one or many told, streamed, measured, written and read.
import { describe, expect, it } from "vitest";
import { reference } from "../../../src/backends/reference/index.ts";
import { textSource } from "../../../src/data/source.ts";
import { readWordVectors } from "../../../src/data/word-vectors.ts";
import { DataError, FormatError, UsageError } from "../../../src/errors.ts";
import { readSafetensors } from "../../../src/formats/safetensors.ts";
import type { Tagging, TaggingSentence } from "../../../src/tasks/tagging/index.ts";
import { readTagger, trainTagger } from "../../../src/tasks/tagging/index.ts";
import { named, spoken, tagged } from "./sentences.ts";

const options = {
  ...{ embedding: 12, characters: 6, hidden: 16, batch: 8, epochs: 10, learningRate: 0.03, dropout: 0.1 },
};
const words = (told: Tagging) => told.tokens.map(({ text, tag }) => `${text}/${tag}`);

describe("a tagger of spans", async () => {
  const epochs: number[] = [];
  const tagger = await trainTagger(tagged(named(80), "BIO"), {
    ...options,
    onEvent: (event) => {
      if (event.event === "validation") epochs.push(event.epoch);
    },
  });

  it("says what it is, and how well it did", () => {
    expect(epochs).toHaveLength(10);
    expect(tagger.labels).toEqual(["LOC", "PER"]);
    expect(tagger.scheme).toBe("BIO");
    expect(tagger.form).toMatchObject({ hidden: 16, crf: "yes" });
    expect(tagger.validation?.accuracy).toBeGreaterThan(0.8);
  });

  it("tells a text, or tokens that are given", () => {
    const told = tagger.tag("Ann Lee lives in New York.");
    expect(words(told)).toEqual([
      "Ann/B-PER",
      "Lee/I-PER",
      "lives/O",
      "in/O",
      "New/B-LOC",
      "York/I-LOC",
      "./O",
    ]);
    expect(told.spans?.map(({ label, text, start, end }) => [label, text, start, end])).toEqual([
      ["PER", "Ann Lee", 0, 7],
      ["LOC", "New York", 17, 25],
    ]);
    const given = tagger.tag(["Ann", "Lee", "lives", "in", "New", "York", "."]);
    expect(given.text).toBe("Ann Lee lives in New York .");
    expect(words(given)).toEqual(words(told));
    expect(tagger.tag("")).toEqual({ text: "", tokens: [], spans: [] });
    expect(tagger.tag({ text: "Ann Lee lives in New York." })).toEqual(told);
    expect(tagger.tagAll([{ tokens: ["Ann", "Lee", "lives", "in", "New", "York", "."] }])).toEqual([given]);
    expect(tagger.tag([])).toEqual({ text: "", tokens: [], spans: [] });
  });

  it("tells many, and streams: exactly one for each, the same ones", async () => {
    const texts = named(150, 7).map(({ words }, at) => (at % 10 === 3 ? "" : words.join(" ")));
    const many = tagger.tagAll(texts);
    expect(many.map(({ text }) => text)).toEqual(texts);
    async function* later() {
      for (const text of texts) yield text;
    }
    const streamed: Tagging[] = [];
    for await (const told of tagger.stream(later(), { together: 7 })) streamed.push(told);
    expect(streamed.map(words)).toEqual(many.map(words));
    let asked = 0;
    function* counted() {
      for (const text of texts) {
        asked++;
        yield text;
      }
    }
    for await (const _ of tagger.stream(counted(), { together: 1 })) {
      expect(asked).toBe(1);
      break;
    }
  });

  it("is measured on sentences in any form and scheme", async () => {
    const found = await tagger.evaluate(tagged(named(50, 3), "BIOES"));
    expect(found).toMatchObject({ sentences: 50, unknownTags: 0, unknownWords: 0 });
    expect(found.f1).toBeGreaterThan(0.9);
    expect(found.baseline.f1).toBeLessThan(1);
    expect(found.labels.PER?.targets).toBeGreaterThan(10);
    const spans = await tagger.evaluate([
      {
        text: "Ann met Bob Ray.",
        spans: [
          { start: 0, end: 3, label: "PER" },
          { start: 9, end: 15, label: "PER" },
        ],
      },
    ]);
    expect(spans).toMatchObject({ words: 5, misaligned: 1 });
    const broken = [{ tokens: ["Ann", "sings"], tags: ["I-PER", "O"] }];
    expect(await tagger.evaluate(broken, { scheme: "BIO" })).toMatchObject({ broken: 1 });
    expect(found.warning).toBeUndefined();
    const unknown = [{ tokens: ["Ann"], tags: ["B-EVENT"] }];
    expect((await tagger.evaluate(unknown)).warning).toMatch(/^no better than/);
  });

  it("comes back from its bytes, and says the same", () => {
    const bytes = tagger.toBytes();
    const again = readTagger(bytes);
    expect(again.toBytes()).toEqual(bytes);
    expect(again.tag("Bob Ray met Dora.")).toEqual(tagger.tag("Bob Ray met Dora."));
    expect(again.validation).toEqual(tagger.validation);
    const slow = readTagger(bytes, "m", { backend: reference }).tag("Bob Ray met Dora.");
    expect(words(slow)).toEqual(words(tagger.tag("Bob Ray met Dora.")));
    slow.tokens.forEach(({ confidence }, at) => {
      expect(confidence).toBeCloseTo(again.tag("Bob Ray met Dora.").tokens[at]?.confidence as number, 4);
    });
    expect(() => readTagger(bytes.slice(0, 99), "half.safetensors")).toThrow(FormatError);
    expect(() => readTagger(bytes, 3 as never)).toThrow(UsageError);
    expect(() => readTagger(bytes, "m", { backend: {} as never })).toThrow(UsageError);
  });

  it.each([
    ["tag", () => tagger.tag(3 as never), "tag: 3 given, a text or a list of tokens expected"],
    ["tag", () => tagger.tag(["a", 3] as never), "tag: an array of 2 given"],
    [
      "tagAll",
      () => tagger.tagAll("a text" as never),
      'tagAll: "a text" given, a list of sentences expected',
    ],
    ["tagAll", () => tagger.tagAll(["a", {}] as never), "tagAll: sentence 2: an object given"],
  ])("%s refuses what is no sentence", (_, call, message) => {
    expect(call).toThrow(DataError);
    expect(call).toThrow(message);
  });

  it("refuses other calls that are wrong", async () => {
    expect(() => tagger.stream([], { together: 0 })).toThrow(
      "together 0 given, a whole number from 1 expected",
    );
    expect(() => tagger.stream([], { many: 1 } as never)).toThrow(UsageError);
    await expect(tagger.stream([3 as never]).next()).rejects.toThrow("stream: sentence 1: 3 given");
    await expect(tagger.evaluate([])).rejects.toThrow("no words with tags");
    await expect(tagger.evaluate([], { scheme: "BOI" as never })).rejects.toThrow(UsageError);
    await expect(tagger.evaluate("text" as never)).rejects.toThrow("a list of sentences expected");
    await expect(tagger.evaluate(["text" as never])).rejects.toThrow(
      'evaluate: sentence 1: "text" given, { tokens, tags } or { text, spans } expected',
    );
  });
});

describe("a training in memory", () => {
  const few = spoken(16);

  it("gives the same bits for the same seed, others for another one, without a CRF as with one", async () => {
    const short = { ...options, epochs: 1, crf: "no" } as const;
    const bio = tagged(named(20), "BIO");
    const [a, b, c] = await Promise.all([
      trainTagger(bio, short),
      trainTagger(bio, short),
      trainTagger(bio, { ...short, seed: 2 }),
    ]);
    expect(b.toBytes()).toEqual(a.toBytes());
    expect(c.toBytes()).not.toEqual(a.toBytes());
    // Not told as a chain, but legal all the same.
    const { spans, tokens } = a.tag("Ann Bob Cem Oslo Rome Lima");
    expect(tokens).toHaveLength(6);
    for (const { label } of spans ?? []) expect(["LOC", "PER"]).toContain(label);
  });

  it("starts from the vectors of others, and is held to sentences of its own", async () => {
    const vectors = await readWordVectors(textSource("v", "the 1 2\ncat 3 4\nother 5 6\n"), {
      words: ["the", "cat", "other"],
    });
    const { embedding: _, ...others } = options;
    const tagger = await trainTagger(few, {
      ...{ ...others, epochs: 1, vectors, learningRate: 1e-9 },
      validationSentences: spoken(4, 2),
    });
    expect(tagger.form.embedding).toBe(2);
    const weight = readSafetensors(tagger.toBytes(), "m").tensors.get("embedding.weight")
      ?.data as Float32Array;
    const rows = Array.from({ length: weight.length / 2 }, (_, at) => [...weight.slice(2 * at, 2 * at + 2)]);
    const near = (a: readonly number[], b: readonly number[]) =>
      a.every((one, at) => Math.abs(one - (b[at] as number)) < 1e-3);
    expect(rows.some((row) => near(row, [1, 2]))).toBe(true);
    expect(rows.some((row) => near(row, [3, 4]))).toBe(true);
    expect(rows.some((row) => near(row, [5, 6]))).toBe(false);
  });

  it("stops at a signal with the best so far, or refuses where there is none", async () => {
    const stopped = { ...options, signal: { aborted: true } };
    await expect(trainTagger(few, stopped)).rejects.toThrow("stopped before the first validation");
  });

  const one = [{ tokens: ["a"], tags: ["X"] }];
  it.each<[string, Iterable<TaggingSentence>, object, string]>([
    ["options that do not exist", few, { hiden: 3 }, "did you mean hidden?"],
    ["what files have", few, { column: "3" }, "option column is unknown"],
    ["two parts to validate on", few, { validation: 0.1, validationSentences: few }, "one of both expected"],
    ["vectors that are none", few, { vectors: [] }, "vectors an array of 0 given"],
    ["a backend that is none", few, { backend: 3 }, "backend"],
    ["an optimiser of one's own", few, { optimizer: { name: "mine" } }, "optimizer"],
    ["a scheme that is none", one, { scheme: "BOI" }, "scheme"],
  ])("refuses %s", async (_, sentences, more, message) => {
    const begun = trainTagger(sentences, more);
    await expect(begun).rejects.toThrow(UsageError);
    await expect(begun).rejects.toThrow(message);
  });

  it.each<[string, unknown, object, string]>([
    ["one tag alone", one, { validation: 0 }, 'sentences: every word has the tag "X"'],
    ["no sentences", [], {}, "sentences: no words with tags"],
    ["what is no list", 3, {}, "sentences: 3 given, a list of sentences expected"],
    [
      "other counts of tags",
      [{ tokens: ["a", "b"], tags: ["X"] }],
      {},
      "sentences: sentence 1 has 2 tokens and 1 tag",
    ],
    [
      "a span outside",
      [{ text: "a", spans: [{ start: 0, end: 9, label: "X" }] }],
      {},
      "sentence 1: spans[0]",
    ],
    [
      "tags that break their scheme, where they are an error",
      [{ tokens: ["a", "b"], tags: ["B-X", "I-Y"] }],
      { repair: "error" },
      'sentences: sentence 1: word 2: the tag "I-Y" breaks BIO',
    ],
  ])("refuses %s", async (_, sentences, more, message) => {
    const begun = trainTagger(sentences as never, more);
    await expect(begun).rejects.toThrow(DataError);
    await expect(begun).rejects.toThrow(message);
  });
});
