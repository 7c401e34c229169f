/** Cells as textbooks and papers print them, and the network that reads several steps back. */

import type { Dimension } from "../../src/graph/dimension.ts";
import { cells, recurrent, rnn, withSkips } from "../../src/nn/index.ts";
import { pastSize } from "../../src/nn/layers/history.ts";
import { runPass } from "../../src/nn/layers/pass.ts";
import { completeRegularization } from "../../src/nn/layers/regularization.ts";
import { sizedCell } from "../../src/nn/sized-cell.ts";
import { float32 } from "../../src/program/compile.ts";
import { concat, stack, zeros, zerosLike } from "../../src/trace/functions.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { type Case, sizeOf, tensorOf } from "./case.ts";
import { evaluate, load } from "./evaluate.ts";
import { float32Tolerance, type Kind } from "./kind.ts";

/** Cells whose weights have the same names and equations as a case, by how its equations begin. */
const textbook = [
  { cell: cells["textbook-rnn"], equations: "h' = sigmoid(W [h,x] + b)" },
  { cell: cells["textbook-lstm"], equations: "f,i,o = sigmoid(W [h,x] + b); n = tanh(W_c [h,x] + b_c)" },
  { cell: cells["textbook-peephole-lstm"], equations: "gates f,i see c, gate o sees c' through diagonal p" },
  { cell: cells["textbook-coupled-lstm"], equations: "i = 1 - f" },
  { cell: cells["textbook-gru"], equations: "z,r = sigmoid(W [h,x] + b); n = tanh(W_n [r h, x] + b_n)" },
  { cell: cells["min-gru"], equations: "z = sigmoid(W_z x + b_z), n = W_h x + b_h, h' = (1 - z) h + z n" },
  { cell: cells.slstm, equations: "sLSTM (Beck et al. 2024): i = exp, f = sigmoid" },
];

const sameNames = (a: object, b: object) => Object.keys(a).sort().join() === Object.keys(b).sort().join();

function cellOf({ parameters, metadata }: Case) {
  return textbook.find(
    ({ cell, equations }) =>
      sameNames(cell.parts(1, 1).weights, parameters) &&
      (metadata.equations ?? metadata.what ?? equations).startsWith(equations),
  )?.cell;
}

export const textbookCell: Kind = {
  name: "textbook cell",
  tolerance: float32Tolerance,
  recognises: (given) => cellOf(given) !== undefined,
  compute(given, backend) {
    const cell = cellOf(given);
    if (!cell) return { skip: "no cell has these weights and equations" };
    const hidden = sizeOf(given.outputs, "y", -1);
    const input = sizeOf(given.inputs, "x", -1);
    const layer = recurrent(cell, input, hidden);
    const layerNames = Object.keys(given.parameters).map((name) => [name, `${name}_l0`] as const);
    load(
      layer.weights,
      Object.fromEntries(layerNames.map(([name, full]) => [full, tensorOf(given.parameters, name)])),
    );
    const names = Object.keys(layer.stateShapes("B"));
    const states = names.filter((name) => given.inputs[`${name}_0`]);
    const stateTypes = (suffix: string) =>
      Object.fromEntries(names.map((name) => [`${name}${suffix}`, float32("B", hidden)]));
    return evaluate(given, {
      backend,
      types: {
        inputs: { x: float32("T", "B", input), ...stateTypes("_0") },
        seeds: { y: float32("T", "B", hidden), ...stateTypes("_n") },
      },
      build(_, inputs) {
        const state = states.map((name) => [name, stack([inputs[`${name}_0`] as Tensor])]);
        const { output, state: final } = layer.apply(inputs.x as Tensor, {
          state: states.length > 0 ? Object.fromEntries(state) : undefined,
        });
        const finals = Object.entries(final).map(([name, tensor]) => [`${name}_n`, tensor.at(0, 0)]);
        const sources = layerNames.map(([name, full]) => [
          name,
          (layer.weights as Record<string, Tensor>)[full],
        ]);
        return {
          outputs: { y: output, ...Object.fromEntries(finals) },
          sources: Object.fromEntries(sources),
        };
      },
    });
  },
};

export const skipNetwork: Kind = {
  name: "skip connection through time",
  tolerance: float32Tolerance,
  recognises: ({ parameters }) => sameNames(parameters, { W_h: 0, W_s: 0, W_x: 0, b: 0 }),
  compute(given, backend) {
    const distances = [...(given.metadata.equations ?? "").matchAll(/h_\{t-(\d+)\}/g)].map(([, steps]) =>
      Number(steps),
    );
    const distance = Math.max(...distances);
    if (!(distance > 1)) return { skip: "its equations do not tell how many steps back W_s reads" };
    const input = sizeOf(given.inputs, "x", -1);
    const hidden = sizeOf(given.parameters, "b", 0);
    const cell = sizedCell(withSkips(rnn, [distance]), input, hidden);
    const regularization = completeRegularization("skip-rnn", {}, cell);
    return evaluate(given, {
      backend,
      build(parameters, inputs) {
        const { W_h, W_s, W_x, b } = parameters as Record<"W_h" | "W_s" | "W_x" | "b", Tensor>;
        const { x } = inputs as Record<"x", Tensor>;
        const variables = { weight_ih: concat(W_x, W_s), weight_hh: W_h, bias_ih: b, bias_hh: zerosLike(b) };
        const start = (size: Dimension) => zeros([x.size(1), size]);
        const { outputs } = runPass(
          { reverse: false, cell, variables, regularization, place: { weights: {} } },
          x,
          {
            init: { state: { h: start(hidden) }, past: start(pastSize(cell)) },
            lengths: undefined,
            keys: undefined,
            checkpoint: undefined,
          },
        );
        return { outputs: { y: outputs } };
      },
    });
  },
};
