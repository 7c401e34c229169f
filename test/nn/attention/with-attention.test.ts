// Cells that attend: their equations as plain loops, their gradients, lengths, and every option of a recurrent layer.
import { describe, expect, test } from "vitest";
import type { Value } from "../../../src/backends/backend.ts";
import { reference } from "../../../src/backends/reference/index.ts";
import {
  additive,
  type Cell,
  deepen,
  dot,
  feedForward,
  general,
  gru,
  lstm,
  type RecurrentOptions,
  recurrent,
  rnn,
  withAttention,
  withKey,
  withSkips,
} from "../../../src/nn/index.ts";
import { compile, float32, int32, value } from "../../../src/program/compile.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import { weightedSum } from "../../gradient/check.ts";
import { expectClose } from "../../helpers/close.ts";
import { squaresOf } from "../../helpers/layers.ts";
import { numbers, randomValue, rowsOf } from "../../helpers/values.ts";
import { checkModelGradient } from "../check-model.ts";

const [T, S, B, I, H, M] = [4, 5, 3, 2, 4, 3];
const lengths = value(Int32Array.of(4, 2, 3), [B]);
const memoryLengths = value(Int32Array.of(5, 1, 3), [B]);
const x = randomValue([T, B, I], 1);
const memory = randomValue([S, B, M], 2);

type Row = readonly number[];
const times = (W: readonly Row[], v: Row): number[] =>
  W.map((row) => row.reduce((sum, w, i) => sum + w * (v[i] as number), 0));
const plus = (...rows: Row[]): number[] =>
  (rows[0] as Row).map((_, i) => rows.reduce((sum, row) => sum + (row[i] as number), 0));
const inner = (a: Row, b: Row): number => a.reduce((sum, v, i) => sum + v * (b[i] as number), 0);

function attendTo(scores: Row, steps: readonly Row[]): { weights: number[]; context: number[] } {
  const powers = scores.map((score) => Math.exp(score));
  const total = powers.reduce((sum, power) => sum + power, 0);
  const weights = powers.map((power) => power / total);
  return {
    weights,
    context: times(
      (steps[0] as Row).map((_, m) => steps.map((row) => row[m] as number)),
      weights,
    ),
  };
}

/** A layer with weights of its own, and their rows. */
function layerOf<State extends string, Weight extends string>(
  cell: Cell<State, Weight>,
  options: RecurrentOptions<State> = {},
) {
  const layer = recurrent(cell, I, H, { memory: M, ...options });
  const rows: Record<string, Row[]> = {};
  Object.entries<(typeof layer.weights)[`${Weight}_l0`]>(layer.weights).forEach(([name, variable], index) => {
    variable.value = numbers(variable.count, 10 + index);
    rows[name.slice(0, -3)] = rowsOf({ data: variable.value, shape: variable.dimensions });
  });
  return { layer, rows };
}

const inputs = {
  x: float32("T", "B", I),
  lengths: int32("B"),
  memory: { values: float32("S", "B", M), lengths: int32("B") },
};

/** What a layer gives for x and the memory: output (T, B, ...) and attention (T, S, B), as rows. */
function run(layer: ReturnType<typeof layerOf>["layer"], given: { x: Value; memory: Value }) {
  const forward = compile(
    ({ x: sequence, lengths: steps, memory: read }) => {
      const { output, shown } = layer.apply(sequence, { lengths: steps, memory: read });
      return { output, attention: shown.attention?.[0] as Tensor };
    },
    { inputs, backend: reference },
  );
  return forward({ x: given.x, lengths, memory: { values: given.memory, lengths: memoryLengths } });
}

const lengthOf = (values: Value, b: number) => values.data[b] as number;
const stepsOf = (b: number) =>
  Array.from({ length: lengthOf(memoryLengths, b) }, (_, s) => rowsOf(memory)[s * B + b] as Row);

describe("a cell with attention is its equations", () => {
  const elman = (rows: Record<string, Row[]>, input: Row, h: Row) =>
    plus(
      times(rows.weight_ih as Row[], input),
      rows.bias_ih?.flat() as Row,
      times(rows.weight_hh as Row[], h),
      rows.bias_hh?.flat() as Row,
    ).map(Math.tanh);

  test("the state before asks, Bahdanau et al. 2015", () => {
    const { layer, rows } = layerOf(withAttention(rnn, additive({ units: 6 })));
    const { output, attention } = run(layer, { x, memory });
    expect(output.shape).toEqual([T, B, H + M]);
    expect(attention.shape).toEqual([T, S, B]);
    for (let b = 0; b < B; b++) {
      let h: Row = Array.from({ length: H }, () => 0);
      const steps = stepsOf(b);
      for (let t = 0; t < lengthOf(lengths, b); t++) {
        const scores = steps.map((m) =>
          inner(
            rows.attention_v?.flat() as Row,
            plus(times(rows.attention_W as Row[], h), times(rows.attention_U as Row[], m)).map(Math.tanh),
          ),
        );
        const { weights, context } = attendTo(scores, steps);
        h = elman(rows, [...(rowsOf(x)[t * B + b] as Row), ...context], h);
        expectClose(rowsOf(output)[t * B + b], [...h, ...context]);
        const shown = Array.from({ length: S }, (_, s) => attention.data[(t * S + s) * B + b] as number);
        expectClose(shown, [...weights, ...Array.from({ length: S - weights.length }, () => 0)]);
      }
    }
  });

  test("the new state asks, Luong et al. 2015, and its output is fed to the next step", () => {
    const { layer, rows } = layerOf(withAttention(rnn, general(), { query: "after", outputSize: 5 }));
    const { output } = run(layer, { x, memory });
    for (let b = 0; b < B; b++) {
      let h: Row = Array.from({ length: H }, () => 0);
      let y: Row = Array.from({ length: 5 }, () => 0);
      const steps = stepsOf(b);
      for (let t = 0; t < lengthOf(lengths, b); t++) {
        h = elman(rows, [...(rowsOf(x)[t * B + b] as Row), ...y], h);
        const scores = steps.map((m) => inner(h, times(rows.attention_W as Row[], m)));
        y = times(rows.attention_W_c as Row[], [...attendTo(scores, steps).context, ...h]).map(Math.tanh);
        expectClose(rowsOf(output)[t * B + b], y);
      }
    }
  });
});

describe("gradients by weights, memory, input and state agree with central differences", () => {
  const cases: [string, Cell<string, string>, (RecurrentOptions & { checkpoint?: number })?][] = [
    ["additive", withAttention(gru, additive({ units: 5 }))],
    ["general, two layers, both directions", withAttention(rnn, general()), { layers: 2, direction: "both" }],
    ["general after", withAttention(lstm, general(), { query: "after" }), { layers: 2 }],
    [
      "dot after, not fed",
      withAttention(lstm, dot({ scaled: true }), { query: "after", inputFeeding: false }),
    ],
    [
      "location",
      withAttention(gru, additive({ units: 5, location: { filters: 2, width: 3 } })),
      { layers: 2 },
    ],
    ["coverage after", withAttention(gru, additive({ units: 5, coverage: true }), { query: "after" })],
    ["checkpointed", withAttention(gru, additive({ units: 5, coverage: true })), { checkpoint: 2 }],
    ["deepened", deepen(withAttention(rnn, additive({ units: 5 })), { transition: feedForward([H]) })],
    ["of a deepened cell", withAttention(deepen(rnn, { output: feedForward([3]) }), general())],
    ["with skips", withSkips(withAttention(rnn, additive({ units: 5, coverage: true })), [2, 3])],
    [
      "of a cell with skips, reverse",
      withAttention(withSkips(rnn, [2]), general()),
      { direction: "reverse" },
    ],
    ["zoneout", withAttention(gru, additive({ units: 5, coverage: true })), { zoneout: 0.2 }],
  ];
  for (const [name, cell, { checkpoint, ...options } = {}] of cases) {
    const size = name.startsWith("dot") ? H : M;
    test(name, () => {
      const layer = recurrent(cell, I, H, { memory: size, ...options });
      const shapes = layer.stateShapes(B, S) as Record<string, [number, number, number]>;
      const states = Object.fromEntries(
        Object.entries(shapes).map(([part, shape], index) => [part, randomValue(shape, 70 + index)]),
      );
      const values = randomValue([S, B, size], 5);
      const seed = randomValue([T, B, layer.outputSize], 3);
      const found = checkModelGradient(
        layer,
        (given) => {
          const { output, state, shown } = withKey(null, () =>
            layer.apply(given.x as Tensor, {
              state: Object.fromEntries(Object.keys(states).map((part) => [part, given[part] as Tensor])),
              lengths: given.lengths,
              memory: { values: given.values as Tensor, lengths: given.memoryLengths },
              checkpoint,
            }),
          );
          return weightedSum(output, given.seed as Tensor)
            .add(squaresOf(state))
            .add(squaresOf(shown.attention));
        },
        { x, seed, ...states, values, lengths, memoryLengths } as Record<string, Value>,
      );
      expect(found).toBe(Object.keys(layer.weights).length);
    });
  }
});
