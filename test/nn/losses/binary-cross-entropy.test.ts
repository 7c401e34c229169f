// Binary cross-entropy against its definition over plain numbers, at the edges of float32, and its gradient.
import { describe, expect, test } from "vitest";
import { reference } from "../../../src/backends/reference/index.ts";
import { DataError } from "../../../src/errors.ts";
import { gradient } from "../../../src/gradient/index.ts";
import { type BinaryCrossEntropyOptions, binaryCrossEntropy } from "../../../src/nn/index.ts";
import { compile, float32, int32, value } from "../../../src/program/compile.ts";
import { zeros } from "../../../src/trace/functions.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import { checkGradient } from "../../gradient/check.ts";
import { onBackends } from "../../helpers/backends.ts";
import { expectNear } from "../../helpers/close.ts";
import { floats, integers, randomValue } from "../../helpers/values.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
const [B, C] = [4, 3];
const logits = floats([B, C], 3);
const targets = value(Float32Array.of(1, 0, 0.25, -1, 1, 0, 0, -1, 1, 1, 0.5, -1), [B, C]);
const total = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0);
const both = (options?: BinaryCrossEntropyOptions) =>
  onBackends(
    ({ x, y }) => {
      const loss = binaryCrossEntropy(x as Tensor, y as Tensor, options);
      return [loss, gradient(loss, x as Tensor)];
    },
    { x: float32("B", "C"), y: float32("B", "C") },
  );

describe("binary cross-entropy", () => {
  /** By definition, of each target that counts. */
  const costs = (weight = 1, ignore = -1) =>
    Array.from(targets.data, (yes, at) => {
      const probability = 1 / (1 + Math.exp(-(logits.data[at] as number)));
      return yes === ignore
        ? []
        : -weight * yes * Math.log(probability) - (1 - yes) * Math.log(1 - probability);
    }).flat();
  test("is the mean, or the sum, over the targets that count", () => {
    expect(costs()).toHaveLength(9);
    for (const [loss] of both()({ x: logits, y: targets }))
      expectNear(loss as number[], [total(costs()) / 9], 1e-6);
    const run = both({ reduction: "sum", positiveWeight: 2.5 });
    for (const [loss] of run({ x: logits, y: targets }))
      expectNear(loss as number[], [total(costs(2.5))], 1e-6);
  });
  test("takes a positive weight for each class, and targets of int32", () => {
    const run = onBackends(
      ({ x, y, w }) => binaryCrossEntropy(x as Tensor, y as Tensor, { positiveWeight: w as Tensor }),
      { x: float32("B", "C"), y: int32("B", "C"), w: float32("C") },
    );
    const weights = [2, 1, 0.5];
    const whole = integers([1, 0, 1, 1, 1, -1], [2, C]);
    const x = floats([2, C], 3);
    const each = Array.from(whole.data, (yes, at) => {
      const probability = 1 / (1 + Math.exp(-(x.data[at] as number)));
      return yes === -1
        ? []
        : yes === 1
          ? -(weights[at % C] as number) * Math.log(probability)
          : -Math.log(1 - probability);
    }).flat();
    for (const [loss] of run({ x, y: whole, w: value(Float32Array.from(weights), [C]) }))
      expectNear(loss as number[], [total(each) / 5], 1e-6);
  });
  test("has a gradient that agrees with central differences", () => {
    const inputs = { x: randomValue([3, 4], 1), y: randomValue([3, 4], 2) };
    checkGradient(
      ({ x, y }) => binaryCrossEntropy(x as Tensor, (y as Tensor).sigmoid(), { positiveWeight: 3 }),
      inputs,
    );
  });
  test("neither overflows nor loses what is small", () => {
    const x = value(Float32Array.of(100, -100, 20, -20, 1e30, -1e30), [6, 1]);
    const run = both({ reduction: "sum" });
    const [, fast] = run({
      x: value(Float32Array.of(20, -20), [2, 1]),
      y: value(Float32Array.of(1, 0), [2, 1]),
    });
    expect((fast?.[0]?.[0] as number) / (2 * Math.log1p(Math.exp(-20)))).toBeCloseTo(1, 6);
    for (const [loss, slope] of run({ x, y: value(Float32Array.of(0, 1, 0, 1, 1, 0), [6, 1]) })) {
      expectNear(loss as number[], [240], 1e-6);
      expectNear(slope as number[], [1, -1, 1, -1, 0, 0], 1e-6);
    }
  });
  test.each([nan, infinity, -infinity])(
    "does not see logits of %d where the target is ignored",
    (garbage) => {
      const spoilt = Float32Array.from(logits.data, (own, at) => (targets.data[at] === -1 ? garbage : own));
      expect(both()({ x: value(spoilt, [B, C]), y: targets })).toEqual(both()({ x: logits, y: targets }));
      const ignoring = value(
        Float32Array.from(targets.data, (own) => (own === -1 ? -100 : own)),
        [B, C],
      );
      expect(both({ ignore: -100 })({ x: value(spoilt, [B, C]), y: ignoring })).toEqual(
        both()({ x: logits, y: targets }),
      );
    },
  );
  test("is 0 with gradient 0 where no target counts", () => {
    for (const [loss, slope] of both()({ x: logits, y: value(new Float32Array(B * C).fill(-1), [B, C]) })) {
      expect(loss).toEqual([0]);
      expect(slope?.every((one) => one === 0)).toBe(true);
    }
  });
  test("refuses a target that is no probability, and is NaN for one that the program computed", () => {
    const types = { x: float32(2), y: float32(2) };
    const given = compile(({ x, y }) => binaryCrossEntropy(x, y), { inputs: types, backend: reference });
    const computed = onBackends(({ x, y }) => binaryCrossEntropy(x as Tensor, (y as Tensor).mul(2)), types);
    for (const wrong of [1.5, -0.5, nan]) {
      expect(() => given({ x: [1, 2], y: [0, wrong] })).toThrow(
        new DataError(`input y: ${wrong} given at 1, 0 to 1, or -1, expected`),
      );
      for (const [loss] of computed({ x: floats([2]), y: value(Float32Array.of(0, wrong / 2), [2]) }))
        expect(loss).toEqual([nan]);
    }
  });
  test("refuses shapes, dtypes and weights that do not fit", () => {
    const x = zeros(["B", 3]);
    const expected = "given, float32 and float32 or int32 of one shape expected, at ";
    expect(() => binaryCrossEntropy(x, zeros(["B"]))).toThrow(
      `binaryCrossEntropy: float32 (B, 3) and float32 (B) ${expected}`,
    );
    expect(() => binaryCrossEntropy(x, x.less(1))).toThrow(`float32 (B, 3) and bool (B, 3) ${expected}`);
    for (const positiveWeight of [-1, nan, "2" as never])
      expect(() => binaryCrossEntropy(x, x, { positiveWeight })).toThrow(
        /^binaryCrossEntropy: positiveWeight \S+ given, a number from 0 on expected$/,
      );
    expect(() => binaryCrossEntropy(x, x, { positiveWeight: zeros([2, "B", 3]) })).toThrow(
      "binaryCrossEntropy: positive weight float32 (2, B, 3) given, float32 that aligns with (B, 3) expected, at ",
    );
    expect(() => binaryCrossEntropy(x, x, { reduction: "none" as never })).toThrow('reduction "none" given');
  });
});
