// Elementwise functions that are compositions: the same on both backends, corners included.
import { describe, expect, test } from "vitest";
import { reference } from "../../src/backends/reference/index.ts";
import { wasm } from "../../src/backends/wasm/index.ts";
import { ShapeError } from "../../src/errors.ts";
import { compile, float32, int32 } from "../../src/program/compile.ts";
import * as f from "../../src/trace/functions.ts";
import type { Tensor } from "../../src/trace/tensor.ts";

const nan = Number.NaN;
const infinity = Number.POSITIVE_INFINITY;

describe.each(Object.entries({ reference, wasm }))("on %s", (_name, backend) => {
  const apply = (of: (x: Tensor) => Tensor, ...numbers: number[]) =>
    Array.from(compile(of, { inputs: float32("N"), backend })(numbers).data);
  const applyToIntegers = (of: (x: Tensor) => Tensor, ...numbers: number[]) =>
    Array.from(compile(of, { inputs: int32("N"), backend })(Int32Array.from(numbers)).data);

  test("abs and sign know zeros of both signs, infinities and NaN", () => {
    expect(apply(f.abs, -2, -0, 0, 3, -infinity, nan)).toEqual([2, 0, 0, 3, infinity, nan]);
    expect(apply(f.sign, -2, -0, 0, 3, -infinity, nan)).toEqual([-1, -0, 0, 1, -1, nan]);
    expect(applyToIntegers(f.abs, -2, 0, 3)).toEqual([2, 0, 3]);
    expect(applyToIntegers(f.sign, -2, 0, 3)).toEqual([-1, 0, 1]);
  });
  test("floor, ceil and round", () => {
    const numbers = [-2.5, -1.5, -0.75, -0, 0.5, 1.5, 2.5, 8388607.5, 1e20, -infinity, nan];
    expect(apply(f.floor, ...numbers)).toEqual([
      -3,
      -2,
      -1,
      -0,
      0,
      1,
      2,
      8388607,
      Math.fround(1e20),
      -infinity,
      nan,
    ]);
    expect(apply(f.ceil, ...numbers)).toEqual([
      -2,
      -1,
      -0,
      -0,
      1,
      2,
      3,
      8388608,
      Math.fround(1e20),
      -infinity,
      nan,
    ]);
    // Of two whole numbers that are as near, the even one.
    expect(apply(f.round, ...numbers)).toEqual([
      -2,
      -2,
      -1,
      -0,
      0,
      2,
      2,
      8388608,
      Math.fround(1e20),
      -infinity,
      nan,
    ]);
    const below = 0.5 - 2 ** -25;
    expect(apply(f.round, below, -below, 0.5 + 2 ** -24, -0.5 - 2 ** -24, 1.25, -1.25)).toEqual([
      0, 0, 1, -1, 1, -1,
    ]);
  });
  test("powers: whole ones of negative numbers, 0^0 and powers of 0", () => {
    expect(apply((x) => x.pow(3), -2, 0, 2)).toEqual([-8, 0, 8]);
    expect(apply((x) => x.pow(7), -2, 0, 2)).toEqual([-128, 0, 128]);
    expect(apply((x) => x.pow(-1), -2, 0, 2)).toEqual([-0.5, infinity, 0.5]);
    expect(apply((x) => x.pow(0), -2, 0, nan)).toEqual([1, 1, 1]);
    expect(apply((x) => x.pow(0.5), -4, 0, 4)).toEqual([nan, 0, 2]);
    expect(apply((y) => f.pow(0, y), -2, 0, 0.5, 2)).toEqual([infinity, 1, 0, 0]);
    expect(apply((y) => f.pow(-2, y), -2, 0, 0.5, 3)).toEqual([0.25, 1, nan, -8]);
    expect(applyToIntegers((x) => x.pow(13), -3, 0, 2)).toEqual([-1594323, 0, 8192]);
    expect(applyToIntegers((x) => x.pow(0), -3, 0, 2)).toEqual([1, 1, 1]);
  });
  test("comparisons in both directions, of which NaN is no part", () => {
    const bits = (of: (x: Tensor) => Tensor) => apply((x) => of(x).convert("float32"), 0, 1, 2, nan);
    expect(bits((x) => x.greater(1))).toEqual([0, 0, 1, 0]);
    expect(bits((x) => x.greaterEqual(1))).toEqual([0, 1, 1, 0]);
    expect(bits((x) => x.notEqual(1))).toEqual([1, 0, 1, 1]);
    expect(bits((x) => x.notEqual(x))).toEqual([0, 0, 0, 1]);
  });
  test("borders of any number", () => {
    expect(apply((x) => x.pad(0, 1, 2, 7), 1, 2)).toEqual([7, 1, 2, 7, 7]);
    expect(apply((x) => x.pad(0, 0, 1, -infinity), 1, 2)).toEqual([1, 2, -infinity]);
    expect(apply((x) => x.pad(-1, 0, 0, 7), 1, 2)).toEqual([1, 2]);
    expect(applyToIntegers((x) => x.pad(0, 2, 0, -1), 5)).toEqual([-1, -1, 5]);
  });
});

test("errors name the function, and what was given in its order", () => {
  const cases: [string, (a: Tensor, b: Tensor) => unknown][] = [
    ["greater: shapes (2, 3) and (4) do not fit", (a, b) => a.greater(b)],
    ["greaterEqual: shapes (2, 3) and (4) do not fit", (a, b) => a.greaterEqual(b)],
    ["notEqual: shapes (2, 3) and (4) do not fit", (a, b) => a.notEqual(b)],
    ["pow: shapes (2, 3) and (4) do not fit", (a, b) => a.pow(b)],
    ['greater: "x" given, a tensor or a number expected', (a) => a.greater("x" as never)],
    ["pow: 0.5 given for int32, a whole number", (a) => a.convert("int32").pow(0.5)],
    ["power: int32 and int32 given, all float32 expected", (a) => a.convert("int32").pow(-1)],
    ["floor: int32 given, all float32 expected", (a) => a.convert("int32").floor()],
    ["pow: 3 given, a tensor expected", () => f.pow(2, 3 as never)],
    ["sin: 3 given, a tensor expected", () => f.sin(3 as never)],
    ["pad: 1.5 given for an axis of (2, 3), a whole number", (a) => a.pad(0, 1.5, 0, 2)],
    ["pad: -1 before and 0 after axis 0 of (2, 3) given", (a) => a.pad(0, -1, 0, 2)],
    ['pad: "x" given, a tensor or a number expected', (a) => a.pad(0, 1, 0, "x" as never)],
  ];
  const [a, b] = [f.zeros([2, 3]), f.zeros([4])];
  for (const [message, make] of cases) {
    expect(() => make(a, b)).toThrow(ShapeError);
    expect(() => make(a, b)).toThrow(message);
  }
});
