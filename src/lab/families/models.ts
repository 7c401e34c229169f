/** One network of each family, as large as a number of weights allows. All read a sequence and tell something at each of its steps. */

import { sinusoidalPositions } from "../../nn/attention/sinusoidal-positions.ts";
import { transformerBlock } from "../../nn/attention/transformer-block.ts";
import { gru } from "../../nn/cells/gru.ts";
import { rnn } from "../../nn/cells/rnn.ts";
import { convolution } from "../../nn/layers/convolution.ts";
import type { Layer } from "../../nn/layers/layer.ts";
import { linear } from "../../nn/layers/linear.ts";
import { recurrent } from "../../nn/layers/recurrent.ts";
import { residual } from "../../nn/layers/residual.ts";
import { stacked } from "../../nn/layers/stacked.ts";
import { countParameters } from "../../nn/model.ts";
import { relu } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { lstmWithForgetBias } from "../starts.ts";
import { treeOverSteps } from "./balanced-tree.ts";

/** x (T, B, input) to something for each step, (T, B, outputSize). */
interface Network {
  readonly weights: Layer["weights"];
  readonly outputSize: number;
  apply(x: Tensor): { readonly output: Tensor };
}

/** Steps that the feedforward network sees at once, its own the last. */
export const WINDOW = 16;

/** Networks for an input of some size, of so many units, which are a multiple of 4. */
const makers = {
  feedforward: (input, units) =>
    stacked(
      convolution(input, units, WINDOW, { activation: relu }),
      convolution(units, units, 1, { activation: relu }),
    ),
  RNN: (input, units) => recurrent(rnn, input, units),
  LSTM: (input, units) => recurrent(lstmWithForgetBias(1), input, units),
  GRU: (input, units) => recurrent(gru, input, units),
  "bidirectional GRU": (input, units) => recurrent(gru, input, units, { direction: "both" }),
  "deep GRU": (input, units) =>
    stacked(recurrent(gru, input, units), ...[1, 2].map(() => residual(recurrent(gru, units, units)))),
  convolutional: (input, units) =>
    stacked(
      convolution(input, units, 3, { padding: "same", activation: relu }),
      ...[2, 4, 8, 16].map((dilation) =>
        residual(convolution(units, units, 3, { dilation, padding: "same", activation: relu })),
      ),
    ),
  Transformer: (input, units) =>
    stacked(
      convolution(input, units, 1),
      sinusoidalPositions(units),
      ...[1, 2].map(() => transformerBlock(units, { heads: 4, hidden: 2 * units })),
    ),
  recursive: treeOverSteps,
} satisfies Record<string, (input: number, units: number) => Network>;

export type Family = keyof typeof makers;
export const families = Object.keys(makers) as readonly Family[];

export interface FamilyModel {
  readonly net: Network;
  readonly head: ReturnType<typeof linear>;
}

/** The largest network of a family, with a linear readout of each step, that has at most so many weights; of 4 units at least. */
export function familyModel(family: Family, input: number, output: number, weights: number): FamilyModel {
  const make: (input: number, units: number) => Network = makers[family];
  const build = (units: number) => {
    const net = make(input, units);
    return { net, head: linear(net.outputSize, output) };
  };
  let units = 4;
  while (countParameters(build(units + 4)) <= weights) units += 4;
  return build(units);
}

/** x (T, B, input) to what is read out at each step, (T, B, output). */
export const tell = ({ net, head }: FamilyModel, x: Tensor): Tensor => head.apply(net.apply(x).output);
