// Losses of numbers against plain arithmetic, with masks, at the edges, and their gradients.
import { describe, expect, test } from "vitest";
import { DataError, UsageError } from "../../../src/errors.ts";
import { gradient } from "../../../src/gradient/index.ts";
import {
  huberLoss,
  isWithin,
  meanAbsoluteError,
  meanSquaredError,
  type RegressionLossOptions,
} from "../../../src/nn/index.ts";
import { compile, float32, int32, value } from "../../../src/program/compile.ts";
import { range, zeros } from "../../../src/trace/functions.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import { checkGradient } from "../../gradient/check.ts";
import { backends, onBackends } from "../../helpers/backends.ts";
import { expectNear } from "../../helpers/close.ts";
import { floats, integers, randomValue } from "../../helpers/values.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
const delta = 0.3;

interface Loss {
  readonly apply: (a: Tensor, b: Tensor, options?: RegressionLossOptions) => Tensor;
  readonly cost: (error: number) => number;
}
const losses: Readonly<Record<string, Loss>> = {
  meanSquaredError: { apply: meanSquaredError, cost: (error) => error ** 2 },
  meanAbsoluteError: { apply: meanAbsoluteError, cost: Math.abs },
  huberLoss: {
    apply: (a, b, options) => huberLoss(a, b, { ...options, delta }),
    cost: (error) => (Math.abs(error) <= delta ? error ** 2 / 2 : delta * (Math.abs(error) - delta / 2)),
  },
};
const [T, B, N] = [3, 4, 2];
const [a, b] = [floats([T, B, N], 1), floats([T, B, N], 2)];
const total = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0);

describe.each(Object.entries(losses))("%s", (name, { apply, cost }) => {
  const errors = Array.from(a.data, (own, at) => own - (b.data[at] as number));
  const types = { a: float32("T", "B", "N"), b: float32("T", "B", "N") };
  const both = (options?: RegressionLossOptions) =>
    onBackends((given) => {
      const [predictions, targets] = [given.a, given.b] as [Tensor, Tensor];
      const loss = apply(predictions, targets, options);
      return [loss, gradient(loss, predictions), gradient(loss, targets)];
    }, types);
  test("is the mean, or the sum, over all elements", () => {
    const costs = errors.map(cost);
    for (const [loss] of both()({ a, b })) expectNear(loss as number[], [total(costs) / costs.length], 1e-6);
    for (const [loss] of both({ reduction: "sum" })({ a, b }))
      expectNear(loss as number[], [total(costs)], 1e-6);
  });
  test("has a gradient that agrees with central differences", () => {
    const inputs = { a: randomValue([3, 4], 1), b: randomValue([3, 4], 2) };
    checkGradient((given) => apply(given.a as Tensor, given.b as Tensor), inputs);
    checkGradient(
      ({ a: x, b: y }) => apply(x as Tensor, y as Tensor, { mask: (x as Tensor).stopGradient().less(0.2) }),
      inputs,
    );
  });
  test("counts what a mask says, over all axes or the leading ones, and sees nothing else", () => {
    const lengths = integers([3, 1, 2, 1]);
    const counts = (at: number) =>
      Math.floor(at / (B * N)) < (lengths.data[Math.floor(at / N) % B] as number);
    const costs = errors.filter((_, at) => counts(at)).map(cost);
    for (const garbage of [nan, infinity, -infinity]) {
      const spoilt = (of: typeof a) =>
        value(
          Float32Array.from(of.data, (own, at) => (counts(at) ? own : garbage)),
          of.shape,
        );
      for (const backend of backends) {
        for (const reduction of ["mean", "sum"] as const) {
          const run = compile(
            ({ a: x, b: y, lengths: ends }) => {
              const loss = apply(x, y, { reduction, mask: isWithin(ends, "T") });
              return { loss, slopes: gradient(loss, [x, y]) };
            },
            { inputs: { ...types, lengths: int32("B") }, backend },
          );
          const { loss, slopes } = run({ a: spoilt(a), b: spoilt(b), lengths });
          expectNear(loss.data, [total(costs) / (reduction === "sum" ? 1 : costs.length)], 1e-6);
          for (const { data } of slopes) {
            for (const [at, slope] of data.entries()) expect(slope !== 0, `${at}`).toBe(counts(at));
          }
        }
      }
    }
  });
  test("weighs elements, over all axes or the leading ones, and leaves out those that weigh nothing", () => {
    const weights = [2, 0, 0.5];
    const spoilt = (of: typeof a) =>
      value(
        Float32Array.from(of.data, (own, at) => (Math.floor(at / (B * N)) === 1 ? nan : own)),
        of.shape,
      );
    const isCounted = (at: number) => at % N === 0;
    for (const masked of [false, true]) {
      const weightOf = (at: number) =>
        masked && !isCounted(at) ? 0 : (weights[Math.floor(at / (B * N))] as number);
      const sum = total(errors.map((error, at) => weightOf(at) * cost(error)));
      const weight = total(errors.map((_, at) => weightOf(at)));
      for (const [reduction, expected] of [
        ["mean", sum / weight],
        ["sum", sum],
      ] as const) {
        const run = onBackends(
          (given) => {
            const [x, y, w] = [given.a, given.b, given.w] as [Tensor, Tensor, Tensor];
            const mask = masked ? range("N").equal(0).broadcastTo(["T", "B", "N"]) : undefined;
            const loss = apply(x, y, { weights: w, reduction, mask });
            return [loss, gradient(loss, x)];
          },
          { ...types, w: float32("T") },
        );
        for (const [loss, slope] of run({
          a: spoilt(a),
          b: spoilt(b),
          w: value(Float32Array.from(weights), [T]),
        })) {
          expectNear(loss as number[], [expected], 1e-6);
          for (const [at, one] of (slope as number[]).entries())
            expect(one !== 0, `${at}`).toBe(weightOf(at) !== 0);
        }
      }
    }
  });
  test("is 0 where all weigh nothing, and refuses weights that are none", () => {
    const run = onBackends((given) => apply(given.a as Tensor, given.b as Tensor, { weights: given.w }), {
      ...types,
      w: float32("T", "B"),
    });
    const w = (fill: number) => value(new Float32Array(T * B).fill(fill), [T, B]);
    for (const [loss] of run({ a, b, w: w(0) })) expect(loss).toEqual([0]);
    for (const wrong of [-1, nan])
      expect(() => run({ a, b, w: w(wrong) })).toThrow(
        new DataError(`input w: ${wrong} given at 0 ([0][0]), 0 to Infinity expected`),
      );
    const x = zeros(["T", "B", 2]);
    expect(() => apply(x, x, { weights: zeros(["B"]) })).toThrow(
      `${name}: weights float32 (B) given, float32 over all axes of (T, B, 2) or the leading ones expected, at `,
    );
    expect(() => apply(x, x, { weights: x.less(1) })).toThrow(`${name}: weights bool (T, B, 2) given`);
    expect(() => apply(x, x, { weights: [1] as never })).toThrow(`${name}: weights: an array of 1 given`);
  });
  test("leaves out missing targets, and is 0 where none is left", () => {
    const run = onBackends(
      (given) => {
        const [x, y] = [given.a, given.b] as [Tensor, Tensor];
        const loss = apply(x, y, { mask: y.equal(y) });
        return [loss, gradient(loss, x)];
      },
      { a: float32("N"), b: float32("N") },
    );
    const x = value(Float32Array.of(1, 2, 3), [3]);
    for (const [loss, slope] of run({ a: x, b: value(Float32Array.of(nan, 4, nan), [3]) })) {
      expectNear(loss as number[], [cost(-2)], 1e-6);
      expect([slope?.[0], slope?.[2]]).toEqual([0, 0]);
    }
    for (const [loss, slope] of run({ a: x, b: value(Float32Array.of(nan, nan, nan), [3]) })) {
      expect(loss).toEqual([0]);
      expect(slope?.every((one) => one === 0)).toBe(true);
    }
  });
  test("is NaN for a target that is NaN and counts, and infinite for one that is", () => {
    for (const [target, expected] of [
      [nan, nan],
      [infinity, infinity],
    ] as const) {
      const run = onBackends((given) => apply(given.a as Tensor, given.b as Tensor), {
        a: float32(2),
        b: float32(2),
      });
      for (const [loss] of run({ a: floats([2]), b: value(Float32Array.of(0, target), [2]) }))
        expect(loss).toEqual([expected]);
    }
  });
  test("has the gradient 0 where prediction and target are equal", () => {
    const same = value(Float32Array.of(0.5, -2, 0), [1, 1, 3]);
    for (const [loss, ...slopes] of both()({ a: same, b: same })) {
      expect(loss).toEqual([0]);
      for (const slope of slopes) expectNear(slope, [0, 0, 0], 1e-12);
    }
  });
  test("refuses shapes that differ, a mask that is none, and an unknown reduction", () => {
    expect(() => apply(zeros(["T", 4]), zeros(["T", 1]))).toThrow(
      `${name}: float32 (T, 4) and float32 (T, 1) given, two float32 tensors of one shape expected, at `,
    );
    const x = zeros(["T", "B", 2]);
    for (const [mask, printed] of [
      [zeros(["T", "B"]), "float32 (T, B)"],
      [zeros(["B"]).less(1), "bool (B)"],
      [zeros(["T", "B", 1]).less(1), "bool (T, B, 1)"],
    ] as const)
      expect(() => apply(x, x, { mask })).toThrow(
        `${name}: mask ${printed} given, bool over all axes of (T, B, 2) or the leading ones expected, at `,
      );
    expect(() => apply(x, x, { mask: [true] as never })).toThrow(`${name}: mask: an array of 1 given`);
    expect(() => apply(x, x, { reduction: "none" as never })).toThrow(
      `${name}: reduction "none" given, mean, sum expected`,
    );
  });
});

test("the width of Huber's loss has to be positive", () => {
  const x = zeros(["T"]);
  for (const wrong of [0, -1, nan, infinity, "1" as never])
    expect(() => huberLoss(x, x, { delta: wrong })).toThrow(UsageError);
  expect(() => huberLoss(x, x, { delta: 0 })).toThrow("huberLoss: delta 0 given, a positive number expected");
});
