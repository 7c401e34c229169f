// Quantiles that never cross: to the last bit, for any numbers, with a gradient; and what is refused.
import { describe, expect, test } from "vitest";
import { ShapeError, UsageError } from "../../src/errors.ts";
import { orderedQuantiles } from "../../src/nn/index.ts";
import { float32, value } from "../../src/program/compile.ts";
import { zeros } from "../../src/trace/functions.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { checkGradient, weightedSum } from "../gradient/check.ts";
import { onBackends } from "../helpers/backends.ts";
import { expectNear } from "../helpers/close.ts";
import { numbers, randomValue } from "../helpers/values.ts";

const run = (middle: number, count: number) =>
  onBackends(({ x }) => orderedQuantiles(x as Tensor, middle), { x: float32("N", count) });
const softplus = (x: number) => Math.log1p(Math.exp(x));

describe("ordered quantiles", () => {
  test.each([0, 1, 2, 3])("start from the one at %d, from which the others are sums", (middle) => {
    const raw = Float32Array.of(0.5, -1, 2, 0.25);
    const steps = Array.from(raw, softplus);
    const expected = Array.from(raw, (_, at) => {
      const between = at > middle ? steps.slice(middle + 1, at + 1) : steps.slice(at, middle);
      const distance = between.reduce((sum, one) => sum + one, 0);
      return (raw[middle] as number) + (at > middle ? distance : -distance);
    });
    for (const [found] of run(middle, 4)({ x: value(raw, [1, 4]) })) {
      expectNear(found as number[], expected, 1e-6);
      expect(found?.[middle]).toBe(raw[middle]);
    }
  });
  test.each([0, 3, 6])("never cross, whatever the network gives: middle %d", (middle) => {
    const [rows, count] = [400, 7];
    const sizes = [1e-6, 1, 30, 1e4, 1e12, 3e37];
    const raw = Float32Array.from(
      numbers(rows * count, 7),
      (one, at) => one * (sizes[Math.floor(at / count) % sizes.length] as number),
    );
    for (const [found] of run(middle, count)({ x: value(raw, [rows, count]) }) as [number[]][]) {
      found.forEach((one, at) => {
        expect(Number.isFinite(one)).toBe(true);
        if (at % count > 0) expect(one, `${at}`).toBeGreaterThanOrEqual(found[at - 1] as number);
      });
    }
  });
  test("have a gradient that agrees with central differences", () => {
    for (const middle of [0, 2, 4])
      checkGradient(({ x, seed }) => weightedSum(orderedQuantiles(x as Tensor, middle), seed as Tensor), {
        x: randomValue([2, 3, 5], 1),
        seed: randomValue([2, 3, 5], 2),
      });
  });
  test("refuse a middle that is not there, and what has no number of quantiles", () => {
    for (const wrong of [-1, 3, 0.5, Number.NaN, "1" as never])
      expect(() => orderedQuantiles(zeros(["T", 3]), wrong)).toThrow(UsageError);
    expect(() => orderedQuantiles(zeros(["T", 3]), 3)).toThrow(
      "orderedQuantiles: middle 3 given, a whole number from 0 to 2 expected",
    );
    expect(() => orderedQuantiles(zeros([2, "Q"]), 0)).toThrow(
      "orderedQuantiles: float32 (2, Q) given, float32 (..., Q) with a number Q expected, at ",
    );
    expect(() => orderedQuantiles(zeros([]), 0)).toThrow(ShapeError);
    expect(() => orderedQuantiles(zeros([3]).less(1), 0)).toThrow("bool (3) given");
  });
});
