// Cells that read further back than one step: values against plain loops, windows, single steps, lengths, directions, gradients.
import { describe, expect, test } from "vitest";
import type { Value } from "../../../src/backends/backend.ts";
import { reference } from "../../../src/backends/reference/index.ts";
import { ShapeError, UsageError } from "../../../src/errors.ts";
import { gradient } from "../../../src/gradient/index.ts";
import { cell, initialize, matrix, recurrent } from "../../../src/nn/index.ts";
import { compile, float32, value } from "../../../src/program/compile.ts";
import { concat, tanh, zeros } from "../../../src/trace/functions.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import type { Variable } from "../../../src/trace/variable.ts";
import { weightedSum } from "../../gradient/check.ts";
import { expectClose } from "../../helpers/close.ts";
import { runner, stateOf } from "../../helpers/layers.ts";
import { randomValue, rowAt } from "../../helpers/values.ts";
import { checkModelGradient } from "../check-model.ts";

const [T, B, I, H] = [9, 3, 2, 3];
const lengths = value(Int32Array.of(5, 9, 1), [B]);
const x = randomValue([T, B, I], 1);

/** Two parts of state, of which different distances are read: h' = tanh([h_1, h_2, m_4, x] W); m' = (h' m_4 + m) / 2. */
const skipping = cell(
  "skipping",
  (input, hidden) => ({
    state: { h: hidden, m: hidden },
    weights: { W: matrix(3 * hidden + input, hidden) },
  }),
  ({ W }, { h }, input, { past, drop }) => {
    const next = drop(tanh(concat(h, past(2).h, past(4).m, input).dot(W)));
    return { h: next, m: next.mul(past(4).m).add(past(1).m).mul(0.5) };
  },
);

type State = Record<string, Value>;

interface PlainState {
  readonly h: number[];
  readonly m: number[];
}

/** One row as a plain loop: states[k] is k steps back from the end of what is known, newest first. */
function plainRow(W: Variable, rows: number[][], before: PlainState[]): PlainState[] {
  const states = [...before];
  for (const row of rows) {
    const [one, two, , four] = states as [PlainState, PlainState, PlainState, PlainState];
    const reads = [...one.h, ...two.h, ...four.m, ...row];
    const h = Array.from({ length: H }, (_, column) =>
      Math.tanh(reads.reduce((sum, read, index) => sum + read * (W.value[index * H + column] as number), 0)),
    );
    states.unshift({ h, m: h.map((next, k) => (next * (four.m[k] as number) + (one.m[k] as number)) / 2) });
  }
  return states;
}

/** The states that layer 0 of a state holds for row b, newest first. */
function heldStates(state: State, b: number): PlainState[] {
  const past = rowAt(state.past as Value, 0, b);
  const back = [0, 1, 2].map((index) => ({
    h: past.slice(2 * H * index, 2 * H * index + H),
    m: past.slice(2 * H * index + H, 2 * H * (index + 1)),
  }));
  return [{ h: rowAt(state.h as Value, 0, b), m: rowAt(state.m as Value, 0, b) }, ...back];
}

test("the state has a part for what may be read of earlier steps", () => {
  expect(recurrent(skipping, I, H, { layers: 2 }).stateShapes("B")).toEqual({
    h: [2, "B", H],
    m: [2, "B", H],
    past: [2, "B", 3 * 2 * H],
  });
});

describe("outputs and final states are those of a plain loop, of each row alone", () => {
  for (const direction of ["forward", "reverse"] as const) {
    test(direction, () => {
      const layer = initialize(recurrent(skipping, I, H, { direction }), { seed: 1 });
      const W = Object.values(layer.weights)[0] as Variable;
      const state = stateOf(layer, B, 40);
      const found = runner(layer, { state: true, lengths: true })({ x, state, lengths });
      lengths.data.forEach((length, b) => {
        const own = Array.from({ length }, (_, t) => rowAt(x, t, b));
        const before = heldStates(state, b);
        const states = plainRow(W, direction === "reverse" ? own.reverse() : own, before);
        for (let t = 0; t < T; t++) {
          const done = direction === "reverse" ? length - 1 - t : t;
          const expected = t < length ? (states[length - 1 - done] as PlainState).h : new Array(H).fill(0);
          expectClose(rowAt(found.output, t, b), expected);
        }
        heldStates(found.state, b).forEach(({ h, m }, index) => {
          expectClose(h, (states[index] as PlainState).h);
          expectClose(m, (states[index] as PlainState).m);
        });
      });
    });
  }
});

test("window by window, and step by step, it gives what one long sequence gives", () => {
  const layer = initialize(recurrent(skipping, I, H, { layers: 2 }), { seed: 2 });
  const run = runner(layer, { state: true });
  const start = stateOf(layer, B, 40);
  const whole = run({ x, state: start });
  const part = (from: number, to: number) => value(x.data.slice(from * B * I, to * B * I), [to - from, B, I]);
  for (const cuts of [
    [0, 1, 3, 9],
    [0, 5, 6, 7, 9],
  ]) {
    let state = start;
    const outputs = cuts.slice(1).flatMap((to, index) => {
      const result = run({ x: part(cuts[index] as number, to), state });
      state = result.state;
      return Array.from(result.output.data);
    });
    expectClose(outputs, whole.output.data);
    for (const [name, { data }] of Object.entries(whole.state))
      expectClose((state[name] as Value).data, data);
  }

  const types = Object.fromEntries(
    Object.entries(layer.stateShapes("B")).map(([name, shape]) => [name, float32(...shape)]),
  );
  const step = compile((inputs: { x: Tensor; state: never }) => layer.step(inputs.x, inputs.state), {
    inputs: { x: float32("B", I), state: types } as never,
    backend: reference,
  }) as unknown as (values: unknown) => { output: Value; state: State };
  let state = start;
  for (let t = 0; t < T; t++) {
    const result = step({ x: value(part(t, t + 1).data, [B, I]), state });
    expectClose(result.output.data, whole.output.data.slice(t * B * H, (t + 1) * B * H));
    state = result.state;
  }
  for (const [name, { data }] of Object.entries(whole.state)) expectClose((state[name] as Value).data, data);
});

test("without a state it starts from zeros", () => {
  const layer = initialize(recurrent(skipping, I, H, { direction: "both" }), { seed: 3 });
  const zero = Object.fromEntries(
    Object.entries(layer.stateShapes(B)).map(([name, shape]) => [
      name,
      value(new Float64Array(shape[0] * shape[1] * shape[2]), shape),
    ]),
  );
  const without = compile((inputs) => layer.apply(inputs).output, {
    inputs: float32("T", "B", I),
    backend: reference,
  })(x);
  expectClose(without.data, runner(layer, { state: true })({ x, state: zero }).output.data);
});

describe("the gradient by weights agrees with central differences", () => {
  for (const [hasLengths, options] of [
    [false, { layers: 2 }],
    [true, { direction: "both" }],
    [true, { direction: "reverse", variationalDropout: 0.3, recurrentDropout: 0.3, zoneout: 0.2 }],
  ] as const) {
    test(`${JSON.stringify(options)}${hasLengths ? ", lengths" : ""}`, () => {
      const layer = recurrent(skipping, I, H, options);
      const start = stateOf(layer, B, 40);
      const found = checkModelGradient(
        layer,
        (inputs) => {
          const { h, m, past, lengths: ends, key } = inputs;
          const before = { state: { h, m, past } as never, lengths: ends, key };
          const { output, state } = layer.apply(inputs.x as Tensor, before);
          const last = Object.values(state).map((end) => end.square().sum());
          return last.reduce((sum, end) => sum.add(end), weightedSum(output, inputs.seed as Tensor));
        },
        {
          x,
          key: value(Int32Array.of(1, 2), [2]),
          seed: randomValue([T, B, layer.outputSize], 3),
          ...start,
          ...(hasLengths && { lengths }),
        } as Record<string, Value>,
      );
      expect(found).toBe(Object.keys(layer.weights).length);
    });
  }
});

test("the gradient flows back through the state from one window to the one before", () => {
  const layer = initialize(recurrent(skipping, I, H), { seed: 4 });
  const slopes = (cuts: readonly number[]) =>
    compile(
      (inputs) => {
        let state: ReturnType<typeof layer.apply>["state"] | undefined;
        let loss = zeros([]);
        for (const [index, to] of cuts.slice(1).entries()) {
          const result = layer.apply(inputs.slice(0, cuts[index] as number, to), { state });
          state = result.state;
          if (to === T) loss = result.output.at(0, -1 + to - (cuts[index] as number)).sum();
        }
        return gradient(loss, layer.weights);
      },
      { inputs: float32(T, B, I), backend: reference },
    )(x);
  const whole = slopes([0, T]).W_l0 as Value;
  expect(whole.data.some((slope) => Math.abs(slope) > 0.1)).toBe(true);
  expectClose((slopes([0, 2, 5, 8, T]).W_l0 as Value).data, whole.data);
});

describe("refused", () => {
  const reading = (distance: number) =>
    cell(
      "reading",
      (_input, hidden) => ({ state: { h: hidden }, weights: {} }),
      (_, _state, _x, { past }) => past(distance),
    );
  test.each([0, -1, 1.5, Number.NaN])("a distance of %s", (distance) => {
    expect(() => recurrent(reading(distance), I, H)).toThrow(
      new UsageError(`cell reading: past(${distance}) asked for, a positive integer expected`),
    );
  });
  test("a state of that name", () => {
    const clashing = cell(
      "clashing",
      (_input, hidden) => ({ state: { past: hidden }, weights: {} }),
      (_, _state, _x, { past }) => past(2),
    );
    expect(() => recurrent(clashing, I, H)).toThrow(UsageError);
  });
  test("a checkpoint", () => {
    const layer = recurrent(skipping, I, H);
    expect(() =>
      compile((inputs) => layer.apply(inputs, { checkpoint: 2 }).output, { inputs: float32("T", "B", I) }),
    ).toThrow(ShapeError);
  });
});
