// Schemes of tags: found, checked, repaired, converted; and which tags may follow which.
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import {
  convertTags,
  findScheme,
  legalTags,
  repairTags,
  tagFaults,
  tagsOfSpans,
} from "../../../src/data/tagged/schemes.ts";
import { type Span, spansOf, splitTag, TAG_SCHEMES, type TagScheme } from "../../../src/data/tagged/spans.ts";
import { DataError, UsageError } from "../../../src/errors.ts";

const split = (tags: string) => tags.split(" ");
const scheme = fc.constantFrom(...TAG_SCHEMES);
const label = fc.constantFrom("PER", "B", "I-B", "x-y-z", "O");

/** Spans of a sentence that do not overlap; those that touch are often of one label. */
const sentence = fc
  .array(fc.record({ gap: fc.nat(2), length: fc.integer({ min: 1, max: 4 }), label }), { maxLength: 6 })
  .map((parts) => {
    let at = 0;
    const spans = parts.map(({ gap, length, label }): Span => {
      const start = at + gap;
      at = start + length;
      return { label, start, end: at };
    });
    return { spans, length: at + 1 };
  });
const prefixes: Readonly<Record<TagScheme, string>> = {
  IO: "I",
  IOB1: "IB",
  BIO: "BI",
  BIOES: "BIES",
  BILOU: "BILU",
};
const allTags = (of: TagScheme) => [
  "O",
  ...[...prefixes[of]].flatMap((prefix) => [`${prefix}-X`, `${prefix}-Y`]),
];

/** Spans as IO tells them: those of one label that touch are one. */
function merged(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const span of spans) {
    const before = result.at(-1);
    if (before?.end === span.start && before.label === span.label) {
      result[result.length - 1] = { ...before, end: span.end };
    } else result.push(span);
  }
  return result;
}

test("tags of two spans that touch, in each scheme", () => {
  const spans = [
    { label: "PER", start: 3, end: 5 },
    { label: "PER", start: 0, end: 3 },
    { label: "LOC", start: 5, end: 6 },
  ];
  const tags = (of: TagScheme) => tagsOfSpans(spans, 7, of).join(" ");
  expect(tags("IO")).toBe("I-PER I-PER I-PER I-PER I-PER I-LOC O");
  expect(tags("IOB1")).toBe("I-PER I-PER I-PER B-PER I-PER I-LOC O");
  expect(tags("BIO")).toBe("B-PER I-PER I-PER B-PER I-PER B-LOC O");
  expect(tags("BIOES")).toBe("B-PER I-PER E-PER B-PER E-PER S-LOC O");
  expect(tags("BILOU")).toBe("B-PER I-PER L-PER B-PER L-PER U-LOC O");
});

it("gives spans back from tags, whatever their labels are called", () => {
  fc.assert(
    fc.property(sentence, scheme, ({ spans, length }, of) => {
      const expected = of === "IO" ? merged(spans) : spans;
      expect(spansOf(tagsOfSpans(spans, length, of), of)).toEqual(expected);
    }),
  );
});

it("converts from any scheme to any other and back", () => {
  fc.assert(
    fc.property(sentence, scheme, scheme, ({ spans, length }, from, to) => {
      const kept = from === "IO" || to === "IO" ? merged(spans) : spans;
      const converted = convertTags(tagsOfSpans(kept, length, from), from, to);
      expect(converted).toEqual(tagsOfSpans(kept, length, to));
    }),
  );
});

it("converts sentences of 500 tokens", () => {
  const tags = Array.from({ length: 500 }, (_, at) => (at % 5 === 0 ? "B-X" : at % 5 === 4 ? "O" : "I-X"));
  const converted = convertTags(tags, "BIO", "BILOU");
  expect(converted.slice(495)).toEqual(["B-X", "I-X", "I-X", "L-X", "O"]);
  expect(convertTags(converted, "BILOU", "BIO")).toEqual(tags);
});

it("converts no tags that break their scheme", () => {
  expect(() => convertTags(["O", "I-X"], "BIO", "BIOES")).toThrow(
    new DataError('convertTags: "I-X" given at 1: no span of X before it: tags of BIO expected'),
  );
});

test.each([
  ["B-PER", "B", "PER"],
  ["I-B-PER", "I", "B-PER"],
  ["S--", "S", "-"],
  ["O", "O", ""],
  ["NOUN", "NOUN", ""],
  ["B-", "B", ""],
  ["-X", "", "X"],
])("splits %s at its first hyphen", (tag, prefix, of) => {
  expect(splitTag(tag)).toEqual({ prefix, label: of });
});

describe("findScheme", () => {
  test.each<[string, TagScheme | undefined]>([
    ["I-PER I-PER O I-LOC", "IO"],
    ["I-PER B-PER O I-LOC", "IOB1"],
    ["B-PER I-PER O B-LOC", "BIO"],
    ["B-PER O B-LOC", "BIO"],
    ["B-PER I-PER I-LOC", "BIO"], // one fault in BIO, one in IOB1
    ["B-PER I-PER I-LOC I-ORG", "IOB1"], // two, and one
    ["B-PER E-PER O", "BIOES"],
    ["O S-LOC", "BIOES"],
    ["B-PER L-PER O", "BILOU"],
    ["U-LOC", "BILOU"],
    ["B I O", "BIO"],
    ["I-B B-B I-B O", "IOB1"],
    ["E-PER U-LOC", undefined],
    ["O O O", undefined],
    ["DET NOUN B-X", undefined],
    ["O-X B-X", undefined],
    ["PER O", undefined],
  ])("of %s", (tags, expected) => {
    expect(findScheme([["O"], split(tags)])).toBe(expected);
  });

  it("finds none where there is nothing", () => {
    expect(findScheme([])).toBeUndefined();
    expect(findScheme([[], []])).toBeUndefined();
  });

  it("finds the scheme of tags, but for those that several have", () => {
    fc.assert(
      fc.property(fc.array(sentence, { minLength: 1 }), scheme, (sentences, of) => {
        const tags = sentences.map(({ spans, length }) => tagsOfSpans(spans, length, of));
        const found = findScheme(tags);
        if (found === undefined) expect(tags.flat().every((tag) => tag === "O")).toBe(true);
        else for (const one of tags) expect(spansOf(one, found)).toEqual(spansOf(one, of));
      }),
    );
  });
});

describe("strict spans", () => {
  test.each<[TagScheme, string, string]>([
    ["BIO", "O I-X B-X I-X", "X 2-4"],
    ["BIO", "B-X I-Y B-Y", "X 0-1, Y 2-3"],
    ["BIO", "B-X I-X S-X I-X", "X 0-2"],
    ["IOB1", "B-X I-X O I-Y B-Y", "Y 3-4, Y 4-5"],
    ["IO", "I-X I-X B-X I-Y", "X 0-2, Y 3-4"],
    ["BIOES", "B-X I-X O S-Y", "Y 3-4"],
    ["BIOES", "B-X I-Y E-X B-Y E-Y", "Y 3-5"],
    ["BIOES", "E-X B-X B-X E-X I-X", "X 2-4"],
    ["BIOES", "B-X S-X", "X 1-2"],
    ["BILOU", "B-X L-X L-X U-X B-X", "X 0-2, X 3-4"],
  ])("of %s: %s", (of, tags, expected) => {
    const spans = spansOf(split(tags), of).map(({ label, start, end }) => `${label} ${start}-${end}`);
    expect(spans.join(", ")).toBe(expected);
  });
});

describe("repairTags", () => {
  test.each<[TagScheme, tags: string, start: string, drop: string, faults: string[]]>([
    ["BIO", "O I-X I-X O", "O B-X I-X O", "O O O O", ["1 I-X: no span of X before it"]],
    ["BIO", "B-X I-Y O", "B-X B-Y O", "B-X O O", ["1 I-Y: no span of Y before it"]],
    ["BIO", "B I-X I", "B B-X B", "B O O", ["1 I-X: no span of X before it", "2 I: no span before it"]],
    ["BIO", "S-X B-X X", "O B-X O", "O B-X O", ["0 S-X: no tag of BIO", "2 X: no tag of BIO"]],
    ["IOB1", "O B-X I-X B-X", "O I-X I-X B-X", "O O O I-X", ["1 B-X: no span of X before it"]],
    [
      "BIOES",
      "B-X I-X O E-X",
      "B-X E-X O S-X",
      "O O O O",
      ["1 I-X: its span of X ends without E or S", "3 E-X: no span of X before it"],
    ],
    [
      "BIOES",
      "I-X I-X O S-Y",
      "B-X E-X O S-Y",
      "O O O S-Y",
      ["0 I-X: no span of X before it", "1 I-X: its span of X ends without E or S"],
    ],
    ["BILOU", "B U-X", "U U-X", "O U-X", ["0 B: its span ends without L or U"]],
    ["IO", "I-X B-X", "I-X O", "I-X O", ["1 B-X: no tag of IO"]],
    ["BIO", "O-X B-X", "O B-X", "O B-X", ["0 O-X: no tag of BIO"]],
  ])("of %s: %s", (of, tags, start, drop, faults) => {
    const started = repairTags(split(tags), of, "start");
    expect(started.tags.join(" ")).toBe(start);
    expect(started.faults.map(({ at, tag, reason }) => `${at} ${tag}: ${reason}`)).toEqual(faults);
    const dropped = repairTags(split(tags), of, "drop");
    expect(dropped.tags.join(" ")).toBe(drop);
    expect(dropped.faults).toEqual(started.faults);
  });

  it("leaves nothing that breaks the scheme, and what is whole as it was", () => {
    const anyTags = fc.array(
      fc.constantFrom("O", "B-X", "I-X", "E-X", "S-X", "L-X", "U-X", "B-Y", "I-Y", "E-Y", "NOUN"),
    );
    fc.assert(
      fc.property(anyTags, scheme, fc.constantFrom("start" as const, "drop" as const), (tags, of, repair) => {
        const { tags: repaired, faults } = repairTags(tags, of, repair);
        expect(repaired.length).toBe(tags.length);
        expect(tagFaults(repaired, of)).toEqual([]);
        if (faults.length === 0) expect(repaired).toEqual(tags);
        else expect(repaired).not.toEqual(tags);
        if (repair === "drop") expect(spansOf(repaired, of)).toEqual(spansOf(tags, of));
      }),
    );
  });
});

describe("legalTags", () => {
  it("allows what no fault is found in, and nothing else", () => {
    fc.assert(
      fc.property(
        scheme.chain((of) =>
          fc.tuple(fc.constant(of), fc.array(fc.nat(allTags(of).length - 1), { minLength: 1 })),
        ),
        ([of, places]) => {
          const all = allTags(of);
          const { start, end, transitions } = legalTags(all, of);
          const isLegal =
            start[places[0] as number] &&
            end[places.at(-1) as number] &&
            places.every((to, at) => at === 0 || transitions[places[at - 1] as number]?.[to]);
          expect(isLegal).toBe(
            tagFaults(
              places.map((at) => all[at] as string),
              of,
            ).length === 0,
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  test("of BIOES", () => {
    expect(legalTags(["O", "B-X", "E-X", "S-Y"], "BIOES")).toEqual({
      start: [true, true, false, true],
      end: [true, false, true, true],
      transitions: [
        [true, true, false, true],
        [false, false, true, false],
        [true, true, false, true],
        [true, true, false, true],
      ],
    });
  });

  it("refuses a tag of another scheme", () => {
    expect(() => legalTags(["O", "S-X"], "BIO")).toThrow(
      new UsageError('legalTags: "S-X" given, tags of BIO expected'),
    );
  });
});

test.each<[spans: Span[], message: string]>([
  [[{ label: "X", start: 0, end: 0 }], "a span from 0 to 0 given, within 0 to 4 expected"],
  [[{ label: "X", start: 3, end: 5 }], "a span from 3 to 5 given, within 0 to 4 expected"],
  [[{ label: "X", start: 0.5, end: 2 }], "a span from 0.5 to 2 given, within 0 to 4 expected"],
  [
    [
      { label: "X", start: 1, end: 3 },
      { label: "Y", start: 0, end: 2 },
    ],
    "a span from 1 to 3 given, within 2 to 4 expected",
  ],
])("tagsOfSpans refuses %j", (spans, message) => {
  expect(() => tagsOfSpans(spans, 4, "BIO")).toThrow(new DataError(`tagsOfSpans: ${message}`));
});

it("refuses what is no scheme, no repair, no tag", () => {
  const noScheme = new UsageError('scheme "IOB2" is unknown: expected IO, IOB1, BIO, BIOES, BILOU');
  expect(() => spansOf(["O"], "IOB2" as never)).toThrow(noScheme);
  expect(() => tagsOfSpans([], 1, "IOB2" as never)).toThrow(noScheme);
  expect(() => legalTags(["O"], "IOB2" as never)).toThrow(noScheme);
  expect(() => repairTags(["O"], "BIO", "error" as never)).toThrow(
    new UsageError('repairTags: repair "error" is unknown: expected start, drop'),
  );
  expect(() => spansOf("O" as never, "BIO")).toThrow(
    new UsageError('tags: "O" given, a list of texts expected'),
  );
  expect(() => findScheme([[undefined]] as never)).toThrow(
    new UsageError("tags: undefined given, a list of texts expected"),
  );
});
