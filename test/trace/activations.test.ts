// Activations against their definitions in float64, over the whole range and at its ends, with their gradients.
import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { gradient } from "../../src/gradient/index.ts";
import { float32, value } from "../../src/program/compile.ts";
import { elu, gelu, leakyRelu, logSigmoid, softplus } from "../../src/trace/activations.ts";
import { zeros } from "../../src/trace/functions.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { checkGradient } from "../gradient/check.ts";
import { onBackends } from "../helpers/backends.ts";
import { randomValue } from "../helpers/values.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

/** The distribution function of the standard normal: its series near 0, its continued fraction in the tail. */
function normal(x: number): number {
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  if (Math.abs(x) < 3) {
    let [term, sum] = [x, x];
    for (let n = 1; n < 100; n++) {
      term *= (x * x) / (2 * n + 1);
      sum += term;
    }
    return 0.5 + density * sum;
  }
  let fraction = 0;
  for (let n = 200; n > 0; n--) fraction = n / (Math.abs(x) + fraction);
  const beyond = density / (Math.abs(x) + fraction);
  return x < 0 ? beyond : 1 - beyond;
}
const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
const sigmoid = (x: number) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)));
const inner = (x: number) => 2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3);
const slopeOfInner = (x: number) => 2 * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x ** 2);

interface Activation {
  readonly apply: (x: Tensor) => Tensor;
  readonly value: (x: number) => number;
  readonly slope: (x: number) => number;
  /** At -infinity and infinity. */
  readonly ends: readonly [number, number];
}
const activations: Readonly<Record<string, Activation>> = {
  "gelu, by erf": {
    apply: (x) => gelu(x),
    value: (x) => x * normal(x),
    slope: (x) => normal(x) + x * density(x),
    ends: [0, infinity],
  },
  "gelu, by tanh": {
    apply: (x) => gelu(x, { form: "tanh" }),
    value: (x) => x * sigmoid(inner(x)),
    slope: (x) => sigmoid(inner(x)) * (1 + x * sigmoid(-inner(x)) * slopeOfInner(x)),
    ends: [0, infinity],
  },
  softplus: {
    apply: softplus,
    value: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    slope: sigmoid,
    ends: [0, infinity],
  },
  "log sigmoid": {
    apply: logSigmoid,
    value: (x) => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x))),
    slope: (x) => sigmoid(-x),
    ends: [-infinity, -0],
  },
  "leaky relu": {
    apply: (x) => leakyRelu(x),
    value: (x) => (x <= 0 ? 0.01 * x : x),
    slope: (x) => (x <= 0 ? 0.01 : 1),
    ends: [-infinity, infinity],
  },
  elu: {
    apply: (x) => elu(x, 1.5),
    value: (x) => (x <= 0 ? 1.5 * Math.expm1(x) : x),
    slope: (x) => (x <= 0 ? 1.5 * Math.exp(x) : 1),
    ends: [-1.5, infinity],
  },
};

describe.each(Object.entries(activations))("%s", (name, { apply, value: expected, slope, ends }) => {
  const run = onBackends(({ x }) => [apply(x as Tensor), gradient(apply(x as Tensor).sum(), x as Tensor)], {
    x: float32("N"),
  });
  // From the smallest numbers to the largest, of both signs, and densely where they bend.
  const scales = Array.from({ length: 600 }, (_, at) => 10 ** (at / 10 - 29.9));
  const dense = Array.from({ length: 2001 }, (_, at) => at / 80 - 12.5);
  const x = Float32Array.from([0, ...scales, ...scales.map((one) => -one), ...dense]);
  test("is its definition, and so is its gradient", () => {
    const results = run({ x: value(x, [x.length]) });
    for (const [values, slopes] of results) {
      x.forEach((at, index) => {
        const wanted = expected(at);
        // Far below 0 a gelu is tiny, and only so much of e^(-x^2 / 2) is kept.
        const error = Math.abs((values?.[index] as number) - wanted);
        expect(error, `${name} of ${at}`).toBeLessThanOrEqual(
          4e-7 * Math.max(Math.abs(wanted), Math.min(1, Math.abs(at))),
        );
        expect(Math.abs((slopes?.[index] as number) - slope(at)), `slope of ${name} at ${at}`).toBeLessThan(
          3e-6,
        );
      });
    }
  });
  test("is right at the ends, and NaN stays", () => {
    for (const [values, slopes] of run({ x: value(Float32Array.of(-infinity, infinity, nan), [3]) })) {
      expect(values?.[0]).toBeCloseTo(ends[0], 12);
      expect(values?.slice(1)).toEqual([ends[1], nan]);
      expect(slopes?.slice(0, 2).some(Number.isNaN)).toBe(false);
    }
  });
  test("has a gradient, and a second one, that agree with central differences", () => {
    const given = { x: randomValue([3, 4]) };
    checkGradient(({ x: t }) => apply(t.mul(3)).square().sum(), given);
    checkGradient(
      ({ x: t }) =>
        gradient(apply(t.mul(3)).square().sum(), t)
          .square()
          .sum(),
      given,
      { tolerance: 1e-5 },
    );
  });
});

test("small results keep their digits", () => {
  const run = onBackends(({ x }) => [softplus(x as Tensor), elu(x as Tensor), gelu(x as Tensor)], {
    x: float32(2),
  });
  const [, fast] = run({ x: value(Float32Array.of(-20, -1e-5), [2]) });
  expect(fast?.[0]?.[0]).toBeCloseTo(Math.exp(-20), 15);
  expect((fast?.[1]?.[1] as number) / Math.expm1(Math.fround(-1e-5))).toBeCloseTo(1, 6);
  const far = run({ x: value(Float32Array.of(-5, -9), [2]) })[1]?.[2] as number[];
  far.forEach((given, at) => {
    const x = [-5, -9][at] as number;
    expect(given / (x * normal(x))).toBeCloseTo(1, 4);
  });
});

test("what is no slope and no form is refused", () => {
  const x = zeros(["T"]);
  expect(() => leakyRelu(x, nan)).toThrow(new UsageError("leakyRelu: slope NaN given, a number expected"));
  expect(() => elu(x, "1" as never)).toThrow(new UsageError('elu: alpha "1" given, a number expected'));
  expect(() => gelu(x, { form: "none" as never })).toThrow(
    new UsageError('gelu: form "none" given, erf, tanh expected'),
  );
});
