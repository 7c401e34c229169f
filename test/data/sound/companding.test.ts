// Bytes on a logarithmic scale: the values of G.711's tables, which the formulas of the code do not use.
import { expect, test } from "vitest";
import { expandALaw, expandMuLaw } from "../../../src/data/sound/companding.ts";

const bytes = Array.from({ length: 256 }, (_, byte) => byte);

// Tables 1 and 2 of G.711: decision values x[n] of positive samples, 16 intervals for each segment's step; an output is in the
// middle of its interval.
const decisions = (segments: readonly (readonly [intervals: number, step: number])[]) => {
  const values = [0];
  for (const [intervals, step] of segments) {
    for (let n = 0; n < intervals; n++) values.push((values.at(-1) as number) + step);
  }
  return values;
};
const middles = (values: readonly number[]) =>
  values.slice(1).map((value, n) => (value + (values[n] as number)) / 2);

test("A-law: the middles of the intervals of table 1a, whose last decision value is 4096", () => {
  const values = decisions([
    [32, 2],
    [16, 4],
    [16, 8],
    [16, 16],
    [16, 32],
    [16, 64],
    [16, 128],
  ]);
  expect(values.at(-1)).toBe(4096);
  // Character signals in order of size are 0x80 + n before the even bits are inverted; 13 bits are 16 with three zeros.
  const expected = middles(values).map((value) => 8 * value);
  expect(expected.map((_, n) => expandALaw((0x80 + n) ^ 0x55))).toEqual(expected);
  expect(expected.map((_, n) => expandALaw(n ^ 0x55))).toEqual(expected.map((value) => -value));
});

test("mu-law: the middles of the intervals of table 2a, whose last decision value is 8159", () => {
  // The first interval goes from 0 to 1, and its output is 0.
  const values = decisions([
    [1, 1],
    [15, 2],
    [16, 4],
    [16, 8],
    [16, 16],
    [16, 32],
    [16, 64],
    [16, 128],
    [16, 256],
  ]);
  expect(values.at(-1)).toBe(8159);
  const expected = middles(values).map((value, n) => (n === 0 ? 0 : 4 * value));
  expect(expected.map((_, n) => expandMuLaw(0xff - n))).toEqual(expected);
  expect(expected.map((_, n) => expandMuLaw(0x7f - n))).toEqual(expected.map((value) => 0 - value));
});

test("every sample is a 16-bit one", () => {
  for (const expand of [expandALaw, expandMuLaw]) {
    const samples = bytes.map(expand);
    expect(samples).toEqual(Array.from(Int16Array.from(samples)));
  }
});
