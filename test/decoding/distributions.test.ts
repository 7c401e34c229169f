// Quantiles of distributions against sums of their probabilities and known values; what is drawn from them; what is refused.
import { describe, expect, test } from "vitest";
import {
  drawGaussian,
  drawNegativeBinomial,
  gaussianQuantile,
  negativeBinomialQuantile,
  sampleQuantiles,
} from "../../src/decoding/distributions/index.ts";
import { DataError, UsageError } from "../../src/errors.ts";
import { randomSource } from "../../src/nn/index.ts";
import { numbers } from "../helpers/values.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
const draws = 20_000;

/** Mean and variance of what was drawn. */
function momentsOf(draw: () => number) {
  const drawn = Float64Array.from({ length: draws }, draw);
  const mean = drawn.reduce((sum, one) => sum + one, 0) / draws;
  return { mean, variance: drawn.reduce((sum, one) => sum + (one - mean) ** 2, 0) / draws };
}

describe("the normal distribution", () => {
  test.each([
    [1e-100, -21.27345356096532],
    [1e-10, -6.361340902404056],
    [0.01, -2.326347874040841],
    [0.05, -1.644853626951473],
    [0.075, -1.439531470938456],
    [0.25, -0.6744897501960817],
    [0.5, 0],
    [0.9, 1.281551565544601],
    [0.999999, 4.753424308817088],
  ])("has a share of %d below %d deviations", (share, distance) => {
    expect(Math.abs(gaussianQuantile(share) - distance)).toBeLessThan(
      1e-14 * Math.max(1, share / (1 - share)) * 25,
    );
    expect(gaussianQuantile(share, 3, 2)).toBe(3 + 2 * gaussianQuantile(share));
  });
  test("is symmetric and rises; with the deviation 0 all of it is at the mean", () => {
    let before = -infinity;
    for (let k = 1; k < 1024; k++) {
      const here = gaussianQuantile(k / 1024);
      expect(here).toBeGreaterThan(before);
      expect(here).toBe(0 - gaussianQuantile(1 - k / 1024));
      before = here;
    }
    expect(gaussianQuantile(0.9, 5, 0)).toBe(5);
  });
  test("is what is drawn", () => {
    const source = randomSource(1, "normal");
    const { mean, variance } = momentsOf(() => drawGaussian(source, 5, 3));
    expect(Math.abs(mean - 5)).toBeLessThan((4 * 3) / Math.sqrt(draws));
    expect(Math.abs(variance / 9 - 1)).toBeLessThan(4 * Math.sqrt(2 / draws));
  });
  test.each<[() => unknown, string]>([
    [() => gaussianQuantile(0), "gaussianQuantile: share 0 given, a number between 0 and 1 expected"],
    [() => gaussianQuantile(1), "gaussianQuantile: share 1 given, a number between 0 and 1 expected"],
    [() => gaussianQuantile(nan), "gaussianQuantile: share NaN given, a number between 0 and 1 expected"],
    [
      () => gaussianQuantile(0.5, infinity),
      "gaussianQuantile: mean Infinity given, a finite number expected",
    ],
    [() => gaussianQuantile(0.5, 0, -1), "gaussianQuantile: deviation -1 given, a number from 0 on expected"],
    [
      () => drawGaussian(randomSource(1, ""), 0, "1" as never),
      'drawGaussian: deviation "1" given, a number from 0 on expected',
    ],
  ])("%s is refused", (call, message) => {
    expect(call).toThrow(new UsageError(message));
  });
});

describe("the negative binomial distribution", () => {
  /** P(0), P(1), ... by the ratio of each to the one before it. */
  function probabilities(mean: number, dispersion: number, count: number): number[] {
    const failure = (dispersion * mean) / (1 + dispersion * mean);
    const all = [Math.exp(-Math.log1p(dispersion * mean) / dispersion)];
    for (let k = 1; k < count; k++)
      all.push(((all[k - 1] as number) * failure * (k - 1 + 1 / dispersion)) / k);
    return all;
  }
  const shares = [0, 1e-9, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.9999, 1 - 1e-9];

  test.each([
    [0.02, 3],
    [0.5, 1e-9],
    [1, 1],
    [3, 0.2],
    [7, 40],
    [50, 1e-4],
    [50, 0.5],
    [300, 2],
  ])(
    "of the mean %d and the dispersion %d: the least count up to which there is the share",
    (mean, dispersion) => {
      const all = probabilities(mean, dispersion, 20_000);
      let total = 0;
      const upTo = all.map((one) => (total += one));
      for (const share of shares) {
        const count = negativeBinomialQuantile(share, mean, dispersion);
        expect(upTo[count], `${share}`).toBeGreaterThanOrEqual(share - 1e-12);
        if (count > 0) expect(upTo[count - 1], `${share}`).toBeLessThan(share + 1e-12);
      }
    },
  );
  test.each([
    // By the incomplete beta function of mpmath, with 30 digits.
    [300, 7, 0.99, 3964],
    [12_345, 0.01, 0.1, 10_785],
    [12_345, 7, 0.5, 425],
    [1e6, 0.01, 0.5, 996_668],
    [1e6, 0.5, 0.99, 3_319_178],
    [1e6, 7, 0.99, 13_209_696],
    [1e6, 1e4, 0.99, 0],
  ])("of the mean %d and the dispersion %d has a share of %d up to %d", (mean, dispersion, share, count) => {
    expect(negativeBinomialQuantile(share, mean, dispersion)).toBe(count);
  });
  test("rises with the share and is finite at all ends of its range", () => {
    for (const mean of [0, 1e-12, 1, 1e6, 1e9])
      for (const dispersion of [1e-12, 1e-3, 1, 1e6]) {
        const counts = [...shares, 1 - 2 ** -53].map((share) =>
          negativeBinomialQuantile(share, mean, dispersion),
        );
        expect(counts[0]).toBe(0);
        expect(counts.every(Number.isInteger)).toBe(true);
        expect(counts).toEqual([...counts].sort((a, b) => a - b));
      }
    expect(negativeBinomialQuantile(0.999, 0, 1)).toBe(0);
  });
  test.each([
    [0.4, 2],
    [5, 0.5],
    [200, 0.1],
    [20, 1e-6],
  ])("is what is drawn: the mean %d and the dispersion %d", (mean, dispersion) => {
    const source = randomSource(2, "counts");
    const expected = mean + dispersion * mean * mean;
    const found = momentsOf(() => drawNegativeBinomial(source, mean, dispersion));
    expect(Math.abs(found.mean - mean)).toBeLessThan(4 * Math.sqrt(expected / draws));
    // The variance of a variance: of the fourth moment, which is of the gamma distribution's size.
    const kurtosis = 3 + 6 * dispersion + 1 / expected;
    expect(Math.abs(found.variance / expected - 1)).toBeLessThan(4 * Math.sqrt((kurtosis - 1) / draws));
  });
  test("drawn from the same source is the same", () => {
    const draw = () => {
      const source = randomSource(3, "same");
      return Array.from({ length: 50 }, () => drawNegativeBinomial(source, 4, 0.5));
    };
    expect(draw()).toEqual(draw());
  });
  test.each<[() => unknown, string]>([
    [
      () => negativeBinomialQuantile(1, 1, 1),
      "negativeBinomialQuantile: share 1 given, a number from 0 to below 1 expected",
    ],
    [
      () => negativeBinomialQuantile(0.5, -1, 1),
      "negativeBinomialQuantile: mean -1 given, a number from 0 to 1e9 expected",
    ],
    [
      () => negativeBinomialQuantile(0.5, nan, 1),
      "negativeBinomialQuantile: mean NaN given, a number from 0 to 1e9 expected",
    ],
    [
      () => negativeBinomialQuantile(0.5, 1, 0),
      "negativeBinomialQuantile: dispersion 0 given, a number from 1e-12 to 1e6 expected",
    ],
    [
      () => drawNegativeBinomial(randomSource(1, ""), 1, infinity),
      "drawNegativeBinomial: dispersion Infinity given, a number from 1e-12 to 1e6 expected",
    ],
  ])("%s is refused", (call, message) => {
    expect(call).toThrow(new UsageError(message));
  });
});

describe("samples", () => {
  test("have quantiles between the nearest two", () => {
    const samples = [3, 1, 4, 1.5, 9];
    expect(Array.from(sampleQuantiles(samples, [0, 0.25, 0.5, 0.6, 1]))).toEqual([1, 1.5, 3, 3 + 0.4 * 1, 9]);
    expect(samples).toEqual([3, 1, 4, 1.5, 9]);
    expect(Array.from(sampleQuantiles(Float32Array.of(7), [0.1, 0.9]))).toEqual([7, 7]);
  });
  test("have quantiles that never cross", () => {
    const shares = Array.from({ length: 101 }, (_, at) => at / 100);
    const found = sampleQuantiles(numbers(37, 3), shares);
    expect(found).toEqual(found.slice().sort());
  });
  test("are numbers, of which there is one", () => {
    expect(() => sampleQuantiles([], [0.5])).toThrow(
      new DataError("sampleQuantiles: an array of 0 given, an array of at least one number expected"),
    );
    expect(() => sampleQuantiles([1, nan, 2], [0.5])).toThrow(
      new DataError("sampleQuantiles: sample NaN given, numbers expected"),
    );
    expect(() => sampleQuantiles([1], [1.5])).toThrow(
      new UsageError("sampleQuantiles: share 1.5 given, a number from 0 to 1 expected"),
    );
  });
});
