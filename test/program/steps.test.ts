import { describe, expect, test } from "vitest";
import type { Value } from "../../src/backends/backend.ts";
import { reference } from "../../src/backends/reference/index.ts";
import { wasm, wasmBackend } from "../../src/backends/wasm/index.ts";
import { hoistProducts } from "../../src/compiler/passes/hoist-products.ts";
import { DataError, ShapeError, UsageError } from "../../src/errors.ts";
import { inProgram } from "../../src/graph/interning.ts";
import {
  embedding,
  gru,
  initialize,
  linear,
  recurrent,
  type StateOf,
  stateTypes,
} from "../../src/nn/index.ts";
import { compile, float32, int32, traceProgram, value } from "../../src/program/compile.ts";
import { splitSteady } from "../../src/program/keep.ts";
import { compileSteps } from "../../src/program/steps.ts";
import {
  concat,
  einsum,
  randomUniform,
  range,
  scalar,
  softmax,
  stack,
  tanh,
  where,
  zeros,
} from "../../src/trace/functions.ts";
import { scan } from "../../src/trace/scan.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { Variable } from "../../src/trace/variable.ts";
import { expectClose } from "../helpers/close.ts";
import { integerTensor, numbers } from "../helpers/values.ts";

const [V, E, H, M, K] = [11, 5, 6, 4, 7];
const newModel = () =>
  initialize(
    {
      embed: embedding(V, E),
      rnn: recurrent(gru, E + M, H, { layers: 2 }),
      query: linear(H, K, { bias: false }),
      keys: linear(M, K),
      energy: linear(K, 1),
      head: linear(H, V),
    },
    { seed: 5 },
  );
type Model = ReturnType<typeof newModel>;
type Memory = { values: Tensor; lengths: Tensor };

/** Bahdanau's attention, written as the paper prints it, with everything of the memory computed within the step. */
function attend({ query, keys, energy }: Model, h: Tensor, { values, lengths }: Memory) {
  const [steps, batch] = [values.size(0), values.size(1)];
  const asked = query.apply(h).reshape([1, batch, K]);
  const scores = energy.apply(tanh(keys.apply(values).add(asked))).reshape([steps, batch]);
  const inside = range(steps)
    .reshape([steps, 1])
    .less(lengths.reshape([1, batch]));
  const weights = softmax(where(inside, scores, -1e9), 0);
  return { weights, context: einsum("sb,sbm->bm", weights, values) };
}

type State = StateOf<Model["rnn"]>;
const stepOf = (model: Model) => (token: Tensor, before: State, memory: Memory) => {
  const { context, weights } = attend(model, before.h.at(0, 1), memory);
  const { output, state } = model.rnn.step(concat(model.embed.apply(token), context), before);
  return [state, { logits: model.head.apply(output), attention: weights }] as const;
};
const typesOf = (model: Model) => ({
  inputs: int32("B"),
  state: stateTypes(model.rnn),
  memory: { values: float32("S", "B", M), lengths: int32("B") },
});
const memoryOf = (steps: number, batch: number, seed: number) => ({
  values: value(Float32Array.from(numbers(steps * batch * M, seed)), [steps, batch, M]),
  lengths: value(
    Int32Array.from({ length: batch }, (_, b) => 1 + ((b * 3 + seed) % steps)),
    [batch],
  ),
});
const stateOf = (batch: number, seed: number) => ({
  h: value(Float32Array.from(numbers(2 * batch * H, seed)), [2, batch, H]),
});
/** Rows along an axis of a value, in an order. */
function taken({ data, shape }: Value, axis: number, order: readonly number[]): Value {
  const length = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const [outer, rows] = [shape.slice(0, axis).reduce((a, b) => a * b, 1), shape[axis] as number];
  const rowsOf = Array.from({ length: outer }, (_, at) =>
    order.flatMap((row) => [...data.subarray((at * rows + row) * length, (at * rows + row + 1) * length)]),
  );
  const sizes = shape.map((size, at) => (at === axis ? order.length : size));
  return value(
    data instanceof Int32Array ? Int32Array.from(rowsOf.flat()) : Float32Array.from(rowsOf.flat()),
    sizes,
  );
}
const repeated = (batch: number, repeat: number) =>
  Array.from({ length: batch * repeat }, (_, row) => Math.floor(row / repeat));

const backends = [
  wasm,
  reference,
  wasmBackend({ check: true }),
  wasmBackend({ without: ["shareMemory"] }),
  wasmBackend({ threads: 2, minimumWork: 0, check: true }),
];
describe.each(backends.map((backend, index) => [`${backend.name} ${index}`, backend] as const))(
  "compiled steps on %s",
  (_, backend) => {
    const model = newModel();
    const steps = compileSteps(stepOf(model), { ...typesOf(model), backend });
    const { inputs, state, memory } = typesOf(model);
    const naive = compile(
      (given) => {
        const [next, output] = stepOf(model)(given.token, given.before, given.memory);
        return { next, ...output };
      },
      { inputs: { token: inputs, before: state, memory }, backend },
    );

    test.each([
      [3, 2, 1],
      [5, 3, 4],
      [1, 1, 2],
    ])("of a memory of %i steps and %i rows, each %i times, are those of one program", (S, B, repeat) => {
      const [given, begun] = [memoryOf(S, B, 7), stateOf(B, 3)];
      const live = steps.begin({ state: begun, memory: given, repeat });
      const rows = B * repeat;
      expect(live.rows).toBe(rows);
      const order = repeated(B, repeat);
      const whole = { values: taken(given.values, 1, order), lengths: taken(given.lengths, 0, order) };
      let before: { h: Value } = { h: taken(begun.h, 1, order) };
      for (let t = 0; t < 4; t++) {
        const tokens = Int32Array.from({ length: rows }, (_, row) => (row * 5 + t * 3) % V);
        const expected = naive({ token: tokens, before, memory: whole });
        const { logits, attention } = live.next(tokens);
        expectClose([...logits], expected.logits.data, 5);
        expectClose([...attention], expected.attention.data, 5);
        const parents = Array.from(order, (b, row) => b * repeat + ((row * 2 + t) % repeat));
        live.reorder(parents);
        before = { h: taken(expected.next.h, 1, parents) };
      }
    });

    test("leave the memory as it is, however many there are, and begin anew", () => {
      const state = stateOf(2, 1);
      const first = steps.begin({ state, memory: memoryOf(4, 2, 2), repeat: 2 });
      const started = [...first.next([1, 2, 3, 4]).attention];
      for (let t = 0; t < 5; t++) first.next([1, 2, 3, 4]);
      const again = steps.begin({ state, memory: memoryOf(4, 2, 2), repeat: 2 });
      expect([...again.next([1, 2, 3, 4]).attention]).toEqual(started);
      const ended = "steps have begun anew meanwhile: one compiled step has one beginning at a time";
      expect(() => first.next([1, 2, 3, 4])).toThrow(new UsageError(ended));
      expect(() => first.reorder([0, 1, 2, 3])).toThrow(UsageError);
    });

    test("give the same arrays at every step", () => {
      const live = steps.begin({ state: stateOf(2, 1), memory: memoryOf(4, 2, 2) });
      const first = live.next([1, 2]);
      const { logits, attention } = first;
      const second = live.next([3, 4]);
      expect(second).toBe(first);
      expect(second.logits).toBe(logits);
      expect(attention.length).toBe(8);
    });

    test("carry parts that are of all rows, beside those of each", () => {
      const counting = compileSteps(
        ({ x, more }, s: { own: Tensor; count: Tensor }, m: { table: Tensor }) => [
          { own: s.own.add(x), count: s.count.add(more) },
          { own: s.own.mul(m.table.exp().sum()), count: s.count.mul(1) },
        ],
        {
          inputs: { x: float32("N"), more: int32() },
          state: { own: float32(2, "N"), count: int32() },
          memory: { table: float32("S") },
          rows: "N",
          backend,
        },
      );
      const live = counting.begin({
        state: {
          own: [
            [1, 2],
            [3, 4],
          ],
          count: 5,
        },
        memory: { table: [0, 0, 0] },
        repeat: 2,
      });
      live.next({ x: [0, 10, 20, 30], more: 3 });
      live.reorder([3, 0, 0, 2]);
      const { own, count } = live.next({ x: [0, 0, 0, 0], more: 3 });
      expect([...own]).toEqual([32, 1, 1, 22, 34, 3, 3, 24].map((sum) => 3 * sum));
      expect([...count]).toEqual([8]);
    });

    test("follow weights that change, from the next beginning on", () => {
      const weight = new Variable("w", [2]);
      weight.value = [1, 10];
      const scaled = compileSteps((x, s: Tensor, m: Tensor) => [s, m.mul(weight).sum(1).add(x)], {
        inputs: float32("B"),
        state: float32("B"),
        memory: float32("B", 2),
        backend,
      });
      const start = {
        state: [0, 0],
        memory: [
          [1, 2],
          [3, 4],
        ],
      };
      expect([...scaled.begin(start).next([0, 0])]).toEqual([21, 43]);
      weight.value = [2, 0];
      expect([...scaled.begin(start).next([1, 1])]).toEqual([3, 7]);
    });

    test("keep states apart from each other and from the output, even where a step only moves them", () => {
      const steps = compileSteps(
        (x, { a, b, c, d }) => {
          const most = softmax(a.mul(2).add(x.reshape(["B", 1])));
          const [first, second] = [tanh(most.sum(1).add(b.mul(most).sum(1))), softmax(b.add(most))];
          return [
            { a: second, b: c, c: d, d: c },
            { second, least: second.mul(first.reshape(["B", 1])), first, before: a },
          ];
        },
        {
          inputs: float32("B"),
          state: { a: float32("B", "S"), b: float32("B", "S"), c: float32("B", "S"), d: float32("B", "S") },
          backend,
        },
      );
      for (const [B, S] of [
        [1, 3],
        [5, 2],
        [21, 12],
      ] as const) {
        const parts = ["a", "b", "c", "d"].map((name, at) => [name, [...numbers(B * S, at + 1)]] as const);
        let [a, b, c, d] = parts.map(([, data]) => data) as [number[], number[], number[], number[]];
        const state = Object.fromEntries(
          parts.map(([name, data]) => [name, value(Float32Array.from(data), [B, S])]),
        );
        const live = steps.begin({ state } as never);
        const normalized = (row: number[]) => {
          const all = row.map(Math.exp);
          const sum = all.reduce((one, other) => one + other, 0);
          return all.map((one) => one / sum);
        };
        for (let t = 0; t < 4; t++) {
          const x = [...numbers(B, t + 9)];
          const rows = Array.from({ length: B }, (_, row) => {
            const own = (part: number[]) => part.slice(row * S, (row + 1) * S);
            const most = normalized(own(a).map((one) => 2 * one + (x[row] as number)));
            const read = own(b).reduce((sum, one, s) => sum + one * (most[s] as number), 0);
            const first = Math.tanh(1 + read);
            const second = normalized(own(b).map((one, s) => one + (most[s] as number)));
            return { first, second };
          });
          const output = live.next(x);
          const second = rows.flatMap((row) => row.second);
          expectClose([...output.before], a, 5);
          expectClose(
            [...output.first],
            rows.map((row) => row.first),
            5,
          );
          expectClose([...output.second], second, 5);
          expectClose(
            [...output.least],
            rows.flatMap((row) => row.second.map((one) => one * row.first)),
            5,
          );
          [a, b, c, d] = [second, c, d, c];
        }
      }
    });

    test("do in the step what mixes rows, or counts them", () => {
      const mixing = compileSteps(
        (x, s: Tensor, m: Tensor) => [
          s.add(x),
          {
            total: s.add(m.exp().sum()),
            place: s.add(range(m.size(0)).convert("float32").mul(m)),
            wise: s.add(m.exp()),
          },
        ],
        { inputs: float32("B"), state: float32("B"), memory: float32("B"), backend },
      );
      const live = mixing.begin({ state: [0, 0], memory: [0, 0], repeat: 3 });
      live.next([1, 1, 1, 1, 1, 1]);
      expect([...live.next([0, 0, 0, 0, 0, 0]).total]).toEqual([7, 7, 7, 7, 7, 7]);
      const other = mixing.begin({ state: [0, 0], memory: [1, 2], repeat: 2 });
      const { place, wise } = other.next([0, 0, 0, 0]);
      expect([...place]).toEqual([0, 1, 4, 6]);
      expectClose([...wise], [Math.E, Math.E, Math.E ** 2, Math.E ** 2], 5);
    });
  },
);

describe("what is computed once", () => {
  /** The shapes of what is kept of a step over x (B), values (S, B, M) and lengths (B). */
  function keptOf(step: (given: { x: Tensor; values: Tensor; lengths: Tensor }) => unknown) {
    return inProgram(() => {
      const inputs = { x: float32("B"), values: float32("S", "B", M), lengths: int32("B") };
      const { program } = traceProgram(step as never, inputs);
      const split = splitSteady(hoistProducts(program.results), program.inputs.slice(1), "B");
      return split.kept.map(({ op, shape }) => `${op} ${shape.join()}`);
    });
  }
  const keys = initialize(linear(M, K), { seed: 1 });
  const wide = initialize(linear(M, 2 * M), { seed: 1 });

  test("is work on the memory as far as nothing else is in it", () => {
    const scored = ({ x, values }: { x: Tensor; values: Tensor }) =>
      tanh(keys.apply(values).add(x.reshape([1, "B", 1]))).sum(2);
    expect(keptOf(scored)).toEqual([`add S,B,${K}`]);
    expect(keptOf(({ x, lengths }) => x.div(lengths.convert("float32").sqrt()))).toEqual(["sqrt B"]);
    expect(keptOf(({ x, values }) => x.add(keys.apply(values).max(0).sum(1)))).toEqual(["sum B"]);
  });

  test("is what is below a view, of which nothing is copied", () => {
    expect(keptOf(({ x, values }) => x.add(wide.apply(values).slice(2, 1, 2).sum([0, 2])))).toEqual([
      "sum B",
    ]);
    expect(keptOf(({ x, values }) => [x, wide.apply(values).slice(2, 0, M)])).toEqual([`add S,B,${2 * M}`]);
    expect(keptOf(({ x, values }) => [x, values.transpose([1, 0, 2]).reshape(["B", "S", 2, M / 2])])).toEqual(
      [],
    );
  });

  test("leaves a loop first", () => {
    const rnn = initialize(recurrent(gru, 1, K), { seed: 1 });
    const looped = ({ x, values }: { x: Tensor; values: Tensor }) =>
      scan(
        (h: Tensor, now: Tensor) =>
          [h.add(keys.apply(values).tanh().sum(0)).add(now.reshape(["B", 1])), h] as const,
        { init: zeros(["B", K]), inputs: x.reshape([1, "B"]) },
      ).final;
    expect(keptOf(looped)).toEqual([`sum B,${K}`]);
    expect(
      keptOf(
        ({ x, values }) =>
          rnn.apply(x.reshape([1, "B", 1]), { state: { h: keys.apply(values).sum(0, { keep: true }) } })
            .output,
      ),
    ).toHaveLength(1);
  });

  test("is not random, nor does it mix rows, or count them", () => {
    const key = [1, 2].map((word) => scalar(word, "int32"));
    expect(keptOf(({ x, values }) => [x, values.mul(randomUniform(stack(key), [M])).exp()])).toEqual([]);
    for (const mixing of [
      ({ values }: { values: Tensor }) => values.sum(1).exp(),
      ({ values }: { values: Tensor }) => values.flip(1).exp(),
      ({ values }: { values: Tensor }) => values.slice(1, 0, 1).exp(),
      ({ values }: { values: Tensor }) => values.reshape(["S*B", M]).exp(),
      ({ values }: { values: Tensor }) => values.pad(1, 1).exp(),
      ({ values }: { values: Tensor }) =>
        concat(values.transpose([0, 2, 1]), values.transpose([0, 2, 1])).exp(),
      ({ values }: { values: Tensor }) => einsum("sbm,sbm->sm", values, values),
      ({ values }: { values: Tensor }) => einsum("sbm,scm->sbc", values, values),
      ({ lengths }: { lengths: Tensor }) => lengths.add(range("B")),
      ({ lengths }: { lengths: Tensor }) => keys.weights.weight.gather(lengths.gather(lengths)),
      ({ values }: { values: Tensor }) => values.div(scalar(1).mul(zeros(["B"]).add(1).sum())),
    ])
      expect(keptOf(({ x, ...memory }) => [x, mixing(memory as never)])).toEqual([]);
  });

  test("follows the rows through products, gathers, sums and layouts", () => {
    for (const [shape, wise] of [
      [`einsum B,S,S`, ({ values }) => einsum("sbm,tbm->bst", values, values)],
      [`gather B,${M}`, ({ lengths }) => keys.weights.weight.gather(lengths)],
      [`exp ${M},B`, ({ values }) => values.sum(0).transpose().exp()],
      [`concat S,B,${2 * M}`, ({ values }) => concat(values, values.exp())],
      [`gather 2,B,${M}`, ({ values }) => values.gather(integerTensor(0, 0)).reshape([2, "B", M])],
      [
        `exp S,${M / 2},2,B`,
        ({ values }) =>
          values
            .reshape(["S", "B", M / 2, 2])
            .transpose([0, 2, 3, 1])
            .exp(),
      ],
    ] as [string, (memory: Memory) => Tensor][])
      expect(keptOf(({ x, ...memory }) => [x, wise(memory)])).toEqual([shape]);
  });
});

describe("refused", () => {
  const model = newModel();
  const steps = compileSteps(stepOf(model), typesOf(model));
  const begin = (change: object) => () =>
    steps.begin({ state: stateOf(2, 1), memory: memoryOf(4, 2, 2), ...change } as never);

  test("what does not begin", () => {
    const { values, lengths } = memoryOf(4, 2, 2);
    const refused: [object, Error][] = [
      [{ repeat: 0 }, new UsageError("begin: repeat 0 given, a whole number from 1 expected")],
      [{ repeat: 1.5 }, new UsageError("begin: repeat 1.5 given, a whole number from 1 expected")],
      [{ repeats: 2 }, new UsageError("begin: option repeats is unknown: did you mean repeat?")],
      [{ state: undefined }, new UsageError("begin: option state is missing: a tree of arrays expected")],
      [{ state: {} }, new DataError("begin: state.h is missing")],
      [{ state: { ...stateOf(2, 1), c: 1 } }, new DataError("begin: state c is unknown: h expected")],
      [{ memory: { values } }, new DataError("begin: memory.lengths is missing")],
      [{ memory: undefined }, new DataError("begin: memory.values is missing")],
      [
        { memory: { values, lengths: [1.5, 1] } },
        new DataError("begin: memory.lengths: 1.5 given at 0, int32 expected"),
      ],
      [
        { memory: { values, lengths: [1, 1, 1] } },
        new ShapeError("input memory.lengths: (3) given, B = 2 expected on axis 0"),
      ],
      [
        { state: stateOf(3, 1) },
        new ShapeError("input memory.values: (4, 2, 4) given, B = 3 expected on axis 1"),
      ],
      [
        { state: stateOf(0, 1), memory: memoryOf(4, 0, 2) },
        new UsageError("begin: no rows given, one or more expected"),
      ],
    ];
    for (const [change, error] of refused) expect(begin(change)).toThrow(error);
    expect(lengths.shape).toEqual([2]);
  });

  test("what is no input changes no state", () => {
    const live = steps.begin({ state: stateOf(2, 1), memory: memoryOf(4, 2, 2) });
    live.next([1, 2]);
    const refused: [unknown, Error][] = [
      [[1, V], new DataError(`input input: ${V} given at 1, 0 to ${V - 1} expected`)],
      [[1, -1], new DataError(`input input: -1 given at 1, 0 to ${V - 1} expected`)],
      [[1, 0.5], new DataError("steps: input input: 0.5 given at 1, int32 expected")],
      [[1], new ShapeError("steps: 1 numbers given for the input input, 2 expected")],
      [undefined, new DataError("steps: undefined given for the input input, 2 numbers expected")],
    ];
    for (const [input, error] of refused) expect(() => live.next(input as number[])).toThrow(error);
    expect(() => live.reorder([0])).toThrow(new ShapeError("steps: 1 rows given, 2 expected"));
    expect(() => live.reorder([0, 2])).toThrow(UsageError);
    const after = [...live.next([3, 4]).logits];
    const other = steps.begin({ state: stateOf(2, 1), memory: memoryOf(4, 2, 2) });
    other.next([1, 2]);
    expect([...other.next([3, 4]).logits]).toEqual(after);
  });

  test("a memory, or a state, that the step does not expect", () => {
    const table = initialize(embedding(4, 2), { seed: 1 });
    const looking = compileSteps(
      (x, s: Tensor, m: Tensor) => [s, table.apply(m).sum(1).add(table.apply(s).sum(1)).add(x)],
      {
        inputs: float32("B"),
        state: int32("B"),
        memory: int32("B"),
      },
    );
    expect(() => looking.begin({ state: [0, 1], memory: [0, 4] })).toThrow(
      new DataError("input memory: 4 given at 1, 0 to 3 expected"),
    );
    expect(() => looking.begin({ state: [-1, 1], memory: [0, 3] })).toThrow(
      new DataError("input state: -1 given at 0, 0 to 3 expected"),
    );
    expect(looking.begin({ state: [0, 1], memory: [0, 3] }).next([0, 0])).toHaveLength(2);
  });

  test("steps and types that cannot be", () => {
    const compiled = (step: unknown, change: object) => () =>
      compileSteps(step as never, { inputs: float32("B"), state: float32("B"), ...change } as never);
    const fine = (x: Tensor, s: Tensor) => [s.add(x), x];
    const refused: [unknown, object, string | Error][] = [
      ["step", {}, 'compileSteps: "step" given, a function over tensors expected'],
      [fine, { state: undefined }, "compileSteps: option state is missing"],
      [
        fine,
        { state: float32("C") },
        "compileSteps: input is (B): B is known to no one, a size that the state or the memory has expected",
      ],
      [
        fine,
        { inputs: float32(1), state: float32("C") },
        "compileSteps: no part of the state or the memory has the size B, that of the rows",
      ],
      [
        fine,
        { state: float32("B", "B") },
        "compileSteps: state is (B, B): B as the size of one axis, or of none, expected",
      ],
      [
        fine,
        { state: float32("2*B") },
        "compileSteps: state is (2*B): B as the size of one axis, or of none, expected",
      ],
      [fine, { rows: "2*B" }, 'compileSteps: rows "2*B" given, a symbol such as "B" expected'],
      [fine, { rows: 3 }, 'compileSteps: rows 3 given, a symbol such as "B" expected'],
      [fine, { memory: 3 }, "compileSteps: memory: 3 given, float32(...) or int32(...) expected"],
      [fine, { backend: "wsam" }, 'compileSteps: backend "wsam" given'],
      [(x: Tensor) => x, {}, "compileSteps: the step returned a Tensor, [state, output] expected"],
      [(x: Tensor) => [undefined, x], {}, "compileSteps: the step gives nothing for state"],
      [
        (x: Tensor, s: Tensor) => [s.sum(), x],
        {},
        "compileSteps: the next state: float32 () given, float32 (B) expected",
      ],
    ];
    for (const [step, change, message] of refused) expect(compiled(step, change)).toThrow(message);
    const none = compileSteps(fine as never, { inputs: float32("B"), state: float32("B") });
    expect(() => none.begin({ state: [1], memory: [2] } as never)).toThrow(
      "begin: a memory given to a step that was compiled without one",
    );
  });

  test("a step within a function that is traced", () => {
    const live = steps.begin({ state: stateOf(2, 1), memory: memoryOf(4, 2, 2) });
    const tracing = (run: () => unknown) => () =>
      compile(
        (x) => {
          run();
          return x;
        },
        { inputs: float32(1) },
      );
    expect(tracing(() => live.next([1, 2]))).toThrow(UsageError);
    expect(tracing(begin({}))).toThrow(UsageError);
  });
});
