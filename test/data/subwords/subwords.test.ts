// Subwords: what is merged, that every text comes back, and what is refused.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { piecesOf } from "../../../src/data/pieces.ts";
import { cut } from "../../../src/data/subwords/cut.ts";
import { Vocabulary, type VocabularyOptions } from "../../../src/data/vocabulary.ts";
import { DataError, FormatError, UsageError } from "../../../src/errors.ts";
import { realData } from "../../helpers/real-data.ts";

const build = (text: string | string[], options: VocabularyOptions = {}) =>
  Vocabulary.build("subwords", text, options);
const again = (vocabulary: Vocabulary) =>
  Vocabulary.fromJSON(JSON.parse(JSON.stringify(vocabulary)), "model.safetensors");
const texts = (vocabulary: Vocabulary, text: string) =>
  Array.from(vocabulary.encode(text), (id) => vocabulary.token(id));

/** Texts of all characters, and texts of few, which have much to merge. */
const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom("a", "b", "'", " ", "\n", "1", ".", "é", "😀", "\u0301"),
    maxLength: 200,
  }),
);

describe("the pieces of a text", () => {
  it("have the space before them", () => {
    expect([...cut("The cat's 12 don't-s, (ok)!\n\n  x\t y  \n")]).toEqual([
      "The",
      " cat's",
      " 12",
      " don't",
      "-",
      "s",
      ",",
      " (",
      "ok",
      ")!",
      "\n\n ",
      " x",
      "\t",
      " y",
      "  \n",
    ]);
    expect([...cut(" 'tis 東京 e\u0301a\u0301 ❤\ufe0f😀")]).toEqual([
      ...[" '", "tis", " 東京", " e\u0301a\u0301", " ❤\ufe0f😀"],
    ]);
  });

  it("are all of it, none longer than 64 characters and a space", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect([...cut(text)].join("")).toBe(text);
      }),
    );
    for (const unit of ["a", "😀", "5", "e\u0301", " ", "\n", "'", " \n", "東"]) {
      const text = `x ${unit.repeat(1000)}`;
      const pieces = [...cut(text)];
      expect(pieces.join("")).toBe(text);
      for (const piece of pieces) expect([...piece].length).toBeLessThanOrEqual(65);
    }
  });
});

/** The definition: count all pairs anew, merge the commonest everywhere, again and again. Of ASCII texts. */
function definition(text: string, most: number) {
  const names = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));
  const pieces = [...cut(text)].map((piece) => Array.from(piece, (character) => character.charCodeAt(0)));
  const merges: [number, number][] = [];
  for (;;) {
    const counts = new Map<string, { left: number; right: number; count: number }>();
    for (const piece of pieces) {
      for (let at = 1; at < piece.length; at++) {
        const [left, right] = [piece[at - 1] as number, piece[at] as number];
        const count = (counts.get(`${left} ${right}`)?.count ?? 0) + 1;
        if (!names.includes(`${names[left]}${names[right]}`))
          counts.set(`${left} ${right}`, { left, right, count });
      }
    }
    const [best] = [...counts.values()].sort(
      (a, b) => b.count - a.count || a.left - b.left || a.right - b.right,
    );
    if (merges.length === most || best === undefined || best.count < 2)
      return { merges, tokens: pieces.flat() };
    const { left, right } = best;
    for (const piece of pieces) {
      for (let at = 0; at + 1 < piece.length; at++) {
        if (piece[at] === left && piece[at + 1] === right) piece.splice(at, 2, names.length);
      }
    }
    merges.push([left, right]);
    names.push(`${names[left]}${names[right]}`);
  }
}

describe("merges", () => {
  it("take the commonest pair first, of equals the one of lower numbers", () => {
    expect(build("ab ab ab cd cd").tokens.slice(256)).toEqual(["ab", " c", " ab", " cd"]);
    expect(build("bc ab bc ab", { size: 257 }).tokens[256]).toBe(" a");
    expect(build("the cat, the hat, the rat", { size: 259 }).tokens.slice(256)).toEqual(["at", "he", "the"]);
  });

  it("are those of the definition, and encode the text as they were learnt from it", () => {
    const unit = fc.constantFrom("a", "b", "c", "d", " ");
    fc.assert(
      fc.property(fc.string({ unit, minLength: 2, maxLength: 200 }), fc.nat(60), (text, most) => {
        fc.pre(new Set(text).size > 1);
        const vocabulary = build(text, { size: 257 + most });
        const { merges, tokens } = definition(text, most + 1);
        expect(vocabulary.toJSON()).toEqual({ kind: "subwords", merges });
        expect([...vocabulary.encode(text)]).toEqual(tokens);
      }),
      { numRuns: 300 },
    );
  });

  it("stop where no pair occurs often enough", () => {
    expect(build("abcdefg").size).toBe(256);
    expect(build("ab ab").size).toBe(257);
    expect(build("ab ab ab cd cd", { leastCount: 3 }).tokens.slice(256)).toEqual(["ab"]);
    expect(build("the cat", { leastCount: 1, size: 260 }).size).toBe(260);
  });

  it("never make what is called as another token is", () => {
    const text = "<0x80> <0x80> <pad> <pad> <pad> ".repeat(9);
    const vocabulary = build(text, { special: ["<pad>"], leastCount: 1 });
    expect(new Set(vocabulary.tokens).size).toBe(vocabulary.size);
    expect(vocabulary.id("<pad>")).toBe(0);
    expect([...vocabulary.encode(text)]).not.toContain(0);
    expect(vocabulary.decode(vocabulary.encode(text))).toBe(text);
  });
});

describe("every text", () => {
  it("comes back, whatever it was learnt from, before and after a trip through JSON", () => {
    fc.assert(
      fc.property(anyText, anyText, fc.boolean(), (learnt, text, hasSpecial) => {
        fc.pre(new Set(new TextEncoder().encode(learnt)).size > 1);
        const vocabulary = build(learnt, hasSpecial ? { special: ["<pad>", "<end>"] } : {});
        for (const given of [learnt, text]) {
          const tokens = vocabulary.encode(given);
          expect(vocabulary.decode(tokens)).toBe(given);
          expect(again(vocabulary).encode(given)).toEqual(tokens);
          expect([...piecesOf(vocabulary, tokens)].join("")).toBe(given);
        }
        expect(again(vocabulary)).toEqual(vocabulary);
      }),
    );
  });

  it("that UTF-8 has; half of a surrogate pair is refused", () => {
    expect(() => build("ab ab\ud83d")).toThrow(
      new DataError("text: half of a surrogate pair (U+D83D) at 5, which UTF-8 cannot hold"),
    );
    expect(() => build("ab ab").encode("a\udc00", "line 3")).toThrow(/^line 3: half of a surrogate pair/);
  });

  it("a long one too: words of a million letters take moments", { timeout: 20_000 }, () => {
    for (const unit of ["a", " ", "ab", "東京", "😀", "1", "\n "]) {
      const text = unit.repeat(1e6 / unit.length);
      const vocabulary = build(`${text}b`, { size: 400 });
      const tokens = vocabulary.encode(text);
      expect(tokens.length).toBeLessThan(1e5);
      expect(vocabulary.decode(tokens)).toBe(text);
    }
  });

  it("more different words than are remembered", () => {
    const text = Array.from({ length: 70_000 }, (_, at) => `${at.toString(26)}x`).join(" ");
    const vocabulary = build(text, { size: 500 });
    expect(vocabulary.decode(vocabulary.encode(text))).toBe(text);
    expect(vocabulary.encode(text)).toEqual(again(vocabulary).encode(text));
  });

  it("of Tiny Shakespeare: a third of the characters", (context) => {
    const text = readFileSync(realData("tinyshakespeare/input.txt", context), "utf8");
    const vocabulary = build(text);
    const tokens = vocabulary.encode(text);
    expect(vocabulary.size).toBe(4000);
    expect(tokens.length).toBeLessThan(0.32 * text.length);
    expect(vocabulary.decode(tokens)).toBe(text);
    expect(vocabulary.has(" Romeo")).toBe(true);
  });
});

describe("tokens", () => {
  const vocabulary = build("a café, a café; 😀😀", { special: ["<pad>", "<end>"] });

  it("are special ones, bytes, and what was made of them, by their texts", () => {
    expect(vocabulary.tokens.slice(0, 3)).toEqual(
      ["<pad>", "<end>", "<0x00>"].map((t) => (t === "<0x00>" ? "\0" : t)),
    );
    expect([vocabulary.id("<end>"), vocabulary.id("a"), vocabulary.id("\n")]).toEqual([
      1,
      2 + 0x61,
      2 + 0x0a,
    ]);
    expect(vocabulary.token(2 + 0xc3)).toBe("<0xC3>");
    expect(vocabulary.has(" café")).toBe(true);
    expect(vocabulary.bytes(vocabulary.id(" café"))).toEqual(new TextEncoder().encode(" café"));
    expect(vocabulary.bytes(2 + 0xc3)).toEqual(Uint8Array.of(0xc3));
    expect(vocabulary.bytes(0)).toEqual(new Uint8Array(0));
    expect(() => vocabulary.bytes(vocabulary.size)).toThrow(DataError);
    expect(Vocabulary.build("bytes", "ab").bytes(0x61)).toEqual(Uint8Array.of(0x61));
    expect(Vocabulary.build("words", "a b").bytes(0)).toBeUndefined();
  });

  it("that are special come from no text, and have none", () => {
    expect(texts(vocabulary, "<pad>a<end>")).toEqual([..."<pad>a<end>"]);
    expect(vocabulary.decode([0, ...vocabulary.encode("a café"), 1, 0])).toBe("a café");
    expect([...vocabulary.encodeTokens(["<end>", "<pad>"])]).toEqual([1, 0]);
  });

  it("cut within a character are shown as U+FFFD", () => {
    const bytes = build("ab ab").encode("é😀");
    expect(build("ab ab").decode(bytes.subarray(0, 1))).toBe("\ufffd");
    expect(build("ab ab").decode(bytes.subarray(0, 5))).toBe("é\ufffd");
  });

  it("of lines are those of the lines, which have no space before them", () => {
    const lines = ["A man walks.", "Ein Mann geht.", "A man runs."];
    const joint = build(lines, { special: ["<pad>", "<start>", "<end>"], size: 300 });
    for (const line of lines) expect(joint.decode(joint.encode(line))).toBe(line);
    expect(texts(joint, "A man")).toEqual(["A", " man"]);
    expect(joint.toJSON()).toEqual({
      ...build(lines.join("\n"), { size: 297 }).toJSON(),
      special: joint.tokens.slice(0, 3),
    });
  });

  it("of real sentences, both languages together", (context) => {
    const lines = ["en", "de"].flatMap((language) =>
      gunzipSync(readFileSync(realData(`multi30k/raw/val.${language}.gz`, context)))
        .toString("utf8")
        .trimEnd()
        .split("\n"),
    );
    const joint = build(lines, { size: 2000, special: ["<pad>", "<start>", "<end>"] });
    expect(joint.size).toBe(2000);
    for (const line of lines) expect(joint.decode(joint.encode(line))).toBe(line);
  });
});

describe("what is refused", () => {
  it.each<[object, string]>([
    [{ size: 256 }, "vocabulary size 256: expected a whole number from 257"],
    [{ size: 258, special: ["<a>", "<b>"] }, "vocabulary size 258: expected a whole number from 259"],
    [{ size: 300.5 }, "vocabulary size 300.5: expected a whole number from 257"],
    [{ leastCount: 0 }, "leastCount 0: expected a whole number from 1"],
    [{ split: "spaces" }, "a split applies to words, not to subwords"],
    [{ special: "<pad>" }, 'Vocabulary.build: special "<pad>" given, a list of strings expected'],
    [{ special: ["<pad>", "<pad>"] }, 'Vocabulary.build: the special token "<pad>" is given twice'],
    [{ special: ["a"] }, 'Vocabulary.build: the special token "a" is called as a byte is'],
    [{ special: ["<0xFF>"] }, 'Vocabulary.build: the special token "<0xFF>" is called as a byte is'],
  ])("options: %j", (options, message) => {
    expect(() => build("ab ab", options)).toThrow(new UsageError(message));
  });

  it("special tokens of other kinds", () => {
    expect(() => Vocabulary.build("words", "a b", { special: ["<pad>"] })).toThrow(
      new UsageError("a list of special tokens applies to subwords, not to words"),
    );
  });

  const doubled = Array.from({ length: 9 }, (_, at) => (at === 0 ? [97, 97] : [255 + at, 255 + at]));
  it.each<[object, string]>([
    [{}, "merges: expected a list"],
    [{ merges: 5 }, "merges: expected a list"],
    [{ merges: [[97]] }, "merge 0: [97], expected two tokens below 256"],
    [{ merges: [[97, 98, 99]] }, "merge 0: [97,98,99], expected two tokens below 256"],
    [{ merges: [[97, 256]] }, "merge 0: [97,256], expected two tokens below 256"],
    [
      {
        merges: [
          [97, 98],
          [256, 257],
        ],
      },
      "merge 1: [256,257], expected two tokens below 257",
    ],
    [{ merges: [[97, -1]] }, "merge 0: [97,-1], expected two tokens below 256"],
    [{ merges: [[97, 0.5]] }, "merge 0: [97,0.5], expected two tokens below 256"],
    [{ merges: [["a", "b"]] }, 'merge 0: ["a","b"], expected two tokens below 256'],
    [{ merges: [null] }, "merge 0: null, expected two tokens below 256"],
    [{ merges: doubled }, "merge 8: 512 bytes, expected at most 257"],
    [
      {
        merges: [
          [97, 98],
          [97, 98],
        ],
      },
      "a token is listed twice",
    ],
    [
      {
        merges: [
          [97, 98],
          [98, 99],
          [256, 99],
          [97, 257],
        ],
      },
      "a token is listed twice",
    ],
    [{ merges: [[97, 98]], special: ["ab"] }, "a token is listed twice"],
    [{ merges: [], special: ["a"] }, "a token is listed twice"],
    [{ merges: [], special: [] }, "special: expected a list of one string or more"],
    [{ merges: [], special: [5] }, "special: expected a list of one string or more"],
    [{ merges: [], tokens: ["a", "b"] }, "subwords have no list of tokens"],
    [{ merges: [], split: "spaces" }, "the kind subwords has no split"],
    [{ merges: [], unknown: "a" }, 'the kind subwords has no key "unknown"'],
    [{ merges: [], size: 256 }, 'key "size" is unknown'],
  ])("JSON: %j", (json, reason) => {
    const read = () => Vocabulary.fromJSON({ kind: "subwords", ...json }, "model.safetensors");
    expect(read).toThrow(new FormatError(`model.safetensors: vocabulary: ${reason}`));
  });
});
