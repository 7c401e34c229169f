// The split in training and validation: the end is held back, nothing is lost, no character is cut.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitForValidation } from "../../src/data/split.ts";
import { DataError, UsageError } from "../../src/errors.ts";

describe("splitForValidation", () => {
  it("holds the last fraction back", () => {
    expect(splitForValidation("abcdefghij", 0.1)).toEqual({ training: "abcdefghi", validation: "j" });
    expect(splitForValidation(Int32Array.of(1, 2, 3, 4), 0.5)).toEqual({
      training: Int32Array.of(1, 2),
      validation: Int32Array.of(3, 4),
    });
    expect(splitForValidation(new Int32Array(1_115_394), 0.1).validation.length).toBe(111_540);
  });

  it("holds so many characters or tokens back", () => {
    expect(splitForValidation("abcd", 1)).toEqual({ training: "abc", validation: "d" });
    expect(splitForValidation("a😀b😀", 3)).toEqual({ training: "a", validation: "😀b😀" });
    expect(splitForValidation(Int32Array.of(1, 2, 3, 4), 3).validation).toEqual(Int32Array.of(2, 3, 4));
    expect(() => splitForValidation("abc", 3)).toThrow("the text has 3 characters: too few to hold 3 back");
    expect(() => splitForValidation("abc", 2 ** 40)).toThrow(DataError);
  });

  it("holds nothing back for 0", () => {
    expect(splitForValidation("ab", 0)).toEqual({ training: "ab", validation: "" });
  });

  it("loses nothing and cuts no code point", () => {
    const fractions = fc.double({ min: 0.01, max: 0.9, noNaN: true });
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 30 }), fractions, (text, fraction) => {
        const { training, validation } = splitForValidation(text, fraction);
        expect(training + validation).toBe(text);
        expect([...training].length + [...validation].length).toBe([...text].length);
        expect(Math.abs(validation.length - text.length * fraction)).toBeLessThan(2.001);
        expect(training.length).toBeGreaterThan(0);
      }),
    );
  });

  it("refuses other fractions, and a text that is too short to hold any back", () => {
    for (const fraction of [1.5, -0.1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => splitForValidation("abc", fraction)).toThrow(UsageError);
    }
    expect(() => splitForValidation("a", 0.1)).toThrow(DataError);
    expect(() => splitForValidation("😀", 0.5)).toThrow("the text has 2 characters: too few");
    expect(() => splitForValidation(new Int32Array(0), 0.1)).toThrow("the text has 0 tokens");
  });
});
