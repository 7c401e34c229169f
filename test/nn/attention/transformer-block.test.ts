// The Transformer's block against loops in float64, values and gradients; what it must not see; positions.
import { describe, expect, it, test } from "vitest";
import { reference } from "../../../src/backends/reference/index.ts";
import { wasm } from "../../../src/backends/wasm/index.ts";
import { gradient } from "../../../src/gradient/index.ts";
import {
  gru,
  initialize,
  parameters,
  recurrent,
  sinusoidalPositions,
  stacked,
  stateTypes,
  type TransformerBlockOptions,
  transformerBlock,
  withKey,
  zeroState,
} from "../../../src/nn/index.ts";
import { compile, float32, int32, value } from "../../../src/program/compile.ts";
import { tanh } from "../../../src/trace/functions.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import { onBackends } from "../../helpers/backends.ts";
import { expectClose, relativeError } from "../../helpers/close.ts";
import { slopesOf } from "../../helpers/slopes.ts";
import { floats, integers, numbers, rowAt } from "../../helpers/values.ts";

const [T, B, E, H, heads] = [5, 3, 6, 8, 2];
type Numbers = ArrayLike<number>;
type Weights = Readonly<Record<string, Numbers>>;

/** W x + b, of rows from `row` on. */
const affine = (W: Numbers, b: Numbers, x: readonly number[], size: number, row = 0) =>
  Array.from({ length: size }, (_, o) =>
    x.reduce((sum, one, i) => sum + (W[(row + o) * x.length + i] as number) * one, b[row + o] as number),
  );
const norm = (weight: Numbers, bias: Numbers, x: readonly number[]) => {
  const mean = x.reduce((sum, one) => sum + one) / x.length;
  const variance = x.reduce((sum, one) => sum + (one - mean) ** 2, 0) / x.length;
  return x.map(
    (one, at) => ((one - mean) / Math.sqrt(variance + 1e-5)) * (weight[at] as number) + (bias[at] as number),
  );
};
const sumOf = (a: readonly number[], b: readonly number[]) => a.map((one, at) => one + (b[at] as number));

/** The block for one row: steps of E numbers to steps of E numbers. */
function plainRow(
  w: Weights,
  rows: readonly number[][],
  { norm: place = "before", causal }: Partial<TransformerBlockOptions>,
) {
  const of = (name: string) => w[name] as Numbers;
  const norm1 = (x: number[]) => norm(of("norm1.weight"), of("norm1.bias"), x);
  const norm2 = (x: number[]) => norm(of("norm2.weight"), of("norm2.bias"), x);
  const read = place === "before" ? rows.map(norm1) : rows;
  const [q, k, v] = [0, 1, 2].map((part) =>
    read.map((x) => affine(of("self_attn.in_proj_weight"), of("self_attn.in_proj_bias"), x, E, part * E)),
  ) as [number[][], number[][], number[][]];
  const d = E / heads;
  return rows.map((x, t) => {
    const context = Array.from({ length: E }, (_, at) => {
      const head = Math.floor(at / d);
      const own = [...rows.keys()].filter((s) => !causal || s <= t);
      const powers = own.map((s) => {
        let score = 0;
        for (let i = head * d; i < (head + 1) * d; i++)
          score += (q[t]?.[i] as number) * (k[s]?.[i] as number);
        return Math.exp(score / Math.sqrt(d));
      });
      const total = powers.reduce((sum, one) => sum + one);
      return own.reduce(
        (sum, s, index) => sum + ((powers[index] as number) / total) * (v[s]?.[at] as number),
        0,
      );
    });
    const found = affine(of("self_attn.out_proj.weight"), of("self_attn.out_proj.bias"), context, E);
    const feed = (x: number[]) => {
      const units = affine(of("linear1.weight"), of("linear1.bias"), x, H).map(Math.tanh);
      return affine(of("linear2.weight"), of("linear2.bias"), units, E);
    };
    if (place === "after") {
      const a = norm1(sumOf(x, found));
      return norm2(sumOf(a, feed(a)));
    }
    const a = sumOf(x, found);
    return sumOf(a, feed(norm2(a)));
  });
}

/** All rows, each of its length: (T, B, E), with zeros behind the ends. */
function plain(w: Weights, x: Numbers, lengths: readonly number[], form: Partial<TransformerBlockOptions>) {
  const y = new Float64Array(T * B * E);
  lengths.forEach((length, b) => {
    const rows = Array.from({ length }, (_, t) =>
      Array.from({ length: E }, (_, i) => x[(t * B + b) * E + i] as number),
    );
    plainRow(w, rows, form).forEach((step, t) => {
      y.set(step, (t * B + b) * E);
    });
  });
  return y;
}

const form = (more: Partial<TransformerBlockOptions>) => ({ heads, hidden: H, activation: tanh, ...more });
const make = (more: Partial<TransformerBlockOptions> = {}) => {
  const { layer } = initialize({ layer: transformerBlock(E, form(more)) }, { seed: 3 });
  // Biases and norms that are not 0 and 1.
  Object.values(parameters(layer)).forEach((variable, at) => {
    variable.value = numbers(variable.count, 20 + at).map((number) => Math.fround(number / 2));
  });
  return layer;
};

describe.each([
  { norm: "before", causal: true },
  { norm: "before", causal: false },
  { norm: "after", causal: true },
  { norm: "after", causal: false },
] as const)("a block %o", (more) => {
  it.each([[[T, T, T]], [[5, 2, 1]]])("of lengths %j gives what loops give, and their slopes", (lengths) => {
    const layer = make(more);
    const weights = parameters(layer);
    const run = onBackends(
      ({ x, n, seed }) => {
        const y = layer.apply(x as Tensor, { lengths: n }).output;
        return [y, ...Object.values(gradient(y.mul(seed as Tensor).sum(), { x: x as Tensor, ...weights }))];
      },
      { x: float32("T", "B", E), n: int32("B"), seed: float32("T", "B", E) },
    );
    const [x, seed] = [floats([T, B, E], 5), floats([T, B, E], 6)];
    const [exact, fast] = run({ x, seed, n: integers(lengths) }) as [number[][], number[][]];
    const own = Float64Array.from(x.data);
    const w = Object.fromEntries(
      Object.entries(weights).map(([name, { value }]) => [name, Float64Array.from(value as Numbers)]),
    );
    const loss = () =>
      plain(w, own, lengths, more).reduce((sum, y, at) => sum + y * (seed.data[at] as number), 0);
    const expected = [plain(w, own, lengths, more), ...slopesOf(loss, [own, ...Object.values(w)])];
    // Constants of a program, such as the epsilon of its norms, are float32.
    expected.forEach((wanted, at) => {
      const scale = Math.max(1, ...Array.from(wanted, Math.abs));
      expectClose(
        (exact[at] ?? []).map((one) => one / scale),
        Array.from(wanted, (one) => one / scale),
        8,
      );
      expect(
        relativeError(
          (fast[at] ?? []).map((one) => one / scale),
          (exact[at] ?? []).map((one) => one / scale),
        ),
      ).toBeLessThan(2e-5);
    });
  });
});

describe("what is not to be seen", () => {
  const run = (layer: ReturnType<typeof make>, backend = reference) =>
    compile(
      ({ x, n }) => {
        const { output, shown } = layer.apply(x, { lengths: n });
        const loss = output.square().sum();
        return {
          output,
          attention: shown.attention?.[0] as Tensor,
          slopes: gradient(loss, { x, ...parameters(layer) }),
        };
      },
      { inputs: { x: float32("T", "B", E), n: int32("B") }, backend },
    );

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 3e38])("behind a row's end: %d", (hole) => {
    const layer = make();
    const x = floats([T, B, E], 5);
    const lengths = [5, 2, 1];
    const filled = (filling: number) => ({
      ...x,
      data: Float32Array.from(x.data, (one, at) =>
        Math.floor(at / (B * E)) < (lengths[Math.floor(at / E) % B] as number) ? one : filling,
      ),
    });
    for (const backend of [reference, wasm]) {
      const program = run(layer, backend);
      const [zeros, holes] = [0, hole].map((filling) => program({ x: filled(filling), n: lengths }));
      expect(holes).toEqual(zeros);
    }
  });

  test("what comes later, of a causal one; one that is not sees it", () => {
    for (const causal of [true, false]) {
      const program = run(make({ causal }));
      const [x, changed] = [floats([T, B, E], 5), floats([T, B, E], 5)];
      changed.data.fill(0.25, 3 * B * E);
      const [before, after] = [x, changed].map((given) => program({ x: given, n: [T, T, T] }));
      const same = [0, 1, 2].every((t) =>
        [0, 1, 2].every(
          (b) =>
            JSON.stringify(rowAt(before?.output as never, t, b)) ===
            JSON.stringify(rowAt(after?.output as never, t, b)),
        ),
      );
      expect(same).toBe(causal);
    }
  });

  test("it shows what each step read of each, 1 in sum", () => {
    const { attention } = run(make({ causal: true }))({ x: floats([T, B, E], 5), n: [5, 2, 1] });
    expect(attention.shape).toEqual([T, T, B]);
    const read = (t: number, s: number, b: number) => attention.data[(t * T + s) * B + b] as number;
    for (const [t, b] of [
      [4, 0],
      [1, 1],
      [0, 2],
    ] as const) {
      const all = [0, 1, 2, 3, 4].map((s) => read(t, s, b));
      expect(all.reduce((sum, one) => sum + one)).toBeCloseTo(1, 12);
      expect(all.slice(t + 1).every((one) => one === 0)).toBe(true);
    }
    expect([0, 1, 2].map((s) => read(3, s, 1))).toEqual([0, 0, 0]);
  });
});

test("dropout is that of a training, or of a key", () => {
  const layer = make({ dropout: 0.5 });
  const run = (of: (x: Tensor, key: Tensor) => Tensor) =>
    compile(({ x, key }) => of(x, key), { inputs: { x: float32(T, B, E), key: int32(2) } })({
      x: floats([T, B, E], 5),
      key: [1, 2],
    }).data;
  const plainly = run((x) => layer.apply(x).output);
  const given = run((x, key) => layer.apply(x, { key }).output);
  expect(given).not.toEqual(plainly);
  expect(run((x, key) => layer.apply(x, { key }).output)).toEqual(given);
  expect(run((x, key) => withKey(key, () => layer.apply(x).output))).not.toEqual(plainly);
});

describe("positions", () => {
  const size = 5;
  const wave = (t: number, i: number) => {
    const angle = t / 10000 ** ((i - (i % 2)) / size);
    return i % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  };
  const layer = sinusoidalPositions(size);
  const x = floats([7, 2, size], 1);

  test("are the sines and cosines of the paper, within the lengths", () => {
    const run = onBackends(({ x, n }) => layer.apply(x as Tensor, { lengths: n }).output, {
      x: float32("T", "B", size),
      n: int32("B"),
    });
    const lengths = [7, 3];
    const expected = Array.from(x.data, (one, at) => {
      const [t, b, i] = [Math.floor(at / (2 * size)), Math.floor(at / size) % 2, at % size];
      return t < (lengths[b] as number) ? one + wave(t, i) : 0;
    });
    for (const [found] of run({ x, n: integers(lengths) })) expectClose(found, expected, 6);
  });

  test("far out they are still right to 1e-4", () => {
    const [, fast] = onBackends(({ x }) => layer.apply(x as Tensor).output, { x: float32("T", 1, size) })({
      x: { data: new Float32Array(1500 * size), shape: [1500, 1, size] },
    });
    const worst = fast?.[0]?.reduce(
      (most, one, at) => Math.max(most, Math.abs(one - wave(Math.floor(at / size), at % size))),
      0,
    );
    expect(worst).toBeLessThan(1e-4);
  });

  test("windows and single steps go on where the one before ended, each row at its own place", () => {
    const inputs = { x: float32("T", "B", size), state: stateTypes(layer), n: int32("B") };
    const run = compile(({ x, state, n }) => layer.apply(x, { state, lengths: n }), {
      inputs,
      backend: reference,
    });
    const step = compile(({ x, state }) => layer.step(x, state), {
      inputs: { x: float32("B", size), state: stateTypes(layer) },
      backend: reference,
    });
    const zeros = (steps: number) => value(new Float32Array(steps * 2 * size), [steps, 2, size]);
    const first = run({ x: zeros(4), state: zeroState(layer, 2), n: [4, 1] });
    const second = run({ x: zeros(2), state: first.state, n: [2, 2] });
    expect(Array.from(second.state.position.data)).toEqual([6, 3]);
    const third = step({ x: value(new Float32Array(2 * size), [2, size]), state: second.state });
    const waves = (t: number) => Array.from({ length: size }, (_, i) => wave(t, i));
    expectClose(rowAt(second.output, 1, 0), waves(5), 6);
    expectClose(rowAt(second.output, 1, 1), waves(2), 6);
    expectClose(third.output.data, [...waves(6), ...waves(3)], 6);
    expect(Array.from(third.state.position.data)).toEqual([7, 4]);
  });
});

test("it stands in stacks, with positions below and a recurrent layer above", () => {
  const net = stacked(sinusoidalPositions(E), make(), recurrent(gru, E, 4));
  expect(net.stateShapes(2)).toEqual([{ position: [1, 2, 1] }, {}, { h: [1, 2, 4] }]);
  const run = compile((x: Tensor) => net.apply(x).output, { inputs: float32("T", "B", E) });
  initialize(net, { seed: 1 });
  expect(run(floats([T, B, E], 1)).shape).toEqual([T, B, 4]);
});

test("it has the names of PyTorch's weights", () => {
  expect(Object.keys(parameters(make())).sort()).toEqual(
    [
      "self_attn.in_proj_weight",
      "self_attn.in_proj_bias",
      "self_attn.out_proj.weight",
      "self_attn.out_proj.bias",
    ]
      .concat(["linear1", "linear2", "norm1", "norm2"].flatMap((name) => [`${name}.weight`, `${name}.bias`]))
      .sort(),
  );
});

test("what does not fit is refused", () => {
  expect(() => transformerBlock(6, { heads: 4 })).toThrow("4 heads of 6 units given");
  expect(() => transformerBlock(0, { heads: 1 })).toThrow("transformerBlock: size 0 given");
  expect(() => transformerBlock(6, { heads: 2, hidden: 1.5 })).toThrow("transformerBlock: hidden 1.5 given");
  expect(() => transformerBlock(6, { heads: 2, norm: "first" as never })).toThrow(
    'transformerBlock: norm "first" given, before, after expected',
  );
  expect(() => transformerBlock(6, { heads: 2, activation: 1 as never })).toThrow("activation 1 given");
  expect(() => transformerBlock(6, { heads: 2, dropout: 1 })).toThrow("probability 1 given");
  expect(() => sinusoidalPositions(0)).toThrow(
    "sinusoidalPositions: size 0 given, a positive integer expected",
  );
  const traced = (call: (x: Tensor) => unknown) => () =>
    compile((x: Tensor) => call(x) as Tensor, { inputs: float32(5, 2, 6), backend: reference });
  const block = make();
  expect(traced((x) => block.step(x.at(0, 0), {}).output)).toThrow(
    "transformerBlock(6): a Transformer's block reads all steps of a sequence and cannot take single ones, apply expected",
  );
  expect(traced((x) => block.apply(x, { state: { h: x } as never }).output)).toThrow(
    "transformerBlock(6): the state h (5, 2, 6) given, nothing expected",
  );
  expect(traced((x) => block.apply(x.slice(2, 1)).output)).toThrow("float32 (T, B, 6) expected");
  expect(traced((x) => sinusoidalPositions(6).apply(x, { lengths: x }).output)).toThrow("lengths");
});
