import { describe, expect, test } from "vitest";
import type { Value } from "../../src/backends/backend.ts";
import { reference } from "../../src/backends/reference/index.ts";
import { ShapeError, UsageError } from "../../src/errors.ts";
import { gradient } from "../../src/gradient/index.ts";
import { type GradientStep, gradientTerms } from "../../src/inspect/gradient-terms.ts";
import { type Cell, cell, matrix, vector } from "../../src/nn/cell.ts";
import { gru } from "../../src/nn/cells/gru.ts";
import { lstm } from "../../src/nn/cells/lstm.ts";
import { rnn } from "../../src/nn/cells/rnn.ts";
import { linear } from "../../src/nn/layers/linear.ts";
import { recurrent } from "../../src/nn/layers/recurrent.ts";
import { meanSquaredError } from "../../src/nn/losses/index.ts";
import { initialize, parameters } from "../../src/nn/model.ts";
import { sizedCell } from "../../src/nn/sized-cell.ts";
import { compile, value } from "../../src/program/compile.ts";
import { concat, relu, sigmoid, stack, tanh } from "../../src/trace/functions.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { Variable } from "../../src/trace/variable.ts";
import { floats } from "../helpers/values.ts";

type Tensors = Record<string, Tensor>;
type Doubles = { readonly data: Float64Array; readonly shape: readonly number[] };

const [I, H, T] = [2, 3, 4];
const x = floats([T, 1, I], 5);

/** Two parts of the state of different sizes, both of which the cell shows. */
const own = cell(
  "own",
  (input, hidden) => ({
    state: { fast: hidden, slow: hidden + 1 },
    weights: { W: matrix(2 * hidden + 1 + input, 2 * hidden + 1), keep: vector(hidden + 1) },
  }),
  ({ W, keep }, { fast, slow }, input) => {
    const change = concat(fast, slow, input).dot(W);
    return {
      fast: tanh(change.slice(1, 0, H)),
      slow: sigmoid(keep)
        .mul(slow)
        .add(sigmoid(keep.neg()).mul(change.slice(1, H))),
    };
  },
  { output: ({ fast, slow }) => concat(fast, slow) },
);
const cells = { vanilla: rnn, lstm, gru, own } as unknown as Record<string, Cell<string, string>>;

/** A loss of the states after all steps, or after the last one, whatever axes they have beside time. */
const lossOf = (reads: "all" | "last") => (states: Tensors) =>
  Object.values(states)
    .map((part) => (reads === "all" ? part : part.at(0, T - 1)).add(0.3).square().sum())
    .reduce((sum, term) => sum.add(term));

/** A layer with a cell, its terms, and the same network written out in copies of its weights, one for each step. */
function network(name: string, reads: "all" | "last") {
  const given = cells[name] as Cell<string, string>;
  const layer = initialize(recurrent(given, I, H, { initialize: "orthogonal" }), { seed: 3 });
  const init: Record<string, Value> = Object.fromEntries(
    Object.entries(layer.stateShapes(1)).map(([part, shape], at) => [
      part,
      floats(shape as unknown as number[], 7 + at),
    ]),
  );
  const terms = gradientTerms((state, input) => layer.step(input, state as Tensors).state, {
    init,
    inputs: x,
    weights: layer.weights,
    loss: lossOf(reads) as never,
  });
  return { given, layer, init, terms };
}

/** What one number does to a network in which every step has its own weights, and its own nudge of the state. */
function unrolled({ given, layer, init }: ReturnType<typeof network>) {
  const sized = sizedCell(given, I, H);
  const weights = Array.from({ length: T }, () =>
    mapped(sized.weights, (_, name): Doubles => {
      const { value: data, dimensions: shape } = layer.weights[`${name}_l0`] as Variable;
      return { data: Float64Array.from(data), shape };
    }),
  );
  const nudges = weights.map(() =>
    mapped(
      init,
      ({ data, shape }): Doubles => ({ data: new Float64Array(data.length), shape: shape.slice(1) }),
    ),
  );
  const run = compile(
    (inputs: { weights: Tensors[]; nudges: Tensors[]; init: Tensors; x: Tensor }) => {
      let state = mapped(inputs.init, (part) => part.at(0, 0));
      const states = inputs.weights.map((ofStep, t) => {
        const next = sized.step(ofStep, state, inputs.x.at(0, t));
        state = mapped(next, (part, name) => part.add(inputs.nudges[t]?.[name] as Tensor));
        return state;
      });
      const sequences = mapped(states[0] as Tensors, (_, name) =>
        stack(states.map((at) => at[name] as Tensor)),
      );
      return { loss: lossOf("all")(sequences), states };
    },
    { backend: reference },
  );
  /** dL and the derivatives of the states after all steps, by one number. */
  const slopes = (data: Float64Array, at: number) => {
    const [old, step] = [data[at] as number, 1e-5];
    const [above, below] = [1, -1].map((sign) => {
      data[at] = old + sign * step;
      const { loss, states } = run({ weights, nudges, init, x } as never);
      const vectors = (states as Record<string, Value>[]).map((state) =>
        Object.values(state).flatMap(({ data }) => [...data]),
      );
      return [[loss.data[0] as number], ...vectors];
    }) as [number[][], number[][]];
    data[at] = old;
    const [loss, ...states] = above.map((vector, of) =>
      vector.map((end, part) => (end - (below[of]?.[part] as number)) / (2 * step)),
    ) as [[number], ...number[][]];
    return { loss: loss[0], states };
  };
  return { weights, nudges, slopes };
}

function mapped<From, To>(record: Readonly<Record<string, From>>, map: (value: From, name: string) => To) {
  return Object.fromEntries(Object.entries(record).map(([name, part]) => [name, map(part, name)]));
}

function expectClose(
  found: readonly number[] | undefined,
  expected: readonly number[],
  tolerance = 1e-6,
): void {
  expect(found).toHaveLength(expected.length);
  const scale = Math.max(0.01, ...expected.map(Math.abs));
  expected.forEach((number, at) => {
    expect(Math.abs((found?.[at] as number) - number) / scale).toBeLessThan(tolerance);
  });
}

const column = (matrix: readonly (readonly number[])[] | undefined, at: number) =>
  matrix?.map((row) => row[at] as number);

for (const name of Object.keys(cells)) {
  describe(`the terms of ${name}`, () => {
    const subject = network(name, "all");
    const { layer, terms } = subject;
    const { weights, nudges, slopes } = unrolled(subject);
    const stepAt = (k: number) => terms.steps[k - 1] as GradientStep;

    test("add up to the gradient that training has", () => {
      for (const weight of Object.keys(layer.weights)) {
        expectClose(terms.sum[weight], terms.gradient[weight] as number[], 2e-6);
      }
      expect(terms.terms).toHaveLength((T * (T + 1)) / 2);
      const last = network(name, "last").terms;
      expect(last.terms.map(({ of, at }) => [of, at])).toEqual([1, 2, 3, 4].map((k) => [4, k]).toReversed());
      for (const weight of Object.keys(layer.weights)) {
        expectClose(last.sum[weight], last.gradient[weight] as number[], 2e-6);
      }
    });

    test("are what the weights of one step change", () => {
      for (let k = 1; k <= T; k++) {
        for (const [weight, { data }] of Object.entries(weights[k - 1] ?? {})) {
          const full = `${weight}_l0`;
          for (const at of [0, data.length >> 1, data.length - 1]) {
            const { loss, states } = slopes(data, at);
            const ofStep = terms.terms.filter((term) => term.at === k);
            expectClose(
              [ofStep.reduce((sum, { values }) => sum + (values[full]?.[at] as number), 0)],
              [loss],
            );
            expectClose(column(stepAt(k).explicit[full], at), states[k - 1] as number[]);
          }
        }
      }
    });

    test("go along Jacobians that are what the state after a step changes", () => {
      let unit = 0;
      for (const { data } of Object.values(nudges[1] ?? {})) {
        for (let at = 0; at < data.length; at++, unit++) {
          const { loss, states } = slopes(data, at);
          expectClose([stepAt(2).total[unit] as number], [loss]);
          expectClose(column(stepAt(3).jacobian, unit), states[2] as number[]);
          const toLast = terms.terms.find((term) => term.of === 4 && term.at === 2);
          expectClose(column(toLast?.jacobian, unit), states[3] as number[]);
        }
      }
      expect(unit).toBe(terms.parts.reduce((sum, { size }) => sum + size, 0));
    });

    test("have implicit parts that are what the weights of all earlier steps change", () => {
      for (const [weight, { data }] of Object.entries(weights[0] ?? {})) {
        const at = data.length - 1;
        const earlier = [0, 1].map((k) => slopes(weights[k]?.[weight]?.data as Float64Array, at).states[2]);
        const expected = earlier[0]?.map((slope, unit) => slope + (earlier[1]?.[unit] as number)) ?? [];
        expectClose(column(stepAt(3).implicit[`${weight}_l0`], at), expected);
        expect(
          stepAt(1)
            .implicit[`${weight}_l0`]?.flat()
            .every((slope) => slope === 0),
        ).toBe(true);
      }
    });
  });
}

test("a network with a readout has the terms of what a training differentiates", () => {
  const model = { rnn: recurrent(lstm, I, H, { layers: 2 }), head: linear(H, 1) };
  initialize(model, { seed: 2 });
  const y = value([0.4], [1, 1]);
  const trained = compile((given: { x: Tensor; y: Tensor }) => {
    const output = model.rnn.apply(given.x).output.at(0, T - 1);
    return gradient(meanSquaredError(model.head.apply(output), given.y), parameters(model));
  })({ x, y });
  const zeros = value(new Float32Array(2 * H), [2, 1, H]);
  const { sum, direct, loss } = gradientTerms((state, input) => model.rnn.step(input, state).state, {
    init: { h: zeros, c: zeros },
    inputs: x,
    weights: parameters(model),
    loss: ({ h }) =>
      model.head
        .apply(h.at(0, T - 1).at(0, 1))
        .sub(0.4)
        .square()
        .mean(),
  });
  for (const [name, { data }] of Object.entries(trained)) expectClose(sum[name], [...data], 1e-5);
  expect(direct["head.weight"]).toEqual(sum["head.weight"]);
  expect(direct["rnn.weight_hh_l1"]?.every((slope) => slope === 0)).toBe(true);
  expect(loss).toBeGreaterThan(0);
});

describe("yesterday and today", () => {
  const [w1, w2] = [1.8, -0.5].map((start, at) => {
    const weight = new Variable(`w${at + 1}`, []);
    weight.value = [start];
    return weight;
  }) as [Variable, Variable];
  const terms = () =>
    gradientTerms((h, x: Tensor) => relu(x.mul(w1).add(h.mul(w2))), {
      init: value([0], []),
      inputs: value([0.5, 1], [2]),
      weights: { w1, w2 },
      loss: (h) => h.at(0, 1).mul(1.1),
    });

  test("as computed by hand", () => {
    const { loss, steps, terms: found, sum, gradient: trained, parts } = terms();
    expect(loss).toBeCloseTo(1.485, 6);
    expect(parts).toEqual([{ name: "", size: 1 }]);
    expectClose(
      steps.map(({ state }) => state[0] as number),
      [0.9, 1.35],
    );
    // dL/dh_2 = 1.1, dh_2/dh_1 = w2, dh_2/dw1 = x_2 = 1 and dh_2/dw2 = h_1; through h_1: x_1 = 0.5 and h_0 = 0.
    expectClose(
      found.flatMap(({ values }) => [...(values.w1 ?? [])]),
      [1.1, 1.1 * -0.5 * 0.5],
    );
    expectClose(
      found.flatMap(({ values }) => [...(values.w2 ?? [])]),
      [1.1 * 0.9, 0],
    );
    expectClose(steps[1]?.implicit.w1?.flat(), [-0.25]);
    expectClose(
      steps.flatMap(({ total }) => [...total]),
      [-0.55, 1.1],
    );
    expectClose(sum.w1, [0.825]);
    expectClose(trained.w1, [0.825]);
  });
});

describe("refuses", () => {
  const W = new Variable("W", []);
  W.value = [1];
  const good = {
    init: { h: value([0], []) },
    inputs: value([1, 2], [2]),
    weights: { W },
    loss: ({ h }: { h: Tensor }) => h.sum(),
  };
  const run = (
    changes: object,
    step: unknown = ({ h }: { h: Tensor }, x: Tensor) => ({ h: h.add(x.mul(W)) }),
  ) => gradientTerms(step as never, { ...good, ...changes } as never);

  test("what is no step, state, input or weight", () => {
    expect(run({}).sum).toEqual({ W: [4] });
    expect(() => run({}, "lstm")).toThrow(
      new UsageError('gradientTerms: "lstm" given, a function over tensors expected'),
    );
    expect(() => run({ init: {} })).toThrow(new UsageError("gradientTerms: init without a value given"));
    expect(() => run({ weights: {} })).toThrow(
      new UsageError("gradientTerms: weights: an object given, variables by name expected"),
    );
    expect(() => run({ weights: { W: 1 } })).toThrow(
      new UsageError("gradientTerms: weights: 1 for W given, variables by name expected"),
    );
    expect(() => run({ inputs: { a: value([1], [1]), b: value([1, 2], [2]) } })).toThrow(
      new ShapeError("gradientTerms: inputs (1), (2) given, (T, ...) with one T from 1 expected"),
    );
    expect(() => run({}, ({ h }: { h: Tensor }) => ({ c: h }))).toThrow(
      new ShapeError("gradientTerms: the step returns the state c (), h () expected"),
    );
    expect(() => run({ init: { h: { data: [0, 1], shape: [1] } } })).toThrow(
      /gradientTerms: init h: 2 numbers given/,
    );
  });
});
