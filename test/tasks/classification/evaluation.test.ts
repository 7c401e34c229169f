// What an evaluation tells of a classifier: the figures of each label, what was taken for what, and rows that are doubted.
import { expect, it } from "vitest";
import { evaluateRows } from "../../../src/tasks/classification/evaluation.ts";
import type { Content, Input } from "../../../src/tasks/classification/inputs/input.ts";
import type { Prediction } from "../../../src/tasks/task.ts";

/** Finds "a" as likely as the number in a text says. */
const modelOf = (labels: readonly string[]) => ({
  ...{ labels, several: false, temperature: 1 },
  scores: (texts: readonly Content[]) =>
    Float64Array.from(
      texts.flatMap((text) => {
        const first = Number.parseFloat(text as string);
        return labels.map((_, at) => Math.log(at === 0 ? first : (1 - first) / (labels.length - 1)));
      }),
    ),
  input: { print: (content: Content, characters: number) => String(content).slice(0, characters) } as Input,
});
const rowsOf = (...rows: [label: string, text: string][]) =>
  rows.map(([label, content], at) => ({ line: 10 + at, place: `line ${10 + at}`, labels: [label], content }));
const rows = rowsOf(
  ["a", "0.9"],
  ["a", "0.2"],
  ["b", "0.4"],
  ["b", "0.75 of it"],
  ["new", "0.7"],
  ["a", "1"],
);

it("each label, what was taken for what, and labels that are not known", async () => {
  const { measures, details, lines } = await evaluateRows(modelOf(["a", "b", "c"]), rows, ["a"]);
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

const about = (number: number) => expect.closeTo(number, 12) as number;

it("tells each row, in order, with the label that it has", async () => {
  const told: Prediction[] = [];
  await evaluateRows(modelOf(["a", "b"]), rows.slice(0, 2), ["a"], async (prediction) => {
    told.push(prediction);
  });
  expect(told).toEqual([
    {
      text: "a\t0.9000\ta",
      json: {
        line: 10,
        text: "0.9",
        label: "a",
        probability: about(0.9),
        probabilities: { a: about(0.9), b: about(0.1) },
        expected: "a",
      },
    },
    {
      text: "b\t0.8000\ta",
      json: {
        line: 11,
        text: "0.2",
        label: "b",
        probability: about(0.8),
        probabilities: { a: about(0.2), b: about(0.8) },
        expected: "a",
      },
    },
  ]);
});

it("of many rows the most doubtful are kept, of equal ones the earlier; of many labels the commonest are shown", async () => {
  const labels = Array.from({ length: 30 }, (_, at) => `l${at}`);
  const many = Array.from({ length: 300 }, (_, at): [string, string] => [
    labels[at % 7] as string,
    at === 250 ? `0 ${"long ".repeat(30)}` : "0.5",
  ]);
  const { details, lines = [] } = await evaluateRows(modelOf(labels), rowsOf(...many), ["l0"]);
  const { doubtful } = details as { doubtful: { line: number }[] };
  expect(doubtful).toHaveLength(20);
  expect(doubtful.slice(0, 3).map(({ line }) => line)).toEqual([11, 12, 13]);
  expect(doubtful[0]).toEqual({
    ...{ line: 11, place: "line 11", text: "0.5", expected: "l1" },
    likelihood: about(0.5 / 29),
    label: "l0",
  });
  expect(lines.filter((line) => /^l\d+ /.test(line))).toHaveLength(20);
  expect(lines).toContain("and 10 more, in --json");
  expect(lines.some((line) => line.includes("told as l0"))).toBe(true);
  expect(lines.some((line) => line.startsWith("label, told as"))).toBe(false);
});

it("a text that is long, or has lines, stands in one short line", async () => {
  const [row] = rowsOf(["b\n", `0.9 ${"x".repeat(80)}`]);
  const { lines = [] } = await evaluateRows(modelOf(["a", "b\n"]), [row as (typeof rows)[0]], ["a"]);
  expect(lines.at(-1)).toBe(`line 10: b\\u000a 0.1000, told as a: 0.9 ${"x".repeat(56)}...`);
});

it("rows with several labels: each label, all together, and the row whose least likely answer is least likely", async () => {
  const model = {
    ...modelOf(["x", "y"]),
    several: true,
    scores: (texts: readonly Content[]) =>
      Float64Array.from(
        texts.flatMap((text) =>
          String(text)
            .split(" ")
            .map((p) => Math.log(Number(p) / (1 - Number(p)))),
        ),
      ),
  };
  const given = [
    { line: 1, place: "line 1", labels: ["x", "y"], content: "0.9 0.8" },
    { line: 2, place: "line 2", labels: [], content: "0.2 0.6" },
    { line: 3, place: "line 3", labels: ["x"], content: "0.7 0.3" },
    { line: 4, place: "line 4", labels: ["x", "new"], content: "0.7 0.3" },
  ];
  const told: Prediction[] = [];
  const { measures, details, lines } = await evaluateRows(model, given, ["x"], async (one) => {
    told.push(one);
  });
  expect(measures).toMatchObject({
    rows: 4,
    accuracy: 2 / 4,
    baseline: 1 / 4,
    unknown: 1,
    f1: about((1 + 2 / 3) / 2),
  });
  expect(measures.microF1).toBeCloseTo((2 * 4) / (5 + 4), 12);
  const chances = [0.9, 0.8, 0.8, 0.4, 0.7, 0.7, 0.7, 0.7];
  expect(measures.loss).toBeCloseTo(chances.reduce((sum, p) => sum - Math.log(p), 0) / 8, 10);
  expect(told[0]).toEqual({
    text: "x\t0.9000\ty\t0.8000\tx y",
    json: {
      line: 1,
      text: "0.9 0.8",
      ...{ label: "x", probability: about(0.9), probabilities: { x: about(0.9), y: about(0.8) } },
      ...{ labels: ["x", "y"], expected: ["x", "y"] },
    },
  });
  expect(details).toMatchObject({
    labels: { x: { rows: 3, recall: 1 }, y: { rows: 1, precision: 1 / 2 } },
    unknownLabels: { new: 1 },
    doubtful: [
      { line: 4, likelihood: 0 },
      { line: 2, likelihood: about(0.4), expected: [], label: ["y"] },
      { line: 3 },
      { line: 1 },
    ],
  });
  expect(lines).toContain("line 2: no label 0.4000, told as y: 0.2 0.6");
});

it("a model that tells the same of everything is said to", async () => {
  const many = rowsOf(
    ...Array.from({ length: 20 }, (_, at): [string, string] => [at % 2 ? "a" : "b", "0.9"]),
  );
  expect((await evaluateRows(modelOf(["a", "b"]), many, ["a"])).warning).toContain(
    "every row is told as a: ",
  );
  const same = rowsOf(...Array.from({ length: 20 }, (): [string, string] => ["a", "0.9"]));
  expect((await evaluateRows(modelOf(["a", "b"]), same, ["a"])).warning).toBeUndefined();
});
