// The LSTM with every combination of its options: equations, gradients, how weights start, and what it is the same as.
import { describe, expect, test } from "vitest";
import { reference } from "../../../src/backends/reference/index.ts";
import { UsageError } from "../../../src/errors.ts";
import {
  type Cell,
  initialize,
  type LstmOptions,
  lstm,
  lstmWith,
  recurrent,
  textbookCoupledLstm,
  textbookPeepholeLstm,
} from "../../../src/nn/index.ts";
import { compile, float32 } from "../../../src/program/compile.ts";
import type { Variable } from "../../../src/trace/variable.ts";
import { expectClose } from "../../helpers/close.ts";
import { randomValue, rowsOf } from "../../helpers/values.ts";
import { checkEquations, checkGradients } from "./check-cell.ts";
import { lstm as equations } from "./equations.ts";

const choices = [false, true];
const combinations: LstmOptions[] = choices.flatMap((peepholes) =>
  choices.flatMap((coupled) =>
    [undefined, 3].flatMap((projection) =>
      choices.map((normalize) => ({ peepholes, coupled, projection, normalize })),
    ),
  ),
);

for (const options of combinations) {
  const cell = lstmWith(options);
  describe(cell.name, () => {
    test("gives what its equations say", () => checkEquations(cell, equations(options)));
    test("has the gradient of its equations", () => checkGradients(cell));
  });
}

const [I, H] = [3, 4];
const valuesOf = (layer: { weights: object }) =>
  Object.fromEntries(
    Object.entries(layer.weights as Record<string, Variable>).map(([name, { value }]) => [
      name,
      Array.from(value),
    ]),
  );

describe("how weights start", () => {
  test("forgetBias stands in the rows of f, 0 in those of other gates", () => {
    const full = initialize(recurrent(lstmWith({ forgetBias: 1 }), I, H), { seed: 1 });
    expect(valuesOf(full).bias_ih_l0).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(valuesOf(full).bias_hh_l0).toEqual(new Array(16).fill(0));
    const coupled = initialize(recurrent(lstmWith({ forgetBias: -2, coupled: true }), I, H), { seed: 1 });
    expect(valuesOf(coupled).bias_ih_l0).toEqual([-2, -2, -2, -2, 0, 0, 0, 0, 0, 0, 0, 0]);
  });
  test("without it biases start like the other weights", () => {
    const values = valuesOf(initialize(recurrent(lstmWith({}), I, H), { seed: 1 }));
    expect(values).toEqual(valuesOf(initialize(recurrent(lstm, I, H), { seed: 1 })));
    expect(values.bias_ih_l0?.every((bias) => bias !== 0 && Math.abs(bias) <= 0.5)).toBe(true);
  });
  test("normalised, gains start at 1 and biases at 0", () => {
    const { gain_ih_l0, gain_hh_l0, gain_c_l0, ...rest } = valuesOf(
      initialize(recurrent(lstmWith({ normalize: true, forgetBias: 1 }), I, H), { seed: 1 }),
    );
    expect([gain_ih_l0, gain_hh_l0, gain_c_l0]).toEqual([16, 16, 4].map((size) => new Array(size).fill(1)));
    expect(rest.bias_c_l0).toEqual([0, 0, 0, 0]);
    expect(rest.bias_ih_l0?.slice(4, 8)).toEqual([1, 1, 1, 1]);
  });
});

test("a forgetBias that is no number and a projection that is no size are refused", () => {
  expect(() => lstmWith({ forgetBias: Number.NaN })).toThrow(
    new UsageError("lstmWith: forgetBias NaN given, a number expected"),
  );
  expect(() => recurrent(lstmWith({ projection: 0 }), I, H)).toThrow(
    new UsageError("cell lstm projection 0: state h of size 0 given, a positive integer expected"),
  );
});

test("the next layer, the other direction and the state have the sizes of a projection", () => {
  const layer = recurrent(lstmWith({ projection: 2 }), I, H, { layers: 2, direction: "both" });
  expect(layer.stateShapes(5)).toEqual({ h: [4, 5, 2], c: [4, 5, 4] });
  expect(layer.outputSize).toBe(4);
  const shapes = Object.fromEntries(
    Object.entries(layer.weights as Record<string, Variable>).map(([name, { dimensions }]) => [
      name,
      dimensions,
    ]),
  );
  expect(shapes).toMatchObject({
    weight_ih_l1_reverse: [16, 4],
    weight_hh_l1_reverse: [16, 2],
    weight_hr_l1_reverse: [2, 4],
  });
});

/** The final state and outputs of a layer on one input, its weights as they are. */
function outcome(layer: ReturnType<typeof recurrent<string, string>>) {
  const run = compile((x) => layer.apply(x), { inputs: float32("T", "B", I), backend: reference });
  const { output, state } = run(randomValue([6, 2, I], 1));
  return [output, state.h, state.c].map((value) => rowsOf(value as Parameters<typeof rowsOf>[0]));
}

test("without options it is lstm, to the last bit", () => {
  const make = (cell: Cell<string, string>) => initialize(recurrent(cell, I, H, { layers: 2 }), { seed: 1 });
  expect(outcome(make(lstmWith({}) as Cell<string, string>))).toEqual(
    outcome(make(lstm as Cell<string, string>)),
  );
});

describe("it is the textbook's cell with the gates' matrices stacked", () => {
  const cases: [LstmOptions, Cell<string, string>, string[]][] = [
    [{ peepholes: true }, textbookPeepholeLstm as Cell<string, string>, ["i", "f", "c", "o"]],
    [{ coupled: true }, textbookCoupledLstm as Cell<string, string>, ["f", "c", "o"]],
  ];
  for (const [options, textbook, gates] of cases) {
    test(textbook.name, () => {
      const from = initialize(recurrent(textbook, I, H), { seed: 4 });
      const weights = valuesOf(from);
      const rows = gates.flatMap((gate) =>
        Array.from({ length: H }, (_, row) =>
          weights[`W_${gate}_l0`]?.slice(row * (H + I), (row + 1) * (H + I)),
        ),
      ) as number[][];
      const given: Record<string, number[]> = {
        weight_hh_l0: rows.flatMap((row) => row.slice(0, H)),
        weight_ih_l0: rows.flatMap((row) => row.slice(H)),
        bias_ih_l0: gates.flatMap((gate) => weights[`b_${gate}_l0`] ?? []),
        bias_hh_l0: new Array(gates.length * H).fill(0),
      };
      const layer = recurrent(lstmWith(options) as Cell<string, string>, I, H);
      for (const [name, variable] of Object.entries<Variable>(layer.weights)) {
        const [, gate] = /^peephole_(.)_l0$/.exec(name) ?? [];
        variable.value = (gate ? weights[`p_${gate}_l0`] : given[name]) ?? [];
      }
      const [expected, found] = [outcome(from), outcome(layer)].map((parts) => parts.flat(2));
      expectClose(found, expected as number[]);
    });
  }
});
