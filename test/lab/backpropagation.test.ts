import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { backpropagation } from "../../src/lab/backpropagation/index.ts";
import { type Lesson, lossByHand, workOut } from "../../src/lab/backpropagation/lesson.ts";
import { printed } from "../../src/lab/backpropagation/printed.ts";
import { figureSvg, printRun, runExperiment } from "../../src/lab/index.ts";

const context = { backend: undefined, signal: undefined, progress() {} };
const example = { w1: 1.8, w2: -0.5, w3: 1.1, b1: 0, b2: 0, target: 1 };

/** All that a network of three steps has, by the chain rule written out. */
function byHand(
  { w1, w2, w3, b1, b2, target }: typeof example,
  [x1, x2, x3]: readonly [number, number, number],
) {
  const z1 = w1 * x1 + b1;
  const h1 = Math.max(z1, 0);
  const z2 = w1 * x2 + w2 * h1 + b1;
  const h2 = Math.max(z2, 0);
  const z3 = w1 * x3 + w2 * h2 + b1;
  const h3 = Math.max(z3, 0);
  const y = w3 * h3 + b2;
  const [s1, s2, s3] = [z1, z2, z3].map((z) => Number(z > 0)) as [number, number, number];
  const dy = 2 * (y - target);
  const dh3 = dy * w3;
  const [d2, d1] = [w2 * s3, w2 * s3 * w2 * s2];
  return {
    values: { z: [z1, z2, z3], h: [h1, h2, h3], y, loss: (y - target) ** 2 },
    paths: [d1, d2, 1],
    terms: {
      w1: [dh3 * d1 * s1 * x1, dh3 * d2 * s2 * x2, dh3 * s3 * x3],
      w2: [0, dh3 * d2 * s2 * h1, dh3 * s3 * h2],
      b1: [dh3 * d1 * s1, dh3 * d2 * s2, dh3 * s3],
    },
    implicit: { w1: [0, s2 * w2 * s1 * x1, s3 * w2 * (s2 * x2 + s2 * w2 * s1 * x1)] },
    direct: { w3: dy * h3, b2: dy },
  };
}

function expectClose(found: unknown, expected: unknown): void {
  const flat = (tree: unknown): number[] =>
    typeof tree === "number" ? [tree] : Object.values(tree as object).flatMap(flat);
  expect(flat(found)).toHaveLength(flat(expected).length);
  flat(expected).forEach((number, at) => {
    expect(flat(found)[at]).toBeCloseTo(number, 5);
  });
}

describe("the lesson", () => {
  const cases: Record<string, [typeof example, readonly [number, number, number]]> = {
    "yesterday and today, and the day between": [example, [0.5, 1, 0.5]],
    "with biases, and a feedback that adds": [
      { ...example, w2: 0.6, b1: 0.2, b2: -0.3, target: 5 },
      [1, 0.5, 1],
    ],
    "a unit that is closed in the middle": [{ ...example, w2: -2 }, [1, 0.5, 1]],
  };
  for (const [name, [settings, x]] of Object.entries(cases)) {
    test(`has the numbers of the chain rule written out: ${name}`, () => {
      const expected = byHand(settings, x);
      const found = workOut({ ...settings, x }, context);
      for (const part of ["values", "paths", "terms"] as const) expectClose(found[part], expected[part]);
      expectClose(found.implicit.w1, expected.implicit.w1);
      expectClose([found.direct.w3, found.direct.b2], [expected.direct.w3, expected.direct.b2]);
      expectClose(
        found.gradients.h.at(-1),
        expected.terms.b1[2] === 0 ? found.gradients.h[2] : expected.terms.b1[2],
      );
      expectClose(found.training, found.sum);
      expectClose(found.nudged, found.sum);
      expect(lossByHand({ ...settings, x })).toBeCloseTo(expected.values.loss, 10);
    });
  }
});

describe("the experiment", () => {
  test("gives 1.485 of 0.5 yesterday and 1 today, and all of it holds", async () => {
    const run = await runExperiment(backpropagation);
    expect(run.checks.map(({ holds }) => holds)).toEqual([true, true, true]);
    const lines = printRun(run);
    for (const line of [
      /^y = w3 h \+ b2 +1\.485$/,
      /^h = relu\(z\) +0\.9 +1\.35$/,
      /^w1 +1 +1\.067 +−0\.5 +0\.5 +−0\.26675$/,
      /^w1 +2 +1\.067 +1 +1 +1\.067$/,
      /^w1 +0\.80025 +0\.80025 +0\.80025$/,
    ]) {
      expect(lines.find((text) => line.test(text))).toBeDefined();
    }
    const svg = await figureSvg(run.figure);
    expect(svg).toContain("<svg");
    expect(run.figure.graph?.nodes.map(({ forwards }) => forwards)).toContain("1.485");
    expect((run.trials[0] as unknown as { measured: Lesson }).measured.values.y).toBeCloseTo(1.485, 6);
  });

  test("takes steps, inputs and weights", async () => {
    const run = await runExperiment(backpropagation, { settings: { steps: 5, w2: 0.3, b1: -0.2 } });
    expect(run.checks.every(({ holds }) => holds)).toBe(true);
    expect(run.tables[0]?.columns).toHaveLength(6);
    expect(run.tables[0]?.rows[0]).toEqual(["x", "0.5", "1", "0.5", "1", "0.5"]);
    await expect(runExperiment(backpropagation, { settings: { steps: 13 } })).rejects.toThrow(UsageError);
    await expect(runExperiment(backpropagation, { settings: { w4: 1 } })).rejects.toThrow(/w4/);
  });
});

test("numbers are printed as on paper", () => {
  expect([1.7999999523, -0.26675, 0, -1e-12, 1234567].map(printed)).toEqual([
    "1.8",
    "−0.26675",
    "0",
    "0",
    "1234570",
  ]);
});
