// Dropout and zoneout inside recurrent layers: against plain loops with the same masks, the masks' statistics, gradients.
import { describe, expect, test } from "vitest";
import type { Value } from "../../../src/backends/backend.ts";
import { reference } from "../../../src/backends/reference/index.ts";
import { UsageError } from "../../../src/errors.ts";
import {
  type CellName,
  cell,
  cells,
  foldKey,
  gru,
  initialize,
  lstm,
  matrix,
  type RecurrentOptions,
  recurrent,
  rnn,
} from "../../../src/nn/index.ts";
import { completeRegularization, drawMasks } from "../../../src/nn/layers/regularization.ts";
import { sizedCell } from "../../../src/nn/sized-cell.ts";
import { compile, float32, int32, value } from "../../../src/program/compile.ts";
import { concat, full, tanh } from "../../../src/trace/functions.ts";
import { keysFor } from "../../../src/trace/randomness.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import type { Variable } from "../../../src/trace/variable.ts";
import { weightedSum } from "../../gradient/check.ts";
import { expectClose } from "../../helpers/close.ts";
import { squaresOf } from "../../helpers/layers.ts";
import { randomValue } from "../../helpers/values.ts";
import { checkModelGradient } from "../check-model.ts";
import { type PlainState, type PlainWeights, plainPass, plainSteps, type Row } from "./plain-recurrent.ts";

const [T, B, I, H] = [6, 3, 4, 5];
const keyOf = (second: number) => value(Int32Array.of(7, second), [2]);
const key = keyOf(1);
const lengths = value(Int32Array.of(4, 6, 1), [B]);
const x = randomValue([T, B, I], 1);

/** Slices along the first axis. */
function slices({ data, shape }: Value): Value[] {
  const [count = 0, ...rest] = shape;
  const size = data.length / count;
  return Array.from({ length: count }, (_, at) => value(data.slice(at * size, (at + 1) * size), rest));
}
const row = (of: Value): Row => Array.from(of.data);
const rows = (of: Value): Row[] => slices(of).map(row);

const everything = {
  variationalDropout: { input: 0.3, state: 0.4 },
  recurrentDropout: 0.25,
  weightDropout: 0.35,
} as const satisfies RecurrentOptions;

describe("a layer is a plain loop with the masks that it draws", () => {
  const options = { ...everything, zoneout: 0.2, layers: 2, direction: "both" } as const;
  for (const name of Object.keys(plainSteps) as (keyof typeof plainSteps)[]) {
    for (const hasKey of [true, false]) {
      test(`${name}, ${hasKey ? "with a key" : "without: zoneout in the mean, nothing dropped"}`, () => {
        const layer = initialize(recurrent(cells[name], I, H, options), { seed: 3 });
        const variables = layer.weights as Record<string, Variable>;
        const run = compile(
          (inputs: Record<"x" | "lengths" | "key", Tensor>) =>
            layer.apply(inputs.x, { lengths: inputs.lengths, ...(hasKey && { key: inputs.key }) }),
          { backend: reference },
        );
        const found = run({ x, lengths, key });
        let below = slices(x).map(rows); // [t][b]
        for (const depth of [0, 1]) {
          const outputs: Row[][] = Array.from({ length: T }, () => []);
          for (const reverse of [false, true]) {
            const pass = 2 * depth + Number(reverse);
            const sized = sizedCell(cells[name], depth === 0 ? I : 2 * H, H);
            const regularization = completeRegularization("test", options, sized);
            const weightsOf = Object.keys(sized.weights).map((part) => {
              const variable = variables[`${part}_l${depth}${reverse ? "_reverse" : ""}`] as Variable;
              return [part, variable] as const;
            });
            const masks = compile(
              (of) => {
                const own = hasKey ? foldKey(of, options.layers - 1 + pass) : undefined;
                const size = { steps: T, batch: B };
                const drawn = drawMasks(
                  regularization,
                  sized,
                  Object.fromEntries(weightsOf),
                  size,
                  keysFor(own),
                );
                return { ...drawn, weights: { ...drawn.weights } };
              },
              { inputs: int32(2), backend: reference },
            )(key);
            const weights = Object.fromEntries(
              Object.entries(masks.weights).map(([part, of]) => [
                part,
                of.shape.length === 1 ? row(of) : rows(of),
              ]),
            ) as unknown as PlainWeights;
            const candidate = masks.candidates[0] && slices(masks.candidates[0]).map(rows);
            lengths.data.forEach((length, b) => {
              const zone = (before: PlainState, after: PlainState, t: number): PlainState =>
                Object.fromEntries(
                  Object.entries(after).map(([part, next]) => {
                    const noise = masks.zoneout[part] && rows(slices(masks.zoneout[part])[t] as Value)[b];
                    const p = Math.fround(0.2);
                    const old = before[part] as Row;
                    return [
                      part,
                      next.map((one, at) => {
                        if (!noise) return p * (old[at] as number) + (1 - p) * one;
                        return (noise[at] as number) < p ? (old[at] as number) : one;
                      }),
                    ];
                  }),
                );
              const zeros = Object.fromEntries(
                Object.keys(sized.state).map((part) => [part, new Array(H).fill(0)]),
              );
              const plain = plainPass(
                name,
                weights,
                below.slice(0, length).map((step) => step[b] as Row),
                zeros,
                reverse,
                {
                  input: masks.input && rows(masks.input)[b],
                  h: masks.state?.h && rows(masks.state.h)[b],
                  candidate: candidate?.map((step) => step[b] as Row),
                  zone,
                },
              );
              for (let t = 0; t < T; t++) {
                const step = outputs[t] as Row[];
                step[b] = [...(step[b] ?? []), ...(plain.outputs[t] ?? new Array(H).fill(0))];
              }
              for (const [part, last] of Object.entries(plain.state)) {
                const given = rows(slices(found.state[part] as Value)[pass] as Value)[b] as Row;
                expectClose(given, last, 11);
              }
            });
          }
          below = outputs;
        }
        expectClose(found.output.data, below.flat(2), 11);
      });
    }
  }
});

describe("the gradient by weights agrees with central differences", () => {
  const cases: [CellName, RecurrentOptions, { lengths?: boolean; checkpoint?: number }][] = [
    ["lstm", { ...everything, zoneout: 0.3, layers: 2 }, {}],
    ["gru", { ...everything, zoneout: 0.3, direction: "both" }, { lengths: true }],
    ["rnn", { ...everything, zoneout: 0.3, direction: "reverse" }, { lengths: true, checkpoint: 4 }],
    ["textbook-lstm", { ...everything, zoneout: { c: 0.5 } }, { checkpoint: 2 }],
    ["textbook-gru", { ...everything, layers: 2, dropout: 0.3 }, { lengths: true }],
  ];
  for (const [name, options, { lengths: hasLengths, checkpoint }] of cases) {
    test(`${name}, ${JSON.stringify(options)}`, () => {
      const layer = recurrent(cells[name], I, H, options);
      const found = checkModelGradient(
        layer,
        (inputs) => {
          const call = { lengths: inputs.lengths, key: inputs.key, checkpoint };
          const { output, state } = layer.apply(inputs.x as Tensor, call);
          return weightedSum(output, inputs.seed as Tensor).add(squaresOf(state));
        },
        { x, key, seed: randomValue([T, B, layer.outputSize], 3), ...(hasLengths && { lengths }) } as Record<
          string,
          Value
        >,
      );
      expect(found).toBe(Object.keys(layer.weights).length);
    });
  }
});

/** Runs a cell of which the states and outputs show the masks. */
function show(
  step: Parameters<typeof cell<"h" | "memory", "W">>[2],
  options: RecurrentOptions<"h" | "memory">,
  { width = 40, batch = 30, steps = 20, second = 1, direction = "forward" as const } = {},
): Value[] {
  const shown = cell(
    "shown",
    (_input, hidden) => ({
      state: { h: hidden, memory: hidden },
      weights: { W: matrix(hidden, hidden, { reads: "state" }) },
    }),
    step,
  );
  const layer = recurrent(shown, width, width, { direction, ...options });
  (layer.weights.W_l0 as Variable).value = Float32Array.from({ length: width ** 2 }, (_, at) =>
    at % (width + 1) === 0 ? 1 : 0,
  );
  const run = compile((of) => layer.apply(full(1, [steps, batch, width]), { key: of }).output, {
    inputs: int32(2),
  });
  return slices(run(keyOf(second)));
}
const share = (of: ArrayLike<number>, wanted: number) =>
  Array.from(of).filter((one) => one === wanted).length / of.length;

describe("masks", () => {
  test("variational dropout of the input: one for all steps, for each row and unit its own", () => {
    const steps = show((_, { memory }, input) => ({ h: input, memory }), {
      variationalDropout: { input: 0.25 },
    });
    const [first] = steps as [Value];
    for (const step of steps) expect(step.data).toEqual(first.data);
    expect(new Set(first.data)).toEqual(new Set([0, Math.fround(4 / 3)]));
    expect(Math.abs(share(first.data, 0) - 0.25)).toBeLessThan(0.04);
    const masks = rows(first).map(String);
    expect(new Set(masks).size).toBe(masks.length);
  });
  test("variational dropout of the state: what matrices read is dropped, what is carried is not", () => {
    const steps = show(({ W }, { memory }, input) => ({ h: memory.dot(W), memory: memory.maximum(input) }), {
      variationalDropout: { state: 0.5 },
    });
    const [, first] = steps as [Value, Value]; // before the first step memory is 0
    for (const step of steps.slice(1)) expect(step.data).toEqual(first.data);
    expect(new Set(first.data)).toEqual(new Set([0, 2]));
    expect(Math.abs(share(first.data, 0) - 0.5)).toBeLessThan(0.05);
  });
  test("recurrent dropout: another for each step", () => {
    const steps = show((_, { memory }, input, { drop }) => ({ h: drop(input), memory }), {
      recurrentDropout: 0.5,
    });
    expect(new Set(steps.map(({ data }) => data.join())).size).toBe(steps.length);
    const all = steps.flatMap(row);
    expect(new Set(all)).toEqual(new Set([0, 2]));
    expect(Math.abs(share(all, 0) - 0.5)).toBeLessThan(0.02);
  });
  test("zoneout: a share of the units keeps its value at each step, part by part of the state", () => {
    const step: Parameters<typeof show>[0] = (_, { h, memory }, input) => ({ h: h.add(input), memory });
    const steps = show(step, { zoneout: { h: 0.25 } });
    steps.forEach(({ data }, t) => {
      const before = steps[t - 1]?.data ?? new Float32Array(data.length);
      const moved = data.map((one, at) => one - (before[at] as number));
      expect(new Set(moved)).toEqual(new Set([0, 1]));
      expect(Math.abs(share(moved, 0) - 0.25)).toBeLessThan(0.06);
    });
    const [last] = show(step, { zoneout: { memory: 0.25 } }).slice(-1) as [Value];
    expect(new Set(last.data)).toEqual(new Set([20]));
  });
  test("DropConnect: elements of the matrix that reads the state, the same for all rows and steps", () => {
    const steps = show(
      ({ W }, { memory }, input) => ({ h: memory.dot(W), memory: memory.maximum(input) }),
      { weightDropout: 0.5 },
      { width: 400, batch: 2, steps: 3 },
    );
    const [, first, second] = steps as [Value, Value, Value];
    expect(second.data).toEqual(first.data);
    const [one, other] = rows(first) as [Row, Row];
    expect(one).toEqual(other);
    expect(new Set(one)).toEqual(new Set([0, 2]));
    expect(Math.abs(share(one, 0) - 0.5)).toBeLessThan(0.08);
  });
  test("DropConnect leaves the input's part of a matrix over [h, x] alone", () => {
    const sized = sizedCell(cells["textbook-rnn"], 30, 50);
    const regularization = completeRegularization("test", { weightDropout: 0.5 }, sized);
    const masks = compile(
      (of) =>
        drawMasks(
          regularization,
          sized,
          { W_h: full(1, [50, 80]), b_h: full(1, [50]) },
          { steps: 1, batch: 1 },
          keysFor(of),
        ).weights as Record<string, Tensor>,
      { inputs: int32(2) },
    )(key);
    expect(new Set(masks.b_h?.data)).toEqual(new Set([1]));
    const both = rows(masks.W_h as Value);
    expect(new Set(both.flatMap((one) => one.slice(50)))).toEqual(new Set([1]));
    expect(new Set(both.flatMap((one) => one.slice(0, 50)))).toEqual(new Set([0, 2]));
  });
  test("differ by layer, direction and use; the same key gives the same", () => {
    const step: Parameters<typeof show>[0] = (_, { memory }, input, { drop }) => ({ h: drop(input), memory });
    const options = { recurrentDropout: 0.5 };
    const all = (second: number, given: RecurrentOptions) => show(step, given, { second }).flatMap(row);
    expect(all(1, options)).toEqual(all(1, options));
    expect(all(1, options)).not.toEqual(all(2, options));
    // Two independent masks of 1/2 leave 1/4; one mask twice would leave 1/2.
    for (const given of [
      { ...options, layers: 2 },
      { ...options, direction: "both", join: "product" },
      { ...options, variationalDropout: { input: 0.5 } },
    ] as const) {
      const outputs = all(1, given);
      expect(new Set(outputs)).toEqual(new Set([0, 4]));
      expect(Math.abs(share(outputs, 4) - 0.25)).toBeLessThan(0.02);
    }
  });
});

test("without a key, or with probabilities of 0, the layer is the plain one to the bit", () => {
  const plain = initialize(recurrent(lstm, I, H, { layers: 2 }), { seed: 6 });
  const none = { variationalDropout: 0, recurrentDropout: 0, weightDropout: 0, zoneout: 0 };
  const run = (options: RecurrentOptions<"h" | "c">, hasKey: boolean) => {
    const layer = initialize(recurrent(lstm, I, H, { layers: 2, ...options }), { seed: 6 });
    return compile(
      (of: { x: Tensor; key: Tensor }) => layer.apply(of.x, hasKey ? { key: of.key } : {}).output,
      { inputs: { x: float32("T", "B", I), key: int32(2) } },
    )({ x: value(Float32Array.from(x.data), x.shape), key }).data;
  };
  const expected = compile((of) => plain.apply(of).output, { inputs: float32("T", "B", I) })(
    value(Float32Array.from(x.data), x.shape),
  ).data;
  expect(run(everything, false)).toEqual(expected);
  expect(run(none, true)).toEqual(expected);
  expect(run(everything, true)).not.toEqual(expected);
});

describe("refused", () => {
  const product = cell(
    "plain",
    (input, hidden) => ({ state: { h: hidden }, weights: { W: matrix(hidden + input, hidden) } }),
    ({ W }, { h }, input) => ({ h: tanh(concat(h, input).dot(W)) }),
  );
  const wrong: [() => unknown, string][] = [
    [
      () => recurrent(lstm, I, H, { variationalDropout: 1 }),
      "recurrent(lstm): variationalDropout 1 given, a number from 0 to below 1 expected",
    ],
    [
      () => recurrent(gru, I, H, { variationalDropout: { state: -0.1 } }),
      "recurrent(gru): variationalDropout -0.1 given, a number from 0 to below 1 expected",
    ],
    [
      () => recurrent(rnn, I, H, { recurrentDropout: Number.NaN }),
      "recurrent(rnn): recurrentDropout NaN given, a number from 0 to below 1 expected",
    ],
    [
      () => recurrent(lstm, I, H, { weightDropout: 2 }),
      "recurrent(lstm): weightDropout 2 given, a number from 0 to below 1 expected",
    ],
    [
      () => recurrent(lstm, I, H, { zoneout: { c: 1 } }),
      "recurrent(lstm): zoneout 1 given, a number from 0 to below 1 expected",
    ],
    [
      () => recurrent(gru, I, H, { zoneout: { c: 0.5 } as never }),
      "recurrent(gru): zoneout of c given, of h expected",
    ],
    [
      () => recurrent(gru, I, H, { variationalDropout: { inputs: 0.5 } as never }),
      "recurrent(gru): variationalDropout of inputs given, of input, state expected",
    ],
    [
      () => recurrent(product, I, H, { recurrentDropout: 0.5 }),
      "recurrent(plain): recurrentDropout given, a cell whose step calls `drop` expected",
    ],
    [
      () => recurrent(product, I, H, { weightDropout: 0.5 }),
      "recurrent(plain): weightDropout given, a cell with weights declared to read the state expected",
    ],
  ];
  test.each(wrong)("%s", (make, message) => {
    expect(make).toThrow(new UsageError(message));
  });
});
