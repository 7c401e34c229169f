// Numbers in tables: with points, commas, groups of digits, and what is missing or is none.
import fc from "fast-check";
import { expect, it } from "vitest";
import { findDecimal, readNumeral } from "../../src/data/numerals.ts";

it("reads what programs write, to the bit", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (given) => {
      const number = given + 0;
      expect(readNumeral(String(number), "point")).toBe(number);
      expect(readNumeral(String(number).replace(".", ","), "comma")).toBe(number);
    }),
  );
});

it("reads what Intl writes for people", () => {
  const number = fc.integer({ min: -1e12, max: 1e12 }).map((cents) => cents / 100);
  fc.assert(
    fc.property(number, (value) => {
      for (const [locale, decimal] of [
        ["en", "point"],
        ["de", "comma"],
        ["fr", "comma"],
        ["de-CH", "point"],
      ] as const) {
        expect(readNumeral(value.toLocaleString(locale), decimal)).toBe(value);
      }
    }),
  );
});

it.each(["", "  ", "NA", "n/a", "#N/A", "NaN", "nan", "null", "NULL", "None", "-", " - "])(
  "takes %j for a missing value",
  (text) => {
    expect(readNumeral(text, "point")).toBeNaN();
    expect(readNumeral(text, "comma")).toBeNaN();
  },
);

it.each([
  ["abc", undefined, undefined],
  ["0x10", undefined, undefined],
  ["Infinity", undefined, undefined],
  ["1e999", undefined, undefined],
  ["1.2.3", undefined, undefined],
  ["12 %", undefined, undefined],
  ["2020-01-01", undefined, undefined],
  ["1,5", undefined, 1.5],
  [" +1.5 ", 1.5, undefined],
  ["1,234.5", 1234.5, undefined],
  ["1.234,5", undefined, 1234.5],
  ["1,234,567", 1234567, undefined],
  ["0,123", undefined, 0.123],
  ["1,234", 1234, 1.234],
  ["1.234", 1.234, 1234],
  ["12,34,567", undefined, undefined],
  ["1 234", 1234, 1234],
  ["\u221212", -12, -12],
])("reads %j as %d with a point and %d with a comma", (text, point, comma) => {
  expect(readNumeral(text, "point")).toBe(point);
  expect(readNumeral(text, "comma")).toBe(comma);
});

it.each([
  [[], "point"],
  [["1", "abc", ""], "point"],
  [["1.234"], "point"],
  [["1.5"], "point"],
  [["1,5"], "comma"],
  [["1.234", "1,5"], "comma"],
  [["1,234", "0,5"], "comma"],
  [["1,234", "0.5"], "point"],
  [["1,234"], undefined],
])("finds the decimal mark of %j: %s", (texts, decimal) => {
  expect(findDecimal(texts)).toBe(decimal);
});
