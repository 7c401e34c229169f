// Scoring and writing text with a model that is not trained: what must hold for any weights.
import { describe, expect, it } from "vitest";
import type { Backend } from "../../../src/backends/backend.ts";
import { wasm } from "../../../src/backends/wasm/index.ts";
import { Vocabulary } from "../../../src/data/vocabulary.ts";
import { DataError, UsageError } from "../../../src/errors.ts";
import type { CellName } from "../../../src/nn/index.ts";
import { cells } from "../../../src/nn/index.ts";
import { LanguageModel } from "../../../src/tasks/language-model/index.ts";
import { sentence, small } from "./texts.ts";

const characters = Vocabulary.build("characters", sentence);
const model = (vocabulary = characters, options: object = {}) =>
  new LanguageModel(vocabulary, { ...small, ...options }).initialize(1);

describe("evaluate", () => {
  it("a model that knows nothing needs ln V nats a token", async () => {
    const indifferent = model();
    for (const variable of Object.values(indifferent.parameters))
      variable.value = new Float32Array(variable.count);
    const found = await indifferent.evaluate(sentence.slice(0, 101));
    expect(found.tokens).toBe(100);
    expect(found.nats).toBeCloseTo(Math.log(characters.size), 5);
    expect(found.perplexity).toBeCloseTo(characters.size, 3);
    expect(found.bitsPerCharacter).toBeCloseTo(Math.log2(characters.size), 5);
  });

  it("the state is carried over windows: their length does not matter, the rows' order of reading does", async () => {
    const text = sentence.slice(0, 150);
    const whole = await model().evaluate(text, { batch: 1, window: 1000 });
    for (const window of [1, 7, 149]) {
      const found = await model().evaluate(text, { batch: 1, window });
      expect(found.nats).toBeCloseTo(whole.nats, 5);
      expect(found.tokens).toBe(149);
    }
    const rows = await model().evaluate(text, { batch: 5, window: 7 });
    expect(rows.tokens).toBe(149);
    expect(rows.nats).not.toBeCloseTo(whole.nats, 6);
  });

  it("bits per character count characters, whatever the tokens are", async () => {
    const text = "naïve café, naïve thé. ".repeat(3);
    const bytes = model(Vocabulary.build("bytes", text));
    const found = await bytes.evaluate(text);
    const encoded = new TextEncoder().encode(text).length;
    expect(found.tokens).toBe(encoded - 1);
    expect(found.bitsPerCharacter).toBeCloseTo(((found.nats / Math.LN2) * encoded) / text.length, 6);
    for (const kind of ["words", "subwords"] as const) {
      const vocabulary = Vocabulary.build(kind, text);
      const found = await model(vocabulary).evaluate(text);
      const count = vocabulary.encode(text).length;
      expect(count).toBeLessThan(text.length / 2);
      expect(found.bitsPerCharacter).toBeCloseTo(((found.nats / Math.LN2) * count) / text.length, 6);
    }
  });

  it("refuses what it cannot score", async () => {
    await expect(model().evaluate("t")).rejects.toThrow(DataError);
    await expect(model().evaluate("")).rejects.toThrow("0 tokens");
    await expect(model().evaluate("the Ωmega", { where: "o.txt" })).rejects.toThrow(
      'o.txt: character "Ω" (U+03A9, line 1) is not in the vocabulary',
    );
  });
});

describe("generate", () => {
  it("goes on from the prompt, so many tokens, the same for the same seed", () => {
    const text = model().generate("the ", { length: 30, seed: 3 });
    expect(text.startsWith("the ")).toBe(true);
    expect(text).toHaveLength(34);
    expect(model().generate("the ", { length: 30, seed: 3 })).toBe(text);
    expect(model().generate("the ", { length: 30, seed: 4 })).not.toBe(text);
    expect(model().generate("the ", { length: 10, seed: 3 })).toBe(text.slice(0, 14));
  });

  it("is compiled once; each text starts afresh, with the weights of now", () => {
    let compiled = 0;
    const backend: Backend = {
      name: "counting",
      compile(program) {
        compiled += 1;
        return wasm.compile(program);
      },
    };
    const writer = new LanguageModel(characters, small, { backend }).initialize(1);
    const options = { length: 30, seed: 3 };
    const texts = ["the ", "", "fox"].map((prompt) => model().generate(prompt, options));
    expect(["the ", "", "fox"].map((prompt) => writer.generate(prompt, options))).toEqual(texts);
    expect(() => writer.generate("Ω")).toThrow(DataError);
    expect(writer.generate("the ", options)).toBe(texts[0]);
    const other = new LanguageModel(characters, small).initialize(2);
    for (const [name, variable] of Object.entries(writer.parameters))
      variable.value = other.parameters[name]?.value ?? [];
    expect(writer.generate("the ", options)).toBe(other.generate("the ", options));
    expect(compiled).toBe(1);
    // A stream is the caller's own.
    const [live, another] = [writer.stream(), writer.stream()];
    const logits = [...live.next(1)];
    writer.generate("the ", options);
    live.next(2);
    expect([...another.next(1)]).toEqual(logits);
  });

  it("depends on all of the prompt", () => {
    const mindful = model();
    for (const variable of Object.values(mindful.parameters))
      variable.value = variable.value.map((w) => 4 * w);
    const [a, b] = ["the brown ", "the lrown "].map((prompt) =>
      mindful.generate(prompt, { length: 100 }).slice(prompt.length),
    );
    expect(a).not.toBe(b);
  });

  it("temperature 0 is the same for all seeds, and takes the likeliest at each step", () => {
    const cautious = (seed: number) => model().generate("fox", { length: 20, temperature: 0, seed });
    expect(cautious(1)).toBe(cautious(2));
    expect(model().generate("fox", { length: 20, topK: 1 })).toBe(cautious(1));
  });

  it("an empty prompt starts like a new line; where there is no line end, anyhow", () => {
    const free = model().generate("", { length: 12 });
    expect(free).toHaveLength(12);
    expect(model().generate("\n", { length: 12 }).slice(1)).toBe(free);
    expect(model(Vocabulary.build("characters", "abc")).generate("", { length: 5 })).toHaveLength(5);
    expect(model().generate("dog", { length: 0 })).toBe("dog");
  });

  it("words are never written as unknown, though a prompt may hold some", () => {
    const vocabulary = Vocabulary.build("words", "a b a c a d e f", { size: 4 });
    const writer = model(vocabulary);
    const text = writer.generate("zebra", { length: 200 });
    expect(text).toMatch(/^zebra [^z]+$/);
    expect(text).not.toContain("<unk>");
    expect(writer.generate("a", { length: 200, temperature: 0 })).not.toContain("<unk>");
  });

  it.each(["characters", "words", "bytes"] as const)("of %s gives the prompt back as it was", (kind) => {
    const text = 'The fox, they say, "is quick"; a naïve dog – a zebra – is not.\n\tSo  it goes.\n'.repeat(3);
    const writer = model(Vocabulary.build(kind, text));
    const prompts = [
      "",
      "The ",
      "The",
      ' a  "',
      "is not.\n",
      "\n\t So",
      "quick , naïve",
      "fox –",
      'say, "is',
      "\r\r",
    ];
    for (const prompt of kind === "characters" ? prompts.slice(0, -1) : prompts) {
      const whole = writer.generate(prompt, { length: 12, seed: 5 });
      expect(whole.startsWith(prompt)).toBe(true);
      expect(whole.length).toBeGreaterThan(prompt.length);
      expect(writer.generate(prompt, { length: 0 })).toBe(prompt);
    }
  });

  it("bytes refuse a prompt that ends within a character", () => {
    const writer = model(Vocabulary.build("bytes", sentence));
    const message = "prompt: half of a surrogate pair (U+D83E) at 4, which UTF-8 cannot hold";
    expect(() => writer.generate("fox \ud83e", {})).toThrow(DataError);
    expect(() => writer.generate("fox \ud83e", {})).toThrow(message);
    expect(writer.generate("fox \ud83e\udd8a", { length: 3 })).toMatch(/^fox \ud83e\udd8a/);
  });

  it.each<[string, object, typeof UsageError | typeof DataError, string]>([
    ["", { length: -1 }, UsageError, "length -1: expected a whole number from 0"],
    ["", { length: 1.5 }, UsageError, "length 1.5"],
    ["", { seed: -1 }, UsageError, "seed -1: expected a whole number"],
    ["", { temperature: -1 }, UsageError, "temperature -1"],
    ["", { topK: -1 }, UsageError, "top-k -1"],
    ["", { topP: 2 }, UsageError, "top-p 2"],
    ["Ω", {}, DataError, 'prompt: character "Ω"'],
  ])("%j %o is refused", (prompt, options, kind, message) => {
    expect(() => model().generate(prompt, options)).toThrow(kind);
    expect(() => model().generate(prompt, options)).toThrow(message);
  });
});

describe("write", () => {
  const options = { length: 40, seed: 3 };
  const collect = async (pieces: AsyncIterable<string>) => {
    const all: string[] = [];
    for await (const piece of pieces) all.push(piece);
    return all;
  };

  it.each(["characters", "words", "bytes"] as const)("gives the text of generate, of %s", async (kind) => {
    const writer = model(Vocabulary.build(kind, `${sentence} naïve 🦊\n`.repeat(2)));
    const whole = writer.generate("the ", options);
    const writing = writer.write("the ", options);
    const pieces = await collect(writing);
    expect(`the ${pieces.join("")}`).toBe(whole);
    expect(pieces.length).toBeGreaterThan(10);
    expect(pieces).not.toContain("");
    expect(await writing.text()).toBe(whole);
  });

  it("texts are written side by side, each as it would be alone", async () => {
    const writer = model();
    const prompts = ["the ", "fox", ""];
    const alone = prompts.map((prompt) => writer.generate(prompt, options));
    const [first, ...others] = prompts.map((prompt) => writer.write(prompt, options));
    const parts: string[] = [];
    for await (const piece of first as NonNullable<typeof first>) {
      parts.push(piece);
      if (parts.length === 3) {
        expect(writer.generate("dog", options)).toBe(model().generate("dog", options));
        expect(await Promise.all(others.map((other) => other.text()))).toEqual(alone.slice(1));
      }
    }
    expect(prompts[0] + parts.join("")).toBe(alone[0]);
    expect(await Promise.all(prompts.map((prompt) => writer.write(prompt, options).text()))).toEqual(alone);
  });

  it("stops at a signal, also while it reads the prompt", async () => {
    const writer = model();
    const whole = writer.generate("the ", options);
    const control = new AbortController();
    const parts: string[] = [];
    for await (const piece of writer.write("the ", { ...options, signal: control.signal })) {
      parts.push(piece);
      if (parts.length === 5) control.abort();
    }
    expect(`the ${parts.join("")}`).toBe(whole.slice(0, 9));
    let looked = 0;
    const signal = {
      get aborted() {
        looked += 1;
        return looked > 10;
      },
    };
    expect(await writer.write(sentence, { ...options, signal }).text()).toBe(sentence);
    expect(writer.generate("the ", options)).toBe(whole);
  });

  it("ends before a text, wherever it stands in what is written", async () => {
    const writer = model();
    const whole = writer.generate("the ", options);
    const stop = whole.slice(20, 23);
    const expected = whole.slice(0, whole.indexOf(stop, 4));
    expect(writer.generate("the ", { ...options, stop })).toBe(expected);
    expect(await writer.write("the ", { ...options, stop }).text()).toBe(expected);
  });

  it.each<[object, string]>([
    [{ length: -1 }, "length -1: expected a whole number from 0"],
    [{ stop: "" }, 'stop "": expected a text that is not empty'],
    [{ signal: true }, "write: signal true given, an AbortSignal expected"],
    [{ topK: -1 }, "top-k -1"],
  ])("%o is refused at once", (wrong, message) => {
    expect(() => model().write("the", wrong)).toThrow(UsageError);
    expect(() => model().write("the", wrong)).toThrow(message);
  });
});

it.each(Object.keys(cells) as CellName[])(
  "%s: a cell of the table makes a model that scores and writes",
  async (cell) => {
    const made = model(characters, { cell, layers: 2 });
    expect((await made.evaluate(sentence.slice(0, 40))).nats).toBeLessThan(5);
    expect(made.generate("the", { length: 5 })).toHaveLength(8);
  },
);

it("weights have PyTorch's names", () => {
  expect(Object.keys(model(characters, { cell: "lstm", layers: 2 }).parameters)).toEqual([
    "embedding.weight",
    ...[0, 1].flatMap((layer) =>
      ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].map((name) => `rnn.${name}_l${layer}`),
    ),
    "head.weight",
    "head.bias",
  ]);
});

it("a token that the vocabulary does not have is neither streamed nor scored", async () => {
  const [scored, V] = [model(), characters.size];
  const live = scored.stream();
  const first = [...live.next(0)];
  for (const wrong of [V, 99999, -1]) {
    const refused = `input input: ${wrong} given at 0, 0 to ${V - 1} expected`;
    expect(() => live.next(wrong)).toThrow(new DataError(refused));
    await expect(scored.evaluateTokens(Int32Array.of(0, wrong, 1), 3)).rejects.toThrow(DataError);
  }
  for (const wrong of [0.5, Number.NaN, "0", undefined])
    expect(() => live.next(wrong as number)).toThrow(/^stream: .*input input.* expected$/);
  live.reset();
  expect([...live.next(0)]).toEqual(first);
});
