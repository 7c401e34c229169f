// Convolution along time against plain loops in float64: all its options, lengths, the state from window to window and from step to step.
import { describe, expect, it, test } from "vitest";
import { reference } from "../../../src/backends/reference/index.ts";
import { wasm } from "../../../src/backends/wasm/index.ts";
import { ShapeError, UsageError } from "../../../src/errors.ts";
import { gradient } from "../../../src/gradient/index.ts";
import {
  type Convolution,
  type ConvolutionOptions,
  convolution,
  gru,
  initialize,
  parameters,
  recurrent,
  residual,
  type StateOf,
  stacked,
  stateTypes,
  zeroState,
} from "../../../src/nn/index.ts";
import { compile, float32, int32, value } from "../../../src/program/compile.ts";
import { stream } from "../../../src/program/stream.ts";
import { relu, tanh } from "../../../src/trace/functions.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import { checkGradient } from "../../gradient/check.ts";
import { onBackends } from "../../helpers/backends.ts";
import { expectClose, relativeError } from "../../helpers/close.ts";
import { squaresOf } from "../../helpers/layers.ts";
import { floats, integers, numbers, randomValue } from "../../helpers/values.ts";
import { checkModelGradient } from "../check-model.ts";

const [T, B, I, O] = [7, 3, 4, 6];

interface Form extends ConvolutionOptions {
  readonly width: number;
}

/** Each output and each gradient of sum(y seed), as the sums are written. */
function plain(layer: Convolution, form: Form, x: ArrayLike<number>, seed: ArrayLike<number>, steps = T) {
  const { width, dilation = 1, groups = 1, padding = "causal" } = form;
  const span = dilation * (width - 1);
  const before = padding === "causal" ? span : Math.floor(span / 2);
  const own = I / groups;
  const weight = layer.weights.weight.value as ArrayLike<number>;
  const bias = layer.weights.bias?.value;
  const [y, slopes] = [new Float64Array(steps * B * O), new Float64Array(steps * B * I)];
  const [ofWeight, ofBias] = [new Float64Array(weight.length), new Float64Array(O)];
  for (let at = 0; at < y.length; at++) {
    const [t, b, o] = [Math.floor(at / (B * O)), Math.floor(at / O) % B, at % O];
    y[at] = Number(bias?.[o] ?? 0);
    ofBias[o] = (ofBias[o] as number) + (seed[at] as number);
    for (let k = 0; k < width; k++) {
      const from = t + k * dilation - before;
      if (from < 0 || from >= steps) continue;
      for (let i = 0; i < own; i++) {
        const input = (from * B + b) * I + Math.floor(o / (O / groups)) * own + i;
        const place = (o * own + i) * width + k;
        y[at] = (y[at] as number) + (weight[place] as number) * (x[input] as number);
        ofWeight[place] = (ofWeight[place] as number) + (seed[at] as number) * (x[input] as number);
        slopes[input] = (slopes[input] as number) + (seed[at] as number) * (weight[place] as number);
      }
    }
  }
  return { y, slopes, ofWeight, ofBias };
}

const make = ({ width, ...options }: Form, output = O) =>
  initialize({ layer: convolution(I, output, width, options) }, { seed: 3 }).layer;

const forms: Form[] = [
  { width: 3 },
  { width: 1 },
  { width: 2, dilation: 3 },
  { width: 3, padding: "same" },
  { width: 4, padding: "same", bias: false },
  { width: 2, dilation: 3, padding: "same" },
  { width: 3, groups: 2 },
  { width: 3, dilation: 2, groups: 2, padding: "same" },
];

describe.each(forms)("a convolution %o", (form) => {
  it("gives what the sums give, and their gradients", () => {
    const layer = make(form);
    const weights = parameters(layer);
    const run = onBackends(
      ({ x, seed }) => {
        const y = layer.apply(x as Tensor).output;
        return [y, ...Object.values(gradient(y.mul(seed as Tensor).sum(), { x: x as Tensor, ...weights }))];
      },
      { x: float32("T", "B", I), seed: float32("T", "B", O) },
    );
    const [x, seed] = [floats([T, B, I], 5), floats([T, B, O], 6)];
    const { y, slopes, ofWeight, ofBias } = plain(layer, form, x.data, seed.data);
    const expected = [y, slopes, ofWeight, ...(form.bias === false ? [] : [ofBias])];
    const [exact, fast] = run({ x, seed }) as [number[][], number[][]];
    expected.forEach((wanted, at) => {
      expectClose(exact[at], wanted, 12);
      expect(relativeError(fast[at] ?? [], wanted)).toBeLessThan(1e-6);
    });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -3e38])(
    "reads rows of their lengths, and not %d",
    (hole) => {
      const layer = make(form);
      const lengths = [7, 2, 1];
      const x = floats([T, B, I], 5);
      const isOwn = (t: number, b: number) => t < (lengths[b] as number);
      const holed = Float32Array.from(x.data, (number, at) =>
        isOwn(Math.floor(at / (B * I)), Math.floor(at / I) % B) ? number : hole,
      );
      const cleaned = holed.map((number) =>
        number === Math.fround(hole) || Number.isNaN(number) ? 0 : number,
      );
      const run = onBackends(
        ({ x, n }) => {
          const { output, state } = layer.apply(x as Tensor, { lengths: n });
          const loss = output.square().sum().add(squaresOf({ output, state }));
          return [output, ...Object.values(gradient(loss, { x: x as Tensor, ...parameters(layer) }))];
        },
        { x: float32("T", "B", I), n: int32("B") },
      );
      const { y } = plain(layer, form, cleaned, new Float64Array(T * B * O));
      const wanted = y.map((number, at) =>
        isOwn(Math.floor(at / (B * O)), Math.floor(at / O) % B) ? number : 0,
      );
      for (const [output, slopes, ...ofWeights] of run({ x: { ...x, data: holed }, n: integers(lengths) })) {
        expectClose(output, wanted, 5);
        for (const slope of ofWeights.flat()) expect(slope).toBeLessThan(Number.POSITIVE_INFINITY);
        slopes?.forEach((slope, at) => {
          if (!isOwn(Math.floor(at / (B * I)), Math.floor(at / I) % B)) expect(slope).toBe(0);
          expect(slope).not.toBeNaN();
        });
      }
    },
  );
});

test.each([4, 8])(
  "a depthwise convolution of 4 inputs and %i outputs sees each input by itself",
  (output) => {
    const layer = make({ width: 3, groups: I }, output);
    const x = floats([T, B, I], 5);
    const weight = layer.weights.weight.value as ArrayLike<number>;
    expect(layer.weights.weight.dimensions).toEqual([output, 1, 3]);
    const each = output / I;
    const wanted = Array.from({ length: T * B * output }, (_, at) => {
      const [t, b, o] = [Math.floor(at / (B * output)), Math.floor(at / output) % B, at % output];
      return [0, 1, 2].reduce(
        (sum, k) =>
          t + k - 2 < 0
            ? sum
            : sum +
              (weight[o * 3 + k] as number) *
                (x.data[((t + k - 2) * B + b) * I + Math.floor(o / each)] as number),
        layer.weights.bias?.value[o] as number,
      );
    });
    const [exact, fast] = onBackends(({ x }) => layer.apply(x as Tensor).output, { x: float32("T", "B", I) })(
      { x },
    );
    expectClose(exact?.[0], wanted, 12);
    expectClose(fast?.[0], wanted, 6);
  },
);

test("gradients are those of differences, by x, the state and the weights", () => {
  for (const form of [
    { width: 3, dilation: 2 },
    { width: 2, groups: 4 },
    { width: 4, groups: 2 },
  ] as Form[]) {
    const layer = make({ ...form, activation: tanh }, 8);
    const past = randomValue([(form.dilation ?? 1) * (form.width - 1), B, I], 8);
    const loss = (x: Tensor, past: Tensor) => {
      const { output, state } = layer.apply(x, { state: { past } });
      return output.square().sum().add(state.past.tanh().sum());
    };
    const given = { x: randomValue([4, B, I], 7), past };
    checkGradient(({ x, past }) => loss(x, past), given);
    expect(checkModelGradient({ layer }, ({ x, past }) => loss(x as Tensor, past as Tensor), given)).toBe(2);
  }
});

describe.each([wasm, reference])("on $name", (backend) => {
  const layers = {
    "a convolution": () => convolution(I, 5, 3, { activation: relu }),
    "one of width 1": () => convolution(I, 5, 1),
    "a dilated one of groups": () => convolution(I, 6, 2, { dilation: 3, groups: 2 }),
    "a depthwise one": () => convolution(I, I, 3, { groups: I }),
    "what is stacked, with a recurrent one": () =>
      stacked(
        convolution(I, I, 2, { activation: relu }),
        residual(convolution(I, I, 2, { dilation: 2, activation: relu })),
        residual(convolution(I, I, 2, { dilation: 4, activation: relu })),
        recurrent(gru, I, 5),
      ),
  };
  const sequence = floats([11, B, I], 9);
  const partOf = (from: number, to: number) => ({
    data: (sequence.data as Float32Array).subarray(from * B * I, to * B * I),
    shape: [to - from, B, I],
  });

  it.each(Object.entries(layers))(
    "%s gives step by step what it gives at once, as WebAssembly to the bit",
    (_, layerOf) => {
      const layer = initialize({ layer: layerOf() as ReturnType<typeof convolution> }, { seed: 2 }).layer;
      const whole = compile((x: Tensor) => layer.apply(x).output, { inputs: float32("T", "B", I), backend });
      const expected = whole(sequence).data;
      const live = stream(
        (x, before: StateOf<typeof layer>) => {
          const { output, state } = layer.step(x, before);
          return [state, output];
        },
        { inputs: float32(B, I), state: layer.stateShapes(B), rows: 1, backend },
      );
      const width = expected.length / 11;
      for (let t = 0; t < 11; t++) {
        const found = live.next(partOf(t, t + 1).data);
        const wanted = expected.slice(t * width, (t + 1) * width);
        // A stream's state is float32, which rounds what the recurrent layer carries in float64.
        if (backend === wasm) expect([...found]).toEqual([...wanted]);
        else expectClose(found, wanted, 7);
      }
    },
  );

  it("goes on from window to window, each row from its own end", () => {
    const layer = initialize({ layer: convolution(I, O, 3, { dilation: 2 }) }, { seed: 2 }).layer;
    const run = compile(({ x, state, n }) => layer.apply(x, { state, lengths: n }), {
      inputs: { x: float32("T", "B", I), state: stateTypes(layer), n: int32("B") },
      backend,
    });
    const alone = compile((x: Tensor) => layer.apply(x).output, { inputs: float32("T", 1, I), backend });
    const lengths = [5, 1, 3];
    const first = run({ x: partOf(0, 5), state: zeroState(layer, B), n: lengths });
    expect(first.state.past.shape).toEqual([4, B, I]);
    const second = run({ x: partOf(5, 9), state: first.state, n: [4, 4, 4] });
    lengths.forEach((length, b) => {
      const steps = [...Array.from({ length }, (_, t) => t), 5, 6, 7, 8];
      const own = steps.flatMap((t) => [...sequence.data.slice((t * B + b) * I, (t * B + b + 1) * I)]);
      const wanted = alone(value(Float32Array.from(own), [steps.length, 1, I])).data;
      const found = [0, 1, 2, 3].flatMap((t) => [
        ...second.output.data.slice((t * B + b) * O, (t * B + b + 1) * O),
      ]);
      expectClose(found, wanted.slice(length * O), 6);
    });
  });
});

test("it starts as PyTorch's does, and counts", () => {
  const { layer } = initialize({ layer: convolution(16, 32, 4, { groups: 4 }) }, { seed: 1 });
  expect(layer.weights.weight.dimensions).toEqual([32, 4, 4]);
  for (const { value } of Object.values(layer.weights)) {
    const largest = Math.max(...Array.from(value as ArrayLike<number>, Math.abs));
    expect(largest).toBeLessThanOrEqual(0.25);
    expect(largest).toBeGreaterThan(0.22);
  }
  expect([layer.name, layer.inputSize, layer.outputSize]).toEqual(["convolution(16, 32, 4)", 16, 32]);
  expect(layer.stateShapes("B")).toEqual({ past: [3, "B", 16] });
  expect(convolution(2, 2, 4, { padding: "same" }).stateShapes(1)).toEqual({ past: [1, 1, 2] });
  expect(convolution(2, 2, 1).stateShapes(1)).toEqual({});
});

test("what does not fit is refused", () => {
  expect(() => convolution(0, 1, 3)).toThrow(
    "convolution(0, 1, 3): input size 0 given, a positive integer expected",
  );
  expect(() => convolution(1, 1, 1.5)).toThrow("width 1.5 given, a positive integer expected");
  expect(() => convolution(1, 1, 2, { dilation: 0 })).toThrow("dilation 0 given");
  expect(() => convolution(4, 6, 2, { groups: 4 })).toThrow(
    "convolution(4, 6, 2): 4 groups given for 4 inputs and 6 outputs, a divisor of both expected",
  );
  expect(() => convolution(1, 1, 2, { padding: "valid" as never })).toThrow(
    'padding "valid" given, causal, same expected',
  );
  expect(() => convolution(1, 1, 2, { activation: "relu" as never })).toThrow(
    'activation "relu" given, a function expected',
  );
  const traced = (call: (x: Tensor) => unknown) => () =>
    compile((x: Tensor) => call(x) as Tensor, { inputs: float32(5, 2, 3), backend: reference });
  const layer = convolution(3, 2, 2);
  const state = { past: numbers(1) } as never;
  expect(traced((x) => convolution(4, 2, 2).apply(x).output)).toThrow(ShapeError);
  expect(traced((x) => layer.apply(x, { state }).output)).toThrow(ShapeError);
  expect(traced((x) => layer.apply(x, { memory: { values: x } }).output)).toThrow(UsageError);
  expect(traced((x) => layer.apply(x, { lengths: x }).output)).toThrow(ShapeError);
  expect(
    traced((x) => convolution(3, 2, 3, { padding: "same" }).step(x.at(0, 0), { past: x }).output),
  ).toThrow(
    "convolution(3, 2, 3): a convolution that sees 1 steps ahead cannot take single steps, a causal one expected",
  );
});
