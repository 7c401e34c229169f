// What an evaluation tells of a classifier: the figures of each label, what was taken for what, and rows that are doubted.
import { expect, it } from "vitest";
import { evaluateRows } from "../../../src/tasks/classification/evaluation.ts";
import type { Prediction } from "../../../src/tasks/task.ts";

/** Finds "a" as likely as the number in a text says. */
const modelOf = (labels: readonly string[]) => ({
  labels,
  probabilities: (texts: readonly string[]) =>
    Float64Array.from(
      texts.flatMap((text) => {
        const first = Number.parseFloat(text);
        return labels.map((_, at) => (at === 0 ? first : (1 - first) / (labels.length - 1)));
      }),
    ),
});
const rowsOf = (...rows: [label: string, text: string][]) =>
  rows.map(([label, text], at) => ({ line: 10 + at, label, text }));
const rows = rowsOf(
  ["a", "0.9"],
  ["a", "0.2"],
  ["b", "0.4"],
  ["b", "0.75 of it"],
  ["new", "0.7"],
  ["a", "1"],
);

it("each label, what was taken for what, and labels that are not known", async () => {
  const { measures, details, lines } = await evaluateRows(modelOf(["a", "b", "c"]), rows, "a");
  // Told are a, b, a, a, a, a; where b and c are equally likely it is the first.
  expect(measures).toMatchObject({ rows: 6, accuracy: 2 / 6, baseline: 3 / 6, unknown: 1 });
  const a = { rows: 3, precision: 2 / 5, recall: 2 / 3, f1: 4 / 8 };
  const none = { precision: 0, recall: 0, f1: 0 };
  expect(details).toMatchObject({
    labels: { a, b: { rows: 2, ...none }, c: { rows: 0, ...none } },
    confusion: { a: { a: 2, b: 1, c: 0 }, b: { a: 2, b: 0, c: 0 }, c: { a: 0, b: 0, c: 0 } },
    unknownLabels: { new: 1 },
  });
  // The mean over a, b and what is not known; nothing is, or is told as, c.
  expect(measures.f1).toBeCloseTo(0.5 / 3, 12);
  expect(lines).toEqual([
    "",
    "label  rows  precision  recall     F1",
    "a         3      0.400   0.667  0.500",
    "b         2      0.000   0.000  0.000",
    "c         0      0.000   0.000  0.000",
    "",
    "label, told as  a  b  c",
    "a               2  1  0",
    "b               2  0  0",
    "c               0  0  0",
    "(not known)     1  0  0",
    "",
    "most doubtful rows, with how likely their label is found",
    "line 14: new 0.0000, told as a: 0.7",
    "line 13: b 0.1250, told as a: 0.75 of it",
    "line 11: a 0.2000, told as b: 0.2",
    "line 12: b 0.3000, told as a: 0.4",
    "line 10: a 0.9000, told as a: 0.9",
  ]);
});

it("tells each row, in order, with the label that it has", async () => {
  const told: Prediction[] = [];
  await evaluateRows(modelOf(["a", "b"]), rows.slice(0, 2), "a", async (prediction) => {
    told.push(prediction);
  });
  expect(told).toEqual([
    {
      text: "a\t0.9000\ta",
      json: { line: 10, label: "a", probability: 0.9, probabilities: { a: 0.9, b: 1 - 0.9 }, expected: "a" },
    },
    {
      text: "b\t0.8000\ta",
      json: { line: 11, label: "b", probability: 0.8, probabilities: { a: 0.2, b: 0.8 }, expected: "a" },
    },
  ]);
});

it("of many rows the most doubtful are kept, of equal ones the earlier; of many labels the commonest are shown", async () => {
  const labels = Array.from({ length: 30 }, (_, at) => `l${at}`);
  const many = Array.from({ length: 300 }, (_, at): [string, string] => [
    labels[at % 7] as string,
    at === 250 ? `0 ${"long ".repeat(30)}` : "0.5",
  ]);
  const { details, lines = [] } = await evaluateRows(modelOf(labels), rowsOf(...many), "l0");
  const { doubtful } = details as { doubtful: { line: number }[] };
  expect(doubtful).toHaveLength(20);
  expect(doubtful.slice(0, 3).map(({ line }) => line)).toEqual([11, 12, 13]);
  expect(doubtful[0]).toEqual({
    ...{ line: 11, text: "0.5", expected: "l1" },
    likelihood: 0.5 / 29,
    label: "l0",
  });
  expect(lines.filter((line) => /^l\d+ /.test(line))).toHaveLength(20);
  expect(lines).toContain("and 10 more, in --json");
  expect(lines.some((line) => line.includes("told as l0"))).toBe(true);
  expect(lines.some((line) => line.startsWith("label, told as"))).toBe(false);
});

it("a text that is long, or has lines, stands in one short line", async () => {
  const [row] = rowsOf(["b\n", `0.9 ${"x".repeat(80)}`]);
  const { lines = [] } = await evaluateRows(modelOf(["a", "b\n"]), [row as (typeof rows)[0]], "a");
  expect(lines.at(-1)).toBe(`line 10: b\\u000a 0.1000, told as a: 0.9 ${"x".repeat(56)}...`);
});
