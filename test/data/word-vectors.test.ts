// Word vectors in the text forms of GloVe and word2vec: those that are kept, and what is refused with its line.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it, test } from "vitest";
import { textSource } from "../../src/data/source.ts";
import { readWordVectors } from "../../src/data/word-vectors.ts";
import { DataError, UsageError } from "../../src/errors.ts";
import { realData } from "../helpers/real-data.ts";

const read = (text: string, words: Iterable<string>) => readWordVectors(textSource("v.txt", text), { words });

it("keeps the words asked for, as written or else in lower case", async () => {
  const glove = "the 1 2 3\nApple -1.5e-2 .5 0\napple 4 5 6\nOnly 7 8 9\n";
  const { size, vectors, lowered, count } = await read(glove, [
    "The",
    "the",
    "Apple",
    "APPLE",
    "only",
    "none",
  ]);
  expect({ size, lowered, count }).toEqual({ size: 3, lowered: 2, count: 4 });
  expect(Object.fromEntries(vectors)).toEqual({
    The: Float32Array.of(1, 2, 3),
    the: Float32Array.of(1, 2, 3),
    Apple: Float32Array.of(-0.015, 0.5, 0),
    APPLE: Float32Array.of(4, 5, 6),
  });
});

it("reads word2vec: a line with count and size, spaces at the ends of lines", async () => {
  const { size, vectors, count } = await read("2 3\r\n</s> 1 2 3 \r\nin 4 5 6 \r\n", new Set(["in"]));
  expect({ size, count }).toEqual({ size: 3, count: 2 });
  expect([...vectors]).toEqual([["in", Float32Array.of(4, 5, 6)]]);
});

test.each<[text: string, word: string, expected: number[] | undefined]>([
  [". . . 1 2\na 3 4\n", ". . .", [1, 2]],
  ["a 1 2\nat name@domain.com 3 4\n", "at name@domain.com", [3, 4]],
  ["a 1 2\n2010 3 4\n", "2010", [3, 4]],
  ["2010 1 2 3\n", "2010", [1, 2, 3]],
  ["a\t1\t2\n", "a", [1, 2]],
  ["a\u00a0b 1 2\n", "a\u00a0b", [1, 2]],
  ["a 1 2\n\n  \nb 3 4\n", "b", [3, 4]],
  ["a 1 2\na 3 4\n", "a", [1, 2]],
  ["b 1 2\nA 3 4\n", "a", undefined],
])("%j has for %j the vector %j", async (text, word, expected) => {
  const vector = (await read(text, [word])).vectors.get(word);
  expect(vector && [...vector]).toEqual(expected);
});

describe("refuses", () => {
  test.each<[text: string, message: string]>([
    ["", "v.txt has no vectors: a word and its numbers expected"],
    ["2 3\n", "v.txt has no vectors: a word and its numbers expected"],
    ["3 0\na\n", "v.txt: line 1: vectors of size 0, 1 or more expected"],
    ["a b c\n", "v.txt: line 1 has no numbers at its end: a word and its vector expected"],
    ["word\n", "v.txt: line 1 has no numbers at its end: a word and its vector expected"],
    ["a 1 2\nb 3\n", "v.txt: line 2 has a word and 1 number, 2 expected"],
    ["a 1 2\nb 3 4 5\n", "v.txt: line 2 has a word and 3 numbers, 2 expected"],
    ["a 1 2\nb\n", "v.txt: line 2 has a word and 0 numbers, 2 expected"],
    ["a 1 2\nb 3 x\n", 'v.txt: line 2: number 2 is "x", a number expected'],
    ["a 1 2\nb NaN 1\n", 'v.txt: line 2: number 1 is "NaN", a number expected'],
    ["a 1 2\nb 1e39 1\n", 'v.txt: line 2: number 1 is "1e39", a number expected'],
    ["3 2\na 1 2\nb 3 4\n", "v.txt: 3 vectors expected, as line 1 says, 2 found"],
    ["1 2\na 1 2\nb 3 4\n", "v.txt: 1 vectors expected, as line 1 says, 2 found"],
  ])("%j", async (text, message) => {
    await expect(read(text, ["a", "b"])).rejects.toThrow(new DataError(message));
  });

  test.each<[words: unknown, message: string]>([
    ["the", 'words "the" given, a list of texts expected'],
    [7, "words 7 given, a list of texts expected"],
    [["a", undefined], "words a list with undefined given, a list of texts expected"],
  ])("%j as words", async (words, message) => {
    await expect(read("a 1\n", words as never)).rejects.toThrow(
      new UsageError(`readWordVectors: ${message}`),
    );
  });

  test("what is no source", async () => {
    await expect(readWordVectors("v.txt" as never, { words: [] })).rejects.toThrow(UsageError);
  });
});

it("reads a part of GloVe", async (context) => {
  const path = realData("glove-sample/glove.6B.100d.sample.txt.gz", context);
  const source = textSource("glove", gunzipSync(readFileSync(path)).toString());
  const { size, vectors, count } = await readWordVectors(source, { words: ["The", "Rondo", ","] });
  expect({ size, count, words: [...vectors.keys()] }).toEqual({ size: 100, count: 100, words: ["The", ","] });
  expect(vectors.get("The")?.[0]).toBeCloseTo(-0.038194, 6);
});
