// The chunks of conlleval.pl: each case reasoned from its tables of where a chunk starts and ends.
import fc from "fast-check";
import { expect, it, test } from "vitest";
import { repairTags } from "../../../src/data/tagged/schemes.ts";
import { conllevalSpans, spansOf } from "../../../src/data/tagged/spans.ts";
import { UsageError } from "../../../src/errors.ts";

const chunks = (tags: string) =>
  conllevalSpans(tags.split(" ")).map(({ label, start, end }) => `${label} ${start}-${end}`);

test.each<[why: string, tags: string, expected: string[]]>([
  ["B starts, I goes on, O ends", "B-X I-X I-X O", ["X 0-3"]],
  ["I after O starts", "O I-X I-X O", ["X 1-3"]],
  ["I at the beginning starts, the end of the sentence ends", "I-X I-X", ["X 0-2"]],
  ["I of another label ends and starts", "B-X I-Y I-Y", ["X 0-1", "Y 1-3"]],
  ["I after I of another label, as in IOB1", "I-X I-X I-Y", ["X 0-2", "Y 2-3"]],
  ["B after I of the same label ends and starts, as in IOB1", "I-X I-X B-X I-X", ["X 0-2", "X 2-4"]],
  ["B after B", "B-X B-X", ["X 0-1", "X 1-2"]],
  ["B of another label", "B-X B-Y O", ["X 0-1", "Y 1-2"]],
  ["E goes on after B and I, and O ends it", "B-X I-X E-X O", ["X 0-3"]],
  ["I after E ends and starts", "B-X E-X I-X", ["X 0-2", "X 2-3"]],
  ["E after E ends and starts", "B-X E-X E-X", ["X 0-2", "X 2-3"]],
  ["E after O starts", "O E-X O", ["X 1-2"]],
  ["E of another label ends and starts", "B-X E-Y", ["X 0-1", "Y 1-2"]],
  ["B after E of the same label is in no table: one chunk", "B-X E-X B-X E-X", ["X 0-4"]],
  ["S after O starts by its label alone", "O S-X O", ["X 1-2"]],
  ["S after S of the same label: one chunk", "S-X S-X O", ["X 0-2"]],
  ["S after S of another label: two", "S-X S-Y O", ["X 0-1", "Y 1-2"]],
  ["S after E, and B after S, of one label: one chunk", "B-X E-X S-X B-X E-X", ["X 0-5"]],
  ["L and U are no prefixes to it, but their labels count", "B-X L-X U-X U-Y", ["X 0-3", "Y 3-4"]],
  ["[ and ] are chunks of one token each", "[-X .-X ]-X O", ["X 0-1", "X 2-3"]],
  ["[ after [ of the same label", "[-X [-X O", ["X 0-1", "X 1-2"]],
  [". alone starts nothing, whatever its label", ".-X .-Y O", []],
  ["a label goes from the first hyphen to the end", "B-X-1 I-X-1 I-X-2", ["X-1 0-2", "X-2 2-3"]],
  ["a label may be a B, or begin with one", "B-B I-B B-BIO", ["B 0-2", "BIO 2-3"]],
  ["tags without labels", "B I O I B", [" 0-2", " 3-4", " 4-5"]],
  ["a label missing within a chunk is another label", "B-X I I-X", ["X 0-1", " 1-2", "X 2-3"]],
  ["O with a label is outside", "B-X O-X I-X", ["X 0-1", "X 2-3"]],
  ["S without a label starts nothing", "O S O", []],
  ["words without prefixes start nothing", "DET NOUN O", []],
  ["outside alone", "O O O", []],
])("%s: %s", (_why, tags, expected) => {
  expect(chunks(tags)).toEqual(expected);
});

it("lets no chunk pass the end of a sentence", () => {
  expect(conllevalSpans([])).toEqual([]);
  // After "." the script sees no end: the chunk ends with the sentence all the same.
  expect(chunks("B-X .-X")).toEqual(["X 0-2"]);
  expect(chunks("B-X .-X B-Y")).toEqual(["X 0-2", "Y 2-3"]);
});

it("agrees with strict spans where BIO, and IOB1, is kept", () => {
  const tags = fc.array(fc.constantFrom("O", "B-X", "I-X", "B-Y", "I-Y"), { maxLength: 12 });
  fc.assert(
    fc.property(tags, fc.constantFrom("BIO" as const, "IOB1" as const), (given, scheme) => {
      const repaired = repairTags(given, scheme, "start").tags;
      expect(conllevalSpans(repaired)).toEqual(spansOf(repaired, scheme));
      // The repair "start" is the rule of the script.
      if (scheme === "BIO") expect(conllevalSpans(given)).toEqual(spansOf(repaired, scheme));
    }),
  );
});

it("refuses what is no list of texts", () => {
  expect(() => conllevalSpans("B-X" as never)).toThrow(UsageError);
  expect(() => conllevalSpans([1] as never)).toThrow("tags: 1 given, a list of texts expected");
});
