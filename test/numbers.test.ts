// Which arrays hold numbers, and which numbers a dtype can hold, whatever made them.
import { describe, expect, test } from "vitest";
import { DataError, ShapeError } from "../src/errors.ts";
import { checkNumbers, dtypeOf, firstUnfit, fits, isArray, printPlace } from "../src/numbers.ts";
import { foreign } from "./helpers/realm.ts";

test("int32 holds whole numbers of 32 bits, float32 all but finite ones beyond its range", () => {
  for (const number of [0, -0, 1, -(2 ** 31), 2 ** 31 - 1]) expect(fits(number, "int32")).toBe(true);
  for (const number of [0.5, 2 ** 31, 2 ** 40, -(2 ** 31) - 1, Number.NaN, Infinity])
    expect(fits(number, "int32")).toBe(false);
  for (const number of [0.1, -0, 1e-300, 3.4e38, Number.NaN, Infinity, -Infinity])
    expect(fits(number, "float32")).toBe(true);
  for (const number of [1e300, -1e39]) expect(fits(number, "float32")).toBe(false);
  for (const other of [undefined, null, "1", true, 1n, [1], {}]) {
    expect(fits(other, "int32")).toBe(false);
    expect(fits(other, "float32")).toBe(false);
  }
});

test("lists and typed arrays of numbers are arrays, of any realm; strings, array-likes, bigints and DataViews are not", () => {
  for (const code of ["[1]", "Int32Array.of(1)", "Uint16Array.of(1)", "Float64Array.of(1)"])
    expect(isArray(foreign(code))).toBe(true);
  for (const other of [
    "12",
    { length: 1, 0: 1 },
    BigInt64Array.of(1n),
    new DataView(new ArrayBuffer(4)),
    null,
  ])
    expect(isArray(other)).toBe(false);
  expect(dtypeOf(foreign("Int32Array.of(1)"))).toBe("int32");
  expect(dtypeOf(foreign("Float32Array.of(1)"))).toBe("float32");
  expect(dtypeOf([1])).toBeUndefined();
});

describe("the first element that does not fit", () => {
  test.each<[unknown[] | Float64Array | Uint32Array, "int32" | "float32", number]>([
    [[1, 2, Number.NaN], "int32", 2],
    [[1, undefined, 3], "float32", 1],
    [Array(2), "float32", 0],
    [Float64Array.of(1, 1e300), "float32", 1],
    [Float64Array.of(1, 2), "int32", -1],
    [Uint32Array.of(1, 2 ** 31), "int32", 1],
    [Uint32Array.of(1, 2 ** 31), "float32", -1],
  ])("of %o for %s", (given, dtype, at) => expect(firstUnfit(given, dtype)).toBe(at));
});

test("messages name what, where and what was expected", () => {
  const check = (given: unknown, shape?: number[]) => () => checkNumbers("tokens", given, "int32", shape);
  expect(check([1, "a"])).toThrow(new DataError('tokens: "a" given at 1, int32 expected'));
  expect(check([1, 5n], [2, 1])).toThrow(new DataError("tokens: 5n given at 1 ([1][0]), int32 expected"));
  expect(check("ab")).toThrow(new DataError('tokens: "ab" given, an array of numbers expected'));
  expect(check([1], [2, 1])).toThrow(new ShapeError("tokens: 1 numbers given, 2 expected for (2, 1)"));
  expect(() => checkNumbers("x", [1e300], "float32")).toThrow(
    new DataError("x: 1e+300 given at 0, float32, at most 3.4e38, expected"),
  );
  expect(printPlace(7, [2, 2, 2])).toBe("7 ([1][1][1])");
});
