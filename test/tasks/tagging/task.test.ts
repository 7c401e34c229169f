// Tagging as the command uses it: files in every form, a training that resumes, predictions, figures, a stream, damaged files.
import { describe, expect, it } from "vitest";
import { textSource } from "../../../src/data/source.ts";
import { DataError, FormatError, UsageError } from "../../../src/errors.ts";
import { readSafetensors, writeSafetensors } from "../../../src/formats/safetensors.ts";
import { readTaskModel } from "../../../src/tasks/file.ts";
import { taggingTask } from "../../../src/tasks/tagging/task.ts";
import type { GivenOptions, Prediction, TaskModel } from "../../../src/tasks/task.ts";
import { readCheckpoint } from "../../../src/training/checkpoint.ts";
import { columns, named, spoken, tagged } from "./sentences.ts";

const options = {
  ...{ embedding: 12, characters: 6, hidden: 16, batch: 8, epochs: 16, learningRate: 0.03, dropout: 0.1 },
};
const file = (text: string, name = "names.conll") => textSource(name, text);
const names = columns(tagged(named(80), "IOB1"));
const speech = columns(spoken(40));

const begin = (text: string, more: GivenOptions = {}, files = {}) =>
  taggingTask.begin({ sentences: file(text), ...files }, { ...options, ...more }, {});

async function run(text: string, more: GivenOptions = {}, files = {}) {
  const made = await begin(text, more, files);
  let best: Uint8Array = new Uint8Array();
  await made.training.run({ onModel: (bytes) => (best = bytes) });
  return { made, best, model: taggingTask.open(readTaskModel(best, "model"), {}) };
}

async function all(predictions: AsyncIterable<Prediction>) {
  const found: Prediction[] = [];
  for await (const one of predictions) found.push(one);
  return found;
}

interface Told {
  readonly text: string;
  readonly tokens: { text: string; start: number; end: number; tag: string; confidence: number }[];
  readonly spans?: { label: string; start: number; end: number; text: string; confidence: number }[];
}
const json = async (model: TaskModel, text: string, name = "new.txt", given: GivenOptions = {}) =>
  (await all(model.predict({ input: file(text, name) }, given))).map((one) => one.json as Told);

describe("a training on spans", async () => {
  const { made, best, model } = await run(names);

  it("tells what it found, and what it does", () => {
    expect(made.audit?.lines).toEqual([
      expect.stringMatching(/^names\.conll: 80 sentences, \d+ words, \d+ spans, tags of IOB1$/),
      expect.stringMatching(/^\d held-out sentences to train on too$/),
    ]);
    expect(made.audit?.json).toMatchObject({
      files: [{ name: "names.conll", scheme: "IOB1", broken: 0 }],
      repeated: expect.any(Number),
    });
    expect(made.plan).toMatch(
      /^names\.conll: 72 sentences to train on, 8 held out; 2 labels of IOB1 \(LOC, PER\), \d+ words, lstm of 16 units both ways, told as a chain \(CRF\)$/,
    );
    expect(made.unit).toBe("words");
    expect(made.data).toEqual({
      sentences: { training: 72, validation: 8 },
      tags: ["LOC", "PER"],
      scheme: "IOB1",
    });
    const { form, made: how } = model.describe();
    expect(form).toContainEqual(["scheme", "IOB1"]);
    expect(how[0]).toEqual(["trained on", "names.conll: 80 sentences, 10 % held out"]);
  });

  it("ends with the figures of what was held out", async () => {
    const summary = await made.summary?.(readTaskModel(best, "model"));
    expect(summary?.measures).toMatchObject({ sentences: 8, f1: expect.any(Number) });
    expect(Object.keys(summary?.beside ?? {})).toEqual(["baseline"]);
    const none = await begin(names, { validation: 0, epochs: 1 });
    expect(none.audit?.lines).toHaveLength(1);
    expect(await none.training.run()).toBe("finished");
    expect(await none.summary?.(readTaskModel(best, "model"))).toBeUndefined();
  });

  it("learns them: strictly and as conlleval reads them, beside the commonest tags", async () => {
    const found = await model.evaluate({ input: file(columns(tagged(named(40, 2), "IOB1"))) }, {});
    expect(found.measures.f1).toBeGreaterThan(0.95);
    expect(found.measures.conlleval).toBeGreaterThan(0.95);
    expect(found.measures).toMatchObject({ sentences: 40, unknownTags: 0, unknownWords: 0 });
    expect(found.measures.loss).toBeLessThan(0.2);
    expect(found.beside?.baseline?.f1).toBeLessThan(found.measures.f1 as number);
    expect(found.warning).toBeUndefined();
    expect(found.lines?.[1]).toMatch(/^label +spans +precision +recall +F1$/);
    expect(found.details).toMatchObject({ labels: { LOC: { f1: expect.any(Number) } } });
  });

  it("finds the scheme of another file, where it has one", async () => {
    const [bioes, iob1] = await Promise.all(
      (["BIOES", "IOB1"] as const).map((scheme) =>
        model.evaluate({ input: file(columns(tagged(named(30, 2), scheme))) }, {}),
      ),
    );
    expect(bioes?.measures).toEqual(iob1?.measures);
    const wrong = await model.evaluate(
      { input: file(columns(tagged(named(30, 2), "BIOES"))) },
      { scheme: "BIO" },
    );
    expect(wrong.measures.broken).toBeGreaterThan(0);
  });

  it("tags a text, with places, labels and confidence", async () => {
    const text = "trains stop in New York Oslo.";
    const [told] = (await json(model, text)) as [Told];
    expect(told.text).toBe(text);
    expect(told.tokens.map(({ tag }) => tag)).toEqual(["O", "O", "O", "I-LOC", "I-LOC", "B-LOC", "O"]);
    for (const { text: own, start, end, confidence } of told.tokens) {
      expect(text.slice(start, end)).toBe(own);
      expect(confidence).toBeGreaterThan(0);
      expect(confidence).toBeLessThanOrEqual(1.000001);
    }
    expect(
      told.spans?.map(({ label, text: own, start, end }) => [label, own, text.slice(start, end)]),
    ).toEqual([
      ["LOC", "New York", "New York"],
      ["LOC", "Oslo", "Oslo"],
    ]);
    const least = Math.min(...told.tokens.slice(3, 5).map(({ confidence }) => confidence));
    expect(told.spans?.[0]?.confidence).toBe(least);
  });

  it("gives exactly one prediction for each sentence, in order, empty ones and surrogates included", async () => {
    const lines = Array.from({ length: 300 }, (_, at) =>
      at % 7 === 0 ? "" : `Ann met \u{1F332} Bob ${at} .`,
    );
    const told = await json(model, `${lines.join("\n")}\n`);
    expect(told.map(({ text }) => text)).toEqual(lines);
    expect(told[0]).toEqual({ text: "", tokens: [], spans: [] });
    const printed = await all(model.predict({ input: file("Ann met\n\nBob") }, { form: "text" }));
    expect(printed.map(({ text }) => text.replace(/\d\.\d{4}/g, "p"))).toEqual([
      expect.stringMatching(/^Ann\t\S+\tp\nmet\t\S+\tp\n$/),
      "",
      expect.stringMatching(/^Bob\t\S+\tp\n$/),
    ]);
  });

  it("tags a sentence as it does among others", async () => {
    const lines = named(70, 5).map(({ words }) => words.join(" "));
    const together = await json(model, lines.join("\n"));
    for (const at of [0, 33, 69]) {
      const [alone] = await json(model, lines[at] as string);
      expect(alone?.tokens.map(({ tag }) => tag)).toEqual(together[at]?.tokens.map(({ tag }) => tag));
    }
  });

  it("reads every form, tags or not", async () => {
    const sentences = tagged(named(5, 3), "IOB1");
    const forms = {
      "a.conll": columns(sentences),
      "a.jsonl": sentences.map(({ tokens }) => JSON.stringify({ tokens })).join("\n"),
      "a.txt": sentences.map(({ tokens }) => tokens.join(" ")).join("\n"),
    };
    const found = await Promise.all(
      Object.entries(forms).map(async ([name, text]) =>
        (await json(model, text, name)).map(({ tokens }) => tokens.map(({ text, tag }) => `${text} ${tag}`)),
      ),
    );
    expect(found[1]).toEqual(found[0]);
    expect(found[2]).toEqual(found[0]);
  });

  it("follows lines, each answered before the next is read", async () => {
    const sent: string[] = [];
    const encode = new TextEncoder();
    const input = {
      name: "lines",
      size: 0,
      arrayBuffer: () => Promise.reject(new Error("all at once")),
      stream: () => ({
        getReader: () => ({
          read: async () => {
            const line = ["Ann lives in Rome .\n", "\n", "Bob met Dora .\n"][sent.length];
            if (line === undefined) return { done: true };
            sent.push(line);
            return { done: false, value: encode.encode(line) };
          },
          cancel: async () => {},
        }),
      }),
    };
    const asked: number[] = [];
    const found: Prediction[] = [];
    for await (const one of model.follow?.(input, {}) ?? []) {
      asked.push(sent.length);
      found.push(one);
    }
    expect(asked).toEqual([1, 2, 3]);
    expect(found.map((one) => (one.json as Told).text)).toEqual([
      "Ann lives in Rome .",
      "",
      "Bob met Dora .",
    ]);
    const follow = async (text: string, given: GivenOptions) => {
      const told = await all(
        model.follow?.(file(text, "standard input"), given) as AsyncIterable<Prediction>,
      );
      return told.map((one) => (one.json as Told).text);
    };
    const objects = '{"text":"Ann"}\n{"tokens":["a b"]}';
    expect(await follow(objects, {})).toEqual(["Ann", "a b"]);
    expect(await follow(objects, { form: "jsonl" })).toEqual(["Ann", "a b"]);
    expect(await follow('{"text":"Ann"}', { form: "text" })).toEqual(['{"text":"Ann"}']);
    expect(await follow("", {})).toEqual([]);
    const other = model.follow?.(file(""), { form: "columns" }) as AsyncIterable<Prediction>;
    await expect(all(other)).rejects.toThrow(UsageError);
  });

  it("tells what becomes of each sentence, as conlleval reads it: word, tag, told", async () => {
    const told: Prediction[] = [];
    const input = file(columns(tagged(named(3, 2), "IOB1")));
    await model.evaluate({ input }, {}, async (one) => void told.push(one));
    expect(told).toHaveLength(3);
    for (const { text } of told) expect(text).toMatch(/^(?:\S+\t\S+\t\S+\n)+$/);
    const { tokens } = (told[0] as Prediction).json as { tokens: object[] };
    for (const token of tokens) {
      expect(token).toMatchObject({ expected: expect.any(String), tag: expect.any(String) });
    }
  });

  it("counts tags that it does not know, and never tells them right", async () => {
    const text = "Ann\tI-PER\nruns\tI-EVENT\n\nit\tO\nwill\tO\nrain\tO\n.\tO\n";
    const { measures, details } = await model.evaluate({ input: file(text) }, {});
    expect(measures.unknownTags).toBe(1);
    expect(measures.accuracy).toBeLessThan(1);
    expect(details).toMatchObject({ unknownTagCounts: { "I-EVENT": 1 } });
    const none = await model.evaluate({ input: file("runs\tI-EVENT\n") }, { scheme: "IOB1" });
    expect(none.measures.loss).toBeUndefined();
    expect(none.measures).toMatchObject({ accuracy: 0, f1: 0 });
    expect(none.warning).toMatch(/^no better than the commonest tag/);
  });

  it("reads sentences of any length in parts, and cuts no span", async () => {
    const joined = (count: number, seed: number, size: number) =>
      Array.from({ length: count }, (_, at) => {
        const some = tagged(named(size, seed + at), "IOB1");
        return { tokens: some.flatMap(({ tokens }) => tokens), tags: some.flatMap(({ tags }) => tags) };
      });
    const short = (await run(columns(joined(40, 100, 4)), { longest: 12, epochs: 10 })).model;
    const long = joined(1, 200, 100);
    const count = long[0]?.tokens.length as number;
    expect(count).toBeGreaterThan(500);
    const { measures } = await short.evaluate({ input: file(columns(long)) }, {});
    expect(measures).toMatchObject({ sentences: 1, words: count });
    expect(measures.f1).toBeGreaterThan(0.9);
    const [told] = (await json(short, (long[0]?.tokens ?? []).join(" "))) as [Told];
    expect(told.tokens).toHaveLength(count);
    expect(short.describe().form).toContainEqual(["reads", "12 words at once"]);
  });

  it("of a damaged file is refused", () => {
    const { tensors, metadata } = readSafetensors(best, "model");
    const changed = (part: string, change: object) => {
      const json = { ...JSON.parse(metadata[part] as string), ...change };
      return () =>
        taggingTask.open(
          readTaskModel(
            writeSafetensors({ tensors, metadata: { ...metadata, [part]: JSON.stringify(json) } }),
            "m",
          ),
          {},
        );
    };
    for (const [part, change] of [
      ["prepared", { tags: { scheme: "BIO", labels: [] } }],
      ["prepared", { tags: { scheme: "BIO", labels: ["A"] } }],
      ["prepared", { commonest: [1] }],
      ["prepared", { commonest: undefined }],
      ["prepared", { words: { kind: "list", tokens: ["<unk>"], unknown: "<unk>" } }],
      ["model", { hidden: 0 }],
      ["model", { hidden: 17 }],
      ["model", { crf: "no" }],
      ["model", { more: 1 }],
      ["training", { data: {} }],
      ["training", { validationData: {} }],
      ["training", { repair: "mend" }],
      ["training", { reading: { form: "xml" } }],
      ["training", { reading: { form: "conllu", column: [] } }],
      ["training", { vectors: 3 }],
      ["training", { vectors: { name: "v", words: "many" } }],
      ["training", { validation: { loss: "small" } }],
      ["training", { validation: 3 }],
      ["training", { epoch: "two" }],
      ["training", { settings: {} }],
    ] as const) {
      expect(changed(part, change), JSON.stringify(change)).toThrow(FormatError);
    }
    expect(changed("training", {})).not.toThrow();
    expect(() => taggingTask.open(readTaskModel(best.slice(0, -9), "m"), {})).toThrow(FormatError);
    expect(() =>
      taggingTask.open(
        readTaskModel(writeSafetensors({ tensors, metadata: { ...metadata, task: "forecast" } }), "m"),
        {},
      ),
    ).toThrow('m: a model of the task "forecast", one of "tag" expected');
  });
});

describe("a training on one tag a word", async () => {
  const { made, model } = await run(
    speech,
    { characters: 0, epochs: 8 },
    {
      validationFile: file(columns(spoken(12, 2)), "held.conll"),
    },
  );

  it("tells them one by one, without characters too", async () => {
    expect(made.audit?.lines).toEqual([
      "names.conll: 40 sentences, 200 words, a tag a word",
      "held.conll: 12 sentences, 60 words, a tag a word",
      expect.stringMatching(/^\d+ held-out sentences to train on too$/),
    ]);
    expect(made.plan).toContain(
      "40 sentences to train on, 12 held out in held.conll; 3 tags (DET, NOUN, VERB)",
    );
    const found = await model.evaluate({ input: file(columns(spoken(20, 3))) }, {});
    expect(found.measures.accuracy).toBeGreaterThan(0.9);
    expect(found.measures.f1).toBeUndefined();
    expect(found.lines?.[1]).toMatch(/^label +words/);
    const [told] = (await json(model, "a dog sees the bird")) as [Told];
    expect(told.spans).toBeUndefined();
    expect(told.tokens).toHaveLength(5);
    expect(model.describe().form).toContainEqual(["characters", "none"]);
    expect(model.describe().made[0]).toEqual(["trained on", "names.conll: 40 sentences, held.conll"]);
  });

  it("takes tags that it does not know as wrong", async () => {
    const { measures, details } = await model.evaluate(
      { input: file("a\tDET\ncat\tX\n\nthe\tDET\ndog\tNOUN\n") },
      {},
    );
    expect(measures.unknownTags).toBe(1);
    expect(details).toMatchObject({ labels: { X: { targets: 1, recall: 0 } } });
  });

  it("reads the column that it is told", async () => {
    const text = "1\tthe\tthe\tDET\tDT\t_\t0\tdet\t_\t_\n2\tcat\tcat\tNOUN\tNN\t_\t0\troot\t_\t_\n";
    const input = file(text, "a.conllu");
    expect((await model.evaluate({ input }, {})).measures).toMatchObject({ unknownTags: 0 });
    expect((await model.evaluate({ input }, { column: "XPOS" })).measures).toMatchObject({ unknownTags: 2 });
  });
});

describe("vectors of others", () => {
  const vectors = file("the 1 0 0\ncat 0 1 0\nsees 0 0 1\nnobody 1 1 1\n", "vectors.txt");

  it("are where their words start; their size is the embedding's", async () => {
    const { embedding: _, ...others } = options;
    const made = await taggingTask.begin({ sentences: file(speech), vectors }, { ...others, epochs: 1 }, {});
    expect(made.plan).toContain("3 of them from vectors.txt");
    let best: Uint8Array = new Uint8Array();
    await made.training.run({ onModel: (bytes) => (best = bytes) });
    const model = taggingTask.open(readTaskModel(best, "m"), {});
    expect(model.describe().form).toContainEqual([
      "words",
      expect.stringMatching(/each 3 numbers, 3 from vectors\.txt$/),
    ]);
    const { tensors } = readSafetensors(best, "m");
    expect(tensors.get("embedding.weight")?.shape[1]).toBe(3);
  });

  it("of another size than is asked for are refused", async () => {
    await expect(begin(speech, {}, { vectors })).rejects.toThrow(
      new UsageError("embedding 12: vectors.txt has vectors of 3 numbers, 3 expected"),
    );
  });
});

describe("a training that was stopped", () => {
  it("goes on from a checkpoint to the same bits", async () => {
    const held = { validationFile: file(columns(tagged(named(9, 4), "IOB1")), "held.conll") };
    // Another scheme than would be found.
    const short = { epochs: 2, scheme: "BIO" };
    const [whole, stopped] = [await begin(names, short, held), await begin(names, short, held)];
    let expected: Uint8Array = new Uint8Array();
    await whole.training.run({ onModel: (bytes) => (expected = bytes) });
    const stop = new AbortController();
    const checkpoint = await new Promise<Uint8Array>((resolve) => {
      void stopped.training.run({
        signal: stop.signal,
        onEvent: ({ step }) => step === 5 && stop.abort(),
        onCheckpoint: resolve,
      });
    });
    const read = readCheckpoint(checkpoint, "checkpoint");
    expect(taggingTask.locations(read)).toEqual({ sentences: "names.conll", validationFile: "held.conll" });
    const files = { sentences: file(names), ...held };
    const resumed = await taggingTask.resume(read, files, {}, {});
    let found: Uint8Array = new Uint8Array();
    await resumed.training.run({ onModel: (bytes) => (found = bytes) });
    expect(found).toEqual(expected);
    const other = (changed: object, epochs?: number) =>
      taggingTask.resume(readCheckpoint(checkpoint, "checkpoint"), { ...files, ...changed }, { epochs }, {});
    await expect(other({ sentences: file(names.replace("Ann", "Anna")) })).rejects.toThrow(
      "is not the file that checkpoint was trained on",
    );
    await expect(other({ validationFile: file(speech, "held.conll") })).rejects.toThrow(DataError);
    await expect(other({ validationFile: undefined })).rejects.toThrow("no file to validate on given");
    expect((await other({}, 5)).training.epochs).toBe(5);
  });
});

describe("what is of no use", () => {
  it.each([
    ["a tag alone", "a\tX\nb\tX\n\nc\tX\n", {}, 'every word has the tag "X", two tags or more expected'],
    ["no words", "\n\n", { form: "columns" }, "no words with tags, one sentence or more expected"],
    ["one sentence", "a\tX\nb\tY\n", {}, "one sentence, of which none can be held out"],
    [
      "tags that break the scheme, where they are an error",
      "a\tB-X\nb\tI-Y\n\nc\tO\n\nd\tO\n",
      { repair: "error" },
      'names.conll: line 2: the tag "I-Y" breaks BIO: no span of Y before it',
    ],
    ["a column that is not there", "a\tX\nb\tY\n", { column: "9" }, "names.conll has 2 columns: no column 9"],
  ])("%s: is refused", async (_, text, more, message) => {
    const begun = begin(text, more);
    await expect(begun).rejects.toThrow(DataError);
    await expect(begun).rejects.toThrow(message);
  });

  it("other files: is refused with the line", async () => {
    const started = (text: string, name: string) =>
      taggingTask.begin({ sentences: file(text, name) }, options, {});
    const broken = `${'{"tokens":["a"],"tags":["X"]}\n'.repeat(2)}{"tokens":\n`;
    await expect(started(broken, "a.jsonl")).rejects.toThrow("a.jsonl: line 3 is not JSON");
    await expect(started("only some text\n", "a.txt")).rejects.toThrow("a.txt is text without tags");
    await expect(started('{"text":"a","label":"b"}\n', "mail.jsonl")).rejects.toThrow(
      "mail.jsonl: line 1 has neither spans nor tags",
    );
    const bytes = new Blob([Uint8Array.of(0x61, 0x09, 0x58, 0x0a, 0xff, 0x0a)]);
    const invalid = {
      name: "bad.conll",
      size: bytes.size,
      arrayBuffer: () => bytes.arrayBuffer(),
      stream: () => bytes.stream(),
    };
    await expect(taggingTask.begin({ sentences: invalid }, options, {})).rejects.toThrow(
      /bad\.conll.*line 2/,
    );
  });

  it("options that contradict each other, and files that are missing: is refused", async () => {
    const held = { validationFile: file(speech, "held.conll") };
    await expect(begin(speech, { validation: 0.2 }, held)).rejects.toThrow(UsageError);
    await expect(taggingTask.begin({}, {}, {})).rejects.toThrow("no file of sentences given");
    await expect(begin(speech, { hiden: 3 })).rejects.toThrow("did you mean hidden?");
    await expect(begin(speech, {}, { validationFile: file("\n", "held.conll") })).rejects.toThrow(
      "held.conll: no words with tags",
    );
    await expect(begin(speech, {}, { validationFile: file("a\tQ\n", "held.conll") })).rejects.toThrow(
      "held.conll: no held-out sentence has only tags that the training part has",
    );
  });
});

it.each([
  ["a.conllu", "", true],
  ["a.txt", "EU B-ORG\nrejects O\n", true],
  ["a.txt", "EU NNP B-ORG\n\nrejects VBZ O\n", true],
  ["a.txt", "EU rejects\nGerman O\n", false],
  ["a.txt", "one line\n", false],
  ["a.jsonl", '{"text":"a","spans":[]}\n', true],
  ["a.jsonl", '{"text":"a","label":"b"}\n', false],
])("%s with %j is guessed to have tags: %s", (name, text, is) => {
  const lines = text.split("\n").slice(0, -1);
  expect(taggingTask.guess?.({ name, lines }) !== undefined).toBe(is);
});
