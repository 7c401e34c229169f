// Measures against counts by hand and definitions by loops; what is left out, and what is refused.
import { describe, expect, test } from "vitest";
import { DataError, UsageError } from "../../src/errors.ts";
import { IGNORED_TARGET, measures } from "../../src/index.ts";
import { numbers } from "../helpers/values.ts";

const { NaN: nan } = Number;
const predictions = [0, 1, 2, 2, 0, 1, 7, 3];
const targets = Int32Array.of(0, 2, 2, 2, 1, 1, IGNORED_TARGET, 0);

describe("of classes", () => {
  test("accuracy counts what is right among the targets that count", () => {
    expect(measures.accuracy(predictions, targets)).toBe(4 / 7);
    expect(measures.accuracy(Float32Array.from(predictions), targets, { ignore: 0 - 1 })).toBe(4 / 7);
    expect(measures.accuracy([1, 5], [1, 9], { ignore: 9 })).toBe(1);
    // Whatever was predicted where nothing counts.
    expect(measures.accuracy([nan, 2], [-1, 2])).toBe(1);
  });
  test("the accuracy among the k highest is that of sorting; of equal scores the lower class comes first", () => {
    const [rows, classes] = [50, 6];
    const scores = Float32Array.from(numbers(rows * classes), (score) => Math.round(4 * score));
    const right = Array.from({ length: rows }, (_, at) => (at % 7 === 0 ? -1 : (at * 5) % classes));
    const counting = right.filter((target) => target >= 0).length;
    for (let k = 1; k <= classes; k++) {
      const hits = right.filter((target, at) => {
        const row = Array.from(scores.slice(at * classes, (at + 1) * classes));
        const order = row
          .map((_, one) => one)
          .sort((a, b) => (row[b] as number) - (row[a] as number) || a - b);
        return target >= 0 && order.slice(0, k).includes(target);
      });
      expect(measures.topKAccuracy(scores, right, k)).toBe(hits.length / counting);
    }
    expect(measures.topKAccuracy(scores, right, classes)).toBe(1);
  });
  test("the confusion table counts predictions by target", () => {
    expect(measures.confusionTable(predictions, targets, 4)).toEqual([
      [1, 0, 0, 1],
      [1, 1, 0, 0],
      [0, 1, 2, 0],
      [0, 0, 0, 0],
    ]);
    expect(measures.confusionTable([], [], 2)).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });
  test("precision, recall and F1 follow from it; a class that does not occur is 0 and not in the means", () => {
    const table = [
      [1, 0, 0, 1, 0],
      [1, 1, 0, 0, 0],
      [0, 1, 2, 0, 0],
      [0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0],
    ];
    const { classes, macro, micro } = measures.classReport(table);
    expect(classes).toEqual([
      { precision: 1 / 2, recall: 1 / 2, f1: 1 / 2, targets: 2 },
      { precision: 1 / 2, recall: 1 / 2, f1: 1 / 2, targets: 2 },
      { precision: 1, recall: 2 / 3, f1: 4 / 5, targets: 3 },
      { precision: 0, recall: 0, f1: 0, targets: 0 },
      { precision: 0, recall: 0, f1: 0, targets: 0 },
    ]);
    // The fourth class was predicted once; the last one never occurs.
    expect(macro.precision).toBeCloseTo(2 / 4, 12);
    expect(macro.recall).toBeCloseTo((1 / 2 + 1 / 2 + 2 / 3) / 4, 12);
    expect(macro.f1).toBeCloseTo((1 / 2 + 1 / 2 + 4 / 5) / 4, 12);
    expect(micro).toEqual({ precision: 4 / 7, recall: 4 / 7, f1: 4 / 7 });
  });
  test("what cannot be counted is refused, with its place", () => {
    const { accuracy, classReport, confusionTable, topKAccuracy } = measures;
    for (const [call, message] of [
      [() => accuracy([1], [1, 2]), "accuracy: 1 predictions and 2 targets given, as many of both expected"],
      [
        () => accuracy("12" as never, [1, 2]),
        'accuracy: predictions "12" given, an array of numbers expected',
      ],
      [() => accuracy([1, 2], [-1, -1]), "accuracy: no target that counts given, at least one expected"],
      [
        () => accuracy([1, 1.5], [1, 2]),
        "accuracy: prediction 1.5 given at 1, a whole number from 0 expected",
      ],
      [() => accuracy([1, 1], [1, nan]), "accuracy: target NaN given at 1, a whole number from 0 expected"],
      [() => confusionTable([1, 3], [1, 2], 3), "confusionTable: prediction 3 given at 1, 0 to 2 expected"],
      [() => confusionTable([1, 2], [-2, 2], 3), "confusionTable: target -2 given at 0, 0 to 2 expected"],
      [
        () => topKAccuracy([1, 2, 3], [0, 1], 1),
        "topKAccuracy: 3 scores given for 2 targets, a multiple of that expected",
      ],
      [() => topKAccuracy([1, 2, nan, 3], [0, 1], 1), "topKAccuracy: score NaN given at [1][0]"],
      [() => topKAccuracy([1, 2, 3, 4], [0, 2], 1), "topKAccuracy: target 2 given at 1, 0 to 1 expected"],
      [() => classReport([[1, 2]]), "classReport: a table of counts expected, as many columns as rows"],
      [() => classReport([[0.5]]), "classReport: a table of counts expected"],
      [() => classReport([[0]]), "classReport: a table without a count given"],
    ] as const) {
      expect(call).toThrow(DataError);
      expect(call).toThrow(message);
    }
    for (const k of [0, 3, 1.5, nan])
      expect(() => topKAccuracy([1, 2], [0], k)).toThrow(
        new UsageError(`topKAccuracy: k ${k} given, a whole number from 1 to 2 expected`),
      );
    expect(() => confusionTable([], [], 0)).toThrow(
      "confusionTable: classes 0 given, a whole number from 1 expected",
    );
    for (const call of [accuracy, (a: number[], b: number[], o: object) => topKAccuracy(a, b, 1, o)])
      expect(() => call([0], [0], { ignored: 1 } as never)).toThrow(
        "option ignored is unknown: did you mean ignore?",
      );
  });
});

describe("of numbers", () => {
  const predicted = [1, 2.5, -3, 4];
  const right = Float32Array.of(0, 2, -1, 4.5);
  test("are the mean absolute error, and the root of the mean squared one", () => {
    expect(measures.meanAbsoluteError(predicted, right)).toBe((1 + 0.5 + 2 + 0.5) / 4);
    expect(measures.rootMeanSquaredError(predicted, right)).toBe(Math.sqrt((1 + 0.25 + 4 + 0.25) / 4));
  });
  test("of what a mask counts, whatever the rest is", () => {
    const mask = [true, false, 1, 0] as const;
    expect(measures.meanAbsoluteError([1, nan, -3, 4], [0, 2, -1, nan], { mask })).toBe(1.5);
    expect(measures.rootMeanSquaredError([1, nan, -3, 4], [0, 2, -1, nan], { mask })).toBe(Math.sqrt(2.5));
  });
  test("what is no number is refused, with its place", () => {
    const { meanAbsoluteError, rootMeanSquaredError } = measures;
    for (const measure of [meanAbsoluteError, rootMeanSquaredError]) {
      expect(() => measure([1, nan], [1, 2])).toThrow(
        new DataError(`${measure.name}: prediction NaN given at 1, a number expected`),
      );
      expect(() => measure([1, 2], [1, undefined as never])).toThrow("target undefined given at 1");
      expect(() => measure([1], [1, 2])).toThrow(
        "1 predictions and 2 targets given, as many of both expected",
      );
      expect(() => measure([], [])).toThrow("nothing that counts given, at least one element expected");
      expect(() => measure([1], [1], { mask: [false] })).toThrow("nothing that counts given");
      expect(() => measure([1], [1], { mask: [true, true] })).toThrow(
        "mask an array of 2 given, 1 of true and false expected",
      );
      expect(() => measure([1], [1], { masks: [] } as never)).toThrow(
        "option masks is unknown: did you mean mask?",
      );
    }
  });
});
