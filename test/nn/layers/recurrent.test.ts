// A recurrent layer along time: rows of different lengths, directions, states, dropout, and wrong uses.
import { describe, expect, test } from "vitest";
import type { Value } from "../../../src/backends/backend.ts";
import { reference } from "../../../src/backends/reference/index.ts";
import { ShapeError, UsageError } from "../../../src/errors.ts";
import { cell, cells, gru, initialize, lstm, type Recurrent, recurrent, rnn } from "../../../src/nn/index.ts";
import { compile, float32, int32, value } from "../../../src/program/compile.ts";
import { full, zeros } from "../../../src/trace/functions.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import { expectClose } from "../../helpers/close.ts";
import { runner, stateOf } from "../../helpers/layers.ts";
import { randomValue, rowAt } from "../../helpers/values.ts";

const [T, B, I, H] = [6, 3, 4, 5];
const lengths = value(Int32Array.of(4, 6, 1), [B]);
const x = randomValue([T, B, I], 1);

/** Row b of a sequence or state, its first `length` steps, as a batch of one. */
function rowOf(from: Value, b: number, length = from.shape[0] as number): Value {
  const rows = Array.from({ length }, (_, index) => rowAt(from, index, b));
  return value(Float64Array.from(rows.flat()), [length, 1, from.shape[2] as number]);
}

describe("rows of different lengths give what each gives alone", () => {
  for (const direction of ["forward", "reverse", "both"] as const) {
    for (const layers of [1, 2]) {
      test(`${direction}, ${layers} layers`, () => {
        const layer = initialize(recurrent(cells.lstm, I, H, { direction, layers }), { seed: 1 });
        const state = stateOf(layer, B, 70);
        const together = runner(layer, { state: true, lengths: true })({ x, state, lengths });
        const alone = runner(layer, { state: true });
        lengths.data.forEach((length, b) => {
          const own = Object.fromEntries(Object.entries(state).map(([name, part]) => [name, rowOf(part, b)]));
          const single = alone({ x: rowOf(x, b, length), state: own });
          for (let t = 0; t < T; t++) {
            const expected = t < length ? rowAt(single.output, t, 0) : new Array(layer.outputSize).fill(0);
            expectClose(rowAt(together.output, t, b), expected);
          }
          for (const [name, part] of Object.entries(single.state)) {
            for (let plane = 0; plane < (part.shape[0] as number); plane++) {
              expectClose(rowAt(together.state[name] as Value, plane, b), rowAt(part, plane, 0));
            }
          }
        });
      });
    }
  }
});

test("a sequence in two windows, the state carried over, gives what it gives in one", () => {
  const layer = initialize(recurrent(cells.gru, I, H, { layers: 2 }), { seed: 2 });
  const run = runner(layer, { state: true });
  const state = stateOf(layer, B, 70);
  const whole = run({ x, state });
  const cut = 2 * B * I;
  const first = run({ x: value(x.data.slice(0, cut), [2, B, I]), state });
  const second = run({ x: value(x.data.slice(cut), [T - 2, B, I]), state: first.state });
  expectClose([...first.output.data, ...second.output.data], [...whole.output.data]);
  expectClose([...(second.state.h as Value).data], [...(whole.state.h as Value).data]);
});

test("reverse is forward on the sequence read backwards", () => {
  const forward = initialize(recurrent(cells.rnn, I, H), { seed: 3 });
  const backward = recurrent(cells.rnn, I, H, { direction: "reverse" });
  for (const [name, variable] of Object.entries(forward.weights)) {
    const same = (backward.weights as Record<string, typeof variable>)[`${name}_reverse`];
    if (same) same.value = variable.value;
  }
  const state = stateOf(forward, B, 70);
  const read = (layer: Recurrent<string, string>, turn: boolean) =>
    compile(
      (inputs: { x: Tensor; h: Tensor }) => {
        const { output } = layer.apply(turn ? inputs.x.flip(0) : inputs.x, { state: { h: inputs.h } });
        return turn ? output.flip(0) : output;
      },
      { backend: reference },
    )({ x, h: state.h as Value });
  expectClose([...read(backward, false).data], [...read(forward, true).data]);
});

test("without a state it starts from zeros, for any batch", () => {
  const layer = initialize(recurrent(lstm, I, H, { layers: 2, direction: "both" }), { seed: 4 });
  const run = compile(
    (inputs) => {
      const batch = inputs.size(1);
      const state = { h: zeros([4, batch, H]), c: zeros([4, batch, H]) };
      return [layer.apply(inputs).output, layer.apply(inputs, { state }).output] as const;
    },
    { inputs: float32("T", "B", I), backend: reference },
  );
  for (const shape of [
    [T, B, I],
    [2, 7, I],
    [1, 1, I],
  ]) {
    const [without, withZeros] = run(randomValue(shape, 9));
    expect(without.shape).toEqual([shape[0], shape[1], 2 * H]);
    expect(without.data).toEqual(withZeros.data);
  }
});

describe("dropout between layers", () => {
  const build = (layers: number, dropout: number) => {
    const layer = initialize(recurrent(rnn, I, H, { layers, dropout }), { seed: 5 });
    return compile(
      (inputs: { x: Tensor; key: Tensor }) => layer.apply(inputs.x, { key: inputs.key }).output,
      {
        inputs: { x: float32("T", "B", I), key: int32(2) },
        backend: reference,
      },
    );
  };
  const key = (second: number) => value(Int32Array.of(7, second), [2]);
  const plain = initialize(recurrent(rnn, I, H, { layers: 3, dropout: 0.5 }), { seed: 5 });
  const evaluated = compile((inputs) => plain.apply(inputs).output, {
    inputs: float32("T", "B", I),
    backend: reference,
  })(x);

  test("changes the output with the key, and the same key gives the same", () => {
    const run = build(3, 0.5);
    expect(run({ x, key: key(1) }).data).toEqual(run({ x, key: key(1) }).data);
    expect(run({ x, key: key(1) }).data).not.toEqual(run({ x, key: key(2) }).data);
    expect(run({ x, key: key(1) }).data).not.toEqual(evaluated.data);
  });
  test("draws its own mask after each layer", () => {
    const passing = cell(
      "passing",
      (_input, hidden) => ({ state: { h: hidden }, weights: {} }),
      (_, _state, x) => ({ h: x }),
    );
    const layer = recurrent(passing, 40, 40, { layers: 3, dropout: 0.5 });
    const run = compile((inputs) => layer.apply(full(1, [20, 25, 40]), { key: inputs }).output, {
      inputs: int32(2),
    });
    const { data } = run(key(1));
    expect(new Set(data)).toEqual(new Set([0, 4]));
    const kept = data.filter((one) => one === 4).length / data.length;
    expect(Math.abs(kept - 0.25)).toBeLessThan(0.02); // one mask twice would keep half
  });
  test("is none without a key and with probability 0, and refused where there is nothing between", () => {
    expect(build(3, 0)({ x, key: key(1) }).data).toEqual(evaluated.data);
    expect(() => build(1, 0.5)).toThrow(
      /dropout 0.5 given, which lies between layers: 2 layers or more expected, or the layer dropout\(0.5\) on the outputs/,
    );
  });
});

describe("wrong uses are refused by name", () => {
  const sizes: [string, () => unknown, string][] = [
    [
      "hidden 0",
      () => recurrent(lstm, I, 0),
      "recurrent(lstm): hidden size 0 given, a positive integer expected",
    ],
    [
      "hidden -3",
      () => recurrent(gru, I, -3),
      "recurrent(gru): hidden size -3 given, a positive integer expected",
    ],
    [
      "input NaN",
      () => recurrent(rnn, Number.NaN, H),
      "recurrent(rnn): input size NaN given, a positive integer expected",
    ],
    [
      "layers 1.5",
      () => recurrent(rnn, I, H, { layers: 1.5 }),
      "recurrent(rnn): layers 1.5 given, a positive integer expected",
    ],
    [
      "dropout 1",
      () => recurrent(rnn, I, H, { dropout: 1 }),
      "recurrent(rnn): dropout 1 given, a number from 0 to below 1 expected",
    ],
    [
      "direction",
      () => recurrent(rnn, I, H, { direction: "sideways" as never }),
      'recurrent(rnn): direction "sideways" given, forward, reverse, both expected',
    ],
    [
      "initialize",
      () => recurrent(rnn, I, H, { initialize: "magic" as never }),
      'recurrent(rnn): initialize "magic" given, default, orthogonal, glorot, uniform, uniform-gates expected',
    ],
  ];
  for (const [name, make, message] of sizes) {
    test(name, () => expect(make).toThrow(new UsageError(message)));
  }

  const layer = recurrent(lstm, I, H, { layers: 2 });
  const trace = (build: (inputs: Tensor) => unknown, ...shape: (number | string)[]) =>
    compile((inputs) => build(inputs) as Tensor, { inputs: float32(...shape) });
  test("an input of another width, with the line that gave it", () => {
    const wrong = () => trace((inputs) => layer.apply(inputs).output, "T", "B", 9);
    expect(wrong).toThrow(ShapeError);
    expect(wrong).toThrow(
      /^recurrent\(lstm\): float32 \(T, B, 9\) given, float32 \(T, B, 4\) expected, at .*recurrent\.test\.ts:\d+:\d+$/,
    );
  });
  test("the state of another cell", () => {
    const wrong = () =>
      trace(
        (inputs) => layer.apply(inputs, { state: { h: zeros([2, "B", H]) } as never }).output,
        "T",
        "B",
        I,
      );
    expect(wrong).toThrow(
      /^recurrent\(lstm\): the state h \(2, B, 5\) given, h \(2, B, 5\), c \(2, B, 5\) expected, at/,
    );
  });
  test("the state of another batch", () => {
    const h = zeros([2, 8, H]);
    const wrong = () => trace((inputs) => layer.apply(inputs, { state: { h, c: h } }).output, "T", "B", I);
    expect(wrong).toThrow(/^recurrent\(lstm\): the state h \(2, 8, 5\), c \(2, 8, 5\) given, h \(2, B, 5\)/);
  });
});
