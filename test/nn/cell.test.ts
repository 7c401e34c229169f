// Mistakes in a cell: where the compiler can see them they do not compile, and all show when the layer is made.
import { describe, expect, test } from "vitest";
import { ShapeError, UsageError } from "../../src/errors.ts";
import { cell, matrix, recurrent, vector } from "../../src/nn/index.ts";
import { concat, tanh } from "../../src/trace/functions.ts";
import type { Tensor } from "../../src/trace/tensor.ts";

const parts = (input: number, hidden: number) => ({
  state: { h: hidden, c: hidden },
  weights: { W: matrix(hidden + input, hidden), b: vector(hidden) },
});

test("names of weights and states are typed through to the layer", () => {
  const right = cell("right", parts, ({ W, b }, { h, c }, x) => ({ h: tanh(concat(h, x).dot(W).add(b)), c }));
  const layer = recurrent(right, 2, 3);
  expect(layer.weights.W_l0?.shape).toEqual([5, 3]);
  expect(layer.stateShapes(4)).toEqual({ h: [1, 4, 3], c: [1, 4, 3] });
  // @ts-expect-error: a layer of this cell has no weight U_l0
  expect(layer.weights.U_l0).toBeUndefined();
  // @ts-expect-error: nor a state z
  expect(layer.stateShapes(4).z).toBeUndefined();
});

describe("mistakes do not compile, or are refused when the layer is made", () => {
  test("a weight that is not declared", () => {
    // @ts-expect-error: the cell declares W and b
    const wrong = cell("wrong", parts, ({ U }, { h, c }, x) => ({ h: x.dot(U as Tensor).add(h), c }));
    expect(() => recurrent(wrong, 2, 3)).toThrow(
      /^dot: undefined given, a tensor expected, at .*cell\.test\.ts/,
    );
  });
  test("a state that is not declared", () => {
    // @ts-expect-error: the state is h and c
    const wrong = cell("wrong", parts, ({ W }, { z }, x) => ({ h: concat(z, x).dot(W), c: z }));
    expect(() => recurrent(wrong, 2, 3)).toThrow(
      /^concat: undefined given, a tensor expected, at .*cell\.test\.ts/,
    );
  });
  test("a state that the step does not give", () => {
    // @ts-expect-error: c is missing
    const wrong = cell("wrong", parts, ({ W }, { h }, x) => ({ h: tanh(concat(h, x).dot(W)) }));
    expect(() => recurrent(wrong, 2, 3)).toThrow(
      new ShapeError("cell wrong: the step gives nothing for the state c, (B, 3) expected"),
    );
  });
  test("a state that the step gives besides", () => {
    const wrong = cell("wrong", parts, ({ W }, { h, c }, x) => ({ h: concat(h, x).dot(W), c, d: h }));
    expect(() => recurrent(wrong, 2, 3)).toThrow(
      new ShapeError("cell wrong: the step gives d, which is no state; h, c expected"),
    );
  });
  test("a state of another size", () => {
    const wrong = cell("wrong", parts, (_weights, { h, c }, x) => ({ h: concat(h, x), c }));
    expect(() => recurrent(wrong, 2, 3)).toThrow(
      new ShapeError("cell wrong: the step gives (B, 5) for the state h, (B, 3) expected"),
    );
  });
  test("a product that does not fit, with the line it stands in", () => {
    const wrong = cell("wrong", parts, ({ W }, { h, c }) => ({ h: h.dot(W), c }));
    expect(() => recurrent(wrong, 2, 3)).toThrow(
      /^product: \(B, 3\) and \(5, 3\) do not fit.*cell\.test\.ts:\d+:\d+$/,
    );
  });
  test("an output without a batch", () => {
    const wrong = cell("wrong", parts, (_weights, state) => state, { output: ({ h }) => h.sum(0) });
    expect(() => recurrent(wrong, 2, 3)).toThrow(
      new ShapeError("cell wrong: an output (3) given, (B, any size) expected"),
    );
  });
  test("no state", () => {
    const wrong = cell(
      "wrong",
      () => ({ state: {}, weights: {} }),
      () => ({}),
    );
    expect(() => recurrent(wrong, 2, 3)).toThrow(UsageError);
  });
  test("a size that is none", () => {
    const wrong = cell(
      "wrong",
      (_input, hidden) => ({ state: { h: hidden }, weights: { W: matrix(hidden / 2, 0) } }),
      (_, s) => s,
    );
    expect(() => recurrent(wrong, 2, 4)).toThrow(
      new UsageError("cell wrong: weight W of size 0 given, a positive integer expected"),
    );
  });
});
