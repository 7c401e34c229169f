// Reversible instance normalisation: against plain loops, back again, constant and missing windows, its gradients, wrong uses.
import { describe, expect, test } from "vitest";
import type { Value } from "../../../src/backends/backend.ts";
import { ShapeError, UsageError } from "../../../src/errors.ts";
import { gradient } from "../../../src/gradient/index.ts";
import { initialize, parameters, reversibleInstanceNorm } from "../../../src/nn/index.ts";
import { compile, float32, value } from "../../../src/program/compile.ts";
import { zeros } from "../../../src/trace/functions.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import { checkGradient, weightedSum } from "../../gradient/check.ts";
import { backends, onBackends } from "../../helpers/backends.ts";
import { expectNear } from "../../helpers/close.ts";
import { floats, numbers, randomValue } from "../../helpers/values.ts";
import { checkModelGradient } from "../check-model.ts";

const { NaN: nan } = Number;
const [T, B, F] = [6, 3, 2];
const x = floats([T, B, F], 1);
const observed = value(
  Float32Array.from(numbers(T * B * F, 4), (one) => Number(one > -0.3)),
  [T, B, F],
);
const [factors, shifts] = [
  [0.5, -0.25],
  [1, -2],
];

function layerWithValues() {
  const layer = initialize(reversibleInstanceNorm(F), { seed: 1 });
  const { log_weight, bias } = layer.weights;
  if (!log_weight || !bias) throw new Error("an affine layer expected");
  log_weight.value = factors as number[];
  bias.value = shifts as number[];
  return layer;
}

/** Center and scale of each row and feature, by loops over what was observed. */
function statistics(mask: ArrayLike<number>) {
  return Array.from({ length: B * F }, (_, column) => {
    const own = Array.from({ length: T }, (_, t) => t * B * F + column)
      .filter((at) => mask[at] === 1)
      .map((at) => x.data[at] as number);
    const center = own.reduce((sum, one) => sum + one, 0) / own.length;
    const variance = own.reduce((sum, one) => sum + (one - center) ** 2, 0) / own.length;
    return { center, scale: Math.sqrt(variance + 1e-5) };
  });
}

describe.each([
  ["all observed", new Float32Array(T * B * F).fill(1), false],
  ["some missing", observed.data, true],
] as const)("%s", (_, mask, hasMask) => {
  const expected = statistics(mask);
  const spoilt = value(
    Float32Array.from(x.data, (one, at) => (mask[at] === 1 ? one : nan)),
    [T, B, F],
  );
  const call = (of: Tensor | undefined) => (hasMask ? { observed: of } : {});
  const types = { x: float32("T", "B", F), observed: float32("T", "B", F) };

  test("each row's features are brought to mean 0 and variance 1, then moved by the weights", () => {
    const layer = layerWithValues();
    const run = onBackends((of) => {
      const { values, center, scale } = layer.apply(of.x as Tensor, call(of.observed));
      return [values, center, scale];
    }, types);
    for (const [values, center, scale] of run({ x: spoilt, observed })) {
      expectNear(
        center as number[],
        expected.map((one) => one.center),
        1e-6,
      );
      expectNear(
        scale as number[],
        expected.map((one) => one.scale),
        1e-6,
      );
      const wanted = Array.from(x.data, (one, at) => {
        const { center: middle, scale: spread } = expected[at % (B * F)] as { center: number; scale: number };
        if (mask[at] !== 1) return 0;
        return (
          ((one - middle) / spread) * Math.exp(factors?.[at % F] as number) + (shifts?.[at % F] as number)
        );
      });
      expectNear(values as number[], wanted, 1e-5);
    }
  });
  test("and back", () => {
    const layer = layerWithValues();
    const run = onBackends((of) => {
      const { values, ...own } = layer.apply(of.x as Tensor, call(of.observed));
      return layer.restore(values, own);
    }, types);
    for (const [back] of run({ x: spoilt, observed }))
      (back as number[]).forEach((one, at) => {
        if (mask[at] === 1) expect(one).toBeCloseTo(x.data[at] as number, 5);
      });
  });
  test("its gradients agree with central differences", () => {
    const layer = reversibleInstanceNorm(F);
    const loss = (of: Record<string, Tensor>) => {
      const { values, ...own } = layer.apply(of.x as Tensor, hasMask ? { observed: of.observed } : {});
      const restored = layer.restore(values.square().add(1), own);
      const distances = layer.restore(values, own, { distances: true });
      return weightedSum(restored.add(distances.square()), of.seed as Tensor);
    };
    const seed = randomValue([T, B, F], 5);
    expect(checkModelGradient(layer, loss, { x, observed, seed })).toBe(2);
    checkGradient(({ x: given }) => loss({ x: given, observed: maskOf(given), seed: given.sin() }), {
      x: randomValue([T, B, F], 1),
    });
  });
});

/** A mask that follows from a tensor: 1 where it is above -0.3. */
const maskOf = (of: Tensor) => of.stopGradient().greater(-0.3).convert("float32");

describe("statistics", () => {
  const run = backends.map((backend) => {
    const layer = initialize(reversibleInstanceNorm(1), { seed: 1 });
    return compile(
      (of) => {
        const { values, ...own } = layer.apply(of.x, { observed: of.observed });
        const back = layer.restore(values, own);
        const loss = values.square().sum().add(back.sin().sum());
        return { values, back, ...own, slopes: gradient(loss, { x: of.x, ...parameters(layer) }) };
      },
      { inputs: { x: float32("T", 1, 1), observed: float32("T", 1, 1) }, backend },
    );
  });
  const column = (list: readonly number[]): Value => value(Float32Array.from(list), [list.length, 1, 1]);
  const one = { data: [1], shape: [1, 1] };
  const areFinite = (values: readonly Value[]) =>
    values.every(({ data }) => Array.from(data).every(Number.isFinite));

  test.each([0, 1, -3e-7, 1e6 + 0.3, -12_345.678, 3e30])(
    "of a constant %d are that, and its values 0 exactly",
    (level) => {
      for (const apply of run) {
        const x = column(Array(24).fill(level));
        const { values, back, center, scale, slopes } = apply({ x, observed: column(Array(24).fill(1)) });
        expect(new Set(values.data)).toEqual(new Set([0]));
        expect(new Set(back.data)).toEqual(new Set([Math.fround(level)]));
        expect(center).toEqual({ ...one, data: center.data.map(() => Math.fround(level)) });
        expect(scale.data[0]).toBeCloseTo(Math.sqrt(1e-5), 8);
        expect(areFinite(Object.values(slopes))).toBe(true);
      }
    },
  );
  test("of a window of which nothing was observed are 0 and 1, and nothing of it is seen", () => {
    for (const apply of run)
      for (const garbage of [nan, Number.POSITIVE_INFINITY, 5]) {
        const x = column([garbage, garbage, garbage]);
        const { values, back, center, scale, slopes } = apply({ x, observed: column([0, 0, 0]) });
        for (const tensor of [values, back, center]) expect(new Set(tensor.data)).toEqual(new Set([0]));
        expect(scale.data[0]).toBe(1);
        expect(areFinite(Object.values(slopes))).toBe(true);
        expect(Array.from(slopes.x?.data ?? [])).toEqual([0, 0, 0]);
      }
  });
  test("of one number are that number; a small spread far from 0 is not lost", () => {
    for (const apply of run) {
      const single = apply({ x: column([nan, 7, nan]), observed: column([0, 1, 0]) });
      expect([single.center.data[0], ...single.values.data]).toEqual([7, 0, 0, 0]);
      const far = apply({ x: column([1e6, 1e6 + 2, 1e6, 1e6 + 2]), observed: column([1, 1, 1, 1]) });
      expect(far.center.data[0]).toBe(1e6 + 1);
      expectNear(far.values.data, [-1, 1, -1, 1], 1e-4);
    }
  });
});

describe("restore", () => {
  test("of some features takes theirs, with any leading axes, and scales distances without moving them", () => {
    const layer = layerWithValues();
    const run = onBackends(
      (of) => {
        const own = { center: of.center as Tensor, scale: of.scale as Tensor };
        return [
          layer.restore(of.y as Tensor, own, { features: [1] }),
          layer.restore(of.y as Tensor, own, { features: [1], distances: true }),
        ];
      },
      { y: float32("Q", "H", B, 1), center: float32(B, F), scale: float32(B, F) },
    );
    const y = floats([2, 4, B, 1], 3);
    const [center, scale] = [floats([B, F], 5), floats([B, F], 6)];
    for (const [restored, distances] of run({ y, center, scale }))
      y.data.forEach((given, at) => {
        const place = (at % B) * F + 1;
        const [weight, bias] = [Math.exp(factors?.[1] as number), shifts?.[1] as number];
        const distance = (scale.data[place] as number) / weight;
        expect(distances?.[at]).toBeCloseTo(given * distance, 5);
        expect(restored?.[at]).toBeCloseTo((given - bias) * distance + (center.data[place] as number), 5);
      });
  });
});

test("has two weights for each feature, or none", () => {
  expect(Object.keys(parameters({ norm: reversibleInstanceNorm(2) }))).toEqual([
    "norm.log_weight",
    "norm.bias",
  ]);
  const plain = reversibleInstanceNorm(F, { affine: false });
  expect(plain.weights).toEqual({});
  const run = compile(
    (of) => {
      const { values, ...own } = plain.apply(of);
      return { values, back: plain.restore(values, own) };
    },
    { inputs: float32("T", "B", F) },
  );
  const { values, back } = run(x);
  const fresh = initialize(reversibleInstanceNorm(F), { seed: 1 });
  expect(values.data).toEqual(
    compile((of) => fresh.apply(of).values, { inputs: float32("T", "B", F) })(x).data,
  );
  expectNear(back.data, x.data, 1e-6);
});

describe("refused", () => {
  const layer = reversibleInstanceNorm(2);
  const given = zeros(["T", "B", 2]);
  const own = { center: zeros(["B", 2]), scale: zeros(["B", 2]) };
  test.each<[() => unknown, string]>([
    [
      () => reversibleInstanceNorm(0),
      "reversibleInstanceNorm: features 0 given, a positive integer expected",
    ],
    [
      () => reversibleInstanceNorm(2, { epsilon: 0 }),
      "reversibleInstanceNorm: epsilon 0 given, a positive number expected",
    ],
    [
      () => reversibleInstanceNorm(2, { affine: 1 as never }),
      "reversibleInstanceNorm: affine 1 given, true or false expected",
    ],
    [
      () => layer.restore(given, own, { features: [2] }),
      "reversibleInstanceNorm.restore: features 2 given, whole numbers from 0 to 1 expected",
    ],
    [
      () => layer.restore(given, own, { features: [] }),
      "reversibleInstanceNorm.restore: features an array of 0 given, whole numbers from 0 to 1 expected",
    ],
  ])("%s", (call, message) => {
    expect(call).toThrow(new UsageError(message));
  });
  test.each<[() => unknown, string]>([
    [
      () => layer.apply(zeros(["B", 2])),
      "reversibleInstanceNorm: float32 (B, 2) given, float32 (T, B, 2) expected, at ",
    ],
    [
      () => layer.apply(given, { observed: given.less(1) }),
      "reversibleInstanceNorm: observed bool (T, B, 2) given, float32 (T, B, 2) expected, at ",
    ],
    [() => layer.apply(given, { observed: zeros(["T", "B"]) }), "observed float32 (T, B) given"],
    [
      () => layer.restore(zeros(["H", "B", 3]), own),
      "reversibleInstanceNorm.restore: float32 (H, B, 3) given, float32 (..., 2) expected, at ",
    ],
    [
      () => layer.restore(given, { ...own, center: zeros([2]) }),
      "reversibleInstanceNorm.restore: center: float32 (2) given, float32 (B, 2) expected, at ",
    ],
  ])("%s", (call, message) => {
    expect(call).toThrow(ShapeError);
    expect(call).toThrow(message);
  });
  test("a mask of other numbers than 0 and 1, with its place", () => {
    const run = compile((of) => layer.apply(of.x, { observed: of.o }).center, {
      inputs: { x: float32(1, 1, 2), o: float32(1, 1, 2) },
    });
    expect(() => run({ x: [[[1, 2]]], o: [[[1, 2]]] })).toThrow(
      "input o: 2 given at 1 ([0][0][1]), 0 to 1 expected",
    );
  });
});
