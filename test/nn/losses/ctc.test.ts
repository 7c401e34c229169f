// Connectionist temporal classification against the enumeration of all paths, its slopes, and what it leaves out and refuses.
import { describe, expect, test } from "vitest";
import { gradient } from "../../../src/gradient/index.ts";
import { type CtcLossOptions, ctcLoss } from "../../../src/nn/index.ts";
import { float32, int32 } from "../../../src/program/compile.ts";
import { zeros } from "../../../src/trace/functions.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import { checkGradient } from "../../gradient/check.ts";
import { onBackends } from "../../helpers/backends.ts";
import { expectNear } from "../../helpers/close.ts";
import { floats, integers, integerTensor, numbers, randomValue } from "../../helpers/values.ts";

const K = 3;

function pathsOf(steps: number): number[][] {
  if (steps === 0) return [[]];
  return pathsOf(steps - 1).flatMap((path) => [0, 1, 2].map((label) => [...path, label]));
}

/** What becomes of a path: classes that repeat are one, blanks are none. */
const labelsOf = (path: readonly number[], blank: number) =>
  path.filter((label, t) => label !== path[t - 1] && label !== blank);

/** -log p by definition, of the logits (T, B, K) of a row. */
function costOf(
  logits: ArrayLike<number>,
  row: number,
  rows: number,
  steps: number,
  target: number[],
  blank: number,
) {
  const at = (t: number, label: number) => Math.exp(logits[(t * rows + row) * K + label] as number);
  const probability = (t: number, label: number) => at(t, label) / (at(t, 0) + at(t, 1) + at(t, 2));
  const fitting = pathsOf(steps).filter((path) => labelsOf(path, blank).join() === target.join());
  const each = fitting.map((path) => path.reduce((product, label, t) => product * probability(t, label), 1));
  return -Math.log(each.reduce((sum, one) => sum + one, 0));
}

/** Rows of targets as (S, B), filled up with what does not count. */
function columns(rows: readonly number[][], filler: number) {
  const longest = Math.max(...rows.map((row) => row.length));
  const flat = Array.from({ length: longest }, (_, s) => rows.map((row) => row[s] ?? filler)).flat();
  return {
    targets: integers(flat, [longest, rows.length]),
    targetLengths: integers(rows.map((row) => row.length)),
  };
}

const types = {
  logits: float32("T", "B", K),
  targets: int32("S", "B"),
  lengths: int32("B"),
  targetLengths: int32("B"),
};
const run = (options: CtcLossOptions = {}) =>
  onBackends(({ logits, targets, lengths, targetLengths }) => {
    const loss = ctcLoss(logits as Tensor, targets as Tensor, { lengths, targetLengths, ...options });
    return [loss, gradient(loss, logits as Tensor)];
  }, types);

describe("connectionist temporal classification", () => {
  test.each([0, 1, 2])(
    "is the sum over all paths, with the blank %i and one program for all sizes",
    (blank) => {
      const [a, b] = [0, 1, 2].filter((label) => label !== blank) as [number, number];
      const program = run({ blank, reduction: "sum" });
      for (const [steps, rows, lengths] of [
        [6, [[a, b, b], [a], [b, b], []], [6, 5, 3, 4]],
        [4, [[a, b, a, b], [a, a], [b]], [4, 4, 1]],
        [1, [[a]], [1]],
        [3, [[], []], [3, 2]],
      ] as [number, number[][], number[]][]) {
        const logits = floats([steps, rows.length, K], steps);
        const expected = rows.map((row, at) =>
          costOf(logits.data, at, rows.length, lengths[at] as number, row, blank),
        );
        for (const filler of [-1, blank, a]) {
          const given = { logits, lengths: integers(lengths), ...columns(rows, filler) };
          for (const [loss] of program(given))
            expectNear(loss as number[], [expected.reduce((sum, one) => sum + one, 0)], 1e-5);
        }
      }
    },
  );

  test("its mean is over the rows; without lengths all steps and labels count", () => {
    const logits = floats([5, 2, K], 4);
    const rows = [
      [1, 2],
      [2, 2],
    ];
    const both = onBackends(({ logits, targets }) => ctcLoss(logits as Tensor, targets as Tensor), {
      logits: float32("T", "B", K),
      targets: int32("S", "B"),
    });
    const expected = rows.map((row, at) => costOf(logits.data, at, 2, 5, row, 0));
    for (const [loss] of both({ logits, targets: columns(rows, -1).targets }))
      expectNear(loss as number[], [((expected[0] as number) + (expected[1] as number)) / 2], 1e-5);
  });

  test("has the slopes of differences", () => {
    const targets = integerTensor(1, 2, 2, 2, 1, -1).reshape([3, 2]);
    const call = { lengths: integerTensor(7, 4), targetLengths: integerTensor(3, 2) };
    checkGradient(({ x }) => ctcLoss(x, targets, call), { x: randomValue([7, 2, K], 5) });
    checkGradient(({ x }) => ctcLoss(x, targets.slice(0, 0, 2), { reduction: "sum" }), {
      x: randomValue([4, 2, K], 6),
    });
  });

  test("neither reads what lies beyond the lengths, nor gives it a slope", () => {
    const [steps, lengths, rows] = [5, [2, 5], [[1], [2, 1]]];
    const { data } = floats([steps, 2, K], 8);
    const within = (at: number) => Math.floor(at / (2 * K)) < (lengths[Math.floor(at / K) % 2] as number);
    const holed = Float32Array.from(data, (one, at) => (within(at) ? one : Number.NaN));
    const call = { lengths: integers(lengths), ...columns(rows, -1) };
    const whole = run()({ logits: { data, shape: [steps, 2, K] }, ...call });
    const cut = run()({ logits: { data: holed, shape: [steps, 2, K] }, ...call });
    expect(cut).toEqual(whole);
    for (const [loss, slopes] of cut) {
      expect(loss?.[0]).toBeGreaterThan(0);
      for (const [at, slope] of (slopes as number[]).entries()) expect(slope !== 0).toBe(within(at));
    }
  });

  test("labels that do not fit into the steps cost 1e30, or are left out, and pull at nothing", () => {
    const logits = floats([3, 2, K], 2);
    // 1 1 needs a blank between.
    const given = {
      logits,
      lengths: integers([3, 2]),
      ...columns(
        [
          [1, 2],
          [1, 1],
        ],
        -1,
      ),
    };
    const alone = costOf(logits.data, 0, 2, 3, [1, 2], 0);
    const visible = run({ reduction: "sum" })(given);
    const ignored = run({ ignoreImpossible: true })(given);
    for (const [at, [loss, slopes]] of visible.entries()) {
      expectNear(loss as number[], [1e30], 1e-6);
      expect((slopes as number[]).every(Number.isFinite)).toBe(true);
      const ofSecond = (slopes as number[]).filter((_, place) => Math.floor(place / K) % 2 === 1);
      expect(ofSecond.every((slope) => slope === 0)).toBe(true);
      expectNear(ignored[at]?.[0] as number[], [alone], 1e-5);
      expect(ignored[at]?.[1]).toEqual(slopes);
    }
    const none = { ...given, lengths: integers([1, 2]) };
    for (const [loss, slopes] of run({ ignoreImpossible: true })(none)) {
      expect(loss).toEqual([0]);
      expect((slopes as number[]).every((slope) => slope === 0)).toBe(true);
    }
  });

  test("does not overflow, nor lose a path that is nearly impossible", () => {
    const steps = 300;
    const data = Float32Array.from({ length: steps * K }, (_, at) => (at % K === 0 ? 100 : 0));
    const given = {
      logits: { data, shape: [steps, 1, K] },
      lengths: integers([steps]),
      ...columns([[1, 2]], -1),
    };
    // The least improbable paths leave the blank twice, for a step each: 300 * 299 / 2 of them.
    for (const [loss, slopes] of run()(given)) {
      expectNear(loss as number[], [200 - Math.log((steps * (steps - 1)) / 2)], 1e-5);
      expect((slopes as number[]).every(Number.isFinite)).toBe(true);
    }
  });

  test("is learnt by: steps down the slope make the targets probable", () => {
    const program = run();
    let data = Float32Array.from(numbers(8 * K, 3));
    const call = { lengths: integers([8]), ...columns([[2, 2, 1]], -1) };
    for (let step = 0; step < 200; step++) {
      const [, [, slopes]] = program({ logits: { data, shape: [8, 1, K] }, ...call }) as [
        unknown,
        number[][],
      ];
      data = data.map((one, at) => one - 2 * (slopes?.[at] as number));
    }
    for (const [loss] of program({ logits: { data, shape: [8, 1, K] }, ...call }))
      expect(loss?.[0]).toBeLessThan(0.05);
  });

  test("a blank or -1 within the labels makes it NaN, a number that is no class is refused", () => {
    const call = { logits: floats([4, 1, K], 1), lengths: integers([4]) };
    for (const wrong of [0, -1]) {
      const given = { ...call, targets: integers([1, wrong], [2, 1]) };
      for (const [loss] of run()({ ...given, targetLengths: integers([2]) }))
        expect(loss).toEqual([Number.NaN]);
      for (const [loss] of run()({ ...given, targetLengths: integers([1]) }))
        expect(loss?.[0]).toBeGreaterThan(0);
    }
    const given =
      (target: number, count: number, length = 4) =>
      () =>
        run()({
          ...call,
          lengths: integers([length]),
          targets: integers([target], [1, 1]),
          targetLengths: integers([count]),
        });
    expect(given(K, 1)).toThrow("3 given at 0 ([0][0]), 0 to 2");
    expect(given(1, 2)).toThrow("2 given at 0, 0 to S = 1 expected");
    expect(given(1, 1, 5)).toThrow("5 given at 0, 1 to T = 4 expected");
    expect(given(1, 1, 0)).toThrow("0 given at 0, 1 to T = 4 expected");
  });

  test("refuses shapes and options that do not fit", () => {
    const [x, y] = [zeros(["T", "B", K]), zeros(["S", "B"], "int32")];
    const short = zeros(["S"], "int32");
    expect(() => ctcLoss(x, zeros(["S", "C"], "int32"))).toThrow(
      "ctcLoss: float32 (T, B, 3) and int32 (S, C) given, float32 (T, B, K) and int32 (S, B) expected",
    );
    expect(() => ctcLoss(x, zeros(["S", "B"]))).toThrow("int32 (S, B) expected");
    expect(() => ctcLoss(x.at(0, 0), y)).toThrow("float32 (T, B, K)");
    expect(() => ctcLoss(x, y, { lengths: short })).toThrow(
      "ctcLoss: lengths int32 (S) given, int32 (B) expected",
    );
    expect(() => ctcLoss(x, y, { targetLengths: short })).toThrow(
      "ctcLoss: targetLengths int32 (S) given, int32 (B) expected",
    );
    for (const blank of [-1, 3, 0.5, "0" as never]) {
      expect(() => ctcLoss(x, y, { blank })).toThrow(
        /^ctcLoss: blank .* given, a class from 0 to 2 expected/,
      );
    }
    expect(() => ctcLoss(x, y, { reduction: "none" as never })).toThrow("mean, sum expected");
  });
});
