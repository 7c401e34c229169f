// Multi-head attention beyond PyTorch's cases: what is not read reaches nothing, and what is refused.
import { describe, expect, test } from "vitest";
import { reference } from "../../../src/backends/reference/index.ts";
import { gradient } from "../../../src/gradient/index.ts";
import { initialize, multiHeadAttention, parameters } from "../../../src/nn/index.ts";
import { compile, float32, int32, value } from "../../../src/program/compile.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import { weightedSum } from "../../gradient/check.ts";
import { floats, integerTensor, randomValue } from "../../helpers/values.ts";
import { checkModelGradient } from "../check-model.ts";

const [L, S, B, E] = [3, 4, 2, 6];
const layer = initialize(multiHeadAttention(E, { heads: 3 }), { seed: 1 });

test("its weights have PyTorch's names and shapes", () => {
  expect(Object.entries(parameters(layer)).map(([name, { dimensions }]) => [name, dimensions])).toEqual([
    ["in_proj_weight", [18, 6]],
    ["in_proj_bias", [18]],
    ["out_proj.weight", [6, 6]],
    ["out_proj.bias", [6]],
  ]);
});

test("its gradients by weights agree with central differences, with lengths, causal, keys as values", () => {
  const of = multiHeadAttention(E, { heads: 2 });
  const found = checkModelGradient(
    of,
    (given) => {
      const call = { lengths: integerTensor(4, 2), causal: true };
      const { output, weights } = of.apply(given.query, given.key, undefined, call);
      return weightedSum(output, given.seed).add(weights.square().sum());
    },
    { query: randomValue([L, B, E], 1), key: randomValue([S, B, E], 2), seed: randomValue([L, B, E], 3) },
  );
  expect(found).toBe(4);
});

test("keys beyond lengths, NaN included, and steps after a query reach nothing", () => {
  const run = compile(
    ({ query, key, value: values, lengths }) => {
      const { output, weights } = layer.apply(query, key, values, { lengths, causal: true });
      const loss = output.square().sum().add(weights.square().sum());
      return { output, weights, slopes: gradient(loss, [query, key, values]) };
    },
    {
      inputs: {
        query: float32("L", "B", E),
        key: float32("S", "B", E),
        value: float32("S", "B", E),
        lengths: int32("B"),
      },
      backend: reference,
    },
  );
  const lengths = value(Int32Array.of(4, 2), [B]);
  const given = (filling: number) => {
    const key = floats([S, B, E], 2);
    const values = floats([S, B, E], 3);
    for (const s of [2, 3]) {
      for (const { data } of [key, values]) data.fill(filling, (s * B + 1) * E, (s * B + 2) * E);
    }
    return { query: floats([L, B, E], 1), key, value: values, lengths };
  };
  const [zeros, nans] = [0, Number.NaN].map((filling) => run(given(filling)));
  expect(nans).toEqual(zeros);
  const { data, shape } = (zeros as NonNullable<typeof zeros>).weights;
  expect(shape).toEqual([B, 3, L, S]);
  const at = (b: number, l: number) => Array.from(data.slice((b * 3 * L + l) * S, (b * 3 * L + l + 1) * S));
  expect(at(0, 0)).toEqual([1, 0, 0, 0]);
  expect(at(0, 1).slice(2)).toEqual([0, 0]);
  expect(at(1, 2).slice(2)).toEqual([0, 0]);
  expect(at(0, 2)[2]).toBeGreaterThan(0);
});

describe("misuse", () => {
  test("of sizes", () => {
    expect(() => multiHeadAttention(6, { heads: 4 })).toThrow(
      /multiHeadAttention: 4 heads of 6 units given, a multiple of the heads expected/,
    );
    expect(() => multiHeadAttention(6, { heads: 0 })).toThrow(/heads 0 given, a positive integer expected/);
    expect(() => multiHeadAttention(6, {} as never)).toThrow(/option heads is missing/);
  });
  test("of tensors", () => {
    const inputs = { query: float32("L", "B", E), key: float32("S", "B", E), lengths: int32("B") };
    const using = (build: (given: Record<keyof typeof inputs, Tensor>) => Tensor) => () =>
      compile((given) => build(given), { inputs });
    expect(using(({ query, key }) => layer.apply(query, key.slice(2, 1)).output)).toThrow(
      /float32 \(T, B, 6\) expected/,
    );
    expect(using(({ query, key }) => layer.apply(query, key.slice(1, 1)).output)).toThrow(
      /\(L, B, 6\), \(S, B-1, 6\), \(S, B-1, 6\) given/,
    );
    expect(using(({ query, key }) => layer.apply(query, key, query).output)).toThrow(
      /\(L, B, 6\), \(S, B, 6\), \(L, B, 6\) given/,
    );
    expect(using(({ query, key }) => layer.apply(query, key, key, { lengths: query }).output)).toThrow(
      /lengths float32 \(L, B, 6\) given, int32 \(B\) expected/,
    );
    expect(using(({ query, key }) => layer.apply(query, key, key, { masked: true } as never).output)).toThrow(
      /masked/,
    );
  });
});
