// Vocabularies: what is a token in each kind, how text comes back, and what is refused.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Vocabulary } from "../../src/data/vocabulary.ts";
import { DataError, FormatError, UsageError } from "../../src/errors.ts";
import { realData } from "../real-data.ts";

const tokensOf = (vocabulary: Vocabulary) =>
  Array.from({ length: vocabulary.size }, (_, id) => vocabulary.token(id));
const again = (vocabulary: Vocabulary) =>
  Vocabulary.fromJSON(JSON.parse(JSON.stringify(vocabulary)), "model.safetensors");

describe("characters", () => {
  it("are code points in code point order, whole beyond U+FFFF", () => {
    const vocabulary = Vocabulary.build("characters", "b😀a\uFFFDé\n");
    expect(tokensOf(vocabulary)).toEqual(["\n", "a", "b", "é", "\uFFFD", "😀"]);
    expect([...vocabulary.encode("a😀\n")]).toEqual([1, 5, 0]);
    expect(vocabulary.decode([5, 2])).toBe("😀b");
  });

  it("give every text back, before and after a trip through JSON", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 2 }), (text) => {
        fc.pre(new Set(text).size > 1);
        const vocabulary = Vocabulary.build("characters", text);
        const tokens = vocabulary.encode(text);
        expect(tokens.length).toBe([...text].length);
        expect(vocabulary.decode(tokens)).toBe(text);
        expect([...again(vocabulary).encode(text)]).toEqual([...tokens]);
      }),
    );
  });

  it("name a character that is not in the vocabulary, its code point and its line", () => {
    const encode = () => Vocabulary.build("characters", "ab\n").encode("ab\n\na😀b", "new.txt");
    expect(encode).toThrow(DataError);
    expect(encode).toThrow(/^new\.txt: character "😀" \(U\+1F600, line 3\) .* bytes handle any text$/);
    expect(() => Vocabulary.build("characters", "ab").encode("\t")).toThrow(
      'character "\\t" (U+0009, line 1)',
    );
  });
});

describe("bytes", () => {
  it("encode any text in 256 tokens and give it back", () => {
    const vocabulary = Vocabulary.build("bytes", "ab");
    expect(vocabulary.size).toBe(256);
    expect([...vocabulary.encode("aé")]).toEqual([0x61, 0xc3, 0xa9]);
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(again(vocabulary).decode(vocabulary.encode(text))).toBe(text);
      }),
    );
  });

  it("show a character cut short as U+FFFD", () => {
    const vocabulary = Vocabulary.build("bytes", "ab");
    expect(vocabulary.decode(vocabulary.encode("a😀").subarray(0, 3))).toBe("a\uFFFD");
    expect(vocabulary.decode(vocabulary.encode("a😀b").subarray(2))).toBe("\uFFFD\uFFFD\uFFFDb");
  });

  it("have names that can be read", () => {
    const vocabulary = Vocabulary.build("bytes", "ab");
    expect([0x41, 0x0a, 0x20, 0xff].map((id) => vocabulary.token(id))).toEqual([
      "A",
      "<0x0A>",
      "<0x20>",
      "<0xFF>",
    ]);
    expect(new Set(tokensOf(vocabulary)).size).toBe(256);
  });

  it("are decoded from anything that can be iterated once", () => {
    const once = Vocabulary.build("bytes", "ab").encode("né").values();
    expect(Vocabulary.build("bytes", "ab").decode(once)).toBe("né");
  });
});

describe("words of prose", () => {
  const split = (text: string) => {
    const vocabulary = Vocabulary.build("words", text);
    expect(vocabulary.split).toBe("punctuation");
    return Array.from(vocabulary.encode(text), (id) => vocabulary.token(id));
  };

  it("are cut at marks and line ends, not inside words and numbers", () => {
    expect(split("Don't (ever) pay 1,000.50 for well-known “Öl”, <unk>!\r\n\nOK?")).toEqual(
      [
        "Don't",
        "(",
        "ever",
        ")",
        "pay",
        "1,000.50",
        "for",
        "well-known",
        "“",
        "Öl",
        "”",
        ",",
        "<unk>",
        "!",
      ].concat(["<eos>", "<eos>", "OK", "?"]),
    );
    expect(split("if (a<b) { x_1 = 2.; } 😀e\u0301")).toEqual([
      "if",
      "(",
      "a",
      "<",
      "b",
      ")",
      "{",
      "x_1",
      "=",
      "2",
      ".",
      ";",
      "}",
      "😀",
      "e\u0301",
    ]);
  });

  it.each([
    "First Citizen:\nBefore we proceed any further, hear me speak.\n\nAll:\nSpeak, speak.\n",
    "She said: \"It's 3.5% (or more)... isn't it?\" He laughed; well-known [sic] jokes, at $5 each!\n",
    "Wait, and/or go: 'tis “late”, they said. <unk> did.\n",
    "Turn out o' door, the boys' 'first' word, ’twas theirs.\n",
    'The "first" and the "second" one, `code` too.\n"A new line," he said.\n',
  ])("come back as they were: %j", (text) => {
    const vocabulary = Vocabulary.build("words", text);
    expect(vocabulary.split).toBe("punctuation");
    const tokens = vocabulary.encode(text);
    expect(vocabulary.decode(tokens)).toBe(text);
    // So do they after any part of the text, with the space at its end and without.
    for (let count = 0; count <= tokens.length; count++) {
      const before = vocabulary.decode(tokens.subarray(0, count));
      const spaced = text.startsWith(`${before} `) ? [before, `${before} `] : [before];
      for (const start of spaced) expect(start + vocabulary.decode(tokens.subarray(count), start)).toBe(text);
    }
  });

  it("lose what the split cannot know: runs of spaces, and whether a mark stood apart", () => {
    const text = "  Yes --  a   b + c % d.";
    const vocabulary = Vocabulary.build("words", `${text} Or, rather, so.`);
    expect(vocabulary.decode(vocabulary.encode(text))).toBe("Yes -- a b + c% d.");
  });

  it("come by falling frequency, ties in code point order, after <unk> and <eos>", () => {
    const text = "b b b, a, a. 😀 \uFB01 c\n";
    expect(tokensOf(Vocabulary.build("words", text))).toEqual([
      "<unk>",
      "<eos>",
      "b",
      ",",
      "a",
      ".",
      "c",
      "\uFB01",
      "😀",
    ]);
    const small = Vocabulary.build("words", text, { size: 5 });
    expect(tokensOf(small)).toEqual(["<unk>", "<eos>", "b", ",", "a"]);
    expect([...small.encode("a b, zebra <unk>.\n")]).toEqual([4, 2, 3, 0, 0, 0, 1]);
    expect(Vocabulary.build("words", text, { size: 100 }).size).toBe(9);
  });
});

describe("words of tokenised text", () => {
  const treebank =
    " no it was n't mr. <unk> 's N black-tie cities\\/abc & co. \n the n.v. unit 's N % stake of $ N is n't sold \n";

  it("are what white space separates, and nothing else", () => {
    const vocabulary = Vocabulary.build("words", treebank);
    expect(vocabulary.split).toBe("spaces");
    const words = Array.from(vocabulary.encode(treebank), (id) => vocabulary.token(id));
    expect(words).toEqual(treebank.replaceAll("\n", "<eos>").trim().split(/ +/));
  });

  it("are joined with spaces, so that they split into the same tokens", () => {
    const vocabulary = again(Vocabulary.build("words", treebank));
    const tokens = vocabulary.encode(treebank);
    const text = vocabulary.decode(tokens);
    expect(text).toBe(treebank.replaceAll(/ ?\n ?/g, "\n").trimStart());
    expect([...vocabulary.encode(text)]).toEqual([...tokens]);
    expect(vocabulary.decode(vocabulary.encode("it was"), " zebra  n't")).toBe(" it was");
    expect(vocabulary.decode(vocabulary.encode("it was"), "zebra ")).toBe("it was");
    expect(vocabulary.decode(vocabulary.encode("it was"), "zebra\n")).toBe("it was");
  });

  it("are found in tokenised prose with marks, not in raw prose, Markdown or source code", () => {
    const splitOf = (text: string) => Vocabulary.build("words", text).split;
    expect(splitOf('a man , in a hat , walks . \nhe does n\'t see " it " .\n')).toBe("spaces");
    expect(splitOf("A man - in a hat - walks. He doesn't see it.\n")).toBe("punctuation");
    expect(
      splitOf("| a | b |\n| - | - |\n| one (1), | two (2). |\nSee above, or below: it is long; really.\n"),
    ).toBe("punctuation");
    expect(splitOf("for (let i = 0; i < n; i++) {\n  sum += x[i]; // add\n  log(sum);\n}\n")).toBe(
      "punctuation",
    );
  });
});

describe("the Penn Treebank", () => {
  it("has its usual 929,589 tokens of 10,000 kinds, and comes back", (context) => {
    const path = realData("ptb/ptb.train.txt.gz", context);
    const text = gunzipSync(readFileSync(path)).toString("utf8");
    const vocabulary = Vocabulary.build("words", text);
    const tokens = vocabulary.encode(text);
    expect([vocabulary.split, vocabulary.size, tokens.length]).toEqual(["spaces", 10_000, 929_589]);
    expect(vocabulary.decode(tokens)).toBe(text.replaceAll(/^ | $/gm, ""));
    const small = Vocabulary.build("words", text, { size: 1000 });
    expect(small.size).toBe(1000);
    expect(small.token(2)).toBe("the");
  });
});

describe("what is refused", () => {
  it("a text with fewer than two distinct tokens", () => {
    for (const [kind, text] of [
      ["characters", "aaaa"],
      ["bytes", "aaaa"],
      ["words", "no no no"],
      ["words", "\n\n"],
    ] as const) {
      expect(() => Vocabulary.build(kind, text)).toThrow(DataError);
      expect(() => Vocabulary.build(kind, text)).toThrow(
        `one distinct token (${kind}): there is nothing to learn`,
      );
    }
    expect(() => Vocabulary.build("words", " \t ")).toThrow("no token (words)");
    expect(Vocabulary.build("words", "no no\n").size).toBe(3);
  });

  it("options that do not apply", () => {
    expect(() => Vocabulary.build("letters" as "words", "ab")).toThrow(UsageError);
    expect(() => Vocabulary.build("characters", "ab", { size: 10 })).toThrow(
      "applies to words, not to characters",
    );
    for (const size of [2, 0, -1, 3.5, Number.NaN]) {
      expect(() => Vocabulary.build("words", "a b", { size })).toThrow(`vocabulary size ${size}: expected`);
    }
  });

  it("numbers that are no token", () => {
    const vocabulary = Vocabulary.build("characters", "ab");
    for (const id of [2, -1, 0.5, Number.NaN]) expect(() => vocabulary.decode([0, id])).toThrow(DataError);
    expect(() => Vocabulary.build("bytes", "ab").decode([256])).toThrow(
      "token 256: expected a whole number below 256",
    );
  });

  it.each([
    [null, "expected an object"],
    ["words", "expected an object"],
    [{}, "kind undefined"],
    [{ kind: "letters", tokens: ["a", "b"] }, 'kind "letters"'],
    [{ kind: "bytes", tokens: ["a", "b"] }, "bytes have no list"],
    [{ kind: "bytes", size: 3 }, 'key "size" is unknown'],
    [{ kind: "characters" }, "tokens: expected a list of strings"],
    [{ kind: "characters", tokens: ["a", 1] }, "tokens: expected a list of strings"],
    [{ kind: "characters", tokens: ["a"] }, "1 tokens, expected two"],
    [{ kind: "characters", tokens: ["a", "a"] }, "a token is listed twice"],
    [{ kind: "characters", tokens: ["a", "bc"] }, '"bc" is not one character'],
    [{ kind: "characters", tokens: ["a", ""] }, '"" is not one character'],
    [{ kind: "characters", split: "spaces", tokens: ["a", "b"] }, "characters have no split"],
    [{ kind: "words", tokens: ["<unk>", "<eos>", "a"] }, "split undefined"],
    [{ kind: "words", split: "spaces", tokens: ["a", "b", "c"] }, "words start with <unk> and <eos>"],
  ])("JSON that describes no vocabulary: %j", (value, reason) => {
    const read = () => Vocabulary.fromJSON(value, "model.safetensors");
    expect(read).toThrow(FormatError);
    expect(read).toThrow(`model.safetensors: vocabulary: ${reason}`);
  });
});

describe("what is no token", () => {
  const characters = Vocabulary.build("characters", "ab");
  const bytes = Vocabulary.build("bytes", "ab");
  it.each<[unknown, string]>([
    ["0", 'token "0"'],
    [[0], "token an array of 1"],
    [0n, "token 0n"],
    [true, "token true"],
    [Number.NaN, "token NaN"],
    [undefined, "token undefined"],
    [0.5, "token 0.5"],
    [-1, "token -1"],
    [256, "token 256"],
  ])("%o has no text", (token, printed) => {
    for (const vocabulary of [characters, bytes]) {
      const message = `${printed}: expected a whole number below ${vocabulary.size}`;
      expect(() => vocabulary.decode([0, token as number])).toThrow(new DataError(message));
      expect(() => vocabulary.token(token as number)).toThrow(new DataError(message));
    }
  });
  it.each([undefined, null, 0, {}, { data: Int32Array.of(0), shape: [1] }])("%o holds none", (tokens) => {
    expect(() => characters.decode(tokens as never)).toThrow(/ given to decode, tokens expected$/);
  });
  it("stands in a text", () => expect(() => characters.decode("01" as never)).toThrow('token "0"'));
});

it("encodes strings alone", () => {
  for (const wrong of [undefined, null, 5, ["a"], { length: 1 }]) {
    for (const kind of ["bytes", "characters", "words"] as const) {
      expect(() => Vocabulary.build(kind, "a b").encode(wrong as never, "prompt")).toThrow(
        /^prompt: .* given, a string expected$/,
      );
    }
  }
});
