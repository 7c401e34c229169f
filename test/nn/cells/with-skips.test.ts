// Skip connections through time: equations, gradients, windows, and wrong uses.
import { describe, expect, test } from "vitest";
import { UsageError } from "../../../src/errors.ts";
import { type CellName, cells, rnn, withSkips } from "../../../src/nn/index.ts";
import { checkEquations, checkGradients, type Equations } from "./check-cell.ts";
import { equations } from "./equations.ts";
import type { Row } from "./rows.ts";

const skipping =
  (inner: Equations, distances: readonly number[]): Equations =>
  (w, s, x, past) =>
    inner(w, s, [...x, ...distances.flatMap((distance) => past(distance).h as Row)], past);

describe("a cell reads states from further back", () => {
  const cases: [CellName, number[]][] = [
    ["rnn", [3]],
    ["rnn", [2, 4, 9]],
    ["lstm", [2]],
    ["textbook-gru", [3, 2]],
  ];
  for (const [name, distances] of cases) {
    const cell = withSkips(cells[name], distances);
    test(`${cell.name} gives what its equations say`, () =>
      checkEquations(cell, skipping(equations[name], distances)));
    test(`${cell.name} has the gradient of its equations`, () => checkGradients(cell));
  }
});

test("distances that are not different integers from 2 are refused", () => {
  for (const distances of [[], [1], [2.5], [3, 3], [-2]]) {
    expect(() => withSkips(rnn, distances)).toThrow(
      new UsageError(
        `withSkips(rnn): distances [${distances.join(", ")}] given, different integers from 2 expected`,
      ),
    );
  }
});
