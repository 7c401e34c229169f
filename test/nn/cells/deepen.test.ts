// Networks inside a cell, and skip connections through time: equations, gradients, and wrong uses.
import { describe, expect, test } from "vitest";
import { ShapeError, UsageError } from "../../../src/errors.ts";
import {
  type Cell,
  cells,
  type DeepeningOptions,
  deepen,
  feedForward,
  recurrent,
  rnn,
} from "../../../src/nn/index.ts";
import { concat, relu } from "../../../src/trace/functions.ts";
import { checkEquations, checkGradients, type Equations, type Weights } from "./check-cell.ts";
import { equations } from "./equations.ts";
import { affine, type Row } from "./rows.ts";

const network = (w: Weights, place: string, activation: (x: number) => number, row: Row) => {
  let a = row;
  for (let layer = 1; w(`${place}_W_${layer}`).length > 0; layer++) {
    a = affine(w(`${place}_W_${layer}`), a, w(`${place}_b_${layer}`)[0]).map(activation);
  }
  return a;
};

/** The equations of a cell with tanh networks before and after it. */
const deepened =
  (inner: Equations): Equations =>
  (w, s, x, past) => {
    const next = inner(w, s, network(w, "input", Math.tanh, x), past);
    return { ...next, h: network(w, "transition", Math.tanh, next.h as Row) };
  };

describe("deep input and transition", () => {
  const cases: [keyof typeof cells, DeepeningOptions][] = [
    ["rnn", { transition: feedForward([4]) }],
    ["rnn", { transition: feedForward([6, 5, 4]) }],
    ["gru", { input: feedForward([7, 3]), transition: feedForward([3, 4]) }],
    ["lstm", { input: feedForward([5]), transition: feedForward([4]) }],
    ["mgu", { input: feedForward([1]) }],
  ];
  for (const [name, networks] of cases) {
    const cell = deepen(cells[name], networks);
    test(`${cell.name} gives what its equations say`, () => checkEquations(cell, deepened(equations[name])));
    test(`${cell.name} has the gradient of its equations`, () => checkGradients(cell));
  }
});

describe("deep output", () => {
  const networks = { transition: feedForward([4]), output: feedForward([6, 3], relu) };
  const cell = deepen(rnn, networks) as Cell<string, string>;
  test("is shown, and the next step reads the state before it", () => {
    const shown = (w: Weights, s: Record<string, Row>) =>
      network(w, "output", (x) => Math.max(x, 0), s.h as Row);
    checkEquations(cell, deepened(equations.rnn), shown);
  });
  test("has the gradient of its equations", () => checkGradients(cell));
  test("is what the next layer reads", () => {
    const layer = recurrent(cell, 2, 4, { layers: 2 });
    expect(layer.outputSize).toBe(3);
    expect(layer.weights.weight_ih_l1?.dimensions).toEqual([4, 3]);
    expect(layer.weights.output_W_1_l1?.dimensions).toEqual([6, 4]);
  });
  test("reads what the cell shows, be it more than h", () => {
    const doubled: typeof rnn = { ...rnn, output: ({ h }) => concat(h, h) };
    const layer = recurrent(deepen(doubled, { output: feedForward([5]) }), 2, 4);
    expect(layer.weights.output_W_1_l0?.dimensions).toEqual([5, 8]);
  });
});

describe("wrong uses are refused by name", () => {
  test("a transition to another size", () => {
    expect(() => recurrent(deepen(rnn, { transition: feedForward([5]) }), 2, 4)).toThrow(
      new ShapeError("cell rnn with deep transition: the step gives (B, 5) for the state h, (B, 4) expected"),
    );
  });
  test("a second network in the same place", () => {
    const once = deepen(rnn, { output: feedForward([5]) });
    expect(() => recurrent(deepen(once, { output: feedForward([2]) }), 2, 4)).toThrow(
      new UsageError(
        "rnn with deep output with deep output: rnn with deep output has a weight output_W_1 already",
      ),
    );
  });
  test("no network", () => {
    expect(() => deepen(rnn, {})).toThrow(
      new UsageError("deepen(rnn): no network given, input, transition or output expected"),
    );
  });
  test("sizes that are none", () => {
    for (const sizes of [[], [3, 0], [2.5]]) {
      expect(() => feedForward(sizes)).toThrow(
        new UsageError(`feedForward: sizes [${sizes.join(", ")}] given, positive integers expected`),
      );
    }
  });
});
