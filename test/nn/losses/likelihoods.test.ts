// Likelihoods against their definitions, over the whole range that they state, in float32 and float64, and their gradients.
import { describe, expect, test } from "vitest";
import type { Backend } from "../../../src/backends/backend.ts";
import { reference } from "../../../src/backends/reference/index.ts";
import { wasm } from "../../../src/backends/wasm/index.ts";
import { DataError } from "../../../src/errors.ts";
import { gradient } from "../../../src/gradient/index.ts";
import { gaussianLikelihood, negativeBinomialLikelihood } from "../../../src/nn/index.ts";
import { compile, float32, value } from "../../../src/program/compile.ts";
import { zeros } from "../../../src/trace/functions.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import { checkGradient } from "../../gradient/check.ts";
import { backends, onBackends } from "../../helpers/backends.ts";
import { expectNear } from "../../helpers/close.ts";
import { numbers, randomValue } from "../../helpers/values.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
const likelihoods = { gaussianLikelihood, negativeBinomialLikelihood };
type Name = keyof typeof likelihoods;
type Point = readonly [mean: number, spread: number, target: number];

/** Of each point what it costs, and its slopes by mean, spread and target. */
function evaluate(name: Name, points: readonly Point[], backend: Backend): number[][] {
  const inputs = { mean: float32("N"), spread: float32("N"), target: float32("N") };
  const compiled = compile(
    ({ mean, spread, target }) => {
      const cost = likelihoods[name](mean, spread, target, { reduction: "sum" });
      return [cost, ...gradient(cost, [mean, spread, target])];
    },
    { inputs, backend },
  );
  const run = (some: readonly Point[]) => {
    const column = (at: number) => {
      const own = some.map((point) => Math.fround(point[at] as number));
      return value(backend === wasm ? Float32Array.from(own) : Float64Array.from(own), [own.length]);
    };
    return compiled({ mean: column(0), spread: column(1), target: column(2) });
  };
  return points.map((point) => run([point]).map(({ data }) => data[0] as number));
}

describe.each(Object.keys(likelihoods) as Name[])("%s", (name) => {
  const likelihood = likelihoods[name];
  const [N, F] = [5, 3];
  const positive = (seed: number) =>
    value(
      Float32Array.from(numbers(N * F, seed), (one) => 2 + one),
      [N, F],
    );
  const given = {
    mean: positive(1),
    spread: positive(2),
    target: value(
      Float32Array.from(numbers(N * F, 3), (one) => Math.round(4 + 4 * one)),
      [N, F],
    ),
  };
  const types = { mean: float32("N", "F"), spread: float32("N", "F"), target: float32("N", "F") };
  const { mean, spread, target } = given;
  const each = evaluate(
    name,
    Array.from(mean.data, (one, at) => [one, spread.data[at] as number, target.data[at] as number]),
    reference,
  ).map(([cost]) => cost as number);
  const total = (list: readonly number[]) => list.reduce((sum, one) => sum + one, 0);

  test("is the mean, or the sum, over what counts, by its weight", () => {
    const run = (options: (w: Tensor) => object) =>
      onBackends(
        (of) =>
          likelihood(of.mean as Tensor, of.spread as Tensor, of.target as Tensor, options(of.w as Tensor)),
        { ...types, w: float32("N") },
      );
    const w = value(Float32Array.of(1, 0, 2, 0.5, 0), [N]);
    const weights = each.map((_, at) => w.data[Math.floor(at / F)] as number);
    const weighed = total(each.map((cost, at) => cost * (weights[at] as number)));
    for (const [options, expected] of [
      [() => ({}), total(each) / each.length],
      [() => ({ reduction: "sum" }), total(each)],
      [(of: Tensor) => ({ weights: of }), weighed / total(weights)],
      [(of: Tensor) => ({ weights: of, reduction: "sum" }), weighed],
    ] as const)
      for (const [loss] of run(options as never)({ ...given, w }))
        expectNear(loss as number[], [expected], 1e-6);
  });
  test.each([nan, infinity, -infinity, 0, -3])(
    "sees nothing of %d where the mask leaves it out",
    (garbage) => {
      const counts = (at: number) => at % 4 !== 1;
      const spoilt = Object.fromEntries(
        Object.entries(given).map(([key, { data, shape }]) => [
          key,
          value(
            Float32Array.from(data, (own, at) => (counts(at) ? own : garbage)),
            shape,
          ),
        ]),
      );
      const run = onBackends(
        (of) => {
          const tensors = [of.mean, of.spread, of.target] as [Tensor, Tensor, Tensor];
          const loss = likelihood(...tensors, { mask: (of.counts as Tensor).equal(1) });
          return [loss, ...gradient(loss, tensors)];
        },
        { ...types, counts: float32("N", "F") },
      );
      const counting = value(
        Float32Array.from(each, (_, at) => Number(counts(at))),
        [N, F],
      );
      const own = each.filter((_, at) => counts(at));
      const results = run({ ...spoilt, counts: counting } as never);
      expect(results).toEqual(run({ ...given, counts: counting }));
      for (const [loss, ...slopes] of results) {
        expectNear(loss as number[], [total(own) / own.length], 1e-6);
        for (const slope of slopes)
          for (const [at, one] of slope.entries()) if (!counts(at)) expect(one).toBe(0);
      }
      const nothing = run({ ...spoilt, counts: value(new Float32Array(N * F), [N, F]) } as never);
      for (const [loss, ...slopes] of nothing) {
        expect(loss).toEqual([0]);
        expect(slopes.flat().every((one) => one === 0)).toBe(true);
      }
    },
  );
  test("is NaN, never a silent number, where a target is or the spread is negative", () => {
    const wrong: Point[] = [
      [1, -1, 2],
      [1, -0.01, 0],
    ];
    for (const backend of backends)
      for (const [cost] of evaluate(name, wrong, backend)) expect(cost).toBeNaN();
    const run = onBackends((of) => likelihood(of.m as Tensor, of.m as Tensor, (of.y as Tensor).mul(2)), {
      m: float32(1),
      y: float32(1),
    });
    for (const [loss] of run({ m: value(Float32Array.of(1), [1]), y: value(Float32Array.of(nan), [1]) }))
      expect(loss).toEqual([nan]);
  });
  test("refuses shapes that differ", () => {
    const x = zeros(["T", 2]);
    expect(() => likelihood(x, zeros(["T", 1]), x)).toThrow(
      `${name}: float32 (T, 2) and float32 (T, 1) and float32 (T, 2) given, three float32 tensors of one shape expected, at `,
    );
    expect(() => likelihood(x, x, x.less(1))).toThrow("three float32 tensors of one shape expected");
    expect(() => likelihood(x, x, 1 as never)).toThrow(`${name}: 1 given`);
  });
});

describe("the normal distribution", () => {
  test("is its density", () => {
    const points: Point[] = [
      [0, 1, 0],
      [1, 2, 4],
      [-3, 0.5, -3.25],
    ];
    const expected = points.map(
      ([m, d, y]) => -Math.log(Math.exp(-(((y - m) / d) ** 2) / 2) / (d * Math.sqrt(2 * Math.PI))),
    );
    for (const backend of backends)
      expectNear(
        evaluate("gaussianLikelihood", points, backend).map(([cost]) => cost as number),
        expected,
        1e-6,
      );
  });
  test("has a gradient that agrees with central differences", () => {
    checkGradient(({ m, d, y }) => gaussianLikelihood(m as Tensor, (d as Tensor).exp(), y as Tensor), {
      m: randomValue([3, 4], 1),
      d: randomValue([3, 4], 2),
      y: randomValue([3, 4], 3),
    });
  });
  test("is finite and right in float32 for deviations from 1e-6 to 1e6", () => {
    const powers = Array.from({ length: 13 }, (_, at) => 10 ** (at - 6));
    const points = powers.flatMap((d) =>
      [0, ...powers, ...powers.map((one) => -one)].flatMap((y): Point[] => [
        [0, d, y],
        [y / 3, d, 0],
      ]),
    );
    expectSame("gaussianLikelihood", points, [1e-6, 1e-6, 1e-5, 1e-6]);
  });
});

/**
 * Asserts that float32 is finite, and within tolerances of float64: the cost, its changes by relative changes of mean and
 * spread, and by changes of the target, each relative to its size or to 1.
 */
function expectSame(name: Name, points: readonly Point[], tolerances: readonly number[]): void {
  const [exact, fast] = [evaluate(name, points, reference), evaluate(name, points, wasm)];
  for (const [at, point] of points.entries()) {
    for (const [part, tolerance] of tolerances.entries()) {
      const unit = part === 1 ? Math.abs(point[0]) : part === 2 ? point[1] : 1;
      const [wanted, found] = [exact[at]?.[part] as number, fast[at]?.[part] as number];
      expect(Number.isFinite(found), `${point}, part ${part}`).toBe(true);
      const size = Math.max(1, Math.abs(wanted * unit));
      expect(Math.abs((found - wanted) * unit) / size, `${point}, part ${part}`).toBeLessThan(tolerance);
    }
  }
}

describe("the negative binomial distribution", () => {
  /** y, m, a; -log P(y) and its slopes by m and by a, of 40 digits, from the logarithm of the gamma function (mpmath). */
  const exact = [
    [0, 0.5, 2 ** -13, 0.499984741831791, 0.999938968569, -0.124989828172],
    [0, 1e3, 0.5, 12.4332122021697, 0.00199600798403, -20.8744084363],
    [0, 1e6, 8192, 0.00278642869938545, 1.22070312485e-10, -3.25239060901e-7],
    [1, 0.5, 2 ** -13, 1.19319295568542, -0.999938968569, 0.374979656112],
    [3, 5, 2 ** -13, 1.96338479604831, 0.399756008296, -0.498373925761],
    [3, 0.25, 64, 5.46035186899994, -0.647058823529, 0.0127672326404],
    [40, 38, 0.25, 3.98815703948003, -0.00501253132832, 1.88273571978],
    [1000, 1300, 2 ** -13, 37.2746393460908, 0.19916366819, -33795.6992718],
    [1000, 1024, 8192, 15.9198203080467, 2.79396739078e-9, 0.00012194462601],
    [250_000, 200_000, 2 ** -13, 220.787103704854, -0.00983707347064, -1668397.71776],
    [1_000_000, 999_936, 0.5, 14.4292172009399, -1.28016129524e-10, 1.08144937366],
    [1_000_000, 4096, 8192, 22.8565846322426, -7.24615507584e-6, 0.000118403482849],
  ] as const;
  test.each(exact)(
    "of the count %d with the mean %d and the dispersion %d",
    (y, m, a, cost, byMean, byDispersion) => {
      for (const backend of backends) {
        const [found] = evaluate("negativeBinomialLikelihood", [[m, a, y]], backend);
        for (const [part, wanted] of [cost, byMean, byDispersion].entries())
          expect(Math.abs((found?.[part] as number) / wanted - 1), `${part}`).toBeLessThan(2e-5);
      }
    },
  );
  test("has probabilities that add up to 1, with the mean and the variance that it states", () => {
    const [m, a] = [3, 0.5];
    const costs = evaluate(
      "negativeBinomialLikelihood",
      Array.from({ length: 150 }, (_, y): Point => [m, a, y]),
      reference,
    );
    const sum = (of: (y: number) => number) =>
      costs.reduce((all, [cost], y) => all + of(y) * Math.exp(-(cost as number)), 0);
    expect(sum(() => 1)).toBeCloseTo(1, 6);
    expect(sum((y) => y)).toBeCloseTo(m, 5);
    expect(sum((y) => (y - m) ** 2)).toBeCloseTo(m + a * m * m, 4);
  });
  test("has a gradient that agrees with central differences, also by targets between counts", () => {
    const inputs = { m: randomValue([3, 4], 1), a: randomValue([3, 4], 2), y: randomValue([3, 4], 3) };
    for (const scale of [0.1, 1, 30])
      checkGradient(
        ({ m, a, y }) =>
          negativeBinomialLikelihood(
            (m as Tensor).exp().mul(scale),
            (a as Tensor).mul(2).exp(),
            (y as Tensor).exp().mul(scale),
          ),
        inputs,
      );
    // At a count of 0 by mean and dispersion alone.
    checkGradient(
      ({ m, a }) => negativeBinomialLikelihood((m as Tensor).exp(), (a as Tensor).exp(), zeros([3, 4])),
      { m: inputs.m, a: inputs.a },
    );
  });
  test("is finite and right in float32 for counts to 1e6, dispersions and means from 1e-6 to 1e6", () => {
    const powers = Array.from({ length: 13 }, (_, at) => 10 ** (at - 6));
    const counts = [0, 1, 2, 5, 37, 100, 1e3, 12_345, 1e5, 1e6];
    const points = counts.flatMap((y) =>
      powers.flatMap((a) =>
        [...powers, y || 1, 1.01 * y || 1, 0.8 * y || 1, 1.3 * y || 1].map((m): Point => [m, a, y]),
      ),
    );
    // A slope by a count is not promised to be right, only finite.
    expectSame("negativeBinomialLikelihood", points, [1e-5, 1e-5, 1e-5, infinity]);
  });
  test("refuses counts below 0 and NaN that it is given, and is NaN for those that were computed", () => {
    const [m, y] = [float32(2), float32(2)];
    const given = compile((of) => negativeBinomialLikelihood(of.m, of.m, of.y), {
      inputs: { m, y },
      backend: reference,
    });
    for (const wrong of [-1, nan])
      expect(() => given({ m: [1, 2], y: [0, wrong] })).toThrow(
        new DataError(`input y: ${wrong} given at 1, 0 to Infinity expected`),
      );
    const computed = onBackends(
      (of) => negativeBinomialLikelihood(of.m as Tensor, of.m as Tensor, (of.m as Tensor).neg()),
      { m },
    );
    for (const [loss] of computed({ m: value(Float32Array.of(1, 0.1), [2]) })) expect(loss).toEqual([nan]);
  });
});
