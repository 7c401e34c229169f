// Measures of forecasts against sums by hand; what is not defined, what is left out, and what is refused.
import { describe, expect, test } from "vitest";
import { DataError, UsageError } from "../../src/errors.ts";
import { measures } from "../../src/index.ts";
import { quantileLoss } from "../../src/nn/index.ts";
import { compile, float32 } from "../../src/program/compile.ts";
import { floats } from "../helpers/values.ts";

const { NaN: nan } = Number;
const [predicted, right] = [
  [1, 2.5, -3, 4],
  [0, 2, -1, 5],
];

describe("the scaled error", () => {
  const { meanAbsoluteScaledError, naiveError } = measures;
  const history = [1, 4, 2, 6, 3];
  test("is the mean absolute one by that of the naive forecast within the history", () => {
    expect(naiveError(history)).toBe((3 + 2 + 4 + 3) / 4);
    expect(naiveError(history, 2)).toBe((1 + 2 + 1) / 3);
    expect(meanAbsoluteScaledError(predicted, right, history)).toBe(4.5 / 4 / 3);
    expect(meanAbsoluteScaledError(predicted, right, history, { season: 2 })).toBe(4.5 / 4 / (4 / 3));
    const mask = [true, false, true, false];
    expect(meanAbsoluteScaledError(predicted, [0, nan, -1, nan], history, { mask })).toBe(1.5 / 3);
  });
  test("of the naive forecast itself, on a history that goes on, is 1", () => {
    const all = Array.from({ length: 60 }, (_, at) => (at % 2 === 0 ? at : at + 3));
    const naive = all.slice(39, -1);
    expect(meanAbsoluteScaledError(naive, all.slice(40), all.slice(0, 41))).toBeCloseTo(1, 12);
  });
  test("leaves out what is missing, and is undefined where the history is constant or too short", () => {
    expect(naiveError([1, nan, 2, 5])).toBe(3);
    expect(naiveError([1, nan, 2, nan])).toBeUndefined();
    expect(naiveError([1, 2], 2)).toBeUndefined();
    expect(naiveError([4, 4, 4])).toBe(0);
    for (const none of [[], [1], [4, 4, 4], [nan, nan]])
      expect(meanAbsoluteScaledError([1], [2], none)).toBeUndefined();
  });
  test("refuses a season that is none, and a history that is no list", () => {
    for (const season of [0, 1.5, nan, "2" as never])
      expect(() => meanAbsoluteScaledError([1], [2], history, { season })).toThrow(UsageError);
    expect(() => naiveError(3 as never)).toThrow(
      new DataError("naiveError: history 3 given, an array of numbers expected"),
    );
    expect(() => meanAbsoluteScaledError([1], [2], history, { seasons: 2 } as never)).toThrow(
      "meanAbsoluteScaledError: option seasons is unknown: did you mean season?",
    );
  });
});

describe("percentages", () => {
  const { meanAbsolutePercentageError, symmetricMeanAbsolutePercentageError } = measures;
  test("of the targets, and how many targets have none", () => {
    expect(meanAbsolutePercentageError([110, 1, 80], [100, 0, 100])).toEqual({ error: 15, zeros: 1 });
    expect(meanAbsolutePercentageError([-1], [-2])).toEqual({ error: 50, zeros: 0 });
    expect(meanAbsolutePercentageError([1, 2], [0, -0])).toEqual({ error: undefined, zeros: 2 });
    expect(meanAbsolutePercentageError([1, nan], [2, 0], { mask: [1, 0] })).toEqual({ error: 50, zeros: 0 });
  });
  test("of the sizes of both, from 0 to 200", () => {
    expect(symmetricMeanAbsolutePercentageError([3, 0, 5], [1, 0, 5])).toBeCloseTo(100 / 3, 12);
    expect(symmetricMeanAbsolutePercentageError([1, 1], [-1, 0])).toBe(200);
  });
});

describe("quantiles", () => {
  const { coverage, meanQuantileLoss } = measures;
  const quantiles = [0.1, 0.5, 0.9];
  test("have the figure that their loss has", () => {
    const [x, y] = [floats([20, 3], 1), floats([20], 2)];
    const run = compile((of) => quantileLoss(of.x, of.y, quantiles), {
      inputs: { x: float32(20, 3), y: float32(20) },
    });
    expect(meanQuantileLoss(x.data, y.data, quantiles)).toBeCloseTo(run({ x, y }).data[0] as number, 6);
    expect(meanQuantileLoss(predicted, right, [0.5])).toBe(measures.meanAbsoluteError(predicted, right) / 2);
    expect(meanQuantileLoss([0, 2, nan, nan], [1, nan], [0.25, 0.75], { mask: [true, false] })).toBe(0.25);
  });
  test("cover what lies between them, both included", () => {
    expect(coverage([0, 0, 0, 0], [1, 1, 1, 1], [-0.1, 0, 1, 1.1])).toBe(0.5);
    expect(coverage([0, nan], [1, nan], [0.5, nan], { mask: [1, 0] })).toBe(1);
    expect(coverage([1], [0], [0.5])).toBe(0);
  });
  test.each<[() => unknown, string]>([
    [
      () => meanQuantileLoss([1, 2, 3], [1, 2], [0.1, 0.9]),
      "meanQuantileLoss: 3 predictions given, 4 for 2 targets and 2 quantiles expected",
    ],
    [
      () => meanQuantileLoss([1, 2, 3, nan], [1, 2], [0.1, 0.9]),
      "meanQuantileLoss: prediction of quantile 1 (0.9) NaN given at 1, a number expected",
    ],
    [
      () => coverage([1, 2], [1], [1]),
      "coverage: 2 predictions and 1 targets given, as many of both expected",
    ],
    [() => coverage([1], [nan], [1]), "coverage: high NaN given at 0, a number expected"],
    [() => coverage([], [], []), "coverage: nothing that counts given, at least one element expected"],
  ])("%s is refused", (call, message) => {
    expect(call).toThrow(new DataError(message));
  });
  test("between 0 and 1 alone", () => {
    expect(() => meanQuantileLoss([1], [1], [1])).toThrow(
      new UsageError("meanQuantileLoss: quantile 1 given, a number between 0 and 1 expected"),
    );
  });
});

test.each([
  measures.coverage.bind(undefined, [1], [1], [1]),
  measures.meanQuantileLoss.bind(undefined, [1], [1], [0.5]),
  measures.meanAbsolutePercentageError.bind(undefined, [1], [1]),
  measures.symmetricMeanAbsolutePercentageError.bind(undefined, [1], [1]),
])("an option that there is not is refused: %#", (call) => {
  expect(() => call({ masks: [] } as never)).toThrow("option masks is unknown: did you mean mask?");
});
