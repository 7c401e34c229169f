// Texts of both sides as tokens and back, pairs by what they are for, batches, and what an audit finds.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DataError, FormatError } from "../../../src/errors.ts";
import { auditPairs } from "../../../src/tasks/translation/audit.ts";
import { batchOf, orderOf, tokensIn } from "../../../src/tasks/translation/batches.ts";
import {
  completeForm,
  completeSettings,
  type TranslationOptions,
} from "../../../src/tasks/translation/options.ts";
import type { Pair } from "../../../src/tasks/translation/pairs.ts";
import { partsOf, splitPairs } from "../../../src/tasks/translation/parts.ts";
import { examplesOf, isFilled, readSource, Sides } from "../../../src/tasks/translation/prepare.ts";
import { END, PADDING, Side, SPECIAL_TOKENS, START, UNKNOWN } from "../../../src/tasks/translation/side.ts";

const pairsOf = (...texts: [string, string][]): Pair[] =>
  texts.map(([source, target], at) => ({ source, target, line: at + 1 }));
const settingsOf = (options: TranslationOptions = {}) => ({
  ...completeSettings(options, 1),
  longest: completeForm(options).longest,
});

describe("a side", () => {
  it("knows the commonest words after the special tokens, which are in this order", () => {
    const side = Side.of("words", ["b a . b", "a b", "c ."]);
    expect(side.vocabulary.tokens).toEqual(["<pad>", "<start>", "<end>", "<unk>", "b", ".", "a"]);
    expect(SPECIAL_TOKENS).toEqual(["<pad>", "<start>", "<end>", "<unk>"]);
    expect([PADDING, START, END, UNKNOWN]).toEqual([0, 1, 2, 3]);
    expect(Array.from(side.encode("b c <unk> a"))).toEqual([4, 3, 3, 6]);
    expect(side.decode(side.encode(" b\nc  a "))).toBe("b <unk> a");
  });

  it("takes no token of a text for a special one", () => {
    const side = Side.of("words", ["<end> <end> <start> <start> <pad> a", "<pad> a ."]);
    expect(Array.from(side.encode("a <end> <start> <pad> <unk>"))).toEqual([4, 3, 3, 3, 3]);
  });

  it("leaves special tokens out of a text", () => {
    const side = Side.of("words", ["a b .", "a b ."]);
    const [a, b] = side.encode("a b") as unknown as [number, number];
    expect(side.decode([START, a, PADDING, b, UNKNOWN, END])).toBe("a b <unk>");
    expect(side.texts([START, a, UNKNOWN, END])).toEqual(["a", "<unk>"]);
    expect(() => side.decode([99])).toThrow(DataError);
  });

  it("cuts prose as prose has words, and joins them so", () => {
    const side = Side.of("words", ["Go, now.", "Go, now."]);
    expect(side.split).toBe("punctuation");
    expect(side.cut("Go, now.")).toEqual(["Go", ",", "now", "."]);
    expect(side.decode(side.encode("Go, now."))).toBe("Go, now.");
    expect(Side.of("words", ["go , now .", "go , now ."]).split).toBe("spaces");
  });

  it("has sizes and counts as they are asked for", () => {
    const texts = ["a a a b b c", "."];
    expect(Side.of("words", texts, { leastCount: 1 }).size).toBe(8);
    expect(Side.of("words", texts, { vocabulary: 5 }).vocabulary.tokens.slice(4)).toEqual(["a"]);
    expect(Side.of("words", texts, { leastCount: 3 }).vocabulary.tokens.slice(4)).toEqual(["a"]);
    expect(() => Side.of("words", ["a b"], {})).toThrow("least count 2: no token occurs more than 1 time");
    expect(() => Side.of("words", [" "], {})).toThrow(DataError);
  });

  it("gives back texts of characters, and of tokens with blanks between them", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" }), { minLength: 1 }), (texts) => {
        fc.pre(texts.some((text) => text.trim() !== ""));
        const side = Side.of("characters", texts);
        const read = Side.fromJSON(JSON.parse(JSON.stringify(side)), "file");
        for (const text of texts) {
          const line = text.trim().replace(/[\r\n]+/g, " ");
          expect(side.decode(side.encode(text))).toBe(line);
          expect(read.encode(text)).toEqual(side.encode(text));
        }
      }),
    );
    const word = fc.constantFrom("a", "ä-b", ".", ",", "'s", "x.y");
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), (words) => {
        const side = Side.of("words", [words.join(" "), ". , . , . ,"], { leastCount: 1 });
        fc.pre(side.split === "spaces");
        expect(side.decode(side.encode(words.join("  ")))).toBe(words.join(" "));
      }),
    );
  });

  it("gives back any text of subwords, which know all", () => {
    const texts = ["the cat sat .", "the dog sat .", "the <end> of the cat"];
    const side = Side.of("subwords", texts, { vocabulary: 280 });
    expect([side.knowsAll, side.split]).toEqual([true, undefined]);
    expect(side.vocabulary.tokens.slice(0, 4)).toEqual([...SPECIAL_TOKENS]);
    expect(side.size).toBeLessThanOrEqual(280);
    // The first word is as it is anywhere else.
    expect(side.encode("the the")[0]).toBe(side.encode("the the")[1]);
    const read = Side.fromJSON(JSON.parse(JSON.stringify(side)), "file");
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...texts), fc.string({ unit: "grapheme" })), (text) => {
        const tokens = side.encode(text);
        expect(tokens.every((token) => token > UNKNOWN)).toBe(true);
        expect(read.encode(text)).toEqual(tokens);
        const line = text.trim().replace(/[\r\n]+/g, " ");
        expect(side.decode([START, ...tokens, END])).toBe(line);
        expect(side.join(side.cut(text))).toBe(line);
      }),
    );
  });

  const json = () => JSON.parse(JSON.stringify(Side.of("words", ["a a ."]))) as Record<string, unknown>;
  it.each<[string, (given: Record<string, unknown>) => unknown]>([
    ["an object expected", () => 3],
    ['tokens "bytes", words, characters, subwords expected', (given) => ({ ...given, tokens: "bytes" })],
    ['split "tabs", spaces, punctuation expected', (given) => ({ ...given, split: "tabs" })],
    ["split undefined", ({ split: _, ...given }) => given],
    ["none of characters expected", (given) => ({ ...given, tokens: "characters" })],
    ["more is unknown", (given) => ({ ...given, more: 1 })],
    [
      "the kind list expected that begins with <pad>",
      (given) => ({ ...given, vocabulary: { kind: "bytes" } }),
    ],
    [
      "the kind subwords expected that begins with <pad>",
      ({ split: _, ...given }) => ({ ...given, tokens: "subwords" }),
    ],
    [
      "the kind list expected that begins with <pad>",
      (given) => ({ ...given, vocabulary: { kind: "list", tokens: ["<unk>", "a"], unknown: "<unk>" } }),
    ],
  ])("refuses a file's JSON: %s", (message, change) => {
    expect(() => Side.fromJSON(change(json()), "file")).toThrow(FormatError);
    expect(() => Side.fromJSON(change(json()), "file")).toThrow(message);
  });
});

describe("both sides", () => {
  const pairs = pairsOf(["a b", "A"], ["b a", "A ."], ["a .", ". b"]);

  it("are learnt apart or together, and come back from JSON", () => {
    const apart = Sides.of(pairs, settingsOf({ leastCount: 1 }));
    expect(apart.isShared).toBe(false);
    expect([apart.source.size, apart.target.size]).toEqual([7, 7]);
    const together = Sides.of(pairs, settingsOf({ leastCount: 1, sharedVocabulary: "yes" }));
    expect(together.isShared).toBe(true);
    expect(together.source.vocabulary.tokens.slice(4)).toEqual([".", "a", "b", "A"]);
    for (const sides of [apart, together]) {
      const read = Sides.fromJSON(JSON.parse(JSON.stringify(sides)), "file");
      expect(read.isShared).toBe(sides.isShared);
      expect(read.target.encode("A . b")).toEqual(sides.target.encode("A . b"));
    }
  });

  it("may have tokens of their own kinds", () => {
    const { source, target } = Sides.of(pairs, settingsOf({ tokens: "characters", sourceTokens: "words" }));
    expect([source.tokens, target.tokens]).toEqual(["words", "characters"]);
  });

  it.each([{}, { source: {} }, { shared: {} }, { source: {}, target: {}, shared: {} }])(
    "refuse %j",
    (json) => {
      expect(() => Sides.fromJSON(json, "file")).toThrow(FormatError);
    },
  );

  it("give pairs as numbers, leave out what is too long, and cut a text to translate", () => {
    const sides = Sides.of(pairs, settingsOf({ leastCount: 1 }));
    const { examples, tooLong } = examplesOf(sides, pairsOf(["a b", "A"], ["a b a", "A"], ["a", "A A A"]), 2);
    expect(examples.map(({ pair }) => pair.line)).toEqual([1]);
    expect(tooLong).toBe(2);
    expect(examples[0]?.source).toEqual(sides.source.encode("a b"));
    expect(readSource(sides, "a b a", 2)).toEqual({ tokens: sides.source.encode("a b"), isCut: true });
    expect(readSource(sides, "a b", 2).isCut).toBe(false);
    expect(readSource(sides, " ", 2).tokens).toHaveLength(0);
    expect(pairsOf(["a", "b"], ["", "b"], ["a", " \t"]).map(isFilled)).toEqual([true, false, false]);
  });
});

const many = pairsOf(
  ...Array.from({ length: 40 }, (_, at): [string, string] => [`s${at % 20} x .`, `t${at} y .`]),
);

describe("parts", () => {
  it("hold a share out, equal sources on one side, the same for a seed", () => {
    const { training, validation } = splitPairs(many, 0.2, 1);
    expect([training.length, validation.length]).toEqual([32, 8]);
    const known = new Set(training.map(({ source }) => source));
    expect(validation.filter(({ source }) => known.has(source))).toEqual([]);
    expect(splitPairs(many, 0.2, 1)).toEqual({ training, validation });
    expect(splitPairs(many, 0.2, 2).validation).not.toEqual(validation);
    expect([...training, ...validation].sort((a, b) => a.line - b.line)).toEqual(many);
    expect(splitPairs(many, 0, 1).validation).toEqual([]);
  });

  it("learn from the pairs to train on alone, and leave out what is empty or too long", () => {
    const corpus = { name: "a", pairs: [...many, ...pairsOf(["", "x"], ["x", ""], ["x x x x x x", "y"])] };
    const held = { name: "b", pairs: pairsOf(["new x .", "y ."], ["x", " "], ["x x x x x x", "y"]) };
    const { sides, parts } = partsOf(corpus, held, settingsOf({ leastCount: 1, longest: 5 }));
    expect(sides.source.vocabulary.has("new")).toBe(false);
    expect([parts.training.length, parts.validation.length]).toEqual([40, 1]);
    expect(parts).toMatchObject({ empty: 3, tooLong: { training: 1, validation: 1 } });
    const again = partsOf(corpus, held, settingsOf({ longest: 5 }), sides);
    expect(again.sides).toBe(sides);
    expect(again.parts.validation[0]?.source).toEqual(parts.validation[0]?.source);
  });

  it.each<[Pair[], Pair[] | undefined, TranslationOptions, string]>([
    [pairsOf(["", "a"]), undefined, {}, "a: every pair has an empty text, a source and a target expected"],
    [many, pairsOf(["a", ""]), {}, "b: every pair has an empty text"],
    [pairsOf(["a a", "b b"]), undefined, {}, "a: 1 pair, of which a share of 0.1 holds out none"],
    [
      many,
      undefined,
      { longest: 2 },
      "a: every pair has more than 2 tokens on a side, shorter ones expected",
    ],
    [many, pairsOf(["a b c d", "e"]), { longest: 3 }, "b: every pair has more than 3 tokens on a side"],
  ])("are refused where there is nothing in one: %#", (pairs, held, options, message) => {
    const corpus = { name: "a", pairs };
    const other = held && { name: "b", pairs: held };
    expect(() => partsOf(corpus, other, settingsOf(options))).toThrow(DataError);
    expect(() => partsOf(corpus, other, settingsOf(options))).toThrow(message);
  });
});

describe("batches", () => {
  it("have what the decoder reads and shall write, filled up on each side", () => {
    const examples = [
      { source: Int32Array.of(7, 8, 9), target: Int32Array.of(5) },
      { source: Int32Array.of(6), target: Int32Array.of(4, 5) },
    ];
    const values = batchOf(examples);
    expect(values.source.shape).toEqual([3, 2]);
    expect(Array.from(values.source.data)).toEqual([7, 6, 8, PADDING, 9, PADDING]);
    expect(Array.from(values.sourceLengths.data)).toEqual([3, 1]);
    expect(values.inputs.shape).toEqual([3, 2]);
    expect(Array.from(values.inputs.data)).toEqual([START, START, 5, 4, PADDING, 5]);
    expect(Array.from(values.targets.data)).toEqual([5, 4, END, 5, -1, END]);
    expect(Array.from(values.targetLengths.data)).toEqual([2, 3]);
    expect(tokensIn(values)).toBe(5);
  });

  it("hold each pair once an epoch, beside those of like lengths", () => {
    const lengths = Array.from(
      { length: 60 },
      (_, at) => [1 + (at % 5), 1 + (Math.floor(at / 5) % 4)] as const,
    );
    const examples = lengths.map(([source, target]) => ({
      source: new Int32Array(source).fill(4),
      target: new Int32Array(target).fill(4),
    }));
    const order = orderOf(examples, { batch: 3, seed: 1 });
    expect(order.count).toBe(20);
    const batches = Array.from({ length: 20 }, (_, at) => Array.from(order.at(at)));
    expect(batches.flat().sort((a, b) => a - b)).toEqual(lengths.map((_, at) => at));
    // Three pairs have each two lengths.
    for (const batch of batches) expect(new Set(batch.map((at) => String(lengths[at]))).size).toBe(1);
  });
});

describe("the audit", () => {
  it("tells lengths, what is known, and nothing of what is as it should be", () => {
    const corpus = { name: "a.tsv", pairs: pairsOf(["x y .", "z ."], ["x .", "z z z ."]) };
    const { sides, parts } = partsOf(corpus, undefined, settingsOf({ validation: 0 }));
    const { lines, json } = auditPairs({ corpus, sides, parts, longest: 100 });
    expect(lines).toEqual([
      "a.tsv: 2 pairs",
      "sources: words cut at blanks, 2.5 of a text in the mean, 3 at most; 6 known, 20.0 % are not",
      "targets: words cut at blanks, 3.0 of a text in the mean, 4 at most; 6 known, 0.0 % are not; 1.20 tokens for one of the source",
    ]);
    expect(json).toEqual({
      pairs: { training: 2, validation: 0 },
      source: { tokens: 5, mean: 2.5, longest: 3, vocabulary: 6, unknown: 0.2, unknownHeldOut: null },
      target: { tokens: 6, mean: 3, longest: 4, vocabulary: 6, unknown: 0, unknownHeldOut: null },
      ...{
        ratio: 1.2,
        empty: 0,
        tooLong: { training: 0, validation: 0 },
        repeated: 0,
        severalTranslations: 0,
      },
      ...{ sharedSources: 0, sharedPairs: 0 },
    });
  });

  it("tells what is left out, what stands there twice, and what is held out and trained on", () => {
    const texts: [string, string][] = [
      ["a b", "c"],
      ["a b ", "c"],
      ["a b", "d"],
      ["", "c"],
      ["b a b a", "c"],
    ];
    const corpus = { name: "a", pairs: pairsOf(...texts) };
    const held = { name: "b", pairs: pairsOf(["a b", "c"], ["a b", "e"], ["q", "e"], ["a a a a", "c"]) };
    const { sides, parts } = partsOf(corpus, held, settingsOf({ tokens: "characters", longest: 3 }));
    const { lines, json } = auditPairs({ corpus, held, sides, parts, longest: 3 });
    expect(lines).toEqual([
      "a: 5 pairs",
      "b: 4 pairs",
      expect.stringMatching(/^sources: characters, .* 0\.0 % are not and 14\.3 % of those held out$/),
      expect.stringMatching(/^targets: characters, .* 0\.0 % are not and 66\.7 % of those held out; /),
      "1 pair with an empty text left out",
      "2 pairs of more than 3 tokens on a side left out (--longest), 1 of them held out",
      "1 pair to train on equal to an earlier one",
      "1 source with several translations",
      "2 held-out sources to train on too, 1 of them with the same translation: the figures will be too good",
    ]);
    expect(json).toMatchObject({ empty: 1, repeated: 1, sharedSources: 2, sharedPairs: 1 });
  });
});
