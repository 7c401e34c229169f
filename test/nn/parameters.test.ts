// Weights by their names: layers and matrices.
import { expect, test } from "vitest";
import { batchNorm, embedding, linear, lstm, matrices, recurrent, stacked } from "../../src/nn/index.ts";
import { layerOf } from "../../src/nn/parameters.ts";

test.each([
  ["head.bias", "head"],
  ["weight", ""],
  ["rnn.weight_hh_l0", "rnn.l0"],
  ["rnn.bias_ih_l12_reverse", "rnn.l12"],
  ["rnn.1.weight_ih_l0", "rnn.1.l0"],
  ["encoder.head.weight", "encoder.head"],
])("the layer of %s is %j", (name, layer) => {
  expect(layerOf(name)).toBe(layer);
});

test("matrices are the trained weights without biases and scales", () => {
  const model = {
    words: embedding(5, 2),
    rnn: stacked(recurrent(lstm, 2, 3), recurrent(lstm, 3, 3)),
    norm: batchNorm(3),
    head: linear(3, 1),
  };
  expect(Object.keys(matrices(model))).toEqual([
    "words.weight",
    "rnn.0.weight_ih_l0",
    "rnn.0.weight_hh_l0",
    "rnn.1.weight_ih_l0",
    "rnn.1.weight_hh_l0",
    "head.weight",
  ]);
});
