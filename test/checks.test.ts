import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { checkOptions, printGiven, tagOf } from "../src/checks.ts";
import { UsageError } from "../src/errors.ts";

interface Options {
  readonly layers?: number;
  readonly dropout?: number;
}
const check = (given: unknown) =>
  checkOptions<Options>("net", given as Options, { layers: true, dropout: true });

describe("options", () => {
  test.each([undefined, {}, { layers: 2 }, { layers: undefined, dropout: 0 }])("%j are fine", (given) => {
    expect(() => check(given)).not.toThrow();
  });
  test.each([
    [{ layer: 2 }, "net: option layer is unknown: did you mean layers?"],
    [{ Layers: 2 }, "net: option Layers is unknown: did you mean layers?"],
    [{ alyers: 2 }, "net: option alyers is unknown: did you mean layers?"],
    [{ layerss: 2 }, "net: option layerss is unknown: did you mean layers?"],
    [{ dropuot: 2 }, "net: option dropuot is unknown: did you mean dropout?"],
    [{ units: 2 }, "net: option units is unknown: layers, dropout expected"],
    [{ x: 2 }, "net: option x is unknown: layers, dropout expected"],
    [{ toString: 2 }, "net: option toString is unknown: layers, dropout expected"],
    [3, "net: options 3 given, an object expected"],
    ["adam", 'net: options "adam" given, an object expected'],
    [null, "net: options null given, an object expected"],
    [[1, 2], "net: options an array of 2 given, an object expected"],
    [new Map(), "net: options a Map given, an object expected"],
  ])("%j are refused", (given, message) => {
    expect(() => check(given)).toThrow(new UsageError(message));
  });
});

test("an option that must be given says what is expected", () => {
  const need = (given: unknown) =>
    checkOptions<{ steps: number; minimum?: number }>("cosine", given as never, {
      steps: "a whole number from 1",
      minimum: true,
    });
  const missing = new UsageError("cosine: option steps is missing: a whole number from 1 expected");
  for (const given of [undefined, {}, { steps: undefined, minimum: 0 }]) {
    expect(() => need(given)).toThrow(missing);
  }
  expect(() => need({ step: 3 })).toThrow("cosine: option step is unknown: did you mean steps?");
  expect(() => need({ steps: 3 })).not.toThrow();
});

test("a name that differs by case alone is nearer than one that differs by a letter", () => {
  const names = { topK: true, topP: true } as const;
  expect(() =>
    checkOptions<{ topK?: number; topP?: number }>("generate", { topp: 1 } as never, names),
  ).toThrow("generate: option topp is unknown: did you mean topP?");
});

test("tags tell arrays of any realm", () => {
  expect(tagOf(runInNewContext("new Int32Array(2)"))).toBe("Int32Array");
  expect(tagOf(runInNewContext("[1]"))).toBe("Array");
  expect(tagOf(new Map())).toBe("Map");
});

test("things are printed on one line", () => {
  const printed = [
    printGiven("a\nb"),
    printGiven(new Map()),
    printGiven(new Int8Array(1)),
    printGiven(Math.max),
  ];
  expect(printed).toEqual(['"a\\nb"', "a Map", "an Int8Array", "the function max"]);
  class Encoder {}
  expect([printGiven(new Encoder()), printGiven(Object.create(null))]).toEqual(["an Encoder", "an object"]);
  expect([printGiven(null), printGiven(Number.NaN), printGiven({})]).toEqual(["null", "NaN", "an object"]);
});
