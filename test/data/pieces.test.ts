// Text from tokens one by one: joined, it is what all of them together give.
import { expect, test } from "vitest";
import { piecesOf } from "../../src/data/pieces.ts";
import { TOKEN_KINDS, Vocabulary } from "../../src/data/vocabulary.ts";

const text = 'The fox, they say, "is quick"; a naïve dog – 🦊 – isn\'t (3.14).\n\tSo  -- it goes.\n'.repeat(
  2,
);

test.each(TOKEN_KINDS)("%s", (kind) => {
  const vocabulary = Vocabulary.build(kind, text);
  const tokens = vocabulary.encode(text);
  for (const before of ["", "The fox", 'say, "', "a\n"]) {
    for (let end = 0; end <= tokens.length; end++) {
      const pieces = [...piecesOf(vocabulary, tokens.subarray(0, end), before)];
      expect(pieces).toHaveLength(end + 1);
      expect(pieces.join("")).toBe(vocabulary.decode(tokens.subarray(0, end), before));
    }
  }
});

test("words cut at spaces", () => {
  const spaced = "it is n't mr. <unk> 's N points\n it is so\n".repeat(3);
  const vocabulary = Vocabulary.build("words", spaced);
  expect(vocabulary.split).toBe("spaces");
  const tokens = vocabulary.encode(spaced);
  expect([...piecesOf(vocabulary, tokens, "n't")].join("")).toBe(vocabulary.decode(tokens, "n't"));
});

test("bytes come as whole characters, and a half one as U+FFFD at the end", () => {
  const vocabulary = Vocabulary.build("bytes", "aé🦊");
  const bytes = vocabulary.encode("aé🦊");
  expect([...piecesOf(vocabulary, bytes)]).toEqual(["a", "", "é", "", "", "", "🦊", ""]);
  expect([...piecesOf(vocabulary, bytes.subarray(0, 2))]).toEqual(["a", "", "\ufffd"]);
});
