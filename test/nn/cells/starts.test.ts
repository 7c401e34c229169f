// Cells that say how their weights start, and options that are refused.
import { expect, test } from "vitest";
import { UsageError } from "../../../src/errors.ts";
import { initialize, irnn, lstmWith, recurrent, recurrentHighway } from "../../../src/nn/index.ts";
import type { Variable } from "../../../src/trace/variable.ts";

const startOf = (layer: { weights: object }, name: string) =>
  Array.from((layer.weights as Record<string, Variable>)[name]?.value ?? []);

test("irnn repeats its state at first, whatever the layer's scheme", () => {
  for (const scheme of ["default", "orthogonal"] as const) {
    const layer = initialize(recurrent(irnn, 50, 3, { initialize: scheme }), { seed: 1 });
    expect(startOf(layer, "weight_hh_l0")).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
    expect([...startOf(layer, "bias_ih_l0"), ...startOf(layer, "bias_hh_l0")]).toEqual(new Array(6).fill(0));
    const inputs = startOf(layer, "weight_ih_l0");
    const deviation = Math.sqrt(inputs.reduce((sum, weight) => sum + weight ** 2, 0) / inputs.length);
    expect(deviation).toBeGreaterThan(0.0008);
    expect(deviation).toBeLessThan(0.0012);
  }
});

test("the gates of a recurrent highway start nearly closed", () => {
  const layer = initialize(recurrent(recurrentHighway({ depth: 2, gateBias: -3 }), 2, 2), { seed: 1 });
  expect([startOf(layer, "b_T1_l0"), startOf(layer, "b_T2_l0")]).toEqual([
    [-3, -3],
    [-3, -3],
  ]);
  expect(Object.keys(layer.weights)).toHaveLength(2 + 2 * 4);
});

test("with chrono the units of an LSTM keep for times from 1 to the longest, and take in as little as they keep", () => {
  const hidden = 400;
  const layer = initialize(recurrent(lstmWith({ chrono: 100 }), 1, hidden), { seed: 1 });
  const bias = startOf(layer, "bias_ih_l0");
  const [i, f, g, o] = [0, 1, 2, 3].map((gate) => bias.slice(gate * hidden, (gate + 1) * hidden));
  const times = (f as number[]).map(Math.exp);
  expect(Math.min(...times)).toBeGreaterThanOrEqual(1);
  expect(Math.min(...times)).toBeLessThan(3);
  expect(Math.max(...times)).toBeGreaterThan(96);
  expect(Math.max(...times)).toBeLessThanOrEqual(99.001);
  expect(times.reduce((sum, time) => sum + time, 0) / hidden).toBeCloseTo(50, -1);
  expect(i).toEqual((f as number[]).map((start) => -start));
  expect([...(g as number[]), ...(o as number[]), ...startOf(layer, "bias_hh_l0")]).toEqual(
    new Array(6 * hidden).fill(0),
  );
  for (const chrono of [1, 2.5, Number.NaN]) {
    expect(() => lstmWith({ chrono })).toThrow(
      `lstmWith: chrono ${chrono} given, an integer from 2 expected`,
    );
  }
  expect(() => lstmWith({ chrono: 9, forgetBias: 1 })).toThrow("one of them expected");
});

test("a depth that is no size and a bias that is no number are refused", () => {
  for (const depth of [0, 1.5, -1]) {
    expect(() => recurrentHighway({ depth })).toThrow(
      new UsageError(`recurrentHighway: depth ${depth} given, a positive integer expected`),
    );
  }
  expect(() => recurrentHighway({ gateBias: Number.POSITIVE_INFINITY })).toThrow(
    new UsageError("recurrentHighway: gateBias Infinity given, a number expected"),
  );
});
