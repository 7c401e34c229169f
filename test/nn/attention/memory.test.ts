// Layers with a memory: cells of one's own that read it, what steps show, single steps, streams, dropout, stacks, misuse.
import { describe, expect, test } from "vitest";
import type { Backend, Value } from "../../../src/backends/backend.ts";
import { reference } from "../../../src/backends/reference/index.ts";
import { gradient } from "../../../src/gradient/index.ts";
import {
  additive,
  attend,
  type Cell,
  cell,
  clockwork,
  general,
  gru,
  highway,
  initialize,
  lstm,
  MEMORY_STEPS,
  matrix,
  recurrent,
  residual,
  rnn,
  type SequenceLayer,
  type StateOf,
  stacked,
  stateTypes,
  vector,
  withAttention,
  withSkips,
  zeroState,
} from "../../../src/nn/index.ts";
import { compile, float32, int32, value } from "../../../src/program/compile.ts";
import { explain } from "../../../src/program/explain.ts";
import { stream } from "../../../src/program/stream.ts";
import { concat, einsum, full, sigmoid, tanh } from "../../../src/trace/functions.ts";
import { withKey } from "../../../src/trace/randomness.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import type { Variable } from "../../../src/trace/variable.ts";
import { weightedSum } from "../../gradient/check.ts";
import { expectClose } from "../../helpers/close.ts";
import { squaresOf } from "../../helpers/layers.ts";
import { floats, randomValue } from "../../helpers/values.ts";
import { checkModelGradient } from "../check-model.ts";

const [T, S, B, I, H, M] = [4, 5, 3, 2, 4, 3];
const memory = { values: floats([S, B, M], 2), lengths: value(Int32Array.of(5, 1, 3), [B]) };
const lengths = value(Int32Array.of(4, 2, 3), [B]);
const x = floats([T, B, I], 1);
const inputs = {
  x: float32("T", "B", I),
  lengths: int32("B"),
  memory: { values: float32("S", "B", M), lengths: int32("B") },
};

/** A cell that writes what it attended to into its state through a gate, and looks away from where it looked last. */
const reader = cell(
  "reader",
  (input, hidden, size) => ({
    state: { h: hidden, seen: MEMORY_STEPS },
    weights: {
      W: matrix(hidden, size),
      Wg: matrix(hidden + size + input, hidden),
      Wn: matrix(size + input, hidden),
      w: vector(1),
    },
  }),
  ({ W, Wg, Wn, w }, { h, seen }, input, { memory: read, show }) => {
    const scores = einsum("bm,sbm->sb", h.dot(W), read.values).sub(seen.transpose().mul(w)); // e = h W m - w seen
    const { context, weights } = attend(scores, read);
    const g = sigmoid(concat(h, context, input).dot(Wg)); // g = s(Wg [h, c, x])
    const n = tanh(concat(context, input).dot(Wn)); // n = tanh(Wn [c, x])
    show("attention", weights);
    show("gate", g);
    return { h: h.add(g.mul(n.sub(h))), seen: weights.transpose() };
  },
);

/** A layer as a function on arrays that gives all that there is. */
const running = (layer: SequenceLayer<never>) =>
  compile(
    (given) => {
      const {
        output,
        state,
        shown = {},
      } = layer.apply(given.x, { lengths: given.lengths, memory: given.memory });
      return { output, state: state as Record<string, Tensor>, shown };
    },
    { inputs, backend: reference },
  );

describe("a cell of one's own reads the memory", () => {
  test("its state may have a number for each step of the memory", () => {
    const layer = recurrent(reader, I, H, { memory: M });
    expect(layer.stateShapes("B", "S")).toEqual({ h: [1, "B", H], seen: [1, "B", "S"] });
    expect(layer.stateShapes(2, 7).seen).toEqual([1, 2, 7]);
    expect(stateTypes(layer).seen.shape).toEqual([1, "B", "S"]);
    expect(zeroState(layer, 2, 7).seen.shape).toEqual([1, 2, 7]);
    expect(() => layer.stateShapes("B")).toThrow(
      /recurrent\(reader\): the state seen has a number for each step of the memory; how many there are expected/,
    );
    expect(() => zeroState(layer, 2)).toThrow(/how many there are expected/);
  });
  test("its gradients agree with central differences, with lengths, layers, directions and checkpoints", () => {
    for (const [options, checkpoint] of [
      [{}, undefined],
      [{ layers: 2, direction: "both" }, undefined],
      [{ direction: "reverse" }, 3],
    ] as const) {
      const layer = recurrent(reader, I, H, { memory: M, ...options });
      const seed = randomValue([T, B, layer.outputSize], 3);
      const found = checkModelGradient(
        layer,
        (given) => {
          const { output, state, shown } = layer.apply(given.x as Tensor, {
            lengths: given.lengths,
            memory: { values: given.values as Tensor, lengths: given.ends },
            checkpoint,
          });
          return weightedSum(output, given.seed as Tensor)
            .add(squaresOf(state))
            .add(squaresOf(shown));
        },
        { x, seed, values: memory.values, ends: memory.lengths, lengths } as Record<string, Value>,
      );
      expect(found).toBe(Object.keys(layer.weights).length);
    }
  });
  test("steps show by name, layer by layer, forward first; (T, ...) with the batch where it was, zeros at the end", () => {
    const layer = initialize(recurrent(reader, I, H, { memory: M, layers: 2, direction: "both" }), {
      seed: 3,
    });
    const { shown } = running(layer as never)({ x, lengths, memory });
    expect(shown.attention?.map(({ shape }) => shape)).toEqual(Array(4).fill([T, S, B]));
    expect(shown.gate?.map(({ shape }) => shape)).toEqual(Array(4).fill([T, B, H]));
    const at = (t: number, b: number, index: number) =>
      Array.from({ length: S }, (_, s) => shown.attention?.[index]?.data[(t * S + s) * B + b] as number);
    const sum = (row: readonly number[]) => row.reduce((all, one) => all + one, 0);
    for (const index of [0, 1, 2, 3]) {
      expectClose([sum(at(0, 0, index)), sum(at(3, 0, index)), sum(at(1, 1, index))], [1, 1, 1]);
      expect([sum(at(2, 1, index)), sum(at(3, 2, index))]).toEqual([0, 0]);
      expect(at(0, 1, index)).toEqual([1, 0, 0, 0, 0]);
    }
  });
  test("whoever does not look at what is shown pays nothing: the program is the same as without", () => {
    const silent = {
      ...reader,
      step: (w, s, one, context) =>
        reader.step(w, s, one, Object.create(context, { show: { value: () => {} } })),
    } as typeof reader;
    const loops = (of: typeof reader) => {
      const layer = recurrent(of, I, H, { memory: M });
      const build = (backend: Backend) =>
        compile((given) => layer.apply(given.x, { memory: given.memory }).output, { inputs, backend });
      return explain({ T, S, B }, build)[0]?.loops;
    };
    expect(loops(reader)).toContain("tanh");
    expect(loops(reader)).toBe(loops(silent));
  });
});

const attending = withAttention(gru, additive({ units: 5, coverage: true }));

describe("what stands beyond the memory's lengths reaches nothing, NaN included", () => {
  for (const [name, of] of [
    ["an attending cell", attending],
    ["a cell of one's own", reader],
  ] as const) {
    test(name, () => {
      const layer = initialize(recurrent(of as Cell<string, string>, I, H, { memory: M }), { seed: 1 });
      const run = compile(
        (given) => {
          const { output, shown } = layer.apply(given.x, { lengths: given.lengths, memory: given.memory });
          const loss = output.square().sum().add(squaresOf(shown));
          return {
            output,
            slopes: gradient(loss, [given.x, given.memory.values, ...Object.values(layer.weights)]),
          };
        },
        { inputs },
      );
      const fill = (filling: number) => ({
        ...memory,
        values: {
          shape: memory.values.shape,
          data: Float32Array.from(memory.values.data, (one, at) =>
            Math.floor(at / (B * M)) < (memory.lengths.data[Math.floor(at / M) % B] as number)
              ? one
              : filling,
          ),
        },
      });
      const runs = [0, Number.NaN].map((filling) => run({ x, lengths, memory: fill(filling) }));
      expect(runs[1]).toEqual(runs[0]);
      expect(runs[0]?.slopes.every(({ data }) => data.every(Number.isFinite))).toBe(true);
    });
  }
});

describe("single steps", () => {
  const layers: Record<string, SequenceLayer<never>> = {
    attending: recurrent(attending, I, H, { memory: M, layers: 2 }) as never,
    "the new state asks": recurrent(withAttention(lstm, general(), { query: "after" }), I, H, {
      memory: M,
    }) as never,
    "with skips": recurrent(withSkips(attending, [2, 3]), I, H, { memory: M }) as never,
    stacked: stacked(
      recurrent(rnn, I, H),
      recurrent(attending, H, H, { memory: M }),
      recurrent(rnn, H + M, 2),
    ) as never,
    residual: residual(recurrent(reader, I, I, { memory: M })) as never,
    highway: highway(recurrent(reader, I, I, { memory: M })) as never,
  };
  for (const [name, layer] of Object.entries(layers)) {
    test(`${name}: step after step is the same as along time`, () => {
      initialize(layer, { seed: 2 });
      const { along, stepped } = compile(
        (given) => {
          const call = { memory: given.memory };
          const first = layer.apply(given.x.slice(0, 0, 1), call);
          let state = first.state;
          const outputs = [first.output.at(0, 0)];
          const attended = [first.shown?.attention?.[0]?.at(0, 0) as Tensor];
          for (let t = 1; t < T; t++) {
            const next = layer.step(given.x.at(0, t), state, call);
            state = next.state;
            outputs.push(next.output);
            attended.push(next.shown?.attention?.[0] as Tensor);
          }
          const all = layer.apply(given.x, call);
          const seen = all.shown?.attention?.[0] as Tensor;
          return {
            along: [...outputs.map((_, t) => all.output.at(0, t)), ...attended.map((_, t) => seen.at(0, t))],
            stepped: [...outputs, ...attended],
          };
        },
        { inputs: { x: float32(T, "B", I), memory: inputs.memory }, backend: reference },
      )({ x, memory });
      expect(stepped.length).toBe(2 * T);
      for (const [index, one] of stepped.entries()) expectClose(one.data, along[index]?.data ?? []);
    });
  }
  test("a stream carries the memory on as a part of its state", () => {
    const layer = initialize(recurrent(attending, I, H, { memory: M }), { seed: 2 });
    const shapes = { rnn: layer.stateShapes(1, S), values: [S, 1, M] };
    const live = stream(
      (one, { rnn, values }: { rnn: StateOf<typeof layer>; values: Tensor }) => {
        const { output, state } = layer.step(one, rnn, { memory: { values } });
        return [{ rnn: state, values }, output] as never;
      },
      { inputs: float32(1, I), state: shapes as never },
    );
    const values = floats([S, 1, M], 8);
    live.restore({ rnn: zeroState(layer, 1, S), values } as never);
    const whole = compile((given) => layer.apply(given.x, { memory: { values: given.values } }).output, {
      inputs: { x: float32("T", 1, I), values: float32(S, 1, M) },
    })({ x: floats([T, 1, I], 4), values });
    const data = floats([T, 1, I], 4).data;
    for (let t = 0; t < T; t++) {
      const output = live.next(
        Array.from(data.slice(t * I, (t + 1) * I)) as never,
      ) as unknown as Float32Array;
      expectClose(output, whole.data.slice(t * (H + M), (t + 1) * (H + M)), 5);
    }
  });
});

test("a state is carried on from window to window, coverage and all", () => {
  const layer = initialize(recurrent(attending, I, H, { memory: M }), { seed: 5 });
  const { whole, parts } = compile(
    (given) => {
      const call = { memory: given.memory };
      const first = layer.apply(given.x.slice(0, 0, 2), call);
      const second = layer.apply(given.x.slice(0, 2, T), { ...call, state: first.state });
      return { whole: layer.apply(given.x, call).output.slice(0, 2, T), parts: second.output };
    },
    { inputs: { ...inputs, x: float32(T, "B", I) }, backend: reference },
  )({ x, lengths, memory });
  expectClose(parts.data, whole.data);
});

describe("regularisation", () => {
  const options = { variationalDropout: 0.4, recurrentDropout: 0.3, zoneout: 0.2, weightDropout: 0.2 };
  test("draws by the key alone, also for a state with a number for each step of the memory", () => {
    const layer = initialize(recurrent(attending, I, H, { memory: M, ...options }), { seed: 1 });
    const run = compile((given) => layer.apply(given.x, { memory: given.memory, key: given.key }).output, {
      inputs: { ...inputs, key: int32(2) },
    });
    const at = (key: number) => run({ x, lengths, memory, key: value(Int32Array.of(1, key), [2]) }).data;
    expect(at(1)).toEqual(at(1));
    expect(at(1)).not.toEqual(at(2));
    expect(at(1).every(Number.isFinite)).toBe(true);
  });
  test("drops the state where scores multiply it, in what is shown too", () => {
    const asking = recurrent(withAttention(rnn, general()), I, M, {
      memory: M,
      variationalDropout: { state: 0.9 },
    });
    initialize(asking, { seed: 1 });
    const weight = asking.weights.attention_W_l0 as Variable;
    weight.value = Float32Array.from({ length: M * M }, (_, at) => (at % (M + 1) === 0 ? 5 : 0));
    const run = compile(
      (given) => {
        const state = { h: given.h, context: given.h.mul(0) };
        const call = { memory: { values: given.memory.values }, state };
        const shownWith = (key: Tensor | null) =>
          withKey(key, () => asking.apply(given.x, call).shown.attention?.[0]?.at(0, 0) as Tensor);
        return [shownWith(given.key), shownWith(null)] as const;
      },
      { inputs: { ...inputs, h: float32(1, "B", M), key: int32(2) } },
    );
    const h = { data: new Float32Array(B * M).fill(0.5), shape: [1, B, M] };
    const given = { x, lengths, memory, h, key: value(Int32Array.of(0, 3), [2]) };
    const [dropped, kept] = run(given);
    expect(Array.from(dropped.data)).not.toEqual(Array.from(kept.data));
    // Rows whose whole state is dropped score everything alike.
    const rows = [0, 1, 2].map((b) => Array.from({ length: S }, (_, s) => dropped.data[s * B + b] as number));
    expect(rows.some((row) => row.every((weightOf) => Math.abs(weightOf - 1 / S) < 1e-6))).toBe(true);
  });
});

describe("misuse", () => {
  const tracing =
    (build: (given: { x: Tensor; memory: { values: Tensor; lengths: Tensor } }) => unknown) => () =>
      compile((given) => build(given) as Tensor, { inputs });
  const layer = recurrent(attending, I, H, { memory: M });
  test("a memory that is missing, or that nobody reads", () => {
    expect(() => recurrent(attending, I, H)).toThrow(
      /cell gru with additive coverage attention: reads a memory, and was given none: recurrent\(cell, input, hidden, \{ memory: size \}\) expected/,
    );
    expect(() => recurrent(reader, I, H)).toThrow(
      /cell reader: weight W of size 0 given, .*; the layer was given no memory/,
    );
    const careless = cell(
      "careless",
      (_, hidden) => ({ state: { h: hidden }, weights: {} }),
      (_, { h }, __, { memory: read }) => ({
        h: h.add(read.values.sum()),
      }),
    );
    expect(() => recurrent(careless, I, H)).toThrow(/cell careless: reads a memory, and was given none/);
    expect(() => recurrent(gru, I, H, { memory: M })).toThrow(
      /recurrent\(gru\): memory 3 given, and gru reads none/,
    );
    expect(() => recurrent(attending, I, H, { memory: 0 })).toThrow(
      /memory size 0 given, a positive integer expected/,
    );
    expect(tracing((given) => layer.apply(given.x).output)).toThrow(
      /recurrent\(gru with additive coverage attention\): no memory given, \{ values \(S, B, 3\), lengths \} expected/,
    );
    const plain = recurrent(gru, I, H);
    expect(tracing((given) => plain.apply(given.x, { memory: given.memory }).output)).toThrow(
      /recurrent\(gru\): memory given to a layer that reads none/,
    );
    expect(tracing((given) => stacked(plain).apply(given.x, { memory: given.memory }).output)).toThrow(
      /stacked\(recurrent\(gru\)\): memory given to a layer that reads none/,
    );
    const clock = clockwork(rnn, I, H, { periods: [1, 2] });
    expect(tracing((given) => clock.apply(given.x, { memory: given.memory }).output)).toThrow(
      /clockwork\(rnn\): memory given to a layer that reads none/,
    );
    expect(() => clockwork(attending, I, H, { periods: [1, 2] })).toThrow(
      /reads a memory, and was given none/,
    );
    const zeros = () => ({
      h: full(0, [1, "B", H]),
      context: full(0, [1, "B", M]),
      coverage: full(0, [1, "B", "S"]),
    });
    expect(
      tracing((given) => layer.step(given.x.at(0, 0), zeros(), { memroy: given.memory } as never).output),
    ).toThrow(/memroy/);
    expect(tracing((given) => layer.step(given.x.at(0, 0), zeros()).output)).toThrow(/no memory given/);
    const short = { ...zeros(), coverage: full(0, [1, "B", 2]) };
    expect(tracing((given) => layer.step(given.x.at(0, 0), short, { memory: given.memory }).output)).toThrow(
      /coverage \(1, B, 2\).* given, .*coverage \(1, B, S\) expected/,
    );
  });
  test("a memory of another size, of other rows, or with lengths of other rows", () => {
    const applied = (memoryOf: (read: { values: Tensor; lengths: Tensor }) => object) =>
      tracing((given) => layer.apply(given.x, { memory: memoryOf(given.memory) as never }).output);
    expect(applied(({ values }) => ({ values: values.slice(2, 1) }))).toThrow(
      /memory float32 \(S, B, 2\) given, float32 \(S, B, 3\) expected, at .*memory.test.ts/,
    );
    expect(applied(({ values }) => ({ values: values.slice(1, 1) }))).toThrow(
      /memory float32 \(S, B-1, 3\) given/,
    );
    expect(applied(({ values, lengths: ends }) => ({ values, lengths: ends.slice(0, 1) }))).toThrow(
      /memory lengths int32 \(B-1\) given, int32 \(B\) expected/,
    );
    expect(applied(({ values }) => ({ values, lengths: values }))).toThrow(
      /memory lengths float32 \(S, B, 3\) given/,
    );
    expect(applied(({ lengths: ends }) => ({ lengths: ends }))).toThrow(
      /memory values: nothing|undefined given/,
    );
    const run = compile((given) => layer.apply(given.x, { memory: given.memory }).output, { inputs });
    const with6 = { ...memory, lengths: value(Int32Array.of(5, 6, 3), [B]) };
    expect(() => run({ x, lengths, memory: with6 })).toThrow(/6/);
    expect(() =>
      run({ x, lengths, memory: { ...memory, lengths: value(Int32Array.of(5, 0, 3), [B]) } }),
    ).toThrow(/0/);
  });
  test("memories of different sizes in one stack", () => {
    const other = recurrent(withAttention(rnn, general()), H + M, H, { memory: M + 1 });
    expect(() => stacked(layer, other)).toThrow(
      /stacked: layers with memories of 3 and 4 given, one size expected/,
    );
  });
  test("of what is shown", () => {
    const showing = (show: (h: Tensor, show: (name: string, tensor: Tensor) => void) => void) =>
      cell(
        "shower",
        (_, hidden) => ({ state: { h: hidden }, weights: {} }),
        (_, { h }, __, context) => {
          show(h, context.show);
          return { h };
        },
      );
    const build = (show: Parameters<typeof showing>[0]) => () => recurrent(showing(show), I, H);
    expect(
      build((h, show) =>
        [1, 2].forEach(() => {
          show("a", h);
        }),
      ),
    ).toThrow(/cell shower: shows a twice/);
    expect(build((h, show) => show("a", h.sum()))).toThrow(/cell shower: shows a \(\), one axis B/);
    expect(build((_, show) => show("a", 3 as never))).toThrow(/a tensor expected/);
    expect(build((h, show) => show("a.b", h))).toThrow(/a\.b/);
    expect(() =>
      recurrent(
        showing((h, show) => show("a", h)),
        I,
        H,
      ),
    ).not.toThrow();
  });
  test("of withAttention", () => {
    expect(() => withAttention(gru, general(), { query: "new" as never })).toThrow(
      /query "new" given, before or after expected/,
    );
    expect(() => withAttention(gru, general(), { inputFeeding: false })).toThrow(
      /inputFeeding given, which is of the query after/,
    );
    expect(() => withAttention(gru, general(), { outputSize: 3 })).toThrow(
      /outputSize given, which is of the query after/,
    );
    expect(() => withAttention(gru, "general" as never)).toThrow(/"general" given, a mechanism such as/);
    expect(() => withAttention("gru" as never, general())).toThrow(/a cell such as lstm expected/);
    const twice = withAttention(withAttention(gru, general()), general());
    expect(() => recurrent(twice, I, H, { memory: M })).toThrow(/the cell has a state context already/);
  });
});
