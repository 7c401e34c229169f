// The loss of quantiles against its definition and the quantiles of data, with masks, weights, and what it refuses.
import { describe, expect, test } from "vitest";
import { UsageError } from "../../../src/errors.ts";
import { gradient } from "../../../src/gradient/index.ts";
import { quantileLoss, type RegressionLossOptions } from "../../../src/nn/index.ts";
import { float32, value } from "../../../src/program/compile.ts";
import { zeros } from "../../../src/trace/functions.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import { Variable } from "../../../src/trace/variable.ts";
import { sgd } from "../../../src/training/optimizers.ts";
import { trainingStep } from "../../../src/training/step.ts";
import { checkGradient } from "../../gradient/check.ts";
import { onBackends } from "../../helpers/backends.ts";
import { expectNear } from "../../helpers/close.ts";
import { floats, numbers, randomValue } from "../../helpers/values.ts";

const { NaN: nan } = Number;
const quantiles = [0.1, 0.5, 0.75];
const [T, B, Q] = [3, 4, quantiles.length];
const [predictions, targets] = [floats([T, B, Q], 1), floats([T, B], 2)];
const total = (list: readonly number[]) => list.reduce((sum, one) => sum + one, 0);
/** By definition, of each target the costs of its quantiles. */
const costs = Array.from(targets.data, (target, at) =>
  quantiles.map((quantile, one) => {
    const error = target - (predictions.data[at * Q + one] as number);
    return error > 0 ? quantile * error : (quantile - 1) * error;
  }),
);
const run = (options: (given: Record<string, Tensor>) => RegressionLossOptions = () => ({})) =>
  onBackends(
    (given) => {
      const loss = quantileLoss(given.x as Tensor, given.y as Tensor, quantiles, options(given));
      return [loss, gradient(loss, given.x as Tensor)];
    },
    { x: float32("T", "B", Q), y: float32("T", "B"), w: float32("T") },
  );
const w = value(Float32Array.of(3, 0, 1), [T]);

describe("the loss of quantiles", () => {
  test("is the mean, or the sum, over targets and quantiles", () => {
    for (const [loss] of run()({ x: predictions, y: targets, w }))
      expectNear(loss as number[], [total(costs.flat()) / (T * B * Q)], 1e-6);
    for (const [loss] of run(() => ({ reduction: "sum" }))({ x: predictions, y: targets, w }))
      expectNear(loss as number[], [total(costs.flat())], 1e-6);
  });
  test("counts the targets of a mask, by weights over leading axes, and does not see the others", () => {
    const missing = value(
      Float32Array.from(targets.data, (own, at) => (at % 3 === 0 ? nan : own)),
      [T, B],
    );
    const weights = costs.map((_, at) => (at % 3 === 0 ? 0 : (w.data[Math.floor(at / B)] as number)));
    const expected = total(costs.map((of, at) => (weights[at] as number) * total(of))) / (Q * total(weights));
    const masked = run(({ y, w: given }) => ({ mask: (y as Tensor).equal(y as Tensor), weights: given }));
    for (const [loss, slope] of masked({ x: predictions, y: missing, w })) {
      expectNear(loss as number[], [expected], 1e-6);
      for (const [at, one] of (slope as number[]).entries())
        expect(one !== 0).toBe(weights[Math.floor(at / Q)] !== 0);
    }
    for (const [loss, slope] of masked({
      x: predictions,
      y: value(new Float32Array(T * B).fill(nan), [T, B]),
      w,
    })) {
      expect(loss).toEqual([0]);
      expect(slope?.every((one) => one === 0)).toBe(true);
    }
  });
  test("has a gradient that agrees with central differences, and lies between both sides where they are equal", () => {
    checkGradient(({ x, y }) => quantileLoss(x as Tensor, y as Tensor, quantiles), {
      x: randomValue([3, 2, 3], 1),
      y: randomValue([3, 2], 2),
    });
    const at = onBackends(
      ({ x }) =>
        gradient(quantileLoss(x as Tensor, zeros([1]), quantiles, { reduction: "sum" }), x as Tensor),
      { x: float32(1, Q) },
    );
    for (const [slope] of at({ x: value(new Float32Array(Q), [1, Q]) }))
      expectNear(slope as number[], [0.4, 0, -0.25], 1e-6);
  });
  test("is least at the quantiles of the targets: a constant that is trained on them comes to be those", () => {
    const data = Float32Array.from(numbers(999, 5), (one) => (one + 1) ** 2);
    const guess = new Variable("guess", [Q], { initializer: () => new Float32Array(Q) });
    guess.value = new Float32Array(Q);
    const step = trainingStep({
      parameters: [guess],
      optimizer: sgd(),
      inputs: { y: float32(999) },
      loss: ({ y }) => quantileLoss(guess.broadcastTo([999, Q]), y, quantiles),
    });
    for (let k = 0; k < 600; k++) step.run({ y: data }, 4 / (1 + k / 20));
    const sorted = data.slice().sort();
    for (const [at, quantile] of quantiles.entries())
      expect(guess.value[at]).toBeCloseTo(sorted[Math.floor(quantile * 999)] as number, 1.5);
  });
  test("refuses quantiles that are none, shapes that do not fit, and options that are unknown", () => {
    const [x, y] = [zeros(["T", 2]), zeros(["T"])];
    for (const [wrong, printed] of [
      [[0.5, 1], "quantile 1 given, a number between 0 and 1"],
      [[0, 0.5], "quantile 0 given, a number between 0 and 1"],
      [[0.5, nan], "quantile NaN given, a number between 0 and 1"],
      [[0.5, "0.9"], 'quantile "0.9" given, a number between 0 and 1'],
      [[], "quantiles an array of 0 given, a list of numbers between 0 and 1"],
      [0.5, "quantiles 0.5 given, a list of numbers between 0 and 1"],
    ] as const)
      expect(() => quantileLoss(x, y, wrong as never)).toThrow(
        new UsageError(`quantileLoss: ${printed} expected`),
      );
    expect(() => quantileLoss(x, y, [0.5])).toThrow(
      "quantileLoss: float32 (T, 2) and float32 (T) given, float32 (..., 1) and float32 (...) expected, at ",
    );
    expect(() => quantileLoss(x, x, [0.1, 0.9])).toThrow("float32 (..., 2) and float32 (...) expected");
    expect(() => quantileLoss(x, y.less(1), [0.1, 0.9])).toThrow(
      "float32 (..., 2) and float32 (...) expected",
    );
    expect(() => quantileLoss(x, y, [0.1, 0.9], { mask: zeros(["T"]) })).toThrow(
      "quantileLoss: mask float32 (T) given, bool over all axes of (T, 2) or the leading ones expected",
    );
  });
});
