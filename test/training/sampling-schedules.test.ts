// How likely a step reads its own input, over a training: the formulas of Bengio et al. 2015.
import { expect, it } from "vitest";
import { UsageError } from "../../src/errors.ts";
import {
  exponentialSampling,
  inverseSigmoidSampling,
  linearSampling,
} from "../../src/training/sampling-schedules.ts";

it("linear: in equal parts to its end", () => {
  expect([0, 75, 150, 300, 900].map(linearSampling({ updates: 300 }))).toEqual([0, 0.25, 0.5, 1, 1]);
  expect([0, 300, 600, 601].map(linearSampling({ updates: 600, end: 0.5 }))).toEqual([0, 0.25, 0.5, 0.5]);
});

it("exponential: what is true decays by k", () => {
  expect([0, 1, 2, 3].map(exponentialSampling({ k: 0.5 }))).toEqual([0, 0.5, 0.75, 0.875]);
  expect([0, 1].map(exponentialSampling({ k: 0 }))).toEqual([0, 1]);
});

it("inverse sigmoid: 1 - k / (k + e^(u / k)), without overflow", () => {
  const probability = inverseSigmoidSampling({ k: 50 });
  for (const update of [0, 10, 195, 400, 600]) {
    expect(probability(update)).toBeCloseTo(1 - 50 / (50 + Math.exp(update / 50)), 12);
  }
  expect(probability(50 * Math.log(50))).toBeCloseTo(0.5, 12);
  expect(probability(1e9)).toBe(1);
});

it.each([
  ["linearSampling", linearSampling({ updates: 10 })],
  ["exponentialSampling", exponentialSampling({ k: 0.9 })],
  ["inverseSigmoidSampling", inverseSigmoidSampling({ k: 5 })],
])("%s is from 0 to 1 for every number from 0, and refuses others", (name, schedule) => {
  for (const update of [0, 0.5, 7, 1e300, Number.POSITIVE_INFINITY]) {
    expect(schedule(update)).toBeGreaterThanOrEqual(0);
    expect(schedule(update)).toBeLessThanOrEqual(1);
  }
  for (const update of [-1, Number.NaN, "3", undefined]) {
    expect(() => schedule(update as number)).toThrow(UsageError);
  }
  expect(() => schedule(-1)).toThrow(`${name}: update -1 given, a number from 0 expected`);
});

it("refuses what is out of range", () => {
  expect(() => linearSampling({ updates: 0 })).toThrow(
    "linearSampling: updates 0 given, a number above 0 expected",
  );
  expect(() => linearSampling({ updates: 1, end: 2 })).toThrow("end 2 given, a number from 0 to 1 expected");
  expect(() => exponentialSampling({ k: 1 })).toThrow("k 1 given, a number from 0 to below 1 expected");
  expect(() => inverseSigmoidSampling({ k: Number.NaN })).toThrow("k NaN given, a number above 0 expected");
});
