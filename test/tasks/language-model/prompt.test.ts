// What is read of a prompt, and what is never written.
import { expect, it } from "vitest";
import { Vocabulary } from "../../../src/data/vocabulary.ts";
import { LanguageModel } from "../../../src/tasks/language-model/index.ts";
import { readPrompt, withoutStart } from "../../../src/tasks/language-model/prompt.ts";
import { sentence, small } from "./texts.ts";

const subwords = Vocabulary.build("subwords", sentence, { special: ["<end>"] });
const model = new LanguageModel(subwords, small).initialize(1);

it("a space at the end of a prompt is the start of the next subword", () => {
  const { tokens, repeated, barredFirst } = readPrompt(subwords, "the quick ");
  expect(tokens).toEqual(subwords.encode("the quick"));
  expect(repeated).toBe(1);
  const first = subwords.tokens.filter((_, id) => !barredFirst.includes(id));
  expect(first).toContain(" ");
  expect(first).toContain(" brown");
  expect(first.every((token) => token.startsWith(" "))).toBe(true);
  expect(readPrompt(subwords, "the quick")).toMatchObject({ tokens, repeated: 0 });
  expect(readPrompt(subwords, " ").tokens).toEqual(subwords.encode("\n"));
  const characters = Vocabulary.build("characters", sentence);
  expect(readPrompt(characters, "the ")).toMatchObject({ repeated: 0, tokens: characters.encode("the ") });
});

it("what is written goes on from the space", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const options = { length: 5, seed };
    const text = model.generate("the ", options);
    expect(text.startsWith("the ")).toBe(true);
    // Encoded as a whole, it begins as what was read.
    expect(subwords.token(subwords.encode(text)[0] as number)).toBe("the");
  }
  expect(model.generate("the ", { length: 0 })).toBe("the ");
});

it("tokens without a text are never written", () => {
  const { embedding: _, ...parameters } = model.parameters;
  const eager = new LanguageModel(subwords, small).initialize(1);
  for (const [name, variable] of Object.entries(eager.parameters)) {
    const given = parameters[name];
    if (given) variable.value = given.value;
  }
  const bias = eager.parameters["head.bias"] as { value: ArrayLike<number> };
  bias.value = Float32Array.from(bias.value, (_, id) =>
    id === 0 ? 100 : id === subwords.id(" fox") ? 50 : 0,
  );
  expect(eager.generate("the", { length: 3, temperature: 0 })).toBe("the fox fox fox");
  expect(eager.generate("the ", { length: 3, temperature: 0 })).toBe("the fox fox fox");
});

it("pieces lose the start of the first alone", () => {
  expect([...withoutStart([" a", " b"], 1)]).toEqual(["a", " b"]);
  expect([...withoutStart([" a", " b"], 0)]).toEqual([" a", " b"]);
});
