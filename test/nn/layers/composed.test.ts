// Layers put together of layers: stacked, residual, highway.
import { describe, expect, test } from "vitest";
import type { Value } from "../../../src/backends/backend.ts";
import { reference } from "../../../src/backends/reference/index.ts";
import { UsageError } from "../../../src/errors.ts";
import {
  gru,
  highway,
  initialize,
  linear,
  lstm,
  parameters,
  recurrent,
  residual,
  rnn,
  type SequenceLayer,
  stacked,
} from "../../../src/nn/index.ts";
import { joinShown } from "../../../src/nn/layers/shown.ts";
import { compile, float32, int32, value } from "../../../src/program/compile.ts";
import { full, relu } from "../../../src/trace/functions.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import type { Variable } from "../../../src/trace/variable.ts";
import { weightedSum } from "../../gradient/check.ts";
import { expectClose } from "../../helpers/close.ts";
import { randomValue } from "../../helpers/values.ts";
import { checkModelGradient } from "../check-model.ts";

const [T, B, N] = [5, 3, 4];
const lengths = value(Int32Array.of(2, 5, 1), [B]);
const key = value(Int32Array.of(3, 4), [2]);
const x = randomValue([T, B, N], 1);
const run = <State>(layer: SequenceLayer<State>) =>
  compile((inputs: { x: Tensor; lengths: Tensor }) => layer.apply(inputs.x, { lengths: inputs.lengths }), {
    backend: reference,
  })({ x, lengths }) as unknown as { output: Value; state: unknown };
const isPadding = (index: number) => {
  const size = N;
  const [t, b] = [Math.floor(index / (B * size)), Math.floor(index / size) % B];
  return t >= (lengths.data[b] as number);
};

describe("stacked", () => {
  const build = () =>
    stacked(
      recurrent(lstm, N, 6, { direction: "both", join: "sum" }),
      recurrent(gru, 6, 3),
      recurrent(rnn, 3, 2, { layers: 2, direction: "reverse" }),
    );
  test("each layer reads what the one before puts out, and the states are theirs", () => {
    const layer = initialize(build(), { seed: 1 });
    expect([layer.inputSize, layer.outputSize]).toEqual([N, 2]);
    expect(layer.stateShapes("B")).toEqual([
      { h: [2, "B", 6], c: [2, "B", 6] },
      { h: [1, "B", 3] },
      { h: [2, "B", 2] },
    ]);
    const [first, second, third] = Object.values(layer.weights) as unknown as [
      ReturnType<typeof recurrent<"h" | "c", string>>,
      ReturnType<typeof recurrent<"h", string>>,
      ReturnType<typeof recurrent<"h", string>>,
    ];
    const parts = [first, second, third].map((one) => one.stateShapes(B));
    const values = parts.map((part, index) =>
      Object.fromEntries(Object.entries(part).map(([name, shape]) => [name, randomValue(shape, 9 + index)])),
    );
    const [together, oneByOne] = compile(
      (inputs: { x: Tensor; lengths: Tensor; state: never[] }) => {
        const [s0, s1, s2] = inputs.state as [never, never, never];
        const ends = inputs.lengths;
        const a = first.apply(inputs.x, { state: s0, lengths: ends });
        const b = second.apply(a.output, { state: s1, lengths: ends });
        const c = third.apply(b.output, { state: s2, lengths: ends });
        return [
          layer.apply(inputs.x, { state: [s0, s1, s2], lengths: ends }),
          {
            output: c.output,
            state: [a.state, b.state, c.state],
            shown: joinShown([a.shown, b.shown, c.shown]),
          },
        ] as const;
      },
      { backend: reference },
    )({ x, lengths, state: values as never }) as unknown as unknown[];
    expect(together).toEqual(oneByOne);
  });
  test("weights are named by the place of their layer", () => {
    expect(Object.keys(parameters({ rnn: build() }))).toEqual(
      expect.arrayContaining([
        "rnn.0.weight_ih_l0_reverse",
        "rnn.1.bias_hh_l0",
        "rnn.2.weight_hh_l1_reverse",
      ]),
    );
    expect(Object.keys(parameters(build()))).toHaveLength(8 + 4 + 8);
  });
  test("the state is typed layer by layer", () => {
    const two = stacked(recurrent(lstm, N, 6), recurrent(gru, 6, 3));
    const shapes = two.stateShapes(1);
    expect(shapes[0].c).toEqual([1, 1, 6]);
    // @ts-expect-error: the second layer's cell has no c
    expect(shapes[1].c).toBeUndefined();
  });
  test("single steps", () => {
    const layer = initialize(stacked(recurrent(lstm, N, 6), highway(recurrent(gru, 6, 6))), { seed: 2 });
    const [whole, steps] = compile(
      (inputs) => {
        const state = layer.apply(inputs.slice(0, 0, 1)).state;
        let carried = state;
        const outputs = [1, 2, 3, 4].map((t) => {
          const result = layer.step(inputs.at(0, t), carried);
          carried = result.state;
          return result.output;
        });
        return [layer.apply(inputs), { last: outputs.at(-1) as Tensor, state: carried }] as const;
      },
      { inputs: float32(T, B, N), backend: reference },
    )(x);
    expectClose(steps.last.data, whole.output.data.slice(4 * B * 6));
    expectClose(steps.state[0].c.data, whole.state[0].c.data);
    expectClose(steps.state[1].h.data, whole.state[1].h.data);
    const backwards = build();
    expect(() =>
      compile((inputs) => backwards.step(inputs, backwards.apply(inputs.reshape([1, 2, N])).state).output, {
        inputs: float32(2, N),
      }),
    ).toThrow("recurrent(lstm): a bidirectional network cannot take single steps");
  });
  test("dropout between layers: after each but the last, with its own mask, with a key alone", () => {
    const passing = (size: number): SequenceLayer<null> => ({
      name: "passing",
      weights: {},
      inputSize: size,
      outputSize: size,
      stateShapes: () => null,
      apply: (input) => ({ output: input, state: null }),
      step: (input) => ({ output: input, state: null }),
    });
    const layer = stacked(passing(40), passing(40), passing(40), { dropout: 0.5 });
    const program = compile(
      (of) => [
        layer.apply(full(1, [20, 25, 40]), { key: of }).output,
        layer.apply(full(1, [20, 25, 40])).output,
      ],
      { inputs: int32(2) },
    );
    const [dropped, plain] = program(key) as [Value, Value];
    expect(new Set(plain.data)).toEqual(new Set([1]));
    expect(new Set(dropped.data)).toEqual(new Set([0, 4]));
    const kept = dropped.data.filter((one) => one === 4).length / dropped.data.length;
    expect(Math.abs(kept - 0.25)).toBeLessThan(0.02);
  });
  test("gradients, with everything random on", () => {
    const options = { variationalDropout: 0.2, recurrentDropout: 0.2, weightDropout: 0.2, zoneout: 0.2 };
    const layer = stacked(
      recurrent(lstm, N, 5, { direction: "both", ...options }),
      residual(highway(recurrent(gru, 10, 10, options))),
      { dropout: 0.3 },
    );
    const found = checkModelGradient(
      layer,
      (inputs) =>
        weightedSum(
          layer.apply(inputs.x, { lengths: inputs.lengths, key: inputs.key, checkpoint: 2 }).output,
          inputs.seed,
        ),
      { x, lengths, key, seed: randomValue([T, B, 10], 3) },
    );
    expect(found).toBe(8 + 4 + 2);
  });
});

describe("residual and highway", () => {
  const inner = () => recurrent(gru, N, N);
  test("residual adds the input, within the lengths", () => {
    const layer = initialize(residual(inner()), { seed: 3 });
    const below = layer.weights.layer as ReturnType<typeof inner>;
    const [sum, part] = [run(layer), run(below)];
    expectClose(
      sum.output.data,
      Array.from(part.output.data, (one, at) => (isPadding(at) ? 0 : one + (x.data[at] as number))),
    );
    expect(sum.state).toEqual(part.state);
  });
  test("residual through a shortcut: activation(W x + b + layer(x)), within the lengths", () => {
    const layer = initialize(residual(recurrent(gru, N, 6), { shortcut: linear(N, 6), activation: relu }), {
      seed: 3,
    });
    expect(Object.keys(parameters(layer)).slice(-2)).toEqual(["shortcut.weight", "shortcut.bias"]);
    const { layer: below, shortcut } = layer.weights as unknown as {
      layer: SequenceLayer;
      shortcut: ReturnType<typeof linear>;
    };
    const [W, b] = [shortcut.weights.weight.value, shortcut.weights.bias?.value];
    const [sum, part] = [run(layer), run(below)];
    expect([layer.inputSize, layer.outputSize]).toEqual([N, 6]);
    const expected = Array.from(part.output.data, (one, at) => {
      const [row, unit] = [Math.floor(at / 6), at % 6];
      let total = one + (b?.[unit] as number);
      for (let k = 0; k < N; k++) total += (W[unit * N + k] as number) * (x.data[row * N + k] as number);
      return Math.floor(row / B) >= (lengths.data[row % B] as number) ? 0 : Math.max(0, total);
    });
    expectClose(sum.output.data, expected);
    expect(sum.state).toEqual(part.state);
    const seed = randomValue([T, B, 6], 3);
    const found = checkModelGradient(
      layer,
      (inputs) => weightedSum(layer.apply(inputs.x, { lengths: inputs.lengths }).output, inputs.seed),
      { x, lengths, seed },
    );
    expect(found).toBe(6);
  });
  test("highway mixes by t = sigmoid(W x + b), within the lengths", () => {
    const layer = initialize(highway(inner(), { bias: -1.5 }), { seed: 4 });
    const { gate_weight: W, gate_bias: b } = layer.weights as Record<string, Variable>;
    expect(b?.value).toEqual(new Float32Array(N).fill(-1.5));
    const below = layer.weights.layer as ReturnType<typeof inner>;
    const [mixed, part] = [run(layer), run(below)];
    const expected = Array.from(part.output.data, (one, at) => {
      const [start, unit] = [at - (at % N), at % N];
      let product = -1.5;
      for (let k = 0; k < N; k++)
        product += (W?.value[unit * N + k] as number) * (x.data[start + k] as number);
      const t = 1 / (1 + Math.exp(-product));
      return isPadding(at) ? 0 : t * one + (1 - t) * (x.data[at] as number);
    });
    expectClose(mixed.output.data, expected);
    expect(mixed.state).toEqual(part.state);
  });
  test("with the default bias most of the input passes at first", () => {
    const layer = initialize(highway(inner()), { seed: 5 });
    const mixed = run(layer).output.data;
    const below = run(layer.weights.layer as ReturnType<typeof inner>).output.data;
    const distance = (from: ArrayLike<number>) =>
      Array.from(mixed, (one, at) => (isPadding(at) ? 0 : Math.abs(one - (from[at] as number)))).reduce(
        (sum, one) => sum + one,
      );
    expect(distance(x.data)).toBeLessThan(distance(below) / 3);
  });
  test("gradients", () => {
    for (const layer of [residual(inner()), highway(inner())]) {
      const found = checkModelGradient(
        layer,
        (inputs) => weightedSum(layer.apply(inputs.x, { lengths: inputs.lengths }).output, inputs.seed),
        { x, lengths, seed: randomValue([T, B, N], 3) },
      );
      expect(found).toBe(Object.keys(parameters(layer)).length);
    }
  });
});

describe("refused, by the names of both layers", () => {
  const wrong: [() => unknown, string][] = [
    [() => stacked(), "stacked: no layers given, at least one expected"],
    [
      () => stacked(recurrent(lstm, N, 6), recurrent(gru, 6, 3), recurrent(rnn, 4, 2)),
      "stacked: layer 1 (recurrent(gru)) puts out 3, layer 2 (recurrent(rnn)) reads 4",
    ],
    [
      () => stacked(recurrent(lstm, N, 6, { direction: "both" }), residual(recurrent(gru, 6, 6))),
      "stacked: layer 0 (recurrent(lstm)) puts out 12, layer 1 (residual(recurrent(gru))) reads 6",
    ],
    [
      () => stacked(recurrent(lstm, N, 6), { dropout: 1 }),
      "stacked: dropout 1 given, a number from 0 to below 1 expected",
    ],
    [
      () => residual(recurrent(lstm, N, 6)),
      "residual: recurrent(lstm) reads 4 and puts out 6, one size expected",
    ],
    [
      () => residual(recurrent(lstm, N, 6), { shortcut: linear(N, 5) }),
      "residual: a shortcut linear(4, 5) given for recurrent(lstm), linear(4, 6) expected",
    ],
    [
      () => residual(recurrent(lstm, N, 6), { shortcut: true as never }),
      "residual: a shortcut true given for recurrent(lstm), linear(4, 6) expected",
    ],
    [
      () => residual(recurrent(lstm, N, N), { activation: "relu" as never }),
      'residual: activation "relu" given, a function expected',
    ],
    [
      () => highway(stacked(recurrent(lstm, N, 6))),
      "highway: stacked(recurrent(lstm)) reads 4 and puts out 6, one size expected",
    ],
    [
      () => highway(recurrent(lstm, N, N), { bias: Number.NaN }),
      "highway: bias NaN given, a number expected",
    ],
  ];
  test.each(wrong)("%s", (make, message) => {
    expect(make).toThrow(new UsageError(message));
  });
  test("a state of another stack", () => {
    const layer = stacked(recurrent(rnn, N, 6), recurrent(gru, 6, 3));
    const other = stacked(recurrent(rnn, N, 6), recurrent(gru, 6, 2));
    expect(() =>
      compile((inputs) => layer.apply(inputs, { state: other.apply(inputs).state }).output, {
        inputs: float32("T", "B", N),
      }),
    ).toThrow(
      /^stacked\(recurrent\(rnn\), recurrent\(gru\)\): the state 0.h \(1, B, 6\), 1.h \(1, B, 2\) given, 0.h \(1, B, 6\), 1.h \(1, B, 3\) expected, at .*composed\.test\.ts/,
    );
  });
  test("the state of fewer layers", () => {
    const layer = stacked(recurrent(rnn, N, 6), recurrent(gru, 6, 3));
    expect(() =>
      compile((inputs) => layer.apply(inputs, { state: [layer.apply(inputs).state[0]] as never }).output, {
        inputs: float32("T", "B", N),
      }),
    ).toThrow("the state 0.h (1, B, 6) given, 0.h (1, B, 6), 1.h (1, B, 3) expected");
  });
});
