// The parts of a tagger that need no training: tags by number, where long sentences are cut, what a network reads, figures.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { forgetting } from "../../../src/data/forgetting.ts";
import { convertTags, tagsOfSpans } from "../../../src/data/tagged/schemes.ts";
import { spansOf, TAG_SCHEMES } from "../../../src/data/tagged/spans.ts";
import { DataError, FormatError, UsageError } from "../../../src/errors.ts";
import { randomSource } from "../../../src/nn/random.ts";
import { batchesByLength } from "../../../src/tasks/batches.ts";
import { auditLines, corpusOf, schemeOf } from "../../../src/tasks/tagging/corpus.ts";
import { FigureCounts } from "../../../src/tasks/tagging/measures.ts";
import { completeForm, completeSettings } from "../../../src/tasks/tagging/options.ts";
import { splitSentences } from "../../../src/tasks/tagging/split.ts";
import { cutOf, Tags } from "../../../src/tasks/tagging/tags.ts";
import { countWords, Words } from "../../../src/tasks/tagging/words.ts";

const sentence = (words: readonly string[], tags: readonly string[], line = 1) => ({
  line,
  text: words.join(" "),
  tokens: words.map((text, at) => {
    const start = words.slice(0, at).join(" ").length + (at > 0 ? 1 : 0);
    return { text, start, end: start + text.length };
  }),
  tags,
  misaligned: 0,
  leftOut: 0,
});
const numbered = (tags: string) =>
  sentence(
    tags.split(" ").map((_, at) => `w${at}`),
    tags.split(" "),
  );

describe("tags", () => {
  it("of spans are told apart as BIOES, and told in the scheme of the corpus", () => {
    const tags = Tags.of(
      [
        ["O", "B-PER", "I-PER"],
        ["B-LOC", "O"],
      ],
      "BIO",
    );
    expect(tags.labels).toEqual(["LOC", "PER"]);
    expect(tags.inside).toEqual("O B-LOC I-LOC E-LOC S-LOC B-PER I-PER E-PER S-PER".split(" "));
    expect(tags.numbersOf(["B-PER", "I-PER", "O", "B-LOC"])).toEqual([5, 7, 0, 4]);
    expect(tags.tagsOf([5, 7, 0, 4])).toEqual(["B-PER", "I-PER", "O", "B-LOC"]);
    expect(tags.tagsOf([5, 7, 0, 4], "IOB1")).toEqual(["I-PER", "I-PER", "O", "I-LOC"]);
    expect(tags.numbersOf(["B-ORG", "O"])).toEqual([-1, 0]);
    expect(tags.legal.start).toEqual([true, true, false, false, true, true, false, false, true]);
    expect(Tags.fromJSON(JSON.parse(JSON.stringify(tags)), "f").inside).toEqual(tags.inside);
  });

  it("of words stay as they are", () => {
    const tags = Tags.of([["VERB", "NOUN"], ["NOUN"]], undefined);
    expect(tags.inside).toEqual(["NOUN", "VERB"]);
    expect(tags.numbersOf(["VERB", "ADJ"])).toEqual([1, -1]);
    expect(tags.tagsOf([1, 0], "BIO")).toEqual(["VERB", "NOUN"]);
    expect(tags.legally([1, 0])).toEqual([1, 0]);
    expect(tags.legal).toEqual({});
    expect(tags.isOpen(1)).toBe(false);
  });

  it("survive any scheme that tells touching spans apart", () => {
    const label = fc.constantFrom("A", "B-C", "O");
    fc.assert(
      fc.property(
        fc.array(fc.tuple(label, fc.nat(2), fc.nat(3)), { maxLength: 5 }),
        fc.constantFrom(...TAG_SCHEMES.filter((scheme) => scheme !== "IO")),
        (drawn, scheme) => {
          let end = 0;
          const spans = drawn.map(([label, gap, size]) => {
            const start = end + gap;
            end = start + size + 1;
            return { label, start, end };
          });
          const own = tagsOfSpans(spans, end + 1, scheme);
          const tags = Tags.of([own], scheme);
          const numbers = tags.numbersOf(own);
          expect(tags.tagsOf(numbers)).toEqual(own);
          expect(tags.legally(numbers)).toEqual(numbers);
          expect(tags.tagsOf(numbers, "BIO")).toEqual(convertTags(own, scheme, "BIO"));
        },
      ),
    );
  });

  it("that break BIOES become legal, whatever they are", () => {
    const tags = new Tags("BIO", ["A", "B"]);
    fc.assert(
      fc.property(fc.array(fc.nat(tags.size - 1), { maxLength: 12 }), (numbers) => {
        const told = tags.tagsOf(tags.legally(numbers));
        expect(told).toHaveLength(numbers.length);
        const spans = spansOf(told, "BIO");
        expect(tagsOfSpans(spans, told.length, "BIO")).toEqual(told);
      }),
    );
  });

  it.each([
    [undefined],
    [{ scheme: "BOI", labels: ["A"] }],
    [{ scheme: "BIO", labels: [] }],
    [{ scheme: null, labels: ["A"] }],
    [{ scheme: null, labels: ["A", "A"] }],
    [{ scheme: null, labels: ["A", 3] }],
  ])("%j of a file are refused", (json) => {
    expect(() => Tags.fromJSON(json, "model: prepared")).toThrow(FormatError);
  });
});

describe("a long sentence", () => {
  const tags = new Tags("BIO", ["A"]);
  const numbers = tags.numbersOf("O B-A I-A I-A O O B-A B-A I-A I-A".split(" "));

  it("is cut where no span is: before, else after what is wanted, else at its end", () => {
    expect(cutOf(tags, numbers, 6)).toBe(6);
    expect(cutOf(tags, numbers, 3)).toBe(1);
    expect(cutOf(tags, numbers, 3, 1)).toBe(4);
    expect(cutOf(tags, numbers, 9, 7)).toBe(10);
    expect(cutOf(tags, numbers, 7)).toBe(7);
    expect(cutOf(tags, numbers, 99)).toBe(10);
    expect(cutOf(new Tags(undefined, ["A", "B"]), [0, 1, 0, 1], 3)).toBe(3);
  });
});

describe("words", () => {
  const words = Words.of(
    [
      ["The", "cat", "sat"],
      ["the", "cat", "Überwald"],
    ],
    50,
  );

  it("are known as written, else in small letters, else unknown", () => {
    expect(words.words.tokens).toEqual(["<unk>", "cat", "The", "sat", "the", "Überwald"]);
    expect(["cat", "The", "THE", "CAT", "dog", "<unk>", "toString"].map((word) => words.id(word))).toEqual([
      1, 2, 4, 1, 0, 0, 0,
    ]);
    expect(words.knows("Cat")).toBe(true);
    expect(words.knows("dog")).toBe(false);
    expect(Words.of([["a", "b", "b"]], 1).words.tokens).toEqual(["<unk>", "b"]);
    expect(countWords(words, [["The", "THE", "dog"]])).toEqual(Float64Array.of(1, 0, 1, 0, 1, 0));
  });

  it("of a batch are spelt once each, and found again by their places", () => {
    const { tokens, lengths, characters, characterLengths, places } = words.batchOf([
      ["cat", "cat", "zzz"],
      ["The", "cat"],
    ]);
    expect([tokens.shape, characters.shape]).toEqual([
      [3, 2],
      [3, 3],
    ]);
    expect([...tokens.data]).toEqual([1, 2, 1, 1, 0, 0]);
    expect([...lengths.data]).toEqual([3, 2]);
    expect([...places.data]).toEqual([0, 2, 0, 0, 1, 0]);
    expect([...characterLengths.data]).toEqual([3, 3, 3]);
    const column = (at: number) => [0, 1, 2].map((step) => characters.data[step * 3 + at]);
    expect(column(1)).toEqual([0, 0, 0]);
    expect(column(0)).toEqual([..."cat"].map((character) => words.characters.id(character)));
  });

  it("that are long are read at both ends, by characters and not by halves of them; one of none has a step", () => {
    const long = words.batchOf([[`${"x".repeat(40)}`, "\u{1F332}", ""]]);
    expect([...long.characterLengths.data]).toEqual([24, 1, 1]);
  });

  it("are forgotten the more often the rarer they are, the same ones for the same seed", () => {
    const counts = Float64Array.of(0, 1, 9, 1e9);
    const share = (word: number) => {
      const forgets = forgetting(counts, 1, randomSource(1, "test"));
      return Array.from({ length: 4000 }, () => forgets(word)).filter(Boolean).length / 4000;
    };
    expect([0, 1, 2, 3].map(share).map((found) => Math.round(10 * found))).toEqual([10, 5, 1, 0]);
    const never = forgetting(counts, 0, randomSource(1, "test"));
    expect([0, 1, 2].some(never)).toBe(false);
    expect(words.batchOf([["cat", "The"]], (id) => id === 1).tokens.data).toEqual(Int32Array.of(0, 2));
  });

  it("of a damaged file are refused", () => {
    const json = JSON.parse(JSON.stringify(words)) as Record<string, { tokens: string[] }>;
    expect(Words.fromJSON(json, "f").words.tokens).toEqual(words.words.tokens);
    for (const change of [
      { words: undefined },
      { characters: { kind: "bytes" } },
      { words: { kind: "list", tokens: ["a", "<unk>"], unknown: "<unk>" } },
      { words: { kind: "list", tokens: ["a"] } },
    ]) {
      expect(() => Words.fromJSON({ ...json, ...change }, "f")).toThrow(FormatError);
    }
  });
});

describe("sentences", () => {
  it("that break their scheme are repaired and counted, or refused with their line", () => {
    const given = [
      { ...numbered("O I-PER I-PER O"), lines: [3, 4, 5, 6] },
      { ...numbered("B-PER I-LOC"), line: 9 },
      sentence([], []),
    ];
    const start = corpusOf("f", given, { scheme: "BIO", repair: "start" });
    expect(start.examples.map(({ tags }) => tags.join(" "))).toEqual(["O B-PER I-PER O", "B-PER B-LOC"]);
    expect(start.examples[0]?.given.join(" ")).toBe("O I-PER I-PER O");
    expect(start.counts).toEqual({ empty: 1, broken: 2, misaligned: 0, leftOut: 0 });
    const first = 'f: line 4: the tag "I-PER" breaks BIO: no span of PER before it';
    expect(auditLines(start, "start")).toEqual([
      "f: 2 sentences, 6 words, 3 spans, tags of BIO",
      "1 sentence without words left out",
      `2 tags repaired (start: a span starts or ends there), the first: ${first}`,
    ]);
    const drop = corpusOf("f", given, { scheme: "BIO", repair: "drop" });
    expect(drop.examples.map(({ tags }) => tags.join(" "))).toEqual(["O O O O", "B-PER O"]);
    expect(() => corpusOf("f", given, { scheme: "BIO", repair: "error" })).toThrow(new DataError(first));
    expect(() => corpusOf("f", given.slice(1), { scheme: "BIO", repair: "error", unit: "sentence" })).toThrow(
      'f: sentence 9: word 2: the tag "I-LOC" breaks BIO: no span of LOC before it',
    );
  });

  it("have the scheme that is known, unless they follow another one better", () => {
    const bio = [numbered("B-A I-A B-A O B-A")];
    const iob1 = [numbered("I-A I-A B-A O I-A")];
    expect(schemeOf(bio)).toBe("BIO");
    expect(schemeOf(iob1)).toBe("IOB1");
    expect(schemeOf(bio, "IOB1")).toBe("BIO");
    expect(schemeOf(iob1, "BIO")).toBe("IOB1");
    expect(schemeOf([numbered("O I-A O")], "BIOES")).toBe("IO");
    expect(schemeOf([numbered("O O")], "BIOES")).toBe("BIOES");
    expect(schemeOf([numbered("O S-A")], "BIOES")).toBe("BIOES");
    expect(schemeOf([numbered("NOUN VERB")], "BIO")).toBe("BIO");
    expect(schemeOf(bio, null)).toBeUndefined();
    expect(schemeOf([numbered("NOUN VERB")])).toBeUndefined();
  });

  it("with spans beside words tell so", () => {
    const corpus = corpusOf("f", [{ ...numbered("B-A O"), misaligned: 2, leftOut: 1 }], {
      scheme: "BIO",
      repair: "start",
    });
    expect(auditLines(corpus, "start").slice(1)).toEqual([
      "2 spans widened to whole words",
      "1 span left out: without a word, or beside another one",
    ]);
  });

  it("are held out whole, by the seed, and one is left to learn from", () => {
    const all = Array.from({ length: 20 }, (_, at) => at);
    const { training, validation } = splitSentences(all, 0.1, 1);
    expect(validation).toHaveLength(2);
    expect([...training, ...validation].sort((a, b) => a - b)).toEqual(all);
    expect(splitSentences(all, 0.1, 1)).toEqual({ training, validation });
    expect(splitSentences(all, 0.1, 3).validation).not.toEqual(validation);
    expect(splitSentences([1], 0.9, 1)).toEqual({ training: [1], validation: [] });
    expect(splitSentences(all, 0, 1).validation).toEqual([]);
  });

  it("of like lengths are read together, as many as there is room for", () => {
    const batches = batchesByLength([5000, 1, 4000, 2, 4000], (length) => length);
    expect(batches).toEqual([[1, 2], [4000, 4000], [5000]]);
    expect(batchesByLength(Array(130).fill(3), (length) => length).map((one) => one.length)).toEqual([
      64, 64, 2,
    ]);
    expect(batchesByLength([], () => 0)).toEqual([]);
  });
});

describe("figures", () => {
  const known = new Set(["w0", "w1", "w2"]);
  const counts = (scheme: "BIO" | "BIOES" | undefined, given: string, told: string, repaired = given) => {
    const own = new FigureCounts(scheme);
    const words = given.split(" ").map((_, at) => `w${at}`);
    own.add(
      {
        sentence: sentence(words, given.split(" ")),
        words,
        given: given.split(" "),
        tags: repaired.split(" "),
      },
      told.split(" "),
      (word) => !known.has(word),
    );
    return own.figures();
  };

  it("count words, words that are new, and spans by both ways to read them", () => {
    expect(counts(undefined, "A B A B", "A B B B")).toEqual({ accuracy: 0.75, unknownAccuracy: 1 });
    expect(counts(undefined, "A B", "A A")).toEqual({ accuracy: 0.5 });
    expect(counts("BIO", "B-X I-X O B-X", "B-X O O B-X")).toMatchObject({
      accuracy: 0.75,
      precision: 0.5,
      recall: 0.5,
      f1: 0.5,
      conlleval: 0.5,
    });
    // The script takes what breaks the scheme as it stands: a span starts with I as well.
    const broken = counts("BIO", "I-X I-X O", "B-X I-X O", "O O O");
    expect(broken).toMatchObject({ f1: 0, conlleval: 1 });
    // And knows nothing of S: in BIO it sees two spans.
    expect(counts("BIOES", "S-X S-X", "S-X S-X")).toMatchObject({ f1: 1, conlleval: 1, recall: 1 });
  });
});

describe("options", () => {
  it("follow from the tags, the vectors and the data", () => {
    expect(completeForm({}, { spans: true })).toMatchObject({ crf: "yes", embedding: 100 });
    expect(completeForm({}, { spans: false, embedding: 300 })).toMatchObject({ crf: "no", embedding: 300 });
    expect(completeForm({ crf: "no", embedding: 8 }, { spans: true, embedding: 300 })).toMatchObject({
      crf: "no",
      embedding: 8,
    });
    expect(completeSettings({}, 100_000)).toMatchObject({ batch: 32, epochs: 6 });
    expect(completeSettings({}, 4)).toMatchObject({ batch: 1, epochs: 100 });
    expect(completeSettings({ patience: 3, validation: 0 }, 4, true)).toMatchObject({ patience: 3 });
  });

  it.each([
    [{ hidden: 0 }, "hidden 0"],
    [{ characters: -1 }, "characters -1"],
    [{ crf: true }, "crf true is unknown: expected yes, no"],
    [{ longest: 0 }, "longest 0"],
  ])("%j is refused", (given, message) => {
    expect(() => completeForm(given)).toThrow(UsageError);
    expect(() => completeForm(given)).toThrow(message);
  });

  it.each([
    [{ validation: 1 }, "validation 1"],
    [{ unknown: -1 }, "unknown -1"],
    [{ vocabulary: 0 }, "vocabulary 0"],
    [{ patience: 3, validation: 0 }, "patience needs a validation loss"],
    [{ optimizer: { name: "own" } }, "one of your own given"],
  ])("%j is refused", (given, message) => {
    expect(() => completeSettings(given, 9)).toThrow(UsageError);
    expect(() => completeSettings(given, 9)).toThrow(message);
  });
});
