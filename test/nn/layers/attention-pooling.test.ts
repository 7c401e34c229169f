/** Pooling by attention against plain loops; what stands beyond a row's length is never read. */

import { describe, expect, it, test } from "vitest";
import { reference } from "../../../src/backends/reference/index.ts";
import { wasm } from "../../../src/backends/wasm/index.ts";
import { gradient } from "../../../src/gradient/index.ts";
import { attentionPooling, initialize, parameters } from "../../../src/nn/index.ts";
import { compile, float32, int32 } from "../../../src/program/compile.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import { checkGradient } from "../../gradient/check.ts";
import { integers, integerTensor, randomValue } from "../../helpers/values.ts";
import { checkModelGradient } from "../check-model.ts";

const [T, B, H, A] = [5, 3, 4, 3];
const lengths = [5, 2, 1];
const x = randomValue([T, B, H], 1);
const at = (t: number, b: number, h: number) => x.data[(t * B + b) * H + h] as number;
const holed = (hole: number) =>
  Float64Array.from(x.data, (one, index) =>
    Math.floor(index / (B * H)) < (lengths[Math.floor(index / H) % B] as number) ? one : hole,
  );

const make = () => initialize({ pool: attentionPooling(H, { units: A }) }, { seed: 3 }).pool;

/** What the definition says, step by step. */
function plain(pool: ReturnType<typeof make>, of: readonly number[]) {
  const { hidden, score } = pool.weights;
  const [w, b, v] = [hidden.weights.weight, hidden.weights.bias, score.weights.weight].map((variable) =>
    Array.from(variable?.value as ArrayLike<number>),
  ) as [number[], number[], number[]];
  const weights = of.map((length, row) => {
    const scores = Array.from({ length }, (_, t) =>
      v.reduce((sum, one, unit) => {
        const inner = Array.from({ length: H }, (_, h) => (w[unit * H + h] as number) * at(t, row, h));
        return sum + one * Math.tanh(inner.reduce((a, c) => a + c, b[unit] as number));
      }, 0),
    );
    const all = scores.reduce((sum, one) => sum + Math.exp(one), 0);
    return scores.map((one) => Math.exp(one) / all);
  });
  const output = weights.flatMap((own, row) =>
    Array.from({ length: H }, (_, h) => own.reduce((sum, weight, t) => sum + weight * at(t, row, h), 0)),
  );
  const laid = Array.from({ length: T * B }, (_, place) => weights[place % B]?.[Math.floor(place / B)] ?? 0);
  return { output, weights: laid };
}

describe.each([reference, wasm])("$name", (backend) => {
  it("is the mean of all steps, weighted by their scores", () => {
    const pool = make();
    const run = compile((x: Tensor) => pool.apply(x), { inputs: float32("T", "B", H), backend });
    const found = run({ shape: x.shape, data: Float32Array.from(x.data) });
    const expected = plain(pool, [T, T, T]);
    for (const [index, one] of expected.output.entries())
      expect(found.output.data[index]).toBeCloseTo(one, 5);
    for (const [index, one] of expected.weights.entries())
      expect(found.weights.data[index]).toBeCloseTo(one, 5);
    expect([found.output.shape, found.weights.shape]).toEqual([
      [B, H],
      [T, B],
    ]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -3e38])(
    "reads a row's own steps only: %d beyond",
    (hole) => {
      const pool = make();
      const run = compile(
        ({ x, lengths }: { x: Tensor; lengths: Tensor }) => {
          const { output, weights } = pool.apply(x, lengths);
          const loss = output.square().sum().add(weights.square().sum());
          return { output, weights, slopes: gradient(loss, { x, ...parameters(pool) }) };
        },
        { inputs: { x: float32("T", "B", H), lengths: int32("B") }, backend },
      );
      const given = { shape: x.shape, data: Float32Array.from(holed(hole)) };
      const { output, weights, slopes } = run({ x: given, lengths: integers(lengths) });
      const expected = plain(pool, lengths);
      for (const [index, one] of expected.output.entries()) expect(output.data[index]).toBeCloseTo(one, 5);
      for (const [index, one] of expected.weights.entries()) {
        expect(weights.data[index]).toBeCloseTo(one, 5);
        if (one === 0) expect(weights.data[index]).toBe(0);
      }
      for (const { data } of Object.values(slopes))
        expect(Array.from(data).every(Number.isFinite)).toBe(true);
      for (const [index, slope] of Array.from(slopes.x.data).entries()) {
        if (given.data[index] === Math.fround(hole) || Number.isNaN(given.data[index])) expect(slope).toBe(0);
      }
    },
  );
});

test("its slopes are those of differences, by x and by the weights", () => {
  const pool = make();
  const loss = (x: Tensor) => {
    const { output, weights } = pool.apply(x, integerTensor(...lengths));
    return output.tanh().sum().add(weights.square().sum());
  };
  checkGradient(({ x }) => loss(x), { x });
  checkModelGradient({ pool }, ({ x }) => loss(x as Tensor), { x });
});

test("what does not fit is refused", () => {
  expect(() => attentionPooling(0)).toThrow("attentionPooling: size 0 given, a positive integer expected");
  expect(() => attentionPooling(2, { units: 1.5 })).toThrow("attentionPooling: units 1.5 given");
  const pool = make();
  const trace = (shape: number[], of: number) => () =>
    compile(({ x, lengths }: { x: Tensor; lengths: Tensor }) => pool.apply(x, lengths), {
      inputs: { x: float32(...shape), lengths: int32(of) },
      backend: reference,
    });
  expect(trace([4, 3], 3)).toThrow("attentionPooling: float32 (4, 3) given, float32 (T, B, 4) expected");
  expect(trace([4, 3, 4], 2)).toThrow("attentionPooling: lengths int32 (2) given, int32 (3) expected");
  expect(attentionPooling(7).weights.hidden.weights.weight.dimensions).toEqual([7, 7]);
});
