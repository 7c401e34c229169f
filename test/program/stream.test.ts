import { describe, expect, test } from "vitest";
import type { Value } from "../../src/backends/backend.ts";
import { reference } from "../../src/backends/reference/index.ts";
import { wasm } from "../../src/backends/wasm/index.ts";
import { DataError, ShapeError, UsageError } from "../../src/errors.ts";
import { gru, initialize, linear, lstm, recurrent, type StateOf, stacked } from "../../src/nn/index.ts";
import { compile, float32, int32, value } from "../../src/program/compile.ts";
import { stream } from "../../src/program/stream.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import type { Variable } from "../../src/trace/variable.ts";
import { expectClose } from "../helpers/close.ts";
import { foreign } from "../helpers/realm.ts";
import { numbers } from "../helpers/values.ts";

const [T, B, I, H] = [7, 3, 5, 6];
const sequence = Float32Array.from(numbers(T * B * I, 3));
const at = (t: number) => sequence.subarray(t * B * I, (t + 1) * B * I);

for (const backend of [wasm, reference]) {
  describe(`a stream on ${backend.name}`, () => {
    const model = initialize({ rnn: recurrent(lstm, I, H, { layers: 2 }), head: linear(H, 4) }, { seed: 3 });
    const step = (x: Tensor, state: Record<"h" | "c", Tensor>) => {
      const result = model.rnn.apply(x, { state });
      return [result.state, model.head.apply(result.output)] as const;
    };
    const open = () =>
      stream(step, { inputs: float32(1, B, I), state: model.rnn.stateShapes(B), rows: 1, backend });
    const whole = compile(({ x }) => model.head.apply(model.rnn.apply(x).output), {
      inputs: { x: float32("T", "B", I) },
      backend,
    })({ x: value(sequence, [T, B, I]) }).data;
    const expected = (t: number) => [...whole.slice(t * B * 4, (t + 1) * B * 4)];

    test("gives at each step what the whole sequence gives", () => {
      const live = open();
      for (let t = 0; t < T; t += 1) {
        expectClose([...live.next(at(t))], expected(t), 6);
      }
    });

    test("goes on from a saved state as if nothing had happened", () => {
      const live = open();
      live.next(at(0));
      const saved = live.save();
      const first = [...live.next(at(1))];
      live.next(at(2));
      live.restore(saved);
      expect([...live.next(at(1))]).toEqual(first);
      const other = open();
      other.restore(saved);
      expect([...other.next(at(1))]).toEqual(first);
    });

    test("starts one row, or all, again", () => {
      const live = open();
      live.next(at(0));
      live.reset(1);
      const mixed = [...live.next(at(0))];
      const fresh = open();
      const started = [...fresh.next(at(0))];
      const second = [...fresh.next(at(0))];
      expect(mixed.slice(4, 8)).toEqual(started.slice(4, 8));
      expect(mixed.slice(0, 4)).toEqual(second.slice(0, 4));
      expect(mixed.slice(8)).toEqual(second.slice(8));
      live.reset();
      expect([...live.next(at(0))]).toEqual(started);
      expect(() => live.reset(3)).toThrow("row 3 given, a whole number from 0 to 2 expected");
    });

    test("follows the weights when they change", () => {
      const live = open();
      const before = [...live.next(at(0))];
      (model.head.weights.bias as Variable).value = [1, 1, 1, 1];
      live.reset();
      const after = [...live.next(at(0))];
      for (const [index, number] of after.entries())
        expect(number).not.toBeCloseTo(before[index] as number, 3);
      (model.head.weights.bias as Variable).value = [0, 0, 0, 0];
    });
  });
}

test("a stream refuses input of another length and states of another shape", () => {
  const { rnn } = initialize({ rnn: recurrent(gru, 2, 3) }, { seed: 1 });
  const live = stream(
    ({ x }, state) => {
      const result = rnn.apply(x, { state });
      return [result.state, { y: result.output }];
    },
    { inputs: { x: float32(1, 1, 2) }, state: rnn.stateShapes(1), rows: 1 },
  );
  expect(live.next({ x: [1, 2] }).y.length).toBe(3);
  expect(() => live.next({ x: [1] })).toThrow("1 numbers given for the input x, 2 expected");
  expect(() => live.restore({ h: value(new Float32Array(2), [1, 1, 2]) })).toThrow(
    "state h: (1, 1, 2) given, (1, 1, 3) expected",
  );
});

test("a state may be a tree: layers of different cells stream as they run whole", () => {
  const { net } = initialize({ net: stacked(recurrent(lstm, 2, 3), recurrent(gru, 3, 4)) }, { seed: 1 });
  const rows = [[[1, 2]], [[3, -1]], [[0, 1]]];
  const whole = compile((x) => net.apply(x).output, { inputs: float32("T", "B", 2) })(rows);
  const live = stream(
    (x, before: StateOf<typeof net>) => {
      const { output, state } = net.step(x, before);
      return [state, output];
    },
    { inputs: float32(1, 2), state: net.stateShapes(1), rows: 1 },
  );
  const first = [...live.next([1, 2])];
  const saved = live.save();
  expect(saved[1].h.shape).toEqual([1, 1, 4]);
  const rest = () =>
    [
      [3, -1],
      [0, 1],
    ].flatMap((x) => [...live.next(x)]);
  const given = [...first, ...rest()];
  expectClose(given, whole.data, 6);
  live.restore(saved);
  expect(rest()).toEqual(given.slice(4));
  expect(() => live.restore([saved[0], {}] as never)).toThrow("stream: the state 1.h is missing");
});

test("refused: a step that loses its state, and a network that reads backwards", () => {
  const both = recurrent(gru, 2, 3, { direction: "both" });
  const options = { inputs: float32(1, 2), state: both.stateShapes(1), rows: 1 };
  expect(() =>
    stream((x, before: StateOf<typeof both>) => {
      const { output, state } = both.step(x, before);
      return [state, output];
    }, options),
  ).toThrow("recurrent(gru): a bidirectional network cannot take single steps, a forward one expected");
  expect(() => stream((x) => [{} as StateOf<typeof both>, x], options)).toThrow(
    "stream: the step gives nothing for the state h",
  );
});

describe.each([wasm, reference])("what is given to a stream on $name", (backend) => {
  const open = () =>
    stream(
      ({ x, deep }, state: { a: Tensor; b: Tensor }) => {
        const a = state.a.add(x.sum());
        return [
          { a, b: state.b },
          { a, same: state.b, x, next: deep.n.add(1) },
        ];
      },
      { inputs: { x: float32(1, 2), deep: { n: int32(1) } }, state: { a: [1], b: [2] }, backend },
    );
  const give = (live: ReturnType<typeof open>, x: unknown, n: unknown) =>
    live.next({ x, deep: { n } } as never);

  test.each<[unknown, Error]>([
    [[1, undefined], new DataError("stream: input x: undefined given at 1 ([0][1]), float32 expected")],
    [["1", 2], new DataError('stream: input x: "1" given at 0 ([0][0]), float32 expected')],
    [[[1], 2], new DataError("stream: input x: an array of 1 given at 0 ([0][0]), float32 expected")],
    [Array(2), new DataError("stream: input x: undefined given at 0 ([0][0]), float32 expected")],
    [
      Float64Array.of(1, 1e300),
      new DataError("stream: input x: 1e+300 given at 1 ([0][1]), float32, at most 3.4e38, expected"),
    ],
    [undefined, new DataError("stream: undefined given for the input x, 2 numbers expected")],
    ["12", new DataError('stream: "12" given for the input x, 2 numbers expected')],
    [value([1, 2], [1, 2]), new DataError("stream: an object given for the input x, 2 numbers expected")],
    [1, new ShapeError("stream: 1 numbers given for the input x, 2 expected")],
  ])("float32 %o", (x, error) => {
    const live = open();
    expect(() => give(live, x, 1)).toThrow(error);
    expect([...give(live, [1, Number.NaN], 1).x]).toEqual([1, Number.NaN]);
  });

  test.each([Number.NaN, 0.5, 2 ** 40, [0.5], Float32Array.of(0.5)])("int32 %o", (n) => {
    expect(() => give(open(), [1, 2], n)).toThrow(/^stream: input deep\.n: .* given.*, int32 expected$/);
  });

  test("nothing at all", () => {
    expect(() => open().next(undefined as never)).toThrow("stream: undefined given for the input x");
    expect(() => open().next({ x: [1, 2] } as never)).toThrow("stream: undefined given for the input deep.n");
  });

  test("arrays of other types and realms", () => {
    const live = open();
    expect([...give(live, foreign("Float64Array.of(1, 2)"), Uint8Array.of(3)).next]).toEqual([4]);
    expect([...give(live, foreign("[1, 2]"), foreign("Int32Array.of(4)")).a]).toEqual([6]);
  });

  test("a state that is not one changes nothing", () => {
    const live = open();
    give(live, [1, 2], 1);
    const before = live.save();
    const restore = (b: unknown) => () => live.restore({ a: value([5], [1]), b } as never);
    expect(restore({ data: [1, "a"], shape: [2] })).toThrow(
      'stream: state b: "a" given at 1, float32 expected',
    );
    expect(restore({ data: [1, 2], shape: "2" })).toThrow(ShapeError);
    expect(restore(undefined)).toThrow("stream: the state b is missing");
    expect(live.save()).toEqual(before);
  });

  test("to write to an output, or to what was saved or restored, changes no state", () => {
    const live = open();
    for (const part of Object.values(give(live, [1, 2], 1))) part.fill(100);
    const saved = live.save();
    expect(saved).toEqual({ a: value(Float32Array.of(3), [1]), b: value(new Float32Array(2), [2]) });
    live.restore(saved);
    for (const { data } of Object.values(saved)) data.fill(100);
    const { a, same } = give(live, [1, 2], 1);
    expect([...a, ...same]).toEqual([6, 0, 0]);
  });
});

describe.each([wasm, reference])("rows in another order, on $name", (backend) => {
  const { net } = initialize({ net: stacked(recurrent(lstm, 2, 3), recurrent(gru, 3, 4)) }, { seed: 1 });
  const rows = 4;
  const open = () =>
    stream(
      (x, before: StateOf<typeof net>) => {
        const { output, state } = net.step(x, before);
        return [state, output];
      },
      { inputs: float32(rows, 2), state: net.stateShapes(rows), rows: 1, backend },
    );
  const x = (step: number) => numbers(rows * 2, step);
  const rowsOf = (output: ArrayLike<number>) =>
    Array.from({ length: rows }, (_, row) => Array.from(output).slice(row * 4, (row + 1) * 4));

  test.each([[[0, 1, 2, 3]], [[3, 3, 0, 0]], [Int32Array.of(1, 2, 3, 0)]])(
    "%j: each row goes on from the one that is named",
    (order) => {
      const [live, other] = [open(), open()];
      live.next(x(1));
      const permuted = ({ data, shape }: Value) => {
        const size = shape[2] as number;
        const from = (at: number) => (order[Math.floor(at / size)] as number) * size + (at % size);
        return value(
          data.map((_, at) => data[from(at)] as number),
          shape,
        );
      };
      const [below, above] = live.save();
      other.restore([{ h: permuted(below.h), c: permuted(below.c) }, { h: permuted(above.h) }]);
      live.reorder(order);
      expect(live.save()).toEqual(other.save());
      expect([...live.next(x(2))]).toEqual([...other.next(x(2))]);
      // Now the state is where the program left it, as nobody has read it.
      live.reorder(order);
      other.restore(live.save());
      expect([...live.next(x(3))]).toEqual([...other.next(x(3))]);
    },
  );

  test("in quick succession, with steps, resets and saves between", () => {
    const live = open();
    const [a, b] = [x(1), x(2)];
    live.next(a);
    live.reorder([1, 0, 3, 2]);
    live.reorder([1, 0, 3, 2]);
    const expected = [...live.next(b)];
    live.reset();
    live.next(a);
    expect([...live.next(b)]).toEqual(expected);
    live.reorder([2, 2, 2, 2]);
    live.reset(1);
    const [first, second, third] = rowsOf(live.next([1, 2, 1, 2, 1, 2, 1, 2]));
    expect(third).toEqual(first);
    expect(second).toEqual(rowsOf(open().next([1, 2, 1, 2, 1, 2, 1, 2]))[1]);
  });

  test("an order that is none changes nothing", () => {
    const live = open();
    live.next(x(1));
    const before = live.save();
    const refused: [unknown, Error][] = [
      [[0, 1, 2], new ShapeError("stream: 3 rows given, 4 expected")],
      [[0, 1, 2, 4], new UsageError("stream: row 4 at 3 given, a whole number from 0 to 3 expected")],
      [[0, 1, 0.5, 3], new UsageError("stream: row 0.5 at 2 given, a whole number from 0 to 3 expected")],
      [[0, "1", 2, 3], new UsageError('stream: row "1" at 1 given, a whole number from 0 to 3 expected')],
      [[-1, 1, 2, 3], new UsageError("stream: row -1 at 0 given, a whole number from 0 to 3 expected")],
      [undefined, new DataError("stream: undefined given, a list of 4 rows expected")],
      [2, new DataError("stream: 2 given, a list of 4 rows expected")],
    ];
    for (const [order, error] of refused) expect(() => live.reorder(order as number[])).toThrow(error);
    expect(() => live.reset(4)).toThrow(UsageError);
    expect(live.save()).toEqual(before);
  });
});

test("parts with different numbers of rows have no order, and no row of both is reset", () => {
  const live = stream((x, { a, b }: { a: Tensor; b: Tensor }) => [{ a: a.add(x), b: b.add(1) }, a], {
    inputs: float32(1),
    state: { a: [2], b: [1] },
  });
  live.next(1);
  const before = live.save();
  expect(() => live.reorder([0, 0])).toThrow(
    new ShapeError("stream: state b: (1) given, 2 rows along axis 0 expected, as in state a"),
  );
  expect(() => live.reset(1)).toThrow("stream: row 1 given, a whole number from 0 to 0 expected");
  expect(live.save()).toEqual(before);
});

describe.each([wasm, reference])("a saved state and JSON, on $name", (backend) => {
  const throughJson = <State>(state: State) => JSON.parse(JSON.stringify(state)) as State;

  test("a stream goes on from it to the same bits", () => {
    const { net } = initialize({ net: stacked(recurrent(lstm, 2, 3), recurrent(gru, 3, 4)) }, { seed: 1 });
    const live = stream(
      (x, before: StateOf<typeof net>) => {
        const { output, state } = net.step(x, before);
        return [state, output];
      },
      { inputs: float32(1, 2), state: net.stateShapes(1), rows: 1, backend },
    );
    live.next([1, -2]);
    const saved = live.save();
    const expected = [...live.next([3, 1])];
    live.restore(throughJson(saved));
    expect(live.save()).toEqual(saved);
    expect([...live.next([3, 1])]).toEqual(expected);
  });

  test("numbers that JSON cannot write are kept too", () => {
    const state = [8];
    const live = stream((x, before: Tensor) => [before, before.add(x)], {
      inputs: float32(8),
      state,
      backend,
    });
    const data = Float32Array.of(
      -0,
      0,
      Number.NaN,
      Infinity,
      -Infinity,
      2 ** -149,
      1 / 3,
      -3.4028234663852886e38,
    );
    live.restore(value(data, state));
    const text = JSON.stringify(live.save());
    expect(text).toBe(
      `{"data":["-0",0,"NaN","Infinity","-Infinity",1.401298464324817e-45,0.3333333432674408,-3.4028234663852886e+38],"shape":[8]}`,
    );
    live.reset();
    live.restore(JSON.parse(text));
    const found = live.save().data;
    expect(found).toEqual(data);
    expect(Object.is(found[0], -0)).toBe(true);
    expect(() => live.restore({ data: ["-1"], shape: [1] } as never)).toThrow(
      new DataError('stream: state: "-1" given at 0, float32 expected'),
    );
  });
});
