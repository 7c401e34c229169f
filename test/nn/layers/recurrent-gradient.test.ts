// The gradient of recurrent layers by their weights, of several depths, directions and lengths.
import { describe, expect, test } from "vitest";
import type { Value } from "../../../src/backends/backend.ts";
import {
  type CellName,
  cell,
  cells,
  matrix,
  type RecurrentOptions,
  recurrent,
} from "../../../src/nn/index.ts";
import { value } from "../../../src/program/compile.ts";
import { tanh } from "../../../src/trace/functions.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import { weightedSum } from "../../gradient/check.ts";
import { squaresOf, stateOf } from "../../helpers/layers.ts";
import { randomValue } from "../../helpers/values.ts";
import { checkModelGradient } from "../check-model.ts";

const [T, B, I, H] = [6, 3, 4, 5];
const lengths = value(Int32Array.of(4, 6, 1), [B]);
const x = randomValue([T, B, I], 1);

describe("the gradient by weights agrees with central differences", () => {
  const cases: [CellName, RecurrentOptions & { checkpoint?: number; lengths?: boolean }][] = [
    ["lstm", { layers: 2 }],
    ["gru", { layers: 2, direction: "both", lengths: true }],
    ["rnn", { direction: "reverse", lengths: true }],
    ["rnn-sigmoid", { direction: "both" }],
    ["textbook-lstm", { layers: 2, lengths: true, checkpoint: 2 }],
    ["textbook-gru", { direction: "reverse", checkpoint: 4 }],
    ["textbook-rnn", { layers: 3, direction: "both", lengths: true }],
  ];
  for (const [name, { checkpoint, lengths: hasLengths, ...options }] of cases) {
    const said = Object.entries({ ...options, checkpoint, lengths: hasLengths }).filter(([, given]) => given);
    test(`${name}, ${said.map(([option, given]) => `${option} ${given}`).join(", ")}`, () => {
      const layer = recurrent(cells[name], I, H, options);
      const states = stateOf(layer, B, 70);
      const seed = randomValue([T, B, layer.outputSize], 3);
      const found = checkModelGradient(
        layer,
        (inputs) => {
          const { output, state } = layer.apply(inputs.x as Tensor, {
            state: Object.fromEntries(Object.keys(states).map((part) => [part, inputs[part] as Tensor])),
            lengths: inputs.lengths,
            checkpoint,
          });
          return weightedSum(output, inputs.seed as Tensor).add(squaresOf(state));
        },
        { x, seed, ...states, ...(hasLengths && { lengths }) } as Record<string, Value>,
      );
      expect(found).toBe(Object.keys(layer.weights).length);
    });
  }
});

test("a cell may put out something else than its state, and the next layer reads that", () => {
  const projecting = cell(
    "projecting",
    (input, hidden) => ({
      state: { h: hidden },
      weights: { W: matrix(hidden + input, hidden) },
    }),
    ({ W }, { h }, input) => ({
      h: tanh(h.dot(W.slice(0, 0, h.size(1))).add(input.dot(W.slice(0, h.size(1))))),
    }),
    { output: ({ h }) => h.slice(1, 0, 2).square() },
  );
  const layer = recurrent(projecting, I, H, { layers: 2, direction: "both" });
  expect(layer.outputSize).toBe(4);
  expect(layer.weights.W_l1_reverse?.dimensions).toEqual([H + 4, H]);
  const found = checkModelGradient(
    layer,
    ({ sequence, seed }) => weightedSum(layer.apply(sequence).output, seed),
    { sequence: x, seed: randomValue([T, B, 4], 8) },
  );
  expect(found).toBe(4);
});
