// The mechanisms as plain loops over rows, one query after the other; their gradients, and what stands beyond rows' lengths.
import { describe, expect, test } from "vitest";
import type { Value } from "../../../src/backends/backend.ts";
import { reference } from "../../../src/backends/reference/index.ts";
import { gradient } from "../../../src/gradient/index.ts";
import {
  additive,
  attend,
  attention,
  dot,
  general,
  local,
  type Mechanism,
  matrix,
  mechanism,
  multiHead,
} from "../../../src/nn/index.ts";
import { compile, float32, int32, value } from "../../../src/program/compile.ts";
import { einsum, tanh } from "../../../src/trace/functions.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import { checkGradient, weightedSum } from "../../gradient/check.ts";
import { expectClose } from "../../helpers/close.ts";
import { integerTensor, numbers, randomValue, rowAt, rowsOf } from "../../helpers/values.ts";
import { checkModelGradient } from "../check-model.ts";

const [T, S, B, M, Q] = [4, 6, 3, 4, 4];
const lengths = value(Int32Array.of(6, 2, 4), [B]);
const queries = randomValue([T, B, Q], 1);
const memory = randomValue([S, B, M], 2);

type Row = readonly number[];
type Rows = Readonly<Record<string, readonly Row[]>>;
/** What a row attended to at the steps before. */
interface Before {
  readonly t: number;
  readonly all: readonly Row[];
}
/** The weights that a row gives its own steps of the memory. */
type Weigh = (w: Rows, query: Row, steps: readonly Row[], before: Before) => Row;

const sum = (row: Row) => row.reduce((total, x) => total + x, 0);
const inner = (a: Row, b: Row) => sum(a.map((x, at) => x * (b[at] as number)));
const times = (W: readonly Row[] = [], v: Row = []) => W.map((row) => inner(row, v));
const plus = (...rows: Row[]) => (rows[0] as Row).map((_, at) => sum(rows.map((row) => row[at] as number)));
const softmax = (scores: Row) => {
  const powers = scores.map((score) => Math.exp(score));
  return powers.map((power) => power / sum(powers));
};
const flat = (rows: readonly Row[] = []) => rows.flat();
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

const additiveScore = (w: Rows, query: Row, step: Row, ...more: Row[]) =>
  inner(flat(w.v), plus(times(w.W, query), times(w.U, step), ...more).map(Math.tanh));

const cases: readonly [string, Mechanism, Weigh][] = [
  ["dot", dot(), (_, q, steps) => softmax(times(steps, q))],
  ["scaled dot", dot({ scaled: true }), (_, q, steps) => softmax(times(steps, q).map((x) => x / 2))],
  ["general", general(), (w, q, steps) => softmax(steps.map((step) => inner(q, times(w.W, step))))],
  [
    "additive",
    additive({ units: 5 }),
    (w, q, steps) => softmax(steps.map((step) => additiveScore(w, q, step))),
  ],
  [
    "location, Chorowski et al. 2015",
    additive({ units: 5, location: { filters: 2, width: 3 } }),
    (w, q, steps, { all }) => {
      const last = all.at(-1) ?? [];
      const around = (s: number) => [-1, 0, 1].map((away) => last[s + away] ?? 0);
      return softmax(steps.map((step, s) => additiveScore(w, q, step, times(w.U_F, times(w.F, around(s))))));
    },
  ],
  [
    "coverage, See et al. 2017",
    additive({ units: 5, coverage: true }),
    (w, q, steps, { all }) => {
      const seen = (s: number) => sum(all.map((weights) => weights[s] as number));
      return softmax(
        steps.map((step, s) =>
          additiveScore(
            w,
            q,
            step,
            flat(w.w_c).map((one) => one * seen(s)),
          ),
        ),
      );
    },
  ],
  [
    "local-m, Luong et al. 2015",
    local(general(), { width: 1, position: "monotonic" }),
    (w, q, steps, { t }) => {
      const middle = Math.min(t, steps.length - 1);
      const within = (s: number) => Math.abs(s - middle) <= 1;
      return softmax(
        steps.map((step, s) => (within(s) ? inner(q, times(w.score_W, step)) : Number.NEGATIVE_INFINITY)),
      );
    },
  ],
  [
    "local-p, Luong et al. 2015",
    local(dot(), { width: 2 }),
    (w, q, steps) => {
      const middle = steps.length * sigmoid(inner(flat(w.v), times(w.W, q).map(Math.tanh)));
      const within = (s: number) => Math.abs(s - middle) <= 2;
      const aligned = softmax(
        steps.map((step, s) => (within(s) ? inner(q, step) : Number.NEGATIVE_INFINITY)),
      );
      return aligned.map((weight, s) => weight * Math.exp(-((s - middle) ** 2) / (2 * 1 ** 2)));
    },
  ],
];

/** A layer with weights of its own, and their rows. */
function layerOf(of: Mechanism) {
  const layer = attention(of, Q, M);
  const rows: Record<string, Row[]> = {};
  Object.entries(layer.weights).forEach(([name, variable], index) => {
    variable.value = numbers(variable.count, 20 + index);
    rows[name] = rowsOf({ data: variable.value, shape: variable.dimensions });
  });
  return { layer, rows };
}

const inputs = {
  queries: float32("T", "B", Q),
  memory: { values: float32("S", "B", M), lengths: int32("B") },
};

describe("a mechanism is its equations, step after step", () => {
  for (const [name, of, weigh] of cases) {
    test(name, () => {
      const { layer, rows } = layerOf(of);
      const { context, weights } = compile((given) => layer.apply(given.queries, given.memory), {
        inputs,
        backend: reference,
      })({ queries, memory: { values: memory, lengths } });
      expect([context.shape, weights.shape]).toEqual([
        [T, B, M],
        [T, S, B],
      ]);
      for (let b = 0; b < B; b++) {
        const own = lengths.data[b] as number;
        const steps = Array.from({ length: own }, (_, s) => rowAt(memory, s, b));
        const all: Row[] = [];
        for (let t = 0; t < T; t++) {
          const expected = weigh(rows, rowAt(queries, t, b), steps, { t, all });
          const found = Array.from({ length: S }, (_, s) => weights.data[(t * S + s) * B + b] as number);
          expectClose(found, [...expected, ...Array.from({ length: S - own }, () => 0)]);
          const columns = Array.from({ length: M }, (_, m) => steps.map((step) => step[m] as number));
          expectClose(rowAt(context, t, b), times(columns, expected));
          all.push(expected);
        }
      }
    });
  }
  test("heads read in their own ways, Vaswani et al. 2017, and show their mean", () => {
    const { layer, rows } = layerOf(multiHead({ heads: 2, units: 8 }));
    const { context, weights } = compile((given) => layer.apply(given.queries, given.memory), {
      inputs,
      backend: reference,
    })({ queries, memory: { values: memory, lengths } });
    for (let b = 0; b < B; b++) {
      const own = lengths.data[b] as number;
      const steps = Array.from({ length: own }, (_, s) => rowAt(memory, s, b));
      for (let t = 0; t < T; t++) {
        const query = times(rows.W_q, rowAt(queries, t, b));
        const heads = [0, 4].map((start) => {
          const part = (row: Row) => row.slice(start, start + 4);
          const found = softmax(steps.map((step) => inner(part(query), part(times(rows.W_k, step))) / 2));
          const values = steps.map((step) => part(times(rows.W_v, step)));
          return {
            found,
            read: [0, 1, 2, 3].map((d) =>
              inner(
                found,
                values.map((row) => row[d] as number),
              ),
            ),
          };
        });
        expectClose(
          rowAt(context, t, b),
          times(
            rows.W_o,
            heads.flatMap(({ read }) => read),
          ),
        );
        const mean = steps.map((_, s) => sum(heads.map(({ found }) => found[s] as number)) / 2);
        const shown = Array.from({ length: own }, (_, s) => weights.data[(t * S + s) * B + b] as number);
        expectClose(shown, mean);
      }
    }
  });
});

const withHeads: readonly (readonly [string, Mechanism])[] = [
  ...cases.map(([name, of]) => [name, of] as const),
  ["two heads", multiHead({ heads: 2 })],
];

describe("the gradients by weights, queries and memory agree with central differences", () => {
  for (const [name, of] of withHeads) {
    test(name, () => {
      const { layer } = layerOf(of);
      type Given = Readonly<Record<"queries" | "memory" | "seed", Tensor>>;
      const loss = (given: Given) => {
        const { context, weights } = layer.apply(given.queries, {
          values: given.memory,
          lengths: integerTensor(6, 2, 4),
        });
        return weightedSum(context, given.seed).add(weights.square().sum());
      };
      const given = { queries, memory, seed: randomValue([T, B, M], 7) };
      checkGradient(loss, given);
      const names = Object.keys(layer.weights);
      if (names.length > 0) expect(checkModelGradient(layer, loss, given)).toBe(names.length);
    });
  }
});

describe("what stands beyond a row's length reaches nothing", () => {
  for (const [name, of] of withHeads) {
    test(name, () => {
      const { layer } = layerOf(of);
      const run = compile(
        (given) => {
          const { context, weights } = layer.apply(given.queries, given.memory);
          const loss = context.square().sum().add(weights.square().sum());
          const sources = { ...layer.weights, queries: given.queries, values: given.memory.values };
          return { context, weights, slopes: gradient(loss, sources as Record<string, Tensor>) };
        },
        { inputs, backend: reference },
      );
      const padded = (filling: number): Value => ({
        shape: memory.shape,
        data: Float64Array.from(memory.data, (x, at) =>
          Math.floor(at / (B * M)) < (lengths.data[Math.floor(at / M) % B] as number) ? x : filling,
        ),
      });
      const runs = [0, Number.NaN, Number.POSITIVE_INFINITY].map((filling) =>
        run({ queries, memory: { values: padded(filling), lengths } }),
      );
      expect(runs[1]).toEqual(runs[0]);
      expect(runs[2]).toEqual(runs[0]);
      for (const { data } of Object.values(runs[0]?.slopes as Record<string, Value>))
        expect(data.every(Number.isFinite)).toBe(true);
    });
  }
});

describe("a mechanism of one's own", () => {
  const twoLayers = mechanism(
    "two layers",
    (query, size) => ({ A: matrix(6, query), C: matrix(6, size), D: matrix(6, 1) }),
    ({ A, C, D }, query, { values }) =>
      tanh(values.dot(C.transpose()).add(query.dot(A.transpose())))
        .dot(D)
        .reshape([values.size(0), query.size(0)]),
  );
  test("has its weights by their names, and attends as its score says", () => {
    const { layer, rows } = layerOf(twoLayers);
    expect(Object.keys(layer.weights)).toEqual(["A", "C", "D"]);
    const { weights } = compile((given) => layer.apply(given.queries, given.memory), {
      inputs,
      backend: reference,
    })({ queries, memory: { values: memory, lengths } });
    const score = (s: number) =>
      inner(
        flat(rows.D),
        plus(times(rows.A, rowAt(queries, 2, 1)), times(rows.C, rowAt(memory, s, 1))).map(Math.tanh),
      );
    const expected = softmax([score(0), score(1)]);
    expectClose(
      [0, 1].map((s) => weights.data[(2 * S + s) * B + 1] as number),
      expected,
    );
  });
  test("whose score has another shape is refused, with its name", () => {
    const wrong = mechanism(
      "turned",
      () => ({}),
      (_, query, { values }) => einsum("bm,sbm->bs", query, values),
    );
    expect(() =>
      compile((given) => attention(wrong, Q, M).apply(given.queries, given.memory), { inputs }),
    ).toThrow(
      /mechanism turned: scores \(B, S\) of a memory \(S, B, 4\) given, \(S, B\) and \(S, B, M\) expected/,
    );
  });
});

test("one query a row attends once, as the first of a sequence does", () => {
  const { layer } = layerOf(additive({ units: 5, coverage: true }));
  const { one, all } = compile(
    (given) => {
      const first = layer.apply(given.queries.at(0, 0), given.memory);
      const every = layer.apply(given.queries, given.memory);
      return { one: first, all: { context: every.context.at(0, 0), weights: every.weights.at(0, 0) } };
    },
    { inputs, backend: reference },
  )({ queries, memory: { values: memory, lengths } });
  expect(one).toEqual(all);
});

describe("misuse", () => {
  test("of mechanisms", () => {
    expect(() => attention(dot(), 3, 4)).toThrow(/dot: a query of size 3 and a memory of size 4 given/);
    expect(() => additive({ units: 0 })).toThrow(/additive: units 0 given, a positive integer expected/);
    expect(() => additive({ units: 2, location: { filters: 2, width: 4 } })).toThrow(
      /additive: location width 4 given, an odd number expected/,
    );
    expect(() => local(general(), { width: 0 })).toThrow(/local general: width 0 given/);
    expect(() => local(multiHead({ heads: 2 }) as never, { width: 2 })).toThrow(/a mechanism that scores/);
    expect(() => local(general(), { width: 2, position: "left" as never })).toThrow(
      /position "left" given, monotonic or predictive expected/,
    );
    expect(() => attention(multiHead({ heads: 3 }), 4, 4)).toThrow(/3 heads of 4 units given/);
    expect(() => attention(dot as never, 4, 4)).toThrow(/call it/);
    expect(() =>
      mechanism(
        "m",
        () => ({}),
        (_, query) => query,
        { previous: ["future" as never] },
      ),
    ).toThrow(/previous .* given, a list of alignment, coverage, step expected/);
    expect(() => mechanism("m", () => ({}), 3 as never)).toThrow(
      /mechanism m: score 3 given, a function expected/,
    );
  });
  test("of memories", () => {
    const layer = attention(general(), Q, M);
    const using = (given: (x: Tensor, other: { values: Tensor; lengths: Tensor }) => unknown) => () =>
      compile((all) => given(all.queries, all.memory) as Tensor, { inputs });
    expect(using((x) => layer.apply(x, undefined as never))).toThrow(/no memory given/);
    expect(using((x, { values }) => layer.apply(x, values as never))).toThrow(/no memory given/);
    expect(using((x, { values }) => layer.apply(x, { values: values.slice(2, 0, 2) }))).toThrow(
      /memory float32 \(S, B, 2\) given, float32 \(S, B, 4\) expected/,
    );
    expect(
      using((x, { values, lengths: ends }) => layer.apply(x, { values, lengths: ends.slice(0, 1) })),
    ).toThrow(/memory lengths int32 \(B-1\) given, int32 \(B\) expected/);
    expect(using((x, read) => attend(x, read))).toThrow(/attend: scores \(T, B, 4\) of a memory \(S, B, 4\)/);
  });
});
