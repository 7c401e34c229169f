// Measures of probabilities against closed forms and brute force; what is left out, and what is refused.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DataError, UsageError } from "../../src/errors.ts";
import { measures } from "../../src/index.ts";
import { numbers } from "../helpers/values.ts";

const { logLoss, expectedCalibrationError, fitTemperature } = measures;
const { NaN: nan } = Number;

/** Rows of logits and targets, some of which do not count. */
const [rows, classes] = [60, 4];
const logits = Float32Array.from(numbers(rows * classes, 3), (one) => 6 * one);
const highest = (row: number) => {
  const own = Array.from(logits.slice(row * classes, (row + 1) * classes));
  return own.indexOf(Math.max(...own));
};
const targets = Array.from({ length: rows }, (_, row) => {
  if (row % 9 === 5) return -1;
  return row % 4 === 0 ? (highest(row) + 1) % classes : highest(row);
});
const counted = targets.flatMap((target, row) => (target < 0 ? [] : [row]));
const softmaxRow = (row: number, temperature = 1) => {
  const powers = Array.from(logits.slice(row * classes, (row + 1) * classes), (z) =>
    Math.exp(z / temperature),
  );
  const all = powers.reduce((a, b) => a + b, 0);
  return powers.map((one) => one / all);
};
const probabilities = targets.flatMap((_, row) => softmaxRow(row));
/** The same logits as questions: whether each row has each label. */
const questions = Array.from(logits, (z, at) => (at % 11 === 4 ? -1 : Number(at % 4 === 0 ? z < 0 : z > 0)));
const yes = (at: number) => 1 / (1 + Math.exp(-(logits[at] as number)));
const asked = questions.flatMap((target, at) => (target < 0 ? [] : [at]));
const several = { labels: "several" } as const;

describe("logLoss", () => {
  test("is the mean of -log p, of probabilities as of logits", () => {
    const expected =
      counted.reduce((sum, row) => sum - Math.log(softmaxRow(row)[targets[row] as number] as number), 0) /
      counted.length;
    expect(logLoss(probabilities, targets)).toBeCloseTo(expected, 12);
    expect(logLoss(logits, targets, { scores: "logits" })).toBeCloseTo(expected, 12);
    expect(logLoss([0.25, 0.75], [1])).toBe(-Math.log(0.75));
    expect(logLoss([0, 0, 0, 0], [2], { scores: "logits" })).toBeCloseTo(Math.log(4), 15);
    expect(logLoss([0.2, 0.8, 0.5, 0.5], [1, 7], { ignore: 7 })).toBe(-Math.log(0.8));
  });

  test("of several labels it is the mean over all of them", () => {
    const expected =
      asked.reduce((sum, at) => sum - Math.log(questions[at] === 1 ? yes(at) : 1 - yes(at)), 0) /
      asked.length;
    const each = Array.from(logits, (_, at) => yes(at));
    expect(logLoss(each, questions, several)).toBeCloseTo(expected, 12);
    expect(logLoss(logits, questions, { ...several, scores: "logits" })).toBeCloseTo(expected, 12);
  });

  test("of logits far apart it is finite, and of a probability of 0 infinite", () => {
    expect(logLoss([1000, -1000], [1], { scores: "logits" })).toBe(2000);
    expect(logLoss([-1e30, 0], [0], { scores: "logits" })).toBe(1e30);
    expect(logLoss([800], [0], { ...several, scores: "logits" })).toBe(800);
    expect(logLoss([1, 0], [1])).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("expectedCalibrationError", () => {
  /** The bins of ((b-1)/M, b/M], one after the other. */
  const byHand = (told: readonly (readonly [probability: number, came: boolean])[], bins: number) => {
    let error = 0;
    for (let bin = 0; bin < bins; bin++) {
      const own = told.filter(([p]) => p > bin / bins && p <= (bin + 1) / bins);
      if (own.length === 0) continue;
      const share = own.filter(([, came]) => came).length / own.length;
      const mean = own.reduce((sum, [p]) => sum + p, 0) / own.length;
      error += (own.length / told.length) * Math.abs(share - mean);
    }
    return error;
  };

  test.each([1, 2, 10, 15, 100])("is that of its definition, with %d bins", (bins) => {
    const told = counted.map((row) => {
      const own = softmaxRow(row);
      const best = Math.max(...own);
      return [best, own.indexOf(best) === targets[row]] as const;
    });
    const expected = byHand(told, bins);
    expect(expected).toBeGreaterThan(0.05);
    expect(expectedCalibrationError(probabilities, targets, { bins })).toBeCloseTo(expected, 12);
    expect(expectedCalibrationError(logits, targets, { bins, scores: "logits" })).toBeCloseTo(expected, 12);
    const each = asked.map((at) => [yes(at), questions[at] === 1] as const);
    const options = { ...several, bins, scores: "logits" } as const;
    expect(expectedCalibrationError(logits, questions, options)).toBeCloseTo(byHand(each, bins), 12);
  });

  test("is 0 where what is told comes true, and of equal probabilities the lower class is told", () => {
    const sure = [0.8, 0.2, 0.8, 0.2, 0.8, 0.2, 0.8, 0.2, 0.8, 0.2];
    expect(expectedCalibrationError(sure, [0, 0, 1, 0, 0])).toBeCloseTo(0, 15);
    expect(expectedCalibrationError(sure, [1, 1, 1, 1, 1])).toBeCloseTo(0.8, 15);
    expect(expectedCalibrationError([0.5, 0.5], [0])).toBe(0.5);
    expect(expectedCalibrationError([0, 1, 0], [0, 1, 0], several)).toBe(0);
  });
});

describe("fitTemperature", () => {
  const scaled = (given: ArrayLike<number>, temperature: number) =>
    Array.from(given, (one) => one / temperature);

  test("has the closed form where two classes lie one distance apart", () => {
    // Of rows told with the logit a, a share q is right: sigmoid(a / T) is q.
    const given = Array.from({ length: 10 }, () => [3, 0]).flat();
    const came = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1];
    const expected = 3 / Math.log(8 / 2);
    expect(fitTemperature(given, came)).toBeCloseTo(expected, 10);
    expect(
      fitTemperature(
        Array(10).fill(3),
        came.map((one) => 1 - one),
        several,
      ),
    ).toBeCloseTo(expected, 10);
  });

  test("no other temperature gives less log loss, and calibrating twice changes nothing", () => {
    for (const [came, options] of [
      [targets, {}],
      [questions, several],
    ] as const) {
      const temperature = fitTemperature(logits, came, options);
      const at = (t: number) => logLoss(scaled(logits, t), came, { ...options, scores: "logits" });
      for (const factor of [0.5, 0.9, 0.999, 1.001, 1.1, 2]) {
        expect(at(temperature * factor)).toBeGreaterThan(at(temperature));
      }
      expect(fitTemperature(scaled(logits, temperature), came, options)).toBeCloseTo(1, 9);
      expect(fitTemperature(logits, came, options)).toBe(temperature);
    }
  });

  test("follows the scale of the logits", () => {
    const finite = fc.double({ min: -5, max: 5, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.tuple(finite, finite, finite), fc.nat(2)), { minLength: 1, maxLength: 30 }),
        (given) => {
          const all = given.flatMap(([scores]) => scores);
          const came = given.map(([, target]) => target);
          const temperature = fitTemperature(all, came);
          expect(temperature >= 0.01 && temperature <= 100).toBe(true);
          const loss = (t: number) => logLoss(scaled(all, t), came, { scores: "logits" });
          expect(loss(temperature)).toBeLessThanOrEqual(loss(1) + 1e-12);
          if (temperature < 0.1 || temperature > 10) return;
          const twice = fitTemperature(
            all.map((one) => 2 * one),
            came,
          );
          expect(twice / temperature).toBeCloseTo(2, 4);
        },
      ),
    );
  });

  test("stays in its range: all right, all wrong, and where there is nothing to learn 1", () => {
    expect(fitTemperature([2, 0, 0, 3], [0, 1])).toBe(0.01);
    expect(fitTemperature([2, 0, 0, 3], [1, 0])).toBe(100);
    expect(fitTemperature([2, 2, 2], [1])).toBe(1);
    expect(fitTemperature([-1e30, 1, 0, 0, -1e30, 1], [1, 2])).toBeGreaterThan(0);
  });
});

test("what are no scores, and what is no target, is refused with its place", () => {
  const logit = { scores: "logits" } as const;
  for (const [call, message] of [
    [() => logLoss([1, 2, 3], [0, 1]), "3 scores given for 2 targets, the same multiple of two or more"],
    [
      () => logLoss([1, 2], [0, 1]),
      "2 scores given for 2 targets, the same multiple of two or more for each",
    ],
    [() => logLoss([1, 2], [0], several), "logLoss: 2 scores given for 1 targets, as many expected"],
    [() => logLoss([], []), "0 scores given for 0 targets"],
    [() => logLoss([], [], several), "no target that counts given, at least one expected"],
    [() => logLoss([0.5, 0.5], [-1]), "no target that counts given, at least one expected"],
    [() => logLoss("ab" as never, [0]), 'logLoss: scores "ab" given, an array of numbers expected'],
    [() => logLoss([0.5, nan], [0]), "logLoss: score NaN given at [0][1], 0 to 1 expected"],
    [() => logLoss([0.5, 1.5], [0]), "logLoss: score 1.5 given at [0][1], 0 to 1 expected"],
    [
      () => logLoss([0.5, 0.5, 0.5, 0.9], [0, 1]),
      "logLoss: probabilities of row 1 add up to 1.4, 1 expected",
    ],
    [() => logLoss([0.5, -0.1], [0, 1], several), "logLoss: score -0.1 given at 1, 0 to 1 expected"],
    [() => logLoss([1, -1 / 0], [0], logit), "logLoss: score -Infinity given at [0][1], a number expected"],
    [() => logLoss([0.5, 0.5], [2]), "logLoss: target 2 given at 0, 0 to 1 expected"],
    [() => fitTemperature([1, nan], [0]), "fitTemperature: score NaN given at [0][1], a number expected"],
    [() => fitTemperature([1], [0.5], several), "fitTemperature: target 0.5 given at 0, 0 to 1 expected"],
    [() => expectedCalibrationError([2], [0], several), "score 2 given at 0, 0 to 1 expected"],
  ] as const) {
    expect(call).toThrow(DataError);
    expect(call).toThrow(message);
  }
  for (const [call, message] of [
    [
      () => logLoss([1], [1], { scores: "odds" } as never),
      '"odds" given, "probabilities" or "logits" expected',
    ],
    [() => logLoss([1], [1], { labels: 2 } as never), 'labels 2 given, "one" or "several" expected'],
    [() => fitTemperature([1], [1], logit as never), "fitTemperature: option scores is unknown"],
    [() => expectedCalibrationError([1], [1], { bins: 0 }), "bins 0 given, a whole number from 1 expected"],
    [() => expectedCalibrationError([1], [1], { bin: 2 } as never), "did you mean bins?"],
  ] as const) {
    expect(call).toThrow(UsageError);
    expect(call).toThrow(message);
  }
});
