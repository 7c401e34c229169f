// Reductions that are compositions: their values against plain loops, their gradients, and what is refused.
import { describe, expect, test } from "vitest";
import { reference } from "../../src/backends/reference/index.ts";
import { ShapeError } from "../../src/errors.ts";
import { gradient } from "../../src/gradient/index.ts";
import { compile, float32, int32, value } from "../../src/program/compile.ts";
import type { ReductionOptions } from "../../src/trace/axes.ts";
import { zeros } from "../../src/trace/functions.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { checkGradient } from "../gradient/check.ts";
import { onBackends } from "../helpers/backends.ts";
import { expectClose, expectNear } from "../helpers/close.ts";
import { floats, integers, randomValue, rowsOf } from "../helpers/values.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
const [T, N] = [3, 7];
const x = floats([T, N], 4);
const rows = rowsOf(x);
const ofRows = (build: (x: Tensor) => Tensor | Tensor[]) =>
  onBackends(({ x: tensor }) => build(tensor as Tensor), { x: float32("T", "N") });

describe("the smallest number", () => {
  test("of any axes, also of whole numbers at both ends of int32", () => {
    for (const results of ofRows((t) => [t.min(1), t.min(), t.min(0, { keep: true })])({ x })) {
      expectClose(
        results[0],
        rows.map((row) => Math.min(...row)),
      );
      expectClose(results[1], [Math.min(...rows.flat())]);
      expectClose(
        results[2],
        rows[0]?.map((_, at) => Math.min(...rows.map((row) => row[at] as number))) ?? [],
      );
    }
    const [least, most] = [-(2 ** 31), 2 ** 31 - 1];
    const run = onBackends(({ i }) => (i as Tensor).min(1), { i: int32("T", 3) });
    for (const [given] of run({ i: integers([5, least, 7, most, 3, most, most, most, most], [3, 3]) }))
      expect(given).toEqual([least, 3, most]);
  });
  test("is NaN where one is; its gradient falls to equal parts on equal numbers", () => {
    for (const [given] of ofRows((t) => t.min(1))({ x: value(Float32Array.of(1, nan, 0, -1), [2, 2]) }))
      expect(given).toEqual([nan, -1]);
    const run = ofRows((t) => gradient(t.min(1).sum(), t));
    for (const [given] of run({ x: value(Float32Array.of(1, -2, -2, 0, 3, 4), [2, 3]) }))
      expectClose(given, [0, 0.5, 0.5, 1, 0, 0]);
    checkGradient(({ x: t }) => t.min(-1).square().sum(), { x: randomValue([3, 5]) });
  });
});

describe("the place of the largest and of the smallest number", () => {
  /** By definition: the first that no other one exceeds; NaN exceeds all. */
  const first = (row: readonly number[], exceeds: (a: number, b: number) => boolean) =>
    row.findIndex(
      (own) => Number.isNaN(own) || !row.some((other) => Number.isNaN(other) || exceeds(other, own)),
    );
  const cases: Record<string, readonly number[]> = {
    random: rows.flat(),
    equal: [1, 2, 2, 0, 2, 0, 1, ...Array(N).fill(3), 0, -0, 0, -0, 0, -0, 0],
    "NaN among them": [1, nan, 9, nan, -9, 0, 1, nan, 1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6, nan],
    infinite: [
      -infinity,
      ...Array(6).fill(-infinity),
      1,
      infinity,
      2,
      infinity,
      -infinity,
      0,
      0,
      ...Array(7).fill(infinity),
    ],
  };
  test.each(Object.entries(cases))("%s", (_, numbers) => {
    const given = value(Float32Array.from(numbers), [T, N]);
    for (const [largest, smallest] of ofRows((t) => [t.argmax(), t.argmin(1)])({ x: given })) {
      expect(largest).toEqual(rowsOf(given).map((row) => first(row, (a, b) => a > b)));
      expect(smallest).toEqual(rowsOf(given).map((row) => first(row, (a, b) => a < b)));
    }
  });
  test("along another axis, kept, and of whole numbers", () => {
    const run = onBackends(({ i }) => [(i as Tensor).argmax(0, { keep: true }), (i as Tensor).argmin(-2)], {
      i: int32("T", "N"),
    });
    const least = -(2 ** 31);
    for (const [largest, smallest] of run({ i: integers([4, least, 2, 4, 5, 2], [2, 3]) })) {
      expect(largest).toEqual([0, 1, 0]);
      expect(smallest).toEqual([0, 0, 0]);
    }
    expect(zeros([2, "N"]).argmax(0, { keep: true }).shape).toEqual([1, "N"]);
    expect(zeros([2, "N"]).argmax().dtype).toBe("int32");
  });
  test("there is none among no numbers", () => {
    expect(() => zeros([2, 0]).argmax()).toThrow("argmax: axis 1 of (2, 0) has no elements, at ");
    const run = compile((t) => t.argmin(), { inputs: float32("T", "N"), backend: reference });
    expect(() => run(value(new Float32Array(0), [2, 0]))).toThrow(
      new ShapeError("slice: N-1 to N of axis 0 lies outside of (N) where T = 2, N = 0"),
    );
    expect(() => zeros([2]).less(1).argmax()).toThrow("max: bool given");
  });
});

describe("variance", () => {
  const varianceOf = (numbers: readonly number[], less = 0) => {
    const mean = numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
    return numbers.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (numbers.length - less);
  };
  test("is that of all numbers, or of a sample", () => {
    const build = (t: Tensor) => [
      t.variance(1),
      t.variance(1, { sample: true, keep: true }),
      t.variance(),
      t.variance(undefined, { sample: true }),
    ];
    for (const [each, sample, all, allSample] of ofRows(build)({ x })) {
      expectNear(
        each as number[],
        rows.map((row) => varianceOf(row)),
        1e-6,
      );
      expectNear(
        sample as number[],
        rows.map((row) => varianceOf(row, 1)),
        1e-6,
      );
      expectNear(all as number[], [varianceOf(rows.flat())], 1e-6);
      expectNear(allSample as number[], [varianceOf(rows.flat(), 1)], 1e-6);
    }
    expect(zeros(["T", "N"]).variance(1, { keep: true }).shape).toEqual(["T", 1]);
  });
  test("does not lose what is far from 0", () => {
    const far = Float32Array.from({ length: 1000 }, (_, at) => 1e6 + (at % 5));
    for (const [given] of ofRows((t) => t.variance(1))({ x: value(far, [1, 1000]) }))
      expectClose(given, [2], 4);
  });
  test("has a gradient that agrees with central differences", () => {
    for (const sample of [false, true])
      checkGradient(({ x: t }) => t.variance(1, { sample }).square().sum(), { x: randomValue([3, 5]) });
  });
  test("refuses no numbers, and one of a sample", () => {
    expect(() => zeros([2, 0]).variance(1)).toThrow("variance: axis 1 of (2, 0) has no elements, at ");
    expect(() => zeros([2, 1]).variance(1, { sample: true })).toThrow(
      "variance: one number of (2, 1) given for a sample, two expected, at ",
    );
    const run = compile((t) => t.variance(1, { sample: true }), {
      inputs: float32("T", "N"),
      backend: reference,
    });
    expect(() => run(value(new Float32Array(2), [2, 1]))).toThrow("N-1 is 0 where T = 2, N = 1");
  });
});

describe("log sum exp", () => {
  const of = (row: readonly number[]) => {
    const top = Math.max(...row);
    return Math.abs(top) === infinity
      ? top
      : top + Math.log(row.reduce((sum, one) => sum + Math.exp(one - top), 0));
  };
  const softmaxOf = (row: readonly number[]) => {
    const powers = row.map((one) => Math.exp(one - Math.max(...row)));
    return powers.map((power) => power / powers.reduce((sum, one) => sum + one, 0));
  };
  const run = ofRows((t) => [t.logSumExp(1), gradient(t.logSumExp(1).sum(), t)]);
  test("is right for large, small and infinite numbers, and its gradient is softmax, or 0 where it is infinite", () => {
    const numbers = [
      [0, 1, 2],
      [1000, 1000, -1000],
      [-1e30, -1e30, -1e30],
      [-infinity, 3, -infinity],
      [-infinity, -infinity, -infinity],
      [infinity, 0, -infinity],
    ];
    for (const [given, slope] of run({ x: value(Float32Array.from(numbers.flat()), [6, 3]) })) {
      expect(given?.slice(4)).toEqual([-infinity, infinity]);
      expectNear(given?.slice(0, 4) as number[], numbers.slice(0, 4).map(of), 1e-6);
      const softmax = numbers.slice(0, 4).flatMap((row) => softmaxOf(row));
      expectNear(slope?.slice(0, 12) as number[], softmax, 1e-6);
      expect(slope?.slice(12)).toEqual([0, 0, 0, 0, 0, 0]);
    }
  });
  test("over all axes or several, kept or not; NaN stays", () => {
    const build = (t: Tensor) => [t.logSumExp(), t.logSumExp([0, 1], { keep: true }), t.logSumExp(0)];
    for (const [all, kept, columns] of ofRows(build)({ x })) {
      expectNear(all as number[], [of(rows.flat())], 1e-6);
      expect(kept).toEqual(all);
      expect(columns).toHaveLength(N);
    }
    expect(zeros(["T", "N"]).logSumExp([0, 1], { keep: true }).shape).toEqual([1, 1]);
    for (const [given, slope] of run({ x: value(Float32Array.of(0, nan), [1, 2]) })) {
      expect(given).toEqual([nan]);
      expect(slope).toEqual([0, 0]);
    }
  });
  test("has a gradient that agrees with central differences, and so has that", () => {
    checkGradient(({ x: t }) => t.logSumExp(1).square().sum(), { x: randomValue([3, 5]) });
    checkGradient(({ x: t }) => gradient(t.logSumExp().square(), t).square().sum(), { x: randomValue([4]) });
  });
});

test("options are checked", () => {
  const t = zeros(["T", 3]);
  const wrong = { keeps: true } as ReductionOptions;
  for (const [name, call] of Object.entries({
    min: () => t.min(0, wrong),
    argmax: () => t.argmax(0, wrong),
    argmin: () => t.argmin(0, wrong),
    variance: () => t.variance(0, wrong),
    logSumExp: () => t.logSumExp(0, wrong),
  }))
    expect(call).toThrow(`${name}: option keeps is unknown: did you mean keep?`);
});
