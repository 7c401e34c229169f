// Tokens that know their place: cut from a text, found in it, put together.
import fc from "fast-check";
import { expect, it, test } from "vitest";
import { findTokens, joinTokens, tokenize } from "../../../src/data/tagged/tokens.ts";
import { END_OF_LINE, wordsOf } from "../../../src/data/words.ts";
import { UsageError } from "../../../src/errors.ts";

const texts = (text: string) => tokenize(text).map((token) => token.text);

test.each([
  [
    "Don't go to well-known U.S. places!",
    ["Don't", "go", "to", "well-known", "U", ".", "S", ".", "places", "!"],
  ],
  ["3.14, 1,000 (a <unk> b)", ["3.14", ",", "1,000", "(", "a", "<unk>", "b", ")"]],
  ["Zürich\u00a0heißt\tso\r\nhier", ["Zürich", "heißt", "so", "hier"]],
  ["ok 👍🏽go", ["ok", "👍", "🏽", "go"]],
  [" \n ", []],
  ["", []],
])("%j", (text, expected) => {
  expect(texts(text)).toEqual(expected);
});

it("counts places in UTF-16 units", () => {
  expect(tokenize("👍 ja")).toEqual([
    { text: "👍", start: 0, end: 2 },
    { text: "ja", start: 3, end: 5 },
  ]);
});

it("cuts as vocabularies of words do, and every token stands in its place", () => {
  const text = fc.stringMatching(/^[a-cä1-3 .,'’\-<>_\n\t👍"]*$/u);
  fc.assert(
    fc.property(text, (given) => {
      const tokens = tokenize(given);
      const words = [...wordsOf(given, "punctuation")].filter((word) => word !== END_OF_LINE);
      expect(tokens.map((token) => token.text)).toEqual(words);
      for (const { text: token, start, end } of tokens) expect(given.slice(start, end)).toBe(token);
      expect(findTokens(words, given)).toEqual(tokens);
    }),
  );
});

it("finds tokens that were joined", () => {
  const token = fc.stringMatching(/^[ab👍.]( ?[ab])?$/u);
  fc.assert(
    fc.property(fc.array(fc.tuple(token, fc.boolean())), (given) => {
      const words = given.map(([word]) => word);
      const spaced = given.map(([, space]) => space);
      const { text, tokens } = joinTokens(words, spaced);
      expect(findTokens(words, text)).toEqual(tokens);
      expect(joinTokens(words).text).toBe(words.join(" "));
    }),
  );
});

test.each([
  [["a", "b"], "a  c"],
  [["a", "b"], "a"],
  [["a"], "a b"],
  [["b"], "ab"],
])("does not find %j in %j", (words, text) => {
  expect(findTokens(words, text)).toBeUndefined();
});

it("cuts texts alone", () => {
  expect(() => tokenize(7 as never)).toThrow(new UsageError("tokenize: 7 given, a text expected"));
});
