/** torch.nn.RNN, LSTM and GRU: layers, directions, lengths, a given or no initial state. */

import { type Cell, cells, lstmWith, recurrent } from "../../src/nn/index.ts";
import { float32, int32 } from "../../src/program/compile.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { numberOf, sizeOf, type Tensors } from "./case.ts";
import { evaluate, load } from "./evaluate.ts";
import { float32Tolerance, type Kind } from "./kind.ts";

/** Cells by the modules' names in the metadata. */
const modules: Readonly<Record<string, Cell<string, string>>> = {
  RNN: cells.rnn,
  RNN_TANH: cells.rnn,
  RNN_RELU: cells["rnn-relu"],
  LSTM: cells.lstm,
  GRU: cells.gru,
};

/** A module with the weights of a case, sized by their shapes; where there are no biases they are zeros. */
export function recurrentOf(cell: Cell<string, string>, parameters: Tensors, layers: number) {
  const direction = parameters.weight_ih_l0_reverse ? "both" : "forward";
  const input = sizeOf(parameters, "weight_ih_l0", 1);
  const widest = parameters.weight_hr_l0 ? "weight_hr_l0" : "weight_hh_l0";
  const layer = recurrent(cell, input, sizeOf(parameters, widest, 1), { layers, direction });
  const zeros = Object.entries(layer.weights)
    .filter(([name]) => name.startsWith("bias_") && !parameters.bias_ih_l0)
    .map(([name, { dimensions, count }]) => [name, { data: new Float32Array(count), shape: dimensions }]);
  load(layer.weights, { ...Object.fromEntries(zeros), ...parameters });
  return layer;
}

export const recurrentModule: Kind = {
  name: "recurrent module",
  tolerance: float32Tolerance,
  recognises: ({ metadata }) => metadata.module !== undefined,
  compute(given, backend) {
    const cell = given.parameters.weight_hr_l0
      ? lstmWith({ projection: sizeOf(given.parameters, "weight_hr_l0", 0) })
      : modules[given.metadata.module ?? ""];
    if (!cell) return { skip: `the module ${given.metadata.module} is not built yet` };
    const layer = recurrentOf(cell, given.parameters, numberOf(given, "layers", 1));
    const states = Object.entries(layer.stateShapes("B"));
    const initial = states.filter(([name]) => given.inputs[`${name}_0`]);
    const stateTypes = (suffix: string) =>
      Object.fromEntries(states.map(([name, shape]) => [`${name}${suffix}`, float32(...shape)]));
    return evaluate(given, {
      backend,
      types: {
        inputs: {
          x: float32("T", "B", sizeOf(given.inputs, "x", 2)),
          lengths: int32("B"),
          ...stateTypes("_0"),
        },
        seeds: { y: float32("T", "B", layer.outputSize), ...stateTypes("_n") },
      },
      build(_, inputs) {
        const state = Object.fromEntries(initial.map(([name]) => [name, inputs[`${name}_0`] as Tensor]));
        const { output, state: final } = layer.apply(inputs.x as Tensor, {
          state: initial.length > 0 ? state : undefined,
          lengths: inputs.lengths,
        });
        const finals = Object.entries(final).map(([name, tensor]) => [`${name}_n`, tensor]);
        return { outputs: { y: output, ...Object.fromEntries(finals) }, sources: layer.weights };
      },
    });
  },
};
