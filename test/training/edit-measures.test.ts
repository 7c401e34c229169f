// Error rates of words, characters and tokens, by hand and against what an edit is.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DataError, UsageError } from "../../src/errors.ts";
import { EditCounts, editDistance } from "../../src/training/measures/index.ts";

/** By definition: the least over all first edits. */
function slowly(from: readonly number[], to: readonly number[]): number {
  if (from.length === 0 || to.length === 0) return from.length + to.length;
  const [[a, ...restA], [b, ...restB]] = [from, to] as [number[], number[]];
  if (a === b) return slowly(restA, restB);
  return 1 + Math.min(slowly(restA, restB), slowly(restA, to), slowly(from, restB));
}

describe("the edit distance", () => {
  test.each([
    ["kitten", "sitting", 3],
    ["", "abc", 3],
    ["abc", "", 3],
    ["abc", "abc", 0],
    ["ab", "ba", 2],
    ["intention", "execution", 5],
  ])("from %o to %o is %i", (from, to, edits) => {
    expect(editDistance([...from], [...to])).toBe(edits);
    expect(editDistance([...to], [...from])).toBe(edits);
  });

  test("is the least of all edits, for lists of any kind", () => {
    const list = fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 6 });
    fc.assert(
      fc.property(list, list, (from, to) => {
        expect(editDistance(from, to)).toBe(slowly(from, to));
        expect(editDistance(Int32Array.from(from), to)).toBe(slowly(from, to));
      }),
    );
  });

  test("refuses what is no list", () => {
    expect(() => editDistance("abc" as never, [])).toThrow('editDistance: "abc" given, an array expected');
  });
});

describe("error rates", () => {
  test("of words and of characters are edits by what is right, over all texts", () => {
    const words = new EditCounts();
    const characters = new EditCounts({ units: "characters" });
    for (const counts of [words, characters]) {
      counts.add("the cat sat on mat", "the cat sat on the mat");
      counts.add(" a  dog\n", "a dog");
      counts.add("", "no");
    }
    expect(words.report()).toEqual({ errorRate: 2 / 9, exactMatch: 1 / 3, edits: 2, units: 9, sequences: 3 });
    // "the ", one of two spaces, and "no".
    expect(characters.report()).toEqual({
      errorRate: 7 / 29,
      exactMatch: 0,
      edits: 7,
      units: 29,
      sequences: 3,
    });
  });

  test("of tokens are of what the lists hold", () => {
    const counts = new EditCounts();
    counts.add([1, 2, 3], Int32Array.of(1, 3));
    counts.add(["a b"], ["a", "b"]);
    expect(counts.report()).toMatchObject({ edits: 3, units: 4, errorRate: 3 / 4, exactMatch: 0 });
    counts.add([7], [7]);
    expect(counts.report()).toMatchObject({ exactMatch: 1 / 3 });
  });

  test("take characters whole, and are above 1 where much is too much", () => {
    const counts = new EditCounts({ units: "characters" });
    counts.add("\u{1f600}", "\u{1f601}");
    expect(counts.report()).toMatchObject({ edits: 1, units: 1 });
    counts.add("abcd", "");
    expect(counts.report().errorRate).toBe(5);
  });

  test("of nothing are 0, of something where nothing is right infinite", () => {
    const counts = new EditCounts();
    expect(counts.report()).toEqual({ errorRate: 0, exactMatch: 0, edits: 0, units: 0, sequences: 0 });
    counts.add("", "");
    expect(counts.report()).toMatchObject({ errorRate: 0, exactMatch: 1 });
    counts.add("a", "");
    expect(counts.report().errorRate).toBe(Number.POSITIVE_INFINITY);
  });

  test("refuse what is neither text nor list, a text beside a list, and units that there are not", () => {
    const counts = new EditCounts();
    for (const [own, right] of [
      [3, "a"],
      ["a", undefined],
      ["a b", ["a", "b"]],
      [["a"], "a"],
    ]) {
      expect(() => counts.add(own as never, right as never)).toThrow(DataError);
      expect(() => counts.add(own as never, right as never)).toThrow(/^EditCounts: .* given/);
    }
    expect(counts.report().sequences).toBe(0);
    expect(() => new EditCounts({ units: "letters" as never })).toThrow(UsageError);
    expect(() => new EditCounts({ unit: "words" } as never)).toThrow("EditCounts: option unit is unknown");
  });
});
