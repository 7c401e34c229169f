// Tagged sentences from files of each form: what is read, where it stands, and what is refused with its line.

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it, test } from "vitest";
import { textSource } from "../../../src/data/source.ts";
import { readTagged } from "../../../src/data/tagged/read.ts";
import { findTaggedReading, type ReadTaggedOptions } from "../../../src/data/tagged/reading.ts";
import type { TaggedSentence } from "../../../src/data/tagged/sentence.ts";
import { DataError, UsageError } from "../../../src/errors.ts";
import { realData } from "../../helpers/real-data.ts";

async function read(name: string, text: string, options?: ReadTaggedOptions): Promise<TaggedSentence[]> {
  const sentences: TaggedSentence[] = [];
  for await (const sentence of readTagged(textSource(name, text), options)) sentences.push(sentence);
  return sentences;
}

/** A sentence in short: its line, its text, its tokens with their tags. */
const short = ({ line, text, tokens, tags }: TaggedSentence) =>
  `${line} ${text}: ${tokens.map((token, at) => `${token.text}/${tags?.[at]}`).join(" ")}`;

const refusal = (name: string, text: string, options: ReadTaggedOptions | undefined, message: string) =>
  expect(read(name, text, options)).rejects.toThrow(new DataError(message));

const row = (id: string, form: string, upos: string, misc = "_", feats = "_") =>
  [id, form, form.toLowerCase(), upos, "X", feats, "0", "root", "_", misc].join("\t");

describe("CoNLL-U", () => {
  const text = [
    "# newdoc id = d",
    "# text = Dors  du vin\u00a0!",
    row("1", "Dors", "VERB"),
    row("2-3", "du", "_"),
    row("2", "de", "ADP"),
    row("3", "le", "DET"),
    row("3.1", "bon", "ADJ"),
    row("4", "vin", "NOUN", "Gloss=wine|SpaceAfter=No"),
    row("5", "!", "PUNCT"),
    "",
    "",
    "# a comment alone",
    "",
    row("1-2", "cannot", "_", "SpaceAfter=No"),
    row("1", "can", "AUX"),
    row("2", "not", "PART"),
    row("3", "1 000", "NUM", "SpaceAfter=No"),
    row("4", "👍", "SYM"),
    row("5", ".", "PUNCT"),
  ].join("\r\n");

  it("keeps the text, the places in it, and the lines; words written together stand in the place of the whole", async () => {
    const [first, second] = await read("x.conllu", text);
    expect(first).toEqual({
      line: 1,
      lines: [3, 5, 6, 8, 9],
      text: "Dors  du vin\u00a0!",
      tokens: [
        { text: "Dors", start: 0, end: 4 },
        { text: "de", start: 6, end: 8 },
        { text: "le", start: 6, end: 8 },
        { text: "vin", start: 9, end: 12 },
        { text: "!", start: 13, end: 14 },
      ],
      tags: ["VERB", "ADP", "DET", "NOUN", "PUNCT"],
      misaligned: 0,
      leftOut: 0,
    });
    expect(second && short(second)).toBe("14 cannot1 000👍 .: can/AUX not/PART 1 000/NUM 👍/SYM ./PUNCT");
    expect(second?.tokens.map(({ start, end }) => [start, end])).toEqual([
      [0, 3],
      [3, 6],
      [6, 11],
      [11, 13],
      [14, 15],
    ]);
  });

  it("puts the text together where the comment has another one", async () => {
    const [sentence] = await read(
      "x.conllu",
      `# text = Ab c\n${row("1", "A", "X", "SpaceAfter=No")}\n${row("2", "c", "Y")}`,
    );
    expect(sentence && short(sentence)).toBe("1 Ac: A/X c/Y");
  });

  test.each<[column: string | number, tags: string]>([
    ["feats", "_ Num=1"],
    ["LEMMA", "a b"],
    [4, "X Y"],
    ["4", "X Y"],
    ["DEPREL", "root root"],
  ])("column %j", async (column, tags) => {
    const rows = `${row("1", "A", "X")}\n${row("2", "B", "Y", "_", "Num=1")}\n`;
    const [sentence] = await read("x.conllu", rows, { column });
    expect(sentence?.tags?.join(" ")).toBe(tags);
  });

  it("needs no tags where they are not asked for", async () => {
    const [sentence] = await read("x.conllu", row("1", "A", "_"), { tags: false });
    expect(sentence && short(sentence)).toBe("1 A: A/undefined");
  });

  test.each<[text: string, message: string]>([
    [`${row("1", "A", "X")}\n2\tB\tb\tX\n`, "line 2 has 4 columns, 10 expected with tabs between them"],
    ["1 A a X X _ 0 root _ _\n", "line 1 has 1 column, 10 expected with tabs between them"],
    [`${row("1", "A", "X")}\n${row("3", "B", "X")}`, 'line 2: ID "3" given, 2 expected'],
    [`${row("1", "A", "X")}\n${row("1", "B", "X")}`, 'line 2: ID "1" given, 2 expected'],
    [row("x", "A", "X"), 'line 1: ID "x" given, 1 expected'],
    [row("2-3", "A", "X"), 'line 1: ID "2-3" given, words from 1 expected'],
    [`${row("1-2", "ab", "_")}\n${row("1-2", "ab", "_")}`, 'line 2: ID "1-2" given, words from 1 expected'],
    [
      `${row("1-3", "ab", "_")}\n${row("1", "a", "X")}\n\n`,
      "line 2: the sentence ends with word 1, 3 expected",
    ],
    [row("1", "", "X"), "line 1 has no form"],
    [`\n${row("1", "A", "_")}`, "line 2 has no tag in column 4"],
    [row("1", "A", ""), "line 1 has no tag in column 4"],
  ])("refuses %j", async (given, message) => {
    await refusal("x.conllu", given, undefined, `x.conllu: ${message}`);
  });

  test.each<[column: string | number, message: string]>([
    ["UPO", 'no column "UPO": did you mean UPOS?'],
    [11, "no column 11: 1 to 10 or ID, FORM, LEMMA, UPOS, XPOS, FEATS, HEAD, DEPREL, DEPS, MISC expected"],
  ])("has no column %j", async (column, message) => {
    await refusal("x.conllu", row("1", "A", "X"), { column }, `x.conllu is CoNLL-U, which has ${message}`);
  });

  it("reads a treebank: every token in its place", async (context) => {
    const path = realData("ud-english-ewt/en_ewt-ud-dev.conllu.gz", context);
    const [sentences, all] = [await read("dev.conllu", gunzipSync(readFileSync(path)).toString()), new Set()];
    expect(sentences.length).toBe(2001);
    expect(sentences.reduce((sum, { tokens }) => sum + tokens.length, 0)).toBe(25_147);
    for (const { text, tokens, tags } of sentences) {
      expect(tags?.length).toBe(tokens.length);
      for (const token of tokens) expect(text.slice(token.start, token.end)).toBe(token.text);
      for (const tag of tags ?? []) all.add(tag);
    }
    expect(all.size).toBe(17);
  });
});

describe("columns", () => {
  const conll = "-DOCSTART- -X- O O\n\nEU NNP B-NP S-ORG\nrejects VBZ B-VP O\n\n\n \nPeter NNP B-NP S-PER";

  it("takes the last column unless another one is named, and skips -DOCSTART-", async () => {
    const sentences = await read("x.conll", conll);
    expect(sentences.map(short)).toEqual(["3 EU rejects: EU/S-ORG rejects/O", "8 Peter: Peter/S-PER"]);
    expect(sentences[0]).toMatchObject({ lines: [3, 4], misaligned: 0, leftOut: 0 });
    expect(sentences[0]?.tokens[1]).toEqual({ text: "rejects", start: 3, end: 10 });
    expect((await read("x.conll", conll, { column: 2 })).map(({ tags }) => tags)).toEqual([
      ["NNP", "VBZ"],
      ["NNP"],
    ]);
  });

  it("starts a sentence at -DOCSTART-", async () => {
    expect((await read("x.bio", "a O\n-DOCSTART- O\nb O\n")).map(short)).toEqual(["1 a: a/O", "3 b: b/O"]);
  });

  it("separates by tabs where there are tabs, so that tokens may have spaces", async () => {
    expect((await read("x.tsv", "New York\tB-LOC\r\n!\tO\r\n")).map(short)).toEqual([
      "1 New York !: New York/B-LOC !/O",
    ]);
    expect((await read("x.conll", "a  \tO\nb\u00a0c\tO\n")).map(short)).toEqual([
      "1 a b\u00a0c: a/O b\u00a0c/O",
    ]);
  });

  it("takes a first line with names as a header, by the column's name or by what they are", async () => {
    const text = "pos\tword\tner\tmore\nX\ta\tB-L\t1\n\nX\tb\tO\t2\n";
    expect((await read("x.tsv", text, { column: "ner" })).map(short)).toEqual(["2 a: a/B-L", "4 b: b/O"]);
    expect(await findTaggedReading(textSource("x.tsv", text), { column: "ner" })).toEqual({
      form: "columns",
      column: "ner",
    });
    expect((await read("x.tsv", "token\tlabel\na\tO\n")).map(short)).toEqual(["2 a: a/O"]);
    expect((await read("x.tsv", "token\tlabel\na\tO\n", { tags: false })).map(short)).toEqual([
      "2 a: a/undefined",
    ]);
    expect((await read("x.tsv", "word\tNOUN\na\tO\n")).map(short)).toEqual(["1 word a: word/NOUN a/O"]);
  });

  it("takes the second column as tokens where the first one numbers them", async () => {
    const text = "#\tn-1 [2009]\n1\tAb\tO\tO\n2\tUlm\tB-LOC\tO\n\n# 2\n1\tJa\tO\tO\n";
    expect((await read("x.tsv", text, { column: 3 })).map(short)).toEqual([
      "2 Ab Ulm: Ab/O Ulm/B-LOC",
      "6 Ja: Ja/O",
    ]);
    expect((await read("x.tsv", "1\tX\tO\n3\tY\tO\n")).map(short)).toEqual(["1 1 3: 1/O 3/O"]);
  });

  it("knows a token # from a remark by its columns", async () => {
    expect((await read("x.conll", "# id 7\n# O\nb O\n")).map(short)).toEqual(["2 # b: #/O b/O"]);
  });

  it("reads tokens without tags where they are not asked for", async () => {
    expect((await read("x.conll", "a\nb\n\nc\n", { tags: false })).map(short)).toEqual([
      "1 a b: a/undefined b/undefined",
      "4 c: c/undefined",
    ]);
    expect(await findTaggedReading(textSource("x.conll", "a\n"), { tags: false })).toEqual({
      form: "columns",
      column: undefined,
    });
  });

  it("reads nothing from nothing", async () => {
    expect(await read("x.conll", "")).toEqual([]);
    expect(await read("x.conll", "\n\n-DOCSTART- O\n")).toEqual([]);
  });

  test.each<[text: string, column: string | number | undefined, message: string]>([
    ["a O\nb\nc O\n", undefined, "x.conll: line 2 has 1 column, 2 expected as in the other lines"],
    ["a O\nb O O\nc O\n", undefined, "x.conll: line 2 has 3 columns, 2 expected as in the other lines"],
    ["a\tX\tO\nb\tX\t\n", undefined, "x.conll: line 2 has no tag in column 3"],
    ["a\tO\n\tO\n", undefined, "x.conll: line 2 has no token in column 1"],
    ["a\nb\n", undefined, "x.conll has one column: a token and its tag expected in each line"],
    ["a O\n", 3, "x.conll has 2 columns: no column 3"],
    [
      "a\tO\n",
      "ner",
      'x.conll has no column "ner" in its first line: a number, or a first line with the names of columns expected',
    ],
    [
      "word\tner_tags\n",
      "ner_tag",
      'x.conll has no column "ner_tag" in its first line: did you mean ner_tags?',
    ],
  ])("refuses %j", async (text, column, message) => {
    await refusal("x.conll", text, { column }, message);
  });

  it("has sentences of 500 tokens, but not files without blank lines", async () => {
    const [long] = await read("x.conll", "a O\n".repeat(500));
    expect(long?.tokens.length).toBe(500);
    expect(long?.tokens[499]).toEqual({ text: "a", start: 998, end: 999 });
    const message =
      "x.conll: line 100001: a sentence of more than 100000 tokens: a blank line expected after each";
    await refusal("x.conll", "a O\n".repeat(100_001), undefined, message);
  });

  it("refuses bytes that are not UTF-8, with their line", async () => {
    const source = new File(["a O\n".repeat(700), Uint8Array.of(0x62, 0xff, 0x20, 0x4f)], "x.conll");
    const all = async () => {
      for await (const _ of readTagged(source));
    };
    await expect(all()).rejects.toThrow(/^x\.conll: byte 2801 \(0xFF, line 701\) is not valid UTF-8/);
  });
});

describe("JSON Lines", () => {
  const one = async (value: object, options?: ReadTaggedOptions) =>
    (await read("x.jsonl", JSON.stringify(value), options))[0] as TaggedSentence;
  const text = "👍 Anna Lee went to New York.";

  it("turns spans into BIO, by UTF-16 units", async () => {
    const spans = [{ start: 20, end: 28, label: "LOC" }, [3, 11, "PER"]];
    const sentence = await one({ text, spans });
    expect(short(sentence)).toBe(`1 ${text}: 👍/O Anna/B-PER Lee/I-PER went/O to/O New/B-LOC York/I-LOC ./O`);
    expect(sentence).toMatchObject({ misaligned: 0, leftOut: 0 });
    expect(sentence.lines).toBeUndefined();
  });

  test.each<
    [why: string, spans: [number, number, string][], tags: string, misaligned: number, leftOut: number]
  >([
    ["starts within a token: widened", [[4, 7, "PER"]], "O B-PER O O O O O O", 1, 0],
    ["ends within a token: widened", [[3, 10, "PER"]], "O B-PER I-PER O O O O O", 1, 0],
    ["within one token", [[13, 14, "V"]], "O O O B-V O O O O", 1, 0],
    ["half an emoji", [[1, 2, "E"]], "B-E O O O O O O O", 1, 0],
    ["spaces around it are no harm", [[2, 12, "PER"]], "O B-PER I-PER O O O O O", 0, 0],
    ["empty", [[3, 3, "PER"]], "O O O O O O O O", 0, 1],
    ["empty within a token", [[4, 4, "PER"]], "O O O O O O O O", 0, 1],
    ["a space alone", [[7, 8, "PER"]], "O O O O O O O O", 0, 1],
    [
      "overlapping: the longer one",
      [
        [3, 7, "A"],
        [3, 11, "B"],
      ],
      "O B-B I-B O O O O O",
      0,
      1,
    ],
    [
      "as long: the first",
      [
        [8, 11, "A"],
        [8, 11, "B"],
      ],
      "O O B-A O O O O O",
      0,
      1,
    ],
    [
      "touching: both",
      [
        [3, 7, "A"],
        [8, 11, "A"],
      ],
      "O B-A B-A O O O O O",
      0,
      0,
    ],
    [
      "widened into the other: the longer one",
      [
        [3, 9, "A"],
        [9, 11, "B"],
      ],
      "O B-A I-A O O O O O",
      1,
      1,
    ],
    ["at both ends of the text", [[0, 29, "A"]], "B-A I-A I-A I-A I-A I-A I-A I-A", 0, 0],
  ])("%s", async (_why, spans, tags, misaligned, leftOut) => {
    expect(text.length).toBe(29);
    const sentence = await one({ text, spans });
    expect(sentence).toMatchObject({ misaligned, leftOut });
    expect(sentence.tags?.join(" ")).toBe(tags);
  });

  it("takes tokens and tags as they are, in their text where there is one", async () => {
    expect(short(await one({ tokens: ["New York", "!"], tags: ["LOC", "P"] }))).toBe(
      "1 New York !: New York/LOC !/P",
    );
    const placed = await one({ text: "Do n't!", tokens: ["Do", "n't", "!"], tags: ["A", "B", "C"] });
    expect(placed.tokens[2]).toEqual({ text: "!", start: 6, end: 7 });
    expect(short(await one({ text: "ab c", tokens: ["ab", "c"], spans: [[0, 2, "X"]] }))).toBe(
      "1 ab c: ab/B-X c/O",
    );
    expect(await one({ tokens: [], tags: [] })).toMatchObject({ text: "", tokens: [], tags: [] });
  });

  it("needs neither spans nor tags where they are not asked for", async () => {
    expect(short(await one({ text: "a b" }, { tags: false }))).toBe("1 a b: a/undefined b/undefined");
    expect(short(await one({ tokens: ["a"], tags: 7 }, { tags: false }))).toBe("1 a: a/undefined");
  });

  test.each<[value: object, message: string]>([
    [{}, " has neither text nor tokens, one of both expected"],
    [{ text: 7 }, ": text is 7, a text expected"],
    [{ text: "a" }, " has neither spans nor tags, one of both expected"],
    [{ text: "a", tags: ["O"] }, " has tags and no tokens, tokens expected"],
    [{ text: "a", spans: "a" }, ': spans is "a", a list expected'],
    [
      { text: "a", spans: [[0, 2, "X"]] },
      ": spans[0] is from 0 to 2, within 0 to 1 expected (UTF-16 units of the text)",
    ],
    [
      {
        text: "a",
        spans: [
          [0, 1, "X"],
          [-1, 1, "X"],
        ],
      },
      ": spans[1] is from -1 to 1, within 0 to 1 expected (UTF-16 units of the text)",
    ],
    [
      { text: "a", spans: [{ start: 1, end: 0, label: "X" }] },
      ": spans[0] is from 1 to 0, within 0 to 1 expected (UTF-16 units of the text)",
    ],
    [
      { text: "a", spans: [["0", 1, "X"]] },
      ': spans[0] is from "0" to 1, within 0 to 1 expected (UTF-16 units of the text)',
    ],
    [
      { text: "a", spans: [[0, 1]] },
      ": spans[0] has the label undefined, a text expected: { start, end, label } or [start, end, label] expected",
    ],
    [
      { text: "a", spans: [null] },
      ": spans[0] has the label undefined, a text expected: { start, end, label } or [start, end, label] expected",
    ],
    [{ tokens: "a b" }, ': tokens is "a b", a list expected'],
    [{ tokens: ["a", " "], tags: [] }, ': tokens[1] is " ", a text expected'],
    [{ tokens: ["a"], tags: [1] }, ": tags[0] is 1, a text expected"],
    [{ tokens: ["a", "b"], tags: ["O"] }, " has 2 tokens and 1 tag, as many expected"],
    [
      { text: "ab", tokens: ["a", "c"], tags: ["O", "O"] },
      ": the tokens are not those of the text, with white space alone between them",
    ],
  ])("refuses %j", async (value, message) => {
    await refusal("x.jsonl", `\n${JSON.stringify(value)}`, undefined, `x.jsonl: line 2${message}`);
  });

  it("refuses broken JSON with its line", async () => {
    await expect(read("x.jsonl", '{"text":"a","spans":[]}\n{"text":')).rejects.toThrow(
      /^x\.jsonl: line 2 is not JSON: /,
    );
  });
});

describe("text", () => {
  it("gives one sentence a line, also for an empty one", async () => {
    const sentences = await read("x.txt", "Hello, you.\r\n\nBye", { tags: false });
    expect(sentences.map(({ line, tokens }) => [line, ...tokens.map(({ text }) => text)])).toEqual([
      [1, "Hello", ",", "you", "."],
      [2],
      [3, "Bye"],
    ]);
    expect(sentences[1]).toEqual({
      line: 2,
      text: "",
      tokens: [],
      tags: undefined,
      misaligned: 0,
      leftOut: 0,
    });
  });

  it("has no tags", async () => {
    const message =
      "x.txt is text without tags: CoNLL-U, columns of tokens and tags, or JSON Lines with spans or tags expected";
    await refusal("x.txt", "Hello, you.\n", undefined, message);
    await refusal("x.txt", "", undefined, message);
  });
});

describe("the form", () => {
  const find = (name: string, text: string, options: ReadTaggedOptions = { tags: false }) =>
    findTaggedReading(textSource(name, text), options).then(({ form }) => form);

  test.each<[form: string, name: string, text: string]>([
    ["conllu", "x.conllu.gz", ""],
    ["conllu", "standard input", `# text = A\n${row("1", "A", "X")}\n`],
    ["conllu", "x.conll", row("1-2", "A", "X")],
    ["columns", "x.CONLL", "a b c"],
    ["columns", "x.txt", "a\tb\n\nc\td\n"],
    ["columns", "x.txt", "EU B-ORG\nrejects O\n\nGerman B-MISC\n"],
    ["columns", "x.txt", "The DET\ndog NOUN\n. PUNCT\n\nbroken\nIt PRON\n"],
    ["columns", "x", "EU B-ORG"],
    ["jsonl", "x.ndjson", ""],
    ["jsonl", "x", '\n {"text":"a"}'],
    ["text", "x", "EU ORG"],
    ["text", "x", "Hello world .\nBye world .\n"],
    ["text", "x", "我 爱 你\n他 爱 我\n"],
    ["text", "x", "hello\nyou\n"],
    ["text", "x", ""],
  ])("is %s of %s with %j", async (form, name, text) => {
    expect(await find(name, text)).toBe(form);
  });

  it("is the one that is asked for", async () => {
    expect(await find("x.conllu", "a O\n", { form: "columns" })).toBe("columns");
    expect((await read("x.jsonl", "a b\n", { form: "text", tags: false })).map(short)).toEqual([
      "1 a b: a/undefined b/undefined",
    ]);
  });

  it("says where the tags stand", async () => {
    const reading = (name: string, text: string, column?: string | number) =>
      findTaggedReading(textSource(name, text), { column });
    expect(await reading("x.conllu", "", "xpos")).toEqual({ form: "conllu", column: "XPOS" });
    expect(await reading("x.conllu", "")).toEqual({ form: "conllu", column: "UPOS" });
    expect(await reading("x.conll", "a b O\n")).toEqual({ form: "columns", column: 3 });
    expect(await reading("x.conll", "a b O\n", "2")).toEqual({ form: "columns", column: 2 });
    expect(await reading("x.jsonl", "")).toEqual({ form: "jsonl", column: undefined });
  });

  it("of JSON Lines has no columns", async () => {
    const message = 'column "ner" given, but x.jsonl is read as jsonl, which has none: no column expected';
    await refusal("x.jsonl", "", { column: "ner" }, message);
  });

  test.each<[options: object, message: string]>([
    [{ form: "csv" }, 'form "csv" is unknown: expected conllu, columns, jsonl, text'],
    [{ column: 0 }, "column 0 given, a name or a whole number from 1 expected"],
    [{ column: "" }, 'column "" given, a name or a whole number from 1 expected'],
    [{ column: null }, "column null given, a name or a whole number from 1 expected"],
    [{ tags: "no" }, 'tags "no" given, true or false expected'],
  ])("refuses %j", (options, message) => {
    const source = textSource("x", "a O\n");
    expect(() => readTagged(source, options)).toThrow(new UsageError(`readTagged: ${message}`));
  });
});
