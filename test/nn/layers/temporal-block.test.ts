// The block of temporal convolutional networks against loops in float64, values and gradients; step by step; what it must not see.
import { describe, expect, it, test } from "vitest";
import { reference } from "../../../src/backends/reference/index.ts";
import { wasm } from "../../../src/backends/wasm/index.ts";
import { gradient } from "../../../src/gradient/index.ts";
import {
  initialize,
  parameters,
  type StateOf,
  stacked,
  temporalBlock,
  withKey,
} from "../../../src/nn/index.ts";
import { compile, float32, int32 } from "../../../src/program/compile.ts";
import { stream } from "../../../src/program/stream.ts";
import { tanh } from "../../../src/trace/functions.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import { onBackends } from "../../helpers/backends.ts";
import { expectClose, relativeError } from "../../helpers/close.ts";
import { slopesOf } from "../../helpers/slopes.ts";
import { floats, integers } from "../../helpers/values.ts";

const [T, B] = [9, 2];
type Numbers = ArrayLike<number>;
type Weights = Readonly<Record<string, Numbers>>;

/** tanh(x' + tanh(conv(tanh(conv(x))))) of rows of their lengths, (T, B, O). */
function plain(
  w: Weights,
  x: Numbers,
  lengths: readonly number[],
  [I, O, width, dilation]: readonly number[],
) {
  const [inputs, size, taps, wide] = [I, O, width, dilation] as [number, number, number, number];
  const y = new Float64Array(T * B * size);
  const convolve = (place: number, rows: readonly number[][]) =>
    rows.map((_, t) =>
      Array.from({ length: size }, (_, o) => {
        let sum = w[`layer.${place}.bias`]?.[o] as number;
        for (let k = 0; k < taps; k++) {
          const seen = rows[t - (taps - 1 - k) * wide] ?? [];
          seen.forEach((one, i) => {
            sum += one * (w[`layer.${place}.weight`]?.[(o * seen.length + i) * taps + k] as number);
          });
        }
        return Math.tanh(sum);
      }),
    );
  lengths.forEach((length, b) => {
    const rows = Array.from({ length }, (_, t) =>
      Array.from({ length: inputs }, (_, i) => x[(t * B + b) * inputs + i] as number),
    );
    convolve(1, convolve(0, rows)).forEach((found, t) => {
      found.forEach((one, o) => {
        const past = w["shortcut.weight"]
          ? (rows[t] as number[]).reduce(
              (sum, value, i) => sum + value * (w["shortcut.weight"]?.[o * inputs + i] as number),
              w["shortcut.bias"]?.[o] as number,
            )
          : (rows[t]?.[o] as number);
        y[(t * B + b) * size + o] = Math.tanh(past + one);
      });
    });
  });
  return y;
}

describe.each([
  [4, 4, 3, 1],
  [4, 4, 2, 3],
  [3, 5, 3, 2],
] as const)("a block from %i to %i, width %i, dilation %i", (...form) => {
  const [I, O, width, dilation] = form;
  it.each([[[9, 9]], [[9, 4]]])("of lengths %j gives what loops give, and their slopes", (lengths) => {
    const { layer } = initialize(
      { layer: temporalBlock(I, O, width, { dilation, activation: tanh }) },
      { seed: 3 },
    );
    const weights = parameters(layer);
    const run = onBackends(
      ({ x, n, seed }) => {
        const y = layer.apply(x as Tensor, { lengths: n }).output;
        return [y, ...Object.values(gradient(y.mul(seed as Tensor).sum(), { x: x as Tensor, ...weights }))];
      },
      { x: float32("T", "B", I), n: int32("B"), seed: float32("T", "B", O) },
    );
    const [x, seed] = [floats([T, B, I], 5), floats([T, B, O], 6)];
    const [exact, fast] = run({ x, seed, n: integers(lengths) }) as [number[][], number[][]];
    const own = Float64Array.from(x.data);
    const w = Object.fromEntries(
      Object.entries(weights).map(([name, { value }]) => [name, Float64Array.from(value as Numbers)]),
    );
    const loss = () =>
      plain(w, own, lengths, form).reduce((sum, y, at) => sum + y * (seed.data[at] as number), 0);
    const expected = [plain(w, own, lengths, form), ...slopesOf(loss, [own, ...Object.values(w)])];
    expectClose(exact[0], expected[0] as Numbers, 12);
    expected.forEach((wanted, at) => {
      expectClose(exact[at], wanted, 8);
      expect(relativeError(fast[at] ?? [], wanted)).toBeLessThan(2e-6);
    });
  });
});

describe.each([wasm, reference])("on $name", (backend) => {
  const net = () =>
    initialize(
      stacked(
        temporalBlock(2, 6, 3),
        temporalBlock(6, 6, 3, { dilation: 2 }),
        temporalBlock(6, 6, 3, { dilation: 4 }),
      ),
      { seed: 2 },
    );
  const steps = 40;
  const x = floats([steps, 1, 2], 9);

  it("gives step by step what it gives at once, as WebAssembly to the bit", () => {
    const layer = net();
    const whole = compile((x: Tensor) => layer.apply(x).output, { inputs: float32("T", 1, 2), backend });
    const expected = whole(x).data;
    const live = stream(
      (x, before: StateOf<typeof layer>) => {
        const { output, state } = layer.step(x, before);
        return [state, output];
      },
      { inputs: float32(1, 2), state: layer.stateShapes(1), rows: 1, backend },
    );
    for (let t = 0; t < steps; t++) {
      const found = live.next((x.data as Float32Array).subarray(2 * t, 2 * t + 2));
      const wanted = expected.slice(6 * t, 6 * t + 6);
      if (backend === wasm) expect([...found]).toEqual([...wanted]);
      else expectClose(found, wanted, 6);
    }
  });

  it("sees 1 + 2 (width - 1) (1 + 2 + 4) = 29 steps and none that come later", () => {
    const layer = net();
    const whole = compile((x: Tensor) => layer.apply(x).output, { inputs: float32("T", 1, 2), backend });
    const before = whole(x).data;
    const changed = { ...x, data: Float32Array.from(x.data) };
    changed.data[2 * 5] = 40;
    const after = whole(changed).data;
    const differs = Array.from({ length: steps }, (_, t) =>
      [0, 1, 2, 3, 4, 5].some((o) => before[6 * t + o] !== after[6 * t + o]),
    );
    expect(differs.indexOf(true)).toBe(5);
    expect(differs.lastIndexOf(true)).toBe(5 + 28);
  });

  test.each([Number.NaN, Number.NEGATIVE_INFINITY])(
    "what stands behind a row's end reaches nothing: %d",
    (hole) => {
      const layer = net();
      const program = compile(
        ({ x, n }) => {
          const { output, state } = layer.apply(x, { lengths: n });
          return { output, state, slopes: gradient(output.square().sum(), { x, ...parameters(layer) }) };
        },
        { inputs: { x: float32("T", "B", 2), n: int32("B") }, backend },
      );
      const lengths = [6, 2];
      const filled = (filling: number) => ({
        data: Float32Array.from({ length: 24 }, (_, at) =>
          Math.floor(at / 4) < (lengths[Math.floor(at / 2) % 2] as number) ? (x.data[at] as number) : filling,
        ),
        shape: [6, 2, 2],
      });
      expect(program({ x: filled(hole), n: lengths })).toEqual(program({ x: filled(0), n: lengths }));
    },
  );
});

test("dropout is that of a training, or of a key", () => {
  const { layer } = initialize({ layer: temporalBlock(2, 4, 3, { dropout: 0.5 }) }, { seed: 3 });
  const run = (of: (x: Tensor, key: Tensor) => Tensor) =>
    compile(({ x, key }) => of(x, key), { inputs: { x: float32(T, B, 2), key: int32(2) } })({
      x: floats([T, B, 2], 5),
      key: [1, 2],
    }).data;
  const plainly = run((x) => layer.apply(x).output);
  const given = run((x, key) => layer.apply(x, { key }).output);
  expect(given).not.toEqual(plainly);
  expect(run((x, key) => withKey(key, () => layer.apply(x).output))).toEqual(given);
});

test("what does not fit is refused", () => {
  expect(() => temporalBlock(0, 1, 3)).toThrow("input size 0 given, a positive integer expected");
  expect(() => temporalBlock(1, 1, 0)).toThrow("width 0 given, a positive integer expected");
  expect(() => temporalBlock(1, 1, 2, { dilation: 0 })).toThrow("dilation 0 given");
  expect(() => temporalBlock(1, 1, 2, { dropout: 1 })).toThrow("probability 1 given");
});
