// Every cell's gradient agrees with central differences, and its equations with plain loops over numbers.
import { describe, expect, test } from "vitest";
import type { Value } from "../../src/backends/backend.ts";
import { reference } from "../../src/backends/reference/index.ts";
import { sizedCell } from "../../src/nn/cell.ts";
import { type CellName, cells } from "../../src/nn/index.ts";
import { compile } from "../../src/program/compile.ts";
import { scan } from "../../src/trace/scan.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { checkGradient, randomValue, weightedSum } from "../gradient/check.ts";

const [T, B, I, H] = [4, 3, 2, 5];

/** Weights, a start and inputs of a cell; weights are named w.NAME, states s.NAME. */
function inputsOf(name: CellName): Record<string, Value> {
  const { state, weights } = cells[name].parts(I, H);
  return {
    x: randomValue([T, B, I], 1),
    seed: randomValue([T, B, H], 2),
    ...Object.fromEntries(
      Object.entries(weights).map(([weight, { shape }], index) => [
        `w_${weight}`,
        randomValue(shape, 10 + index),
      ]),
    ),
    ...Object.fromEntries(
      Object.entries(state).map(([part, size], index) => [`s_${part}`, randomValue([B, size], 50 + index)]),
    ),
  };
}

const named = (inputs: Record<string, Tensor>, prefix: string) =>
  Object.fromEntries(
    Object.entries(inputs)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
  );

describe("the gradient of a cell along time agrees with central differences", () => {
  for (const name of Object.keys(cells) as CellName[]) {
    for (const reverse of [false, true]) {
      test(`${name}${reverse ? ", reversed" : ""}`, () => {
        const { step, output } = sizedCell(cells[name], I, H);
        checkGradient((inputs: Record<string, Tensor>) => {
          const { x, seed } = inputs as Record<"x" | "seed", Tensor>;
          const { final, outputs } = scan(
            (state: Record<string, Tensor>, input: Tensor) => {
              const next = step(named(inputs, "w_"), state, input);
              return [next, output(next)] as const;
            },
            { init: named(inputs, "s_"), inputs: x, reverse },
          );
          const ends = Object.values(final).map((tensor) => tensor.square().sum());
          return ends.reduce((sum, end) => sum.add(end), weightedSum(outputs, seed));
        }, inputsOf(name));
      });
    }
  }
});

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
type Row = readonly number[];
const affine = (matrix: Row[], x: Row, bias: Row) =>
  matrix.map((row, at) =>
    row.reduce((sum, weight, column) => sum + weight * (x[column] as number), bias[at] as number),
  );
const elementwise = (f: (...values: number[]) => number, ...rows: Row[]) =>
  (rows[0] as Row).map((_, at) => f(...rows.map((row) => row[at] as number)));

/** The equations once more, over rows of numbers: w gives a weight's rows (a vector's as one row). */
const equations: Record<
  CellName,
  (w: (name: string) => Row[], s: Record<string, Row>, x: Row) => Record<string, Row>
> = {
  rnn: (w, s, x) => ({ h: vanilla(Math.tanh, w, s, x) }),
  "rnn-relu": (w, s, x) => ({ h: vanilla((v) => Math.max(v, 0), w, s, x) }),
  "rnn-sigmoid": (w, s, x) => ({ h: vanilla(sigmoid, w, s, x) }),
  lstm(w, { h, c }, x) {
    const sum = elementwise((a, b) => a + b, ...packed(w, h as Row, x));
    const [i, f, g, o] = [0, 1, 2, 3].map((gate) => sum.slice(gate * H, (gate + 1) * H)) as unknown as [
      Row,
      Row,
      Row,
      Row,
    ];
    return gated(i.map(sigmoid), f.map(sigmoid), g.map(Math.tanh), o.map(sigmoid), c as Row);
  },
  gru(w, { h }, x) {
    const [fromInput, fromState] = packed(w, h as Row, x);
    const gate = (row: Row, index: number) => row.slice(index * H, (index + 1) * H);
    const [r, z] = [0, 1].map((index) =>
      elementwise((a, b) => sigmoid(a + b), gate(fromInput, index), gate(fromState, index)),
    ) as unknown as [Row, Row];
    const n = elementwise(
      (a, b, reset) => Math.tanh(a + reset * b),
      gate(fromInput, 2),
      gate(fromState, 2),
      r,
    );
    return { h: elementwise((update, fresh, old) => (1 - update) * fresh + update * old, z, n, h as Row) };
  },
  "textbook-rnn": (w, { h }, x) => ({ h: textbook("h", w, [...(h as Row), ...x]).map(sigmoid) }),
  "textbook-lstm"(w, { h, c }, x) {
    const hx = [...(h as Row), ...x];
    const [i, f, o] = ["i", "f", "o"].map((gate) => textbook(gate, w, hx).map(sigmoid)) as unknown as [
      Row,
      Row,
      Row,
    ];
    return gated(i, f, textbook("c", w, hx).map(Math.tanh), o, c as Row);
  },
  "textbook-gru"(w, { h }, x) {
    const hx = [...(h as Row), ...x];
    const [z, r] = ["z", "r"].map((gate) => textbook(gate, w, hx).map(sigmoid)) as unknown as [Row, Row];
    const reset = elementwise((gate, old) => gate * old, r, h as Row);
    const n = textbook("n", w, [...reset, ...x]).map(Math.tanh);
    return { h: elementwise((update, fresh, old) => (1 - update) * old + update * fresh, z, n, h as Row) };
  },
};

function packed(w: (name: string) => Row[], h: Row, x: Row): [Row, Row] {
  return [
    affine(w("weight_ih"), x, w("bias_ih")[0] as Row),
    affine(w("weight_hh"), h, w("bias_hh")[0] as Row),
  ];
}
function vanilla(
  activation: (x: number) => number,
  w: (name: string) => Row[],
  s: Record<string, Row>,
  x: Row,
) {
  return elementwise((a, b) => activation(a + b), ...packed(w, s.h as Row, x));
}
function textbook(gate: string, w: (name: string) => Row[], hx: Row): Row {
  return affine(w(`W_${gate}`), hx, w(`b_${gate}`)[0] as Row);
}
function gated(i: Row, f: Row, g: Row, o: Row, c: Row) {
  const next = elementwise((input, forget, fresh, old) => forget * old + input * fresh, i, f, g, c);
  return { h: elementwise((shown, cell) => shown * Math.tanh(cell), o, next), c: next };
}

describe("one step of a cell is what its equations say", () => {
  for (const name of Object.keys(cells) as CellName[]) {
    test(name, () => {
      const values = inputsOf(name);
      const rows = ({ data, shape }: Value): Row[] => {
        const width = shape.at(-1) as number;
        return Array.from({ length: data.length / width }, (_, row) =>
          Array.from(data.slice(row * width, (row + 1) * width)),
        );
      };
      const { step } = sizedCell(cells[name], I, H);
      const run = compile(
        (inputs: Record<string, Tensor>) =>
          step(named(inputs, "w_"), named(inputs, "s_"), (inputs.x as Tensor).at(0, 0)),
        { backend: reference },
      );
      const next = run(values) as Record<string, Value>;
      for (let b = 0; b < B; b++) {
        const state = Object.fromEntries(
          Object.keys(next).map((part) => [part, rows(values[`s_${part}`] as Value)[b] as Row]),
        );
        const x = rows(values.x as Value)[b] as Row;
        const expected = equations[name]((weight) => rows(values[`w_${weight}`] as Value), state, x);
        expect(Object.keys(expected)).toEqual(Object.keys(next));
        for (const [part, row] of Object.entries(expected)) {
          row.forEach((value, at) => {
            expect(rows(next[part] as Value)[b]?.[at]).toBeCloseTo(value, 12);
          });
        }
      }
    });
  }
});
