// The lecture's example of a recurrent network small enough to compute by hand: one relu unit that feeds back to itself
// takes the prices of yesterday and today and predicts that of tomorrow.
import { expect, test } from "vitest";
import { cell, matrix, recurrent } from "../../src/nn/index.ts";
import { compile, float32 } from "../../src/program/compile.ts";
import { relu } from "../../src/trace/functions.ts";

const w1 = 1.8; // from the input to the unit
const w2 = -0.5; // from the unit, one step earlier, back to it
const w3 = 1.1; // from the unit to the output

const unit = cell(
  "unit with feedback",
  (input, hidden) => ({
    state: { h: hidden },
    weights: { W_xh: matrix(input, hidden), W_hh: matrix(hidden, hidden) },
  }),
  ({ W_xh, W_hh }, { h }, x) => ({ h: relu(x.dot(W_xh).add(h.dot(W_hh))) }),
);

/** What the network predicts after each price. */
function predict(...prices: number[]): number[] {
  const network = recurrent(unit, 1, 1);
  for (const [name, weight] of [
    ["W_xh_l0", w1],
    ["W_hh_l0", w2],
  ] as const) {
    const variable = network.weights[name];
    if (variable) variable.value = [weight];
  }
  const run = compile((x) => network.apply(x).output.mul(w3), { inputs: float32("T", "B", 1) });
  return Array.from(run(prices.map((price) => [[price]])).data);
}

test("0.5 yesterday and 1.0 today predict 1.485 tomorrow", () => {
  const [yesterday, today] = predict(0.5, 1.0);
  expect(yesterday).toBeCloseTo(0.5 * w1 * w3, 6); // 0.99: before there is anything to feed back
  expect(today).toBeCloseTo((1.0 * w1 + 0.5 * w1 * w2) * w3, 6);
  expect(today).toBeCloseTo(1.485, 6);
});

test("a unit that would be negative rests at 0, and feeds nothing back", () => {
  const [first, second, third] = predict(1.0, 0.1, 0.5);
  expect(first).toBeCloseTo(1.98, 6);
  expect(second).toBe(0); // 0.1 * 1.8 - 0.5 * 1.8 < 0
  expect(third).toBeCloseTo(0.5 * w1 * w3, 6);
});
