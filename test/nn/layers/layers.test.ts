// Embedding, linear, dropout and layer normalisation against plain loops, their gradients, and wrong uses.
import { describe, expect, test } from "vitest";
import { reference } from "../../../src/backends/reference/index.ts";
import { ShapeError, UsageError } from "../../../src/errors.ts";
import {
  dropout,
  embedding,
  foldKey,
  initialize,
  layerNorm,
  linear,
  parameters,
} from "../../../src/nn/index.ts";
import { compile, float32, int32, value } from "../../../src/program/compile.ts";
import { full } from "../../../src/trace/functions.ts";
import { weightedSum } from "../../gradient/check.ts";
import { randomValue } from "../../helpers/values.ts";
import { checkModelGradient } from "../check-model.ts";

describe("embedding", () => {
  const layer = initialize(embedding(6, 3), { seed: 1 });
  const tokens = value(Int32Array.of(5, 0, 2, 2, 2, 1), [3, 2]);
  test("reads rows", () => {
    const { data, shape } = compile((inputs) => layer.apply(inputs), { inputs: int32("T", "B") })(tokens);
    expect(shape).toEqual([3, 2, 3]);
    tokens.data.forEach((token, at) => {
      expect(Array.from(data.slice(3 * at, 3 * at + 3))).toEqual(
        Array.from(layer.weights.weight.value.slice(3 * token, 3 * token + 3)),
      );
    });
  });
  test("its gradient adds up where a token comes again", () => {
    checkModelGradient(layer, ({ t, seed }) => weightedSum(layer.apply(t).square(), seed), {
      t: tokens,
      seed: randomValue([3, 2, 3], 2),
    });
  });
  test("drops whole words: one word is 0 wherever it stands, or scaled wherever it stands", () => {
    const words = 500;
    const dropping = embedding(words, 2, { dropout: 0.2 });
    dropping.weights.weight.value = new Float32Array(2 * words).fill(1);
    const complete = initialize(embedding(words, 2), { seed: 2 });
    const twice = value(
      Int32Array.from({ length: 2 * words }, (_, at) => at % words),
      [2, words],
    );
    const run = compile(
      (inputs) => [
        dropping.apply(inputs.t, inputs.key),
        dropping.apply(inputs.t),
        complete.apply(inputs.t, inputs.key),
      ],
      { inputs: { t: int32("T", "B"), key: int32(2) } },
    );
    const at = (second: number) => run({ t: twice, key: [3, second] });
    const [dropped, whole, plain] = at(1);
    expect(new Set(whole?.data)).toEqual(new Set([1]));
    expect(plain).toEqual(run({ t: twice, key: [3, 2] })[2]); // no dropout, no matter what the key
    const data = Array.from(dropped?.data ?? []);
    expect(new Set(data)).toEqual(new Set([0, 1.25]));
    expect(data.slice(2 * words)).toEqual(data.slice(0, 2 * words));
    for (let word = 0; word < words; word++) expect(data[2 * word]).toBe(data[2 * word + 1]);
    expect(Math.abs(data.filter((one) => one === 0).length / data.length - 0.2)).toBeLessThan(0.05);
    expect(Array.from(at(1)[0]?.data ?? [])).toEqual(data);
    expect(Array.from(at(2)[0]?.data ?? [])).not.toEqual(data);
  });
  test("its gradient with words dropped", () => {
    const dropping = embedding(6, 3, { dropout: 0.4 });
    checkModelGradient(dropping, ({ t, key, seed }) => weightedSum(dropping.apply(t, key).square(), seed), {
      t: tokens,
      key: value(Int32Array.of(1, 1), [2]),
      seed: randomValue([3, 2, 3], 2),
    });
  });
  test("refuses a dropout of 1", () => {
    expect(() => embedding(6, 3, { dropout: 1 })).toThrow(
      new UsageError("embedding: dropout 1 given, a number from 0 to below 1 expected"),
    );
  });
  test("refuses tokens that are not int32", () => {
    expect(() => compile((inputs) => layer.apply(inputs), { inputs: float32("T") })).toThrow(
      /^embedding: tokens of float32 given, int32 expected, at .*layers\.test\.ts/,
    );
  });
});

describe("linear", () => {
  const layer = initialize(linear(3, 2), { seed: 2 });
  const x = randomValue([4, 2, 3], 5);
  test("is W x + b for every row", () => {
    const { data, shape } = compile((inputs) => layer.apply(inputs), {
      inputs: float32("T", "B", 3),
      backend: reference,
    })(x);
    expect(shape).toEqual([4, 2, 2]);
    const { weight, bias } = layer.weights;
    data.forEach((given, at) => {
      const [row, out] = [Math.floor(at / 2), at % 2];
      let sum = bias?.value[out] ?? Number.NaN;
      for (let i = 0; i < 3; i++)
        sum += (weight.value[3 * out + i] as number) * (x.data[3 * row + i] as number);
      expect(given).toBeCloseTo(sum, 12);
    });
  });
  test("can share the weight of an embedding: one matrix, one name, one gradient of both uses", () => {
    const words = embedding(5, 3);
    const model = { words, head: linear(3, 5, { weight: words.weights.weight }) };
    expect(Object.keys(parameters(model))).toEqual(["words.weight", "head.bias"]);
    initialize(model, { seed: 3 });
    expect(model.head.weights.weight).toBe(words.weights.weight);
    const found = checkModelGradient(
      model,
      ({ t, seed }) => weightedSum(model.head.apply(words.apply(t)), seed),
      { t: value(Int32Array.of(4, 0, 1, 1), [2, 2]), seed: randomValue([2, 2, 5], 3) },
    );
    expect(found).toBe(2);
    expect(() => linear(3, 6, { weight: words.weights.weight })).toThrow(
      new UsageError("linear: a weight (5, 3) given, (6, 3) expected"),
    );
  });
  test("has no bias on request", () => {
    const plain = initialize(linear(3, 2, { bias: false }), { seed: 2 });
    expect(Object.keys(plain.weights)).toEqual(["weight"]);
    const { data } = compile((inputs) => plain.apply(inputs), { inputs: float32("B", 3) })([[0, 0, 0]]);
    expect(Array.from(data)).toEqual([0, 0]);
  });
  test("has a gradient that agrees with central differences", () => {
    const found = checkModelGradient(layer, ({ rows }) => layer.apply(rows).square().sum(), { rows: x });
    expect(found).toBe(2);
  });
  test("refuses rows of another width", () => {
    expect(() => compile((inputs) => layer.apply(inputs), { inputs: float32("B", 4) })).toThrow(
      /^linear: float32 \(B, 4\) given, float32 \(\.\.\., 3\) expected, at .*layers\.test\.ts/,
    );
    expect(() => compile((inputs) => layer.apply(inputs), { inputs: int32("B", 3) })).toThrow(ShapeError);
  });
});

describe("layer normalisation", () => {
  test("gives every row mean 0 and variance 1, then scale and shift", () => {
    const layer = initialize(layerNorm(5, { epsilon: 1e-3 }), { seed: 1 });
    layer.weights.weight.value = [1, 2, 3, 4, 5];
    layer.weights.bias.value = [0.5, 0, 0, 0, -1];
    const x = randomValue([2, 3, 5], 6);
    const { data } = compile((inputs) => layer.apply(inputs), {
      inputs: float32("T", "B", 5),
      backend: reference,
    })(x);
    for (let row = 0; row < 6; row++) {
      const values = Array.from(x.data.slice(5 * row, 5 * row + 5));
      const mean = values.reduce((sum, one) => sum + one, 0) / 5;
      const variance = values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / 5;
      values.forEach((one, at) => {
        const normal = (one - mean) / Math.sqrt(variance + Math.fround(1e-3));
        expect(data[5 * row + at]).toBeCloseTo(normal * (at + 1) + ([0.5, 0, 0, 0, -1][at] as number), 12);
      });
    }
  });
  test("of equal elements is the shift, not NaN", () => {
    const layer = initialize(layerNorm(3), { seed: 1 });
    const { data } = compile((inputs) => layer.apply(inputs), { inputs: float32("B", 3) })([[7, 7, 7]]);
    expect(Array.from(data)).toEqual([0, 0, 0]);
  });
  test("has a gradient that agrees with central differences", () => {
    const layer = layerNorm(4);
    const before = linear(3, 4);
    const inputs = { x: randomValue([5, 3], 7), seed: randomValue([5, 4], 8) };
    const found = checkModelGradient(
      { before, layer },
      ({ x, seed }) => weightedSum(layer.apply(before.apply(x)), seed),
      inputs,
    );
    expect(found).toBe(4);
  });
});

describe("dropout", () => {
  const key = (second: number) => value(Int32Array.of(3, second), [2]);
  const dropped = (probability: number, use?: number) =>
    compile(
      (inputs) => {
        const own = use === undefined ? inputs : foldKey(inputs, use);
        return dropout(probability).apply(full(1, [200, 100]), own);
      },
      { inputs: int32(2) },
    );
  const zerosIn = (data: ArrayLike<number>) => Array.from(data).filter((one) => one === 0).length;

  test("zeroes the part it says and keeps the mean", () => {
    for (const probability of [0.1, 0.5, 0.9]) {
      const { data } = dropped(probability)(key(1));
      const kept = Math.fround(1 / (1 - probability));
      expect(Array.from(data).every((one) => one === 0 || Math.abs(one - kept) < 1e-6)).toBe(true);
      expect(Math.abs(zerosIn(data) / data.length - probability)).toBeLessThan(0.015);
    }
  });
  test("draws another mask for another key, and for another use of a key", () => {
    const masks = [
      dropped(0.5)(key(1)),
      dropped(0.5)(key(2)),
      dropped(0.5, 0)(key(1)),
      dropped(0.5, 1)(key(1)),
      dropped(0.5, 0)(key(2)),
    ].map(({ data }) => Array.from(data, (one) => (one === 0 ? -1 : 1)));
    masks.forEach((a, i) => {
      masks.slice(0, i).forEach((b) => {
        const correlation = a.reduce((sum, one, at) => sum + one * (b[at] as number), 0) / a.length;
        expect(Math.abs(correlation)).toBeLessThan(0.05);
      });
    });
  });
  test("is nothing without a key or with probability 0", () => {
    const { data } = compile((inputs) => dropout(0.5).apply(inputs), { inputs: float32("B") })([1, 2, 3]);
    expect(Array.from(data)).toEqual([1, 2, 3]);
    expect(zerosIn(dropped(0)(key(1)).data)).toBe(0);
  });
});

describe("sizes and settings that are none are refused", () => {
  const cases: [string, () => unknown][] = [
    ["embedding: vocabulary 0 given, a positive integer expected", () => embedding(0, 4)],
    ["embedding: size -1 given, a positive integer expected", () => embedding(4, -1)],
    ["linear: input size NaN given, a positive integer expected", () => linear(Number.NaN, 4)],
    ["linear: output size 2.5 given, a positive integer expected", () => linear(4, 2.5)],
    ['linear: output size "4" given, a positive integer expected', () => linear(4, "4" as never)],
    [
      "layerNorm: size Infinity given, a positive integer expected",
      () => layerNorm(Number.POSITIVE_INFINITY),
    ],
    ["layerNorm: epsilon 0 given, a positive number expected", () => layerNorm(4, { epsilon: 0 })],
    ["dropout: probability 1 given, a number from 0 to below 1 expected", () => dropout(1)],
    ["dropout: probability -0.1 given, a number from 0 to below 1 expected", () => dropout(-0.1)],
    ["dropout: probability NaN given, a number from 0 to below 1 expected", () => dropout(Number.NaN)],
  ];
  for (const [message, make] of cases) test(message, () => expect(make).toThrow(new UsageError(message)));
});
