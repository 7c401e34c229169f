// Vocabularies: what is a token in each kind, how text comes back, and what is refused.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TOKEN_KINDS, Vocabulary } from "../../src/data/vocabulary.ts";
import { DataError, FormatError, UsageError } from "../../src/errors.ts";
import { realData } from "../helpers/real-data.ts";

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

describe("words, by choice", () => {
  it("are cut as it is said, and so is every later text", () => {
    const text = "It's late, is it? It is , it is .\n";
    const spaces = again(Vocabulary.build("words", text, { split: "spaces" }));
    expect(spaces.split).toBe("spaces");
    expect(spaces.has("late,")).toBe(true);
    expect(spaces.decode(spaces.encode("It's late, is"))).toBe("It's late, is");
    const marks = Vocabulary.build("words", "a man , in a hat , walks . \n", { split: "punctuation" });
    expect(marks.split).toBe("punctuation");
    expect([...marks.encode("a man, walks.")]).toEqual([...marks.encode("a man , walks .")]);
  });

  it("are those that occur often enough, and of these the most frequent", () => {
    const text = "a a a b b c c d\n";
    const kept = (options: object) => tokensOf(Vocabulary.build("words", text, options)).slice(2);
    expect(kept({ leastCount: 2 })).toEqual(["a", "b", "c"]);
    expect(kept({ leastCount: 3 })).toEqual(["a"]);
    expect(kept({ leastCount: 2, size: 4 })).toEqual(["a", "b"]);
    expect(() => kept({ leastCount: 4 })).toThrow(
      new DataError("least count 4: no word occurs more than 3 times"),
    );
  });

  it("are refused other splits and counts, and other kinds have none", () => {
    const build = (kind: "words" | "bytes", options: object) => () => Vocabulary.build(kind, "a b", options);
    expect(build("words", { split: "commas" })).toThrow(
      new UsageError('split "commas": expected spaces, punctuation'),
    );
    expect(build("words", { leastCount: 0 })).toThrow(
      new UsageError("leastCount 0: expected a whole number from 1"),
    );
    expect(build("bytes", { leastCount: 1 })).toThrow(
      new UsageError("a least count applies to words and subwords, not to bytes"),
    );
    expect(build("bytes", { split: "spaces" })).toThrow(
      new UsageError("a split applies to words, not to bytes"),
    );
  });
});

describe("several texts", () => {
  it("have one vocabulary, in every kind", () => {
    const lines = ["the cat,", "the dog, 😀"];
    for (const kind of TOKEN_KINDS) {
      const vocabulary = Vocabulary.build(kind, new Set(lines).values());
      expect(lines.map((line) => vocabulary.decode(vocabulary.encode(line)))).toEqual(lines);
    }
    expect(Vocabulary.build("characters", lines).has("\n")).toBe(false);
    expect(tokensOf(Vocabulary.build("words", lines, { leastCount: 2 })).slice(2)).toEqual([",", "the"]);
    expect(() => Vocabulary.build("bytes", ["a", "a"])).toThrow("one distinct token (bytes)");
    expect(() => Vocabulary.build("bytes", ["ab", "\ud83d"])).toThrow("text: half of a surrogate pair");
  });

  it.each<[unknown, string]>([
    [["a", 5], "text: 5 given at 1, a string expected"],
    [5, "text: 5 given, a string expected"],
    [undefined, "text: undefined given, a string expected"],
    [[], "the text has no token (subwords)"],
  ])("%j are none", (texts, message) => {
    expect(() => Vocabulary.build("subwords", texts as string[])).toThrow(DataError);
    expect(() => Vocabulary.build("subwords", texts as string[])).toThrow(message);
  });
});

describe("tokens and their numbers", () => {
  it("are found from each other, in every kind", () => {
    for (const vocabulary of [
      Vocabulary.build("characters", "b\na"),
      Vocabulary.build("words", "b a\n"),
      Vocabulary.build("bytes", "ab"),
      Vocabulary.build("subwords", "ab ab"),
      Vocabulary.fromTokens(["b", "a"]),
    ]) {
      expect(vocabulary.tokens).toEqual(tokensOf(vocabulary));
      vocabulary.tokens.forEach((token, id) => {
        expect(vocabulary.has(token)).toBe(true);
        expect(vocabulary.id(token)).toBe(id);
      });
      expect([...vocabulary.encodeTokens(["b", "a", "b"])]).toEqual(
        ["b", "a", "b"].map((token) => vocabulary.id(token)),
      );
      expect(() => (vocabulary.tokens as string[]).push("c")).toThrow(TypeError);
    }
  });

  it("of what is not there are those of the unknown token, or refused", () => {
    const words = Vocabulary.build("words", "b a\n");
    expect([words.unknown, words.has("zebra"), words.id("zebra")]).toEqual(["<unk>", false, 0]);
    const characters = Vocabulary.build("characters", "b\na");
    expect(characters.unknown).toBeUndefined();
    expect(() => characters.id("c")).toThrow(
      new DataError('token "c" is not in the vocabulary: "\\n", "a", "b" expected'),
    );
    expect(() => Vocabulary.build("bytes", "ab").id("é")).toThrow(
      new DataError('token "é" is not in the vocabulary'),
    );
    for (const wrong of [5, undefined, null, ["a"]]) {
      expect(() => words.id(wrong as never)).toThrow(/^token .*: expected a string$/);
    }
  });
});

describe("tokens in lists", () => {
  const sentences = [["the", "cat", "saw", "the", "dog"], ["the", "dog", "ran"], []];

  it("come by falling frequency, sorted, or as they were seen", () => {
    const tokens = (order?: "frequency" | "sorted" | "seen") =>
      Vocabulary.fromTokens(sentences, { order }).tokens;
    expect(tokens()).toEqual(["the", "dog", "cat", "ran", "saw"]);
    expect(tokens("sorted")).toEqual(["cat", "dog", "ran", "saw", "the"]);
    expect(tokens("seen")).toEqual(["the", "cat", "saw", "dog", "ran"]);
  });

  it("stand after special ones, and the rare ones become the unknown one", () => {
    const options = { special: ["<pad>"], unknown: "<unk>", leastCount: 2 };
    const vocabulary = again(Vocabulary.fromTokens(sentences, options));
    expect([vocabulary.kind, vocabulary.unknown]).toEqual(["list", "<unk>"]);
    expect(vocabulary.tokens).toEqual(["<pad>", "<unk>", "the", "dog"]);
    expect([...vocabulary.encodeTokens(["the", "bird", "<pad>", "saw"])]).toEqual([2, 1, 0, 1]);
    expect(vocabulary.decode([2, 3])).toBe("the dog");
    const first = { special: ["<unk>", "<s>", "the"], unknown: "<unk>", size: 5 };
    expect(Vocabulary.fromTokens(sentences, { ...first, order: "seen" }).tokens).toEqual([
      ...["<unk>", "<s>", "the", "cat", "dog"],
    ]);
  });

  it("are labels where there is one list: every one is kept, and no other is taken for one", () => {
    const labels = again(Vocabulary.fromTokens(["verb", "noun", "verb", "noun phrase"], { order: "seen" }));
    expect(labels.tokens).toEqual(["verb", "noun", "noun phrase"]);
    expect([...labels.encodeTokens(["noun phrase", "verb"])]).toEqual([2, 0]);
    expect(() => labels.encodeTokens(["verb", "nuon"])).toThrow(
      new DataError('token "nuon" is not in the vocabulary: "verb", "noun", "noun phrase" expected'),
    );
    expect(Vocabulary.fromTokens(new Set(["only"])).size).toBe(1);
  });

  it("come back, before and after a trip through JSON, whatever they are", () => {
    const lists = fc.array(fc.array(fc.string({ unit: "binary" }), { maxLength: 5 }), { maxLength: 6 });
    fc.assert(
      fc.property(lists, fc.constantFrom("frequency", "sorted", "seen"), (given, order) => {
        fc.pre(given.flat().length > 0);
        const vocabulary = Vocabulary.fromTokens(given, { order, special: ["<pad>"] });
        expect(vocabulary.size).toBe(new Set(["<pad>", ...given.flat()]).size);
        for (const list of given) {
          const ids = again(vocabulary).encodeTokens(list);
          expect(Array.from(ids, (id) => vocabulary.token(id))).toEqual(list);
        }
      }),
    );
  });

  it("of real sentences: the words and the tags of UD English EWT", (context) => {
    const path = realData("ud-english-ewt/en_ewt-ud-train.conllu.gz", context);
    const rows = gunzipSync(readFileSync(path))
      .toString()
      .match(/^\d+\t.*$/gm) as string[];
    const column = (at: number) => rows.map((row) => row.split("\t")[at] as string);
    const tags = Vocabulary.fromTokens(column(3), { order: "sorted" });
    expect(tags.tokens.join(" ")).toBe(
      "ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB X",
    );
    const words = Vocabulary.fromTokens(column(1), { special: ["<pad>"], unknown: "<unk>", leastCount: 2 });
    const unknown = words.encodeTokens(column(1)).filter((id) => id === 1).length;
    expect(words.tokens.slice(0, 4)).toEqual(["<pad>", "<unk>", ".", "the"]);
    expect(unknown).toBe(new Set(column(1)).size - (words.size - 2));
  });

  it.each<[unknown, object, string]>([
    ["text", {}, 'Vocabulary.fromTokens: "text" given, lists of tokens expected'],
    [undefined, {}, "Vocabulary.fromTokens: undefined given, lists of tokens expected"],
    [[], {}, "Vocabulary.fromTokens: no tokens given, one or more expected"],
    [[[], []], {}, "Vocabulary.fromTokens: no tokens given, one or more expected"],
    [["<pad>"], { special: ["<pad>"] }, "Vocabulary.fromTokens: no tokens given, one or more expected"],
    [["a", 5], {}, "Vocabulary.fromTokens: 5 given at 1, a token or a list of them expected"],
    [[["a"], ["b", null]], {}, "Vocabulary.fromTokens: list 1: null given at 1, a string expected"],
    [["a"], { leastCount: 2, unknown: "?" }, "least count 2: no token occurs more than 1 time"],
  ])("of %j, %j there is no vocabulary", (lists, options, message) => {
    expect(() => Vocabulary.fromTokens(lists as string[], options)).toThrow(new DataError(message));
  });

  const rest = "an unknown token expected, which stands for those that are left out";
  it.each<[object, string]>([
    [{ size: 4 }, `Vocabulary.fromTokens: ${rest}`],
    [{ leastCount: 2 }, `Vocabulary.fromTokens: ${rest}`],
    [{ leastCount: 1.5 }, "leastCount 1.5: expected a whole number from 1"],
    [{ size: 2, unknown: "?", special: ["<pad>"] }, "vocabulary size 2: expected a whole number from 3"],
    [{ order: "random" }, 'order "random": expected frequency, sorted, seen'],
    [{ special: "<pad>" }, 'Vocabulary.fromTokens: special "<pad>" given, a list of strings expected'],
    [{ special: ["a", "a"] }, 'Vocabulary.fromTokens: the special token "a" is given twice'],
    [{ unknown: 0 }, "Vocabulary.fromTokens: special token 0 given, a string expected"],
  ])("%j are no options of theirs", (options, message) => {
    expect(() => Vocabulary.fromTokens(["b"], options)).toThrow(new UsageError(message));
  });

  it("are not cut out of a text", () => {
    const vocabulary = Vocabulary.fromTokens(sentences);
    expect(() => vocabulary.encode("the dog", "prompt")).toThrow(
      new DataError('prompt: "the dog" given, tokens one by one expected, for encodeTokens'),
    );
    expect(() => vocabulary.encodeTokens("dog")).toThrow(
      new DataError('tokens: "dog" given, a list of tokens expected'),
    );
    expect(() => vocabulary.encodeTokens(["dog", 1] as never, "line 3")).toThrow(
      new DataError("line 3: 1 given at 1, a string expected"),
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
      "a vocabulary size applies to words and subwords, not to characters",
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
    [{ kind: "bytes", special: ["<pad>"] }, 'the kind bytes has no key "special"'],
    [{ kind: "list", tokens: ["a"], merges: [] }, 'the kind list has no key "merges"'],
    [{ kind: "characters" }, "tokens: expected a list of strings"],
    [{ kind: "characters", tokens: ["a", 1] }, "tokens: expected a list of strings"],
    [{ kind: "characters", tokens: ["a"] }, "1 tokens, expected two"],
    [{ kind: "characters", tokens: ["a", "a"] }, "a token is listed twice"],
    [{ kind: "characters", tokens: ["a", "bc"] }, '"bc" is not one character'],
    [{ kind: "characters", tokens: ["a", ""] }, '"" is not one character'],
    [{ kind: "characters", split: "spaces", tokens: ["a", "b"] }, "the kind characters has no split"],
    [{ kind: "words", tokens: ["<unk>", "<eos>", "a"] }, "split undefined"],
    [{ kind: "words", split: "spaces", tokens: ["a", "b", "c"] }, "words start with <unk> and <eos>"],
    [{ kind: "words", unknown: "a", tokens: ["a"] }, 'the kind words has no key "unknown"'],
    [{ kind: "list", tokens: [] }, "0 tokens, expected one or more"],
    [{ kind: "list", split: "spaces", tokens: ["a"] }, "the kind list has no split"],
    [{ kind: "list", unknown: "b", tokens: ["a"] }, 'unknown "b", expected one of the tokens'],
    [{ kind: "list", unknown: null, tokens: ["a"] }, "unknown null, expected one of the tokens"],
    [{ kind: "list", tokens: ["a", "a"] }, "a token is listed twice"],
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

it("opens what was written before there were lists", () => {
  for (const json of [
    '{"kind":"bytes"}',
    '{"kind":"characters","tokens":["\\n","a"]}',
    '{"kind":"words","split":"spaces","tokens":["<unk>","<eos>","a"]}',
  ]) {
    expect(JSON.stringify(Vocabulary.fromJSON(JSON.parse(json), "old"))).toBe(json);
  }
});

it("encodes strings alone", () => {
  for (const wrong of [undefined, null, 5, ["a"], { length: 1 }]) {
    for (const kind of TOKEN_KINDS) {
      expect(() => Vocabulary.build(kind, "a b").encode(wrong as never, "prompt")).toThrow(
        /^prompt: .* given, a string expected$/,
      );
    }
  }
});
