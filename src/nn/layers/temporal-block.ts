/** The block of temporal convolutional networks: two causal convolutions of one dilation, with a connection past them. */

import { checkOptions } from "../../checks.ts";
import { relu } from "../../trace/functions.ts";
import { withKey } from "../../trace/randomness.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { type ConvolutionState, convolution } from "./convolution.ts";
import { dropout as dropoutLayer } from "./dropout.ts";
import { linear } from "./linear.ts";
import { residual } from "./residual.ts";
import type { SequenceLayer } from "./sequence-layer.ts";
import { stacked } from "./stacked.ts";

export interface TemporalBlockOptions {
  /** From a step of a window to its next, in both convolutions; default 1. */
  readonly dilation?: number | undefined;
  /** What becomes of both convolutions, and of the sum; default `relu`. */
  readonly activation?: ((x: Tensor) => Tensor) | undefined;
  /** Probability of dropout behind each convolution; default 0. */
  readonly dropout?: number | undefined;
}

/** Its weights: `layer.0.weight`, `layer.0.bias`, `layer.1.weight`, `layer.1.bias`, and between different sizes `shortcut.weight` and `shortcut.bias`. */
export type TemporalBlock = SequenceLayer<readonly [ConvolutionState, ConvolutionState]>;

/**
 * y = relu(x' + F(x)), with F(x) = dropout(relu(W_2 * dropout(relu(W_1 * x + b_1)) + b_2)) of two causal convolutions, and x' = x,
 * or W x + b between different sizes: the residual block of a TCN, without its weight normalisation. A block sees
 * 1 + 2 (width - 1) dilation steps, so that blocks with the dilations 1, 2, 4, ... see twice as far with each.
 *
 *     const tcn = stacked(...[1, 2, 4, 8].map((dilation, at) => temporalBlock(at === 0 ? 3 : 64, 64, 3, { dilation })));
 *
 * It takes sequences, windows and single steps as its convolutions do. Bai, Kolter and Koltun, "An empirical evaluation of generic
 * convolutional and recurrent networks for sequence modeling", 2018, figure 1b. Throws UsageError for sizes that are no positive
 * integers, and a probability out of range.
 */
export function temporalBlock(
  input: number,
  output: number,
  width: number,
  options: TemporalBlockOptions = {},
): TemporalBlock {
  const name = `temporalBlock(${input}, ${output}, ${width})`;
  checkOptions(name, options, { dilation: true, activation: true, dropout: true });
  const { dilation, activation = relu, dropout = 0 } = options;
  const drop = dropoutLayer(dropout);
  const form = { dilation, activation: (x: Tensor) => drop.apply(activation(x)) };
  const block = residual(
    stacked(convolution(input, output, width, form), convolution(output, output, width, form)),
    { activation, shortcut: input === output ? undefined : linear(input, output) },
  );
  return {
    ...block,
    name,
    apply(x, call) {
      const key = call?.key;
      return key && dropout > 0 ? withKey(key, () => block.apply(x, call)) : block.apply(x, call);
    },
  };
}
