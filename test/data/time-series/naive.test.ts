// Naive forecasts: what they repeat, what they do where it is missing, and what they refuse.
import { describe, expect, test } from "vitest";
import { lastValue, seasonalNaive } from "../../../src/data/time-series/naive.ts";
import { DataError, UsageError } from "../../../src/errors.ts";

const { NaN: nan } = Number;
const forecast = (...numbers: number[]) => Float64Array.from(numbers);

describe("the last value", () => {
  test("stands for all steps ahead", () => {
    expect(lastValue([1, 2, 3], 4)).toEqual(forecast(3, 3, 3, 3));
    expect(lastValue(Float64Array.of(0), 1)).toEqual(forecast(0));
  });
  test("is the last that is there", () => {
    expect(lastValue([1, 2, nan, nan], 2)).toEqual(forecast(2, 2));
    expect(lastValue([nan, nan], 2)).toEqual(forecast(nan, nan));
    expect(lastValue([], 1)).toEqual(forecast(nan));
  });
});

describe("the seasonal naive", () => {
  test("repeats the last season", () => {
    expect(seasonalNaive([9, 9, 9, 1, 2, 3], 3, 7)).toEqual(forecast(1, 2, 3, 1, 2, 3, 1));
    expect(seasonalNaive([9, 1, 2, 3], 3, 2)).toEqual(forecast(1, 2));
    expect(seasonalNaive([4, 5], 1, 2)).toEqual(lastValue([4, 5], 2));
  });
  test("takes a season earlier where a value is missing, and the last value where there is none", () => {
    expect(seasonalNaive([7, 8, nan, 1, nan, nan], 3, 4)).toEqual(forecast(1, 8, 1, 1));
    expect(seasonalNaive([1, 2], 5, 6)).toEqual(forecast(2, 2, 2, 1, 2, 2));
    expect(seasonalNaive([nan, nan, nan], 2, 2)).toEqual(forecast(nan, nan));
    expect(seasonalNaive([], 2, 1)).toEqual(forecast(nan));
  });
});

test("counts have to be whole, and a history a list", () => {
  for (const wrong of [0, -1, 1.5, nan, "2" as never]) {
    expect(() => lastValue([1], wrong)).toThrow(UsageError);
    expect(() => seasonalNaive([1], wrong, 1)).toThrow(UsageError);
    expect(() => seasonalNaive([1], 1, wrong)).toThrow(UsageError);
  }
  expect(() => seasonalNaive([1], 0, 1)).toThrow("season 0: expected a whole number from 1");
  for (const call of [
    () => lastValue(1 as never, 1),
    () => lastValue("12" as never, 1),
    () => seasonalNaive(null as never, 1, 1),
  ])
    expect(call).toThrow(DataError);
});
