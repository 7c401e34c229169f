// A model's weights are named by their paths; a shared layer counts once.
import { expect, test } from "vitest";
import { UsageError } from "../../src/errors.ts";
import {
  countParameters,
  dropout,
  embedding,
  gru,
  initialize,
  layerNorm,
  linear,
  lstm,
  parameters,
  recurrent,
  rnn,
} from "../../src/nn/index.ts";
import { compile, int32 } from "../../src/program/compile.ts";
import { Variable } from "../../src/trace/variable.ts";

test("weights are named as PyTorch names them", () => {
  const model = {
    embedding: embedding(7, 4),
    drop: dropout(0.1),
    rnn: recurrent(gru, 4, 3, { layers: 2, direction: "both" }),
    blocks: [{ norm: layerNorm(6) }, { norm: layerNorm(6) }],
    head: linear(6, 7, { bias: false }),
  };
  const shapes = Object.entries(parameters(model)).map(
    ([name, { dimensions }]) => `${name} (${dimensions.join(", ")})`,
  );
  expect(shapes).toEqual([
    "embedding.weight (7, 4)",
    "rnn.weight_ih_l0 (9, 4)",
    "rnn.weight_hh_l0 (9, 3)",
    "rnn.bias_ih_l0 (9)",
    "rnn.bias_hh_l0 (9)",
    "rnn.weight_ih_l0_reverse (9, 4)",
    "rnn.weight_hh_l0_reverse (9, 3)",
    "rnn.bias_ih_l0_reverse (9)",
    "rnn.bias_hh_l0_reverse (9)",
    "rnn.weight_ih_l1 (9, 6)",
    "rnn.weight_hh_l1 (9, 3)",
    "rnn.bias_ih_l1 (9)",
    "rnn.bias_hh_l1 (9)",
    "rnn.weight_ih_l1_reverse (9, 6)",
    "rnn.weight_hh_l1_reverse (9, 3)",
    "rnn.bias_ih_l1_reverse (9)",
    "rnn.bias_hh_l1_reverse (9)",
    "blocks.0.norm.weight (6)",
    "blocks.0.norm.bias (6)",
    "blocks.1.norm.weight (6)",
    "blocks.1.norm.bias (6)",
    "head.weight (7, 6)",
  ]);
});

test("weights are counted by the textbook's formulas", () => {
  const [V, E, H] = [50, 16, 32];
  const model = { embed: embedding(V, E), rnn: recurrent(lstm, E, H, { layers: 2 }), head: linear(H, V) };
  expect(countParameters(model)).toBe(V * E + 4 * H * (E + H + 2) + 4 * H * (H + H + 2) + (H + 1) * V);
  expect(countParameters(recurrent(gru, E, H))).toBe(3 * H * (E + H + 2));
  expect(countParameters(recurrent(rnn, E, H))).toBe(H * (E + H + 2));
});

test("a shared layer has one name and one set of weights", () => {
  const shared = linear(3, 3);
  const model = { first: shared, second: { again: shared }, own: new Variable("scale", [3]) };
  expect(Object.keys(parameters(model))).toEqual(["first.weight", "first.bias", "own"]);
  expect(countParameters(model)).toBe(15);

  const tied = new Variable("table", [4, 2]);
  expect(Object.keys(parameters({ embed: { table: tied }, head: { table: tied } }))).toEqual(["embed.table"]);
});

test("initialize names the weights and gives them values that a program uses", () => {
  const model = initialize({ embed: embedding(5, 2), head: linear(2, 3) }, { seed: 4 });
  expect(model.head.weights.weight.name).toBe("head.weight");
  const run = compile(({ tokens }) => model.head.apply(model.embed.apply(tokens)), {
    inputs: { tokens: int32("B") },
  });
  const token = 3;
  const { data } = run({ tokens: [token] });
  const vector = model.embed.weights.weight.value.slice(2 * token, 2 * token + 2);
  const { weight, bias } = model.head.weights;
  for (let row = 0; row < 3; row++) {
    const sum = [0, 1].reduce(
      (total, column) => total + (weight.value[2 * row + column] as number) * (vector[column] as number),
      bias?.value[row] ?? Number.NaN,
    );
    expect(data[row]).toBeCloseTo(sum, 5);
  }
});

test("a weight without an initialiser keeps its value, and is refused without one", () => {
  const table = new Variable("table", [2]);
  expect(() => initialize({ table }, { seed: 1 })).toThrow(
    new UsageError("table has neither a value nor an initialiser"),
  );
  table.value = [1, 2];
  expect(initialize({ table }, { seed: 1 }).table.value).toEqual(Float32Array.of(1, 2));
});

test("a model without weights is refused", () => {
  expect(() => parameters({ drop: dropout(0.5), nothing: {} })).toThrow(
    new UsageError("a model without weights given, an object of layers expected"),
  );
});
