// Batch normalisation: against plain loops, with and without lengths, its running statistics in training, its gradient.
import { describe, expect, test } from "vitest";
import { reference } from "../../../src/backends/reference/index.ts";
import { UsageError } from "../../../src/errors.ts";
import { gradient } from "../../../src/gradient/index.ts";
import { batchNorm, countParameters, initialize, linear } from "../../../src/nn/index.ts";
import { compile, float32, int32, value } from "../../../src/program/compile.ts";
import { sgd } from "../../../src/training/optimizers.ts";
import { trainingStep } from "../../../src/training/step.ts";
import { weightedSum } from "../../gradient/check.ts";
import { numbers, randomValue } from "../../helpers/values.ts";
import { checkModelGradient } from "../check-model.ts";

const [T, B, N] = [4, 3, 2];
const x = randomValue([T, B, N], 1);
const lengths = value(Int32Array.of(2, 4, 1), [B]);
/** The values of the layer's weights. */
const scales = [0.5, -1.5];
const shifts = [0.25, 2];
const means = [0.1, -0.2];
const variances = [0.8, 1.7];
const always = (): boolean => true;
const within = (t: number, b: number) => t < (lengths.data[b] as number);

/** The rows that count, and their mean and variance by feature. */
function statistics(counts: (t: number, b: number) => boolean) {
  const rows: number[][] = [];
  for (let t = 0; t < T; t++) {
    for (let b = 0; b < B; b++) {
      if (counts(t, b)) rows.push(Array.from(x.data.slice((t * B + b) * N, (t * B + b + 1) * N)));
    }
  }
  const mean = [0, 1].map((k) => rows.reduce((sum, row) => sum + (row[k] as number), 0) / rows.length);
  const variance = [0, 1].map(
    (k) => rows.reduce((sum, row) => sum + ((row[k] as number) - (mean[k] as number)) ** 2, 0) / rows.length,
  );
  return { count: rows.length, mean, variance };
}

function layerWithValues() {
  const layer = initialize(batchNorm(N), { seed: 1 });
  const { weight, bias, running_mean, running_var } = layer.weights;
  weight.value = scales;
  bias.value = shifts;
  running_mean.value = means;
  running_var.value = variances;
  return layer;
}

describe.each([
  ["all rows", always, false],
  ["rows within their lengths", within, true],
] as const)("%s", (_, counts, hasLengths) => {
  const { count, mean, variance } = statistics(counts);
  const expectNormalised = (
    given: ArrayLike<number>,
    centre: ArrayLike<number>,
    spread: ArrayLike<number>,
  ) => {
    Array.from(given).forEach((one, at) => {
      const [t, b, k] = [Math.floor(at / (B * N)), Math.floor(at / N) % B, at % N];
      const normal =
        ((x.data[at] as number) - (centre[k] as number)) /
        Math.sqrt((spread[k] as number) + Math.fround(1e-5));
      const wanted = normal * (scales[k] as number) + (shifts[k] as number);
      expect(one).toBeCloseTo(counts(t, b) ? wanted : 0, 12);
    });
  };
  test("training normalises by the batch, and moves the running statistics", () => {
    const layer = layerWithValues();
    const run = compile(
      (inputs, update) => layer.apply(inputs.x, { update, ...(hasLengths && { lengths: inputs.lengths }) }),
      { inputs: { x: float32("T", "B", N), lengths: int32("B") }, backend: reference },
    );
    expectNormalised(run({ x, lengths }).data, mean, variance);
    const { running_mean, running_var } = layer.weights;
    mean.forEach((centre, k) => {
      const unbiased = ((variance[k] as number) * count) / (count - 1);
      expect(running_mean.value[k]).toBeCloseTo(0.9 * (means[k] as number) + 0.1 * centre, 6);
      expect(running_var.value[k]).toBeCloseTo(0.9 * (variances[k] as number) + 0.1 * unbiased, 6);
    });
  });
  test("otherwise the running statistics are used, and stay", () => {
    const layer = layerWithValues();
    const run = compile((inputs) => layer.apply(inputs.x, hasLengths ? { lengths: inputs.lengths } : {}), {
      inputs: { x: float32("T", "B", N), lengths: int32("B") },
      backend: reference,
    });
    const found = run({ x, lengths }).data;
    expectNormalised(found, layer.weights.running_mean.value, layer.weights.running_var.value);
    expect(run({ x, lengths }).data).toEqual(found);
  });
  test("its gradient, through the batch's statistics, agrees with central differences", () => {
    const model = { below: linear(N, N), norm: batchNorm(N) };
    const moving: string[] = [];
    const found = checkModelGradient(
      model,
      (inputs) => {
        const below = model.below.apply(inputs.x);
        const normal = model.norm.apply(below, {
          update: ({ name }) => moving.push(name),
          ...(hasLengths && { lengths: inputs.lengths }),
        });
        return weightedSum(normal, inputs.seed);
      },
      { x, lengths, seed: randomValue([T, B, N], 5) },
    );
    // Adding to every row moves nothing, so the bias below has no slope beyond rounding.
    expect(found).toBeGreaterThanOrEqual(3);
    expect(new Set(moving)).toEqual(new Set(["norm.running_mean", "norm.running_var"]));
  });
});

test.each([true, false])("what lies behind a row's end changes nothing, training %s", (training) => {
  const [steps, batch, size, lengths] = [4, 2, 3, [2, 4]];
  const garbage = [0, Number.NaN, Number.POSITIVE_INFINITY];
  const [clean, ...spoilt] = garbage.map((filling) => {
    const layer = initialize(batchNorm(size), { seed: 1 });
    const run = compile(
      (inputs, update) => {
        const output = layer.apply(inputs.x, { lengths: inputs.n, ...(training && { update }) });
        const loss = output.square().mul(inputs.weights).sum();
        return {
          output,
          by: gradient(loss, { weight: layer.weights.weight, bias: layer.weights.bias, x: inputs.x }),
        };
      },
      { inputs: { x: float32("T", "B", size), weights: float32("T", "B", size), n: int32("B") } },
    );
    const x = Float32Array.from(numbers(steps * batch * size, 4), (own, at) =>
      Math.floor(at / (batch * size)) < (lengths[Math.floor(at / size) % batch] as number) ? own : filling,
    );
    const weights = value(Float32Array.from(numbers(x.length, 5)), [steps, batch, size]);
    const result = run({ x: value(x, [steps, batch, size]), weights, n: lengths });
    return { result, running: [layer.weights.running_mean.value, layer.weights.running_var.value] };
  });
  for (const other of spoilt) expect(other).toEqual(clean);
});

test("a training step trains weight and bias, and the running statistics come to be the data's", () => {
  const layer = initialize(batchNorm(1, { momentum: 0.2 }), { seed: 1 });
  expect(countParameters(layer)).toBe(2);
  const data = Float32Array.from(numbers(64, 3), (one) => 5 + 2 * one);
  const step = trainingStep({
    parameters: Object.values(layer.weights),
    optimizer: sgd(),
    inputs: { x: float32("B", 1), y: float32("B", 1) },
    loss: ({ x: rows, y }, update) => ({
      loss: layer.apply(rows, { update }).sub(y).square().mean(),
      outputs: {},
    }),
  });
  // The target is the data: weight has to become its deviation, bias its mean.
  let loss = Number.POSITIVE_INFINITY;
  for (let k = 0; k < 60; k++)
    loss = step.run({ x: value(data, [64, 1]), y: value(data, [64, 1]) }, 0.2).loss;
  expect(loss).toBeLessThan(1e-6);
  const mean = data.reduce((sum, one) => sum + one) / 64;
  const variance = data.reduce((sum, one) => sum + (one - mean) ** 2, 0) / 63;
  const { weight, bias, running_mean, running_var } = layer.weights;
  expect(bias.value[0]).toBeCloseTo(mean, 3);
  expect(weight.value[0]).toBeCloseTo(Math.sqrt((variance * 63) / 64), 3);
  expect(running_mean.value[0]).toBeCloseTo(mean, 3);
  expect(running_var.value[0]).toBeCloseTo(variance, 3);
});

describe("refused", () => {
  test.each([
    [() => batchNorm(0), "batchNorm: size 0 given, a positive integer expected"],
    [() => batchNorm(2, { epsilon: 0 }), "batchNorm: epsilon 0 given, a positive number expected"],
    [() => batchNorm(2, { momentum: 1.5 }), "batchNorm: momentum 1.5 given, a number from 0 to 1 expected"],
  ])("%s", (make, message) => {
    expect(make).toThrow(new UsageError(message));
  });
  test("two training calls in one program: which batch would the running statistics follow?", () => {
    const layer = batchNorm(2);
    expect(() =>
      compile((inputs, update) => layer.apply(layer.apply(inputs, { update }), { update }), {
        inputs: float32("B", 2),
      }),
    ).toThrow("running_mean is updated twice in one program");
  });
  test("another size, and lengths without time", () => {
    const layer = batchNorm(2);
    expect(() => compile((inputs) => layer.apply(inputs), { inputs: float32("B", 3) })).toThrow(
      /^batchNorm: float32 \(B, 3\) given, float32 \(\.\.\., 2\) expected, at .*batch-norm\.test\.ts/,
    );
    expect(() =>
      compile((inputs) => layer.apply(inputs.x, { lengths: inputs.n }), {
        inputs: { x: float32("B", 2), n: int32("B") },
      }),
    ).toThrow(/^batchNorm: float32 \(B, 2\) given, float32 \(T, B, 2\) expected/);
  });
});
