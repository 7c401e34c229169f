/** A GRU, and two networks that see all steps at once, of 63 to 68 thousand weights each. */

import { sinusoidalPositions } from "../../nn/attention/sinusoidal-positions.ts";
import { transformerBlock } from "../../nn/attention/transformer-block.ts";
import { gru } from "../../nn/cells/gru.ts";
import { convolution } from "../../nn/layers/convolution.ts";
import { type Linear, linear } from "../../nn/layers/linear.ts";
import { recurrent } from "../../nn/layers/recurrent.ts";
import { residual } from "../../nn/layers/residual.ts";
import type { SequenceLayer } from "../../nn/layers/sequence-layer.ts";
import { stacked } from "../../nn/layers/stacked.ts";
import { relu } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";

/** Layers along time, and a linear readout of each step. */
export interface SequenceModel {
  readonly net: SequenceLayer;
  readonly head: Linear;
}

export interface Sizes {
  /** Units of the GRU. */
  readonly hidden: number;
  /** Channels of each convolution, and the size of the Transformer. */
  readonly channels: number;
}

/** The networks that are compared, by their names. */
export const networks = {
  GRU: (input: number, { hidden }: Sizes): SequenceLayer => recurrent(gru, input, hidden) as SequenceLayer,
  TCN: (input: number, { channels }: Sizes): SequenceLayer => {
    const layer = (from: number, dilation: number) =>
      convolution(from, channels, 3, { dilation, activation: relu });
    const upper = [2, 4, 8, 16, 32].map((dilation) => residual(layer(channels, dilation)));
    return stacked(layer(input, 1), ...upper) as SequenceLayer;
  },
  Transformer: (input: number, { channels }: Sizes): SequenceLayer => {
    const block = () => transformerBlock(channels, { heads: 4, hidden: 2 * channels, causal: true });
    return stacked(
      convolution(input, channels, 1),
      sinusoidalPositions(channels),
      block(),
      block(),
    ) as SequenceLayer;
  },
};

export type NetworkName = keyof typeof networks;
export const networkNames = Object.keys(networks) as NetworkName[];

/** A network with a readout of so many outputs. */
export function modelOf(name: NetworkName, input: number, output: number, sizes: Sizes): SequenceModel {
  const net = networks[name](input, sizes);
  return { net, head: linear(net.outputSize, output) };
}

/** x (T, B, input) to the readouts of all steps, (T, B, output). */
export const readouts = ({ net, head }: SequenceModel, x: Tensor): Tensor => head.apply(net.apply(x).output);

/** x (T, B, input) to the readout of the last step, (B, output). */
export const lastReadout = ({ net, head }: SequenceModel, x: Tensor): Tensor =>
  head.apply(net.apply(x).output.at(0, -1));
