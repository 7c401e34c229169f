// Scores as honest probabilities: the temperature of held-out rows, and when there is none.
import { describe, expect, it } from "vitest";
import { measureScores, temperatureOf } from "../../../src/tasks/classification/measures.ts";
import { probabilitiesOf } from "../../../src/tasks/classification/model.ts";
import { expectedCalibrationError } from "../../../src/training/measures/index.ts";

const one = { labels: ["a", "b"], several: false };
const row = (...labels: string[]) => ({ line: 1, place: "line 1", content: "", labels });

/** Rows of "a" that are told so with a score that far above, but for one in five, which is "b". */
function rowsOf(count: number, margin: number, wrong = 5) {
  const rows = Array.from({ length: count }, (_, at) => row(at % wrong === 0 ? "b" : "a"));
  return { rows, scores: Float64Array.from({ length: 2 * count }, (_, at) => (at % 2 ? 0 : margin)) };
}

describe("a temperature", () => {
  it("makes scores that promise too much promise what they keep", () => {
    const { rows, scores } = rowsOf(100, 6);
    const temperature = temperatureOf(one, rows, scores);
    // Four of five are right where 6 / T = log 4.
    expect(temperature).toBeCloseTo(6 / Math.log(4), 6);
    const [probability = 0] = probabilitiesOf({ ...one, temperature }, scores);
    expect(probability).toBeCloseTo(0.8, 6);
    const errors = [1, temperature].map(
      (t) => measureScores({ ...one, temperature: t }, rows, scores, ["a"]).calibrationError,
    );
    expect(errors[0]).toBeCloseTo(1 / (1 + Math.exp(-6)) - 0.8, 6);
    expect(errors[1]).toBeCloseTo(0, 6);
  });

  it("makes scores that promise too little promise more", () => {
    const { rows, scores } = rowsOf(100, 0.1);
    expect(temperatureOf(one, rows, scores)).toBeCloseTo(0.1 / Math.log(4), 6);
  });

  it("is 1 of too few rows, where all are told right, and where what is not known alone is told wrong", () => {
    const few = rowsOf(19, 6);
    expect(temperatureOf(one, few.rows, few.scores)).toBe(1);
    const enough = rowsOf(20, 6);
    expect(temperatureOf(one, enough.rows, enough.scores)).not.toBe(1);
    const right = { ...rowsOf(100, 6), rows: Array.from({ length: 100 }, () => row("a")) };
    expect(temperatureOf(one, right.rows, right.scores)).toBe(1);
    const unknown = [...right.rows.slice(1), row("c")];
    expect(temperatureOf(one, unknown, right.scores)).toBe(1);
  });

  it("of several labels a row is that of each yes and no", () => {
    const several = { labels: ["a", "b"], several: true };
    const rows = Array.from({ length: 100 }, (_, at) => (at % 4 === 0 ? row() : row("a")));
    const scores = Float64Array.from({ length: 200 }, (_, at) => (at % 2 ? -5 : 5));
    const temperature = temperatureOf(several, rows, scores);
    // Of 200 answers 175 are right.
    expect(temperature).toBeCloseTo(5 / Math.log(175 / 25), 6);
    const probabilities = probabilitiesOf({ ...several, temperature }, scores);
    const targets = rows.flatMap(({ labels }) => [labels.length, 0]);
    expect(expectedCalibrationError(probabilities, targets, { labels: "several" })).toBeCloseTo(0.125, 6);
    const right = Array.from({ length: 100 }, () => row("a"));
    expect(temperatureOf(several, right, scores)).toBe(1);
  });
});

describe("measures", () => {
  it("of rows whose labels are not known at all are finite, and nothing is told right", () => {
    const { scores } = rowsOf(4, 3);
    const rows = Array.from({ length: 4 }, () => row("z"));
    const found = measureScores({ ...one, temperature: 1 }, rows, scores, ["a"]);
    expect(found).toMatchObject({ rows: 4, accuracy: 0, baseline: 0, unknown: 4, calibrationError: 0 });
    expect(found.loss).toBeCloseTo(-Math.log(1e-12), 6);
  });

  it("compare sets of labels, in whatever order", () => {
    const several = { labels: ["a", "b"], several: true, temperature: 1 };
    const rows = [row("b", "a"), row(), row("a")];
    const scores = Float64Array.of(2, 3, -1, -2, 1, 1);
    const found = measureScores(several, rows, scores, ["a", "b"]);
    expect(found).toMatchObject({ accuracy: 2 / 3, baseline: 1 / 3, unknown: 0 });
  });
});
