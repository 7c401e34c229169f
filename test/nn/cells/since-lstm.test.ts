// minGRU, minLSTM, sLSTM and mLSTM: gates that products do not wait for, stabilisers that hold, heads, step by step.
import { describe, expect, test } from "vitest";
import type { Value } from "../../../src/backends/backend.ts";
import { reference } from "../../../src/backends/reference/index.ts";
import { UsageError } from "../../../src/errors.ts";
import { gradient } from "../../../src/gradient/index.ts";
import {
  type Cell,
  cells,
  initialize,
  minGru,
  minLstm,
  mlstm,
  recurrent,
  slstm,
} from "../../../src/nn/index.ts";
import { countOf } from "../../../src/numbers.ts";
import { compile, float32, value } from "../../../src/program/compile.ts";
import { explain } from "../../../src/program/explain.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import type { Variable } from "../../../src/trace/variable.ts";
import { onBackends } from "../../helpers/backends.ts";
import { expectClose, expectNear } from "../../helpers/close.ts";
import { numbers, randomValue, rowsOf } from "../../helpers/values.ts";
import { checkEquations, checkGradients, type Equations, type State, type Weights } from "./check-cell.ts";
import * as plain from "./equations.ts";
import { affine, type Row, sigmoid, sum } from "./rows.ts";

const own = {
  "min-gru": minGru,
  "min-lstm": minLstm,
  slstm,
  mlstm: mlstm(),
  "mlstm of 2 heads": mlstm({ heads: 2 }),
};
const cases = Object.entries(own) as unknown as [string, Cell<string, string>][];
const [T, B, I, H] = [12, 3, 2, 4];

/** A layer whose weights are random numbers up to `size`. */
function layerOf(cell: Cell<string, string>, size = 1) {
  const layer = recurrent(cell, I, H);
  Object.values<Variable>(layer.weights).forEach((variable, index) => {
    variable.value = numbers(variable.count, 20 + index).map((value) => value * size);
  });
  return layer;
}

describe("mlstm of two heads", () => {
  test("gives what its equations say", () => checkEquations(own["mlstm of 2 heads"], plain.mlstm(2)));
  test("has the gradient of its equations", () => checkGradients(own["mlstm of 2 heads"]));
  test("has a memory for each head", () => {
    expect(mlstm({ heads: 2 }).parts(I, 6).state).toEqual({ h: 6, C: 18, n: 6, m: 2 });
  });
  test("refuses heads that do not divide the units, or are no number", () => {
    expect(() => recurrent(mlstm({ heads: 3 }), I, H)).toThrow(
      new UsageError("mlstm: heads 3 given, a divisor of 4 hidden units expected"),
    );
    expect(() => mlstm({ heads: 0 })).toThrow("mlstm: heads 0 given, a positive integer expected");
  });
});

test.each(cases)("%s gives step by step what it gives of the whole", (_, cell) => {
  const layer = layerOf(cell);
  const types = Object.fromEntries(
    Object.entries(layer.stateShapes("B")).map(([name, shape]) => [name, float32(...shape)]),
  );
  const x = randomValue([T, B, I], 1);
  const whole = compile((all) => layer.apply(all), { inputs: float32("T", "B", I) })(x);
  const step = compile(
    ({ at, state }: { at: Tensor; state: Record<string, Tensor> }) => layer.step(at, state),
    { inputs: { at: float32("B", I), state: types } },
  );
  let state = Object.fromEntries(
    Object.entries(layer.stateShapes(B)).map(([name, shape]) => [
      name,
      value(new Float64Array(countOf([...shape] as number[])), [...shape] as number[]),
    ]),
  );
  for (let t = 0; t < T; t++) {
    const at = rowsOf(x).slice(t * B, (t + 1) * B);
    const stepped = step({ at: at as never, state });
    for (let b = 0; b < B; b++)
      expectClose(rowsOf(stepped.output)[b], rowsOf(whole.output)[t * B + b] as Row);
    state = stepped.state;
  }
});

test.each([
  ["min-gru", 0],
  ["min-lstm", 0],
  ["mlstm", 0],
  ["slstm", 2],
] as const)("explain: of the products of %s, %i are in loops over time", (name, inLoops) => {
  const { rnn } = initialize({ rnn: recurrent(cells[name], 5, 8) }, { seed: 1 });
  const [found] = explain({ T: 10, B: 4 }, (backend) =>
    compile(
      (x) => {
        const loss = rnn.apply(x).output.square().sum();
        return [loss, gradient(loss, rnn.weights as Record<string, Variable>)];
      },
      { inputs: float32("T", "B", 5), backend },
    ),
  );
  expect(found?.passes.at(-1)?.after.inLoops).toBe(inLoops);
  expect(found?.arithmetic.each.filter(({ calls }) => calls > 1)).toHaveLength(inLoops);
});

test.each([
  ["min-gru", { z: 8, n: 8 }],
  ["min-lstm", { f: 8, n: 8 }],
  ["slstm", { i: 8, f: 8, o: 8 }],
  ["mlstm", { i: 1, f: 1, o: 8 }],
] as const)("%s shows its gates", (name, sizes) => {
  const { rnn } = initialize({ rnn: recurrent(cells[name], 5, 8) }, { seed: 1 });
  const shown = compile((x) => rnn.apply(x).shown, { inputs: float32("T", "B", 5) })(randomValue([T, B, 5]));
  const found = Object.entries(shown).map(([gate, [value]]) => [gate, value?.shape.at(-1)]);
  expect(Object.fromEntries(found)).toEqual(sizes);
  const gates = Object.entries(shown).filter(([gate]) => gate !== "n" && gate !== "i");
  for (const number of gates.flatMap(([, [value]]) => Array.from(value?.data ?? []))) {
    expect(number).toBeGreaterThanOrEqual(0);
    expect(number).toBeLessThanOrEqual(1);
  }
});

/** The gates i, f and o of a step, as the equations have them. */
type Gates = (w: Weights, before: Row, x: Row) => Readonly<Record<"i" | "f" | "o", Row>>;
const gatesOf =
  (preactivation: (gate: string, w: Weights, before: Row, x: Row) => Row): Gates =>
  (w, before, x) => ({
    i: preactivation("i", w, before, x).map(Math.exp),
    f: preactivation("f", w, before, x).map(sigmoid),
    o: preactivation("o", w, before, x).map(sigmoid),
  });
const fromInput = (gate: string, w: Weights, x: Row) => affine(w(`W_${gate}`), x, w(`b_${gate}`)[0]);
const ofInput = gatesOf((gate, w, _before, x) => fromInput(gate, w, x));
const ofState = gatesOf((gate, w, before, x) => sum(fromInput(gate, w, x), affine(w(`R_${gate}`), before)));

describe.each([
  ["slstm", slstm, ofState],
  ["mlstm", mlstm(), ofInput],
  ["mlstm of 2 heads", mlstm({ heads: 2 }), ofInput],
] as unknown as [string, Cell<string, string>, Gates][])("%s shows", (_, cell, gates) => {
  const layer = layerOf(cell);
  const weights = layer.weights as Record<string, Variable>;
  const x = randomValue([T, B, I], 3);
  const look = compile(
    (all) => {
      const { output, shown } = layer.apply(all);
      return { output, gates: Object.fromEntries(Object.entries(shown).map(([name, [all]]) => [name, all])) };
    },
    { inputs: float32("T", "B", I), backend: reference },
  );
  const bias = weights.b_i_l0 as Variable;
  const start = Float64Array.from(bias.value);
  const startsAt = (more: number) => {
    bias.value = start.map((one) => one + more);
    return look(x) as unknown as { readonly output: Value; readonly gates: Record<string, Value> };
  };

  test.each([-2, 0, 2])("the gates of its equations, with input gates e^%i times as large", (more) => {
    const { output, gates: shown } = startsAt(more);
    const rows = (name: string) => {
      const { value: data, dimensions: shape } = weights[`${name}_l0`] as Variable;
      return rowsOf({ data, shape } as Value);
    };
    for (let at = 0; at < T * B; at++) {
      const before = at < B ? new Array<number>(H).fill(0) : (rowsOf(output)[at - B] as Row);
      const expected = gates(rows, before, rowsOf(x)[at] as Row);
      for (const [name, row] of Object.entries(expected)) {
        expectClose(rowsOf(shown[name] as Value)[at], row);
      }
    }
  });

  test("an input gate that is infinite beside finite outputs, and the same forget gate", () => {
    const [usual, wide] = [startsAt(0), startsAt(1000)];
    expect(Array.from((wide.gates.i as Value).data).every((one) => one === Number.POSITIVE_INFINITY)).toBe(
      true,
    );
    expect(Array.from(wide.output.data).every(Number.isFinite)).toBe(true);
    // That of an sLSTM reads h, which the input gate of the step before is in.
    const same = ({ data, shape }: Value) =>
      gates === ofState ? data.slice(0, B * (shape.at(-1) as number)) : data;
    expect(same(wide.gates.f as Value)).toEqual(same(usual.gates.f as Value));
  });
});

/** A layer that starts from a state of zeros, on both backends: with the weights of its gates i and f times `size`, and what it reads times `inputs`. */
function gated(cell: Cell<string, string>) {
  const layer = layerOf(cell);
  const weights = layer.weights as Record<string, Variable>;
  const starts = Object.entries(weights).map(([name, variable]) => [name, variable, variable.value] as const);
  const run = onBackends(
    ({ x }) => {
      const { output, state } = layer.apply(x as Tensor);
      const slopes = gradient(output.sum(), { ...weights, x: x as Tensor });
      return [output, state.n ?? output, ...Object.values<Tensor>(state), ...Object.values<Tensor>(slopes)];
    },
    { x: float32("T", "B", I) },
  );
  return {
    weights,
    run(size: number, inputs = 1) {
      for (const [name, variable, start] of starts) {
        const factor = /^(W|R|b)(_[if])?_l0$/.test(name) ? size : 1;
        variable.value = Float64Array.from(start, (weight) => weight * factor);
      }
      const { data, shape } = randomValue([T, B, I], 3);
      const x = { data: data.map((number) => number * inputs), shape };
      return { x, found: run({ x }) };
    },
  };
}

describe("gates that are open or shut as far as float32 goes, from a state of zeros", () => {
  for (const [name, cell] of cases) {
    test(`${name} gives finite numbers, and finite gradients`, () => {
      const { run } = gated(cell);
      for (const size of [1e-30, 1, 20, 100, 1e4, 1e30]) {
        for (const numbersOf of run(size).found) {
          expect(numbersOf.flat().every(Number.isFinite), `gates times ${size}`).toBe(true);
        }
      }
    });
  }
  test("what an sLSTM shows is a mean of numbers within 1, however large its inputs are", () => {
    const { run } = gated(slstm as never);
    for (const inputs of [1e4, 1e15, 1e30]) {
      for (const [output, weight, ...others] of run(1, inputs).found) {
        expect(Math.max(...(output as number[]).map(Math.abs))).toBeLessThanOrEqual(1);
        expect(Math.min(...(weight as number[]))).toBeGreaterThanOrEqual(1);
        expect(others.flat().every(Number.isFinite)).toBe(true);
      }
    }
  });
  test("an input gate that has always been shut leaves the memory of an mLSTM empty, not undefined", () => {
    const layer = layerOf(mlstm() as never);
    const bias = (layer.weights as Record<string, Variable>).b_i_l0 as Variable;
    bias.value = Float64Array.of(-1e5);
    const run = onBackends(({ x }) => [layer.apply(x as Tensor).output], { x: float32("T", "B", I) });
    for (const [output] of run({ x: randomValue([T, B, I], 3) })) {
      expect(output).toEqual(new Array(T * B * H).fill(0).map(() => expect.closeTo(0, 30)));
    }
  });
});

// Without a stabiliser the exponentials are as large as e^300 here, which float64 holds.
test.each([
  ["slstm", slstm, plain.equations.slstm],
  ["mlstm", mlstm({ heads: 2 }), plain.mlstm(2)],
] as unknown as [string, Cell<string, string>, Equations][])(
  "%s from a state of zeros is what it is without a stabiliser",
  (_, cell, equations) => {
    const { weights, run } = gated(cell);
    for (const size of [1, 5, 100]) {
      const { x, found } = run(size);
      const rows = (name: string) => {
        const variable = weights[`${name}_l0`];
        return variable ? rowsOf({ data: variable.value, shape: variable.dimensions } as Value) : [];
      };
      const { state: sizes } = cell.parts(I, H);
      for (let b = 0; b < B; b++) {
        let state: State = Object.fromEntries(
          Object.entries(sizes).map(([name, count]) => [name, new Array<number>(count as number).fill(0)]),
        );
        for (let t = 0; t < T; t++) {
          const before = state;
          state = equations(rows, before, rowsOf(x)[t * B + b] as Row, () => before);
          const at = (t * B + b) * H;
          expectNear((found[0]?.[0] ?? []).slice(at, at + H), state.h as Row, 1e-9);
        }
      }
    }
  },
);

test("a constant input gate changes nothing of an sLSTM, as what is stored is divided by its own weight", () => {
  const layer = layerOf(slstm as never);
  const run = compile((x) => layer.apply(x).output, { inputs: float32("T", "B", I), backend: reference });
  const x = randomValue([T, B, I], 3);
  const before = run(x).data;
  const bias = (layer.weights as Record<string, Variable>).b_i_l0 as Variable;
  bias.value = Float64Array.from(bias.value).map((value) => value - 7);
  expectClose(run(x).data, before, 10);
});
