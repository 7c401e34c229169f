// The report of several labels a row against counts by hand; what is left out, and what is refused.
import { expect, test } from "vitest";
import { DataError, UsageError } from "../../src/errors.ts";
import { measures } from "../../src/index.ts";
import { numbers } from "../helpers/values.ts";

const { multiLabelReport } = measures;

test("each label is counted by itself; what is not known does not count", () => {
  const predictions = [1, 0, 0, /**/ 0, 0, 0, /**/ 1, 1, 0, /**/ 1, 0, 1];
  const targets = [1, 0, 0, /**/ 1, 0, 0, /**/ 1, -1, 0, /**/ 0, -1, 0];
  const { labels, macro, micro, exactMatch } = multiLabelReport(predictions, targets, 3);
  expect(labels).toEqual([
    { precision: 2 / 3, recall: 2 / 3, f1: 2 / 3, targets: 3 },
    { precision: 0, recall: 0, f1: 0, targets: 0 },
    { precision: 0, recall: 0, f1: 0, targets: 0 },
  ]);
  // The third was predicted once, the second never occurs where it counts.
  expect(macro).toEqual({ precision: 1 / 3, recall: 1 / 3, f1: 1 / 3 });
  expect(micro).toEqual({ precision: 2 / 4, recall: 2 / 3, f1: 4 / 7 });
  expect(exactMatch).toBe(2 / 4);
});

test("is that of its definition, label by label", () => {
  const [rows, count] = [40, 5];
  const random = (seed: number) => Array.from(numbers(rows * count, seed), (one) => Number(one > 0.2));
  const [predictions, others] = [random(2), random(9)];
  const targets = Int32Array.from(predictions, (one, at) => (at % 15 < 5 ? one : (others[at] as number)));
  const { labels, micro, exactMatch } = multiLabelReport(predictions, targets, count);
  for (const [label, { precision, recall, f1 }] of labels.entries()) {
    const own = Array.from({ length: rows }, (_, row) => row * count + label);
    const both = own.filter((at) => predictions[at] === 1 && targets[at] === 1).length;
    expect(precision).toBe(both / own.filter((at) => predictions[at] === 1).length);
    expect(recall).toBe(both / own.filter((at) => targets[at] === 1).length);
    expect(f1).toBeCloseTo((2 * precision * recall) / (precision + recall), 12);
  }
  const right = predictions.filter((one, at) => one === 1 && targets[at] === 1).length;
  expect(micro.precision).toBe(right / predictions.filter((one) => one === 1).length);
  const exact = Array.from({ length: rows }, (_, row) =>
    Array.from({ length: count }, (_, label) => row * count + label).every(
      (at) => predictions[at] === targets[at],
    ),
  );
  expect(exactMatch).toBe(exact.filter(Boolean).length / rows);
  expect(exactMatch).toBeGreaterThan(0);
});

test("rows without labels are right where none is predicted", () => {
  const none = { precision: 0, recall: 0, f1: 0 };
  const report = multiLabelReport([0, 0, 0, 0], [0, 0, -1, -1], 2);
  expect(report).toEqual({
    labels: [none, none].map((one) => ({ ...one, targets: 0 })),
    macro: none,
    micro: none,
    exactMatch: 1,
  });
});

test("what cannot be counted is refused, with its place", () => {
  for (const [call, message] of [
    [() => multiLabelReport([1], [1, 0], 1), "1 predictions and 2 targets given, as many of both expected"],
    [() => multiLabelReport([1, 0, 1], [1, 0, 1], 2), "3 targets given for 2 labels, a multiple of that"],
    [() => multiLabelReport([2], [1], 1), "multiLabelReport: prediction 2 given at 0, 0 to 1 expected"],
    [() => multiLabelReport([0.5], [1], 1), "prediction 0.5 given at 0, 0 to 1 expected"],
    [() => multiLabelReport([1], [3], 1), "multiLabelReport: target 3 given at 0, 0 to 1 expected"],
    [() => multiLabelReport([1], [-1], 1), "no target that counts given"],
    [() => multiLabelReport([], [], 3), "no target that counts given"],
  ] as const) {
    expect(call).toThrow(DataError);
    expect(call).toThrow(message);
  }
  expect(() => multiLabelReport([1], [1], 0)).toThrow(
    new UsageError("multiLabelReport: labels 0 given, a whole number from 1 expected"),
  );
  expect(() => multiLabelReport([1], [1], 1, { ignored: 1 } as never)).toThrow("did you mean ignore?");
});
