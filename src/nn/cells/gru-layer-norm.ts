/** The gated recurrent unit with layer normalisation, in the names and layout of `gru`. */

import { concat, lerp, sigmoid, tanh } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { cell, matrix, vector } from "../cell.ts";
import { constant, zeros } from "../initializers.ts";
import { standardize } from "../standardize.ts";

/**
 * r, z = sigmoid(N(W_ih x) + b_ih + N(W_hh h) + b_hh);  n = tanh(N(W_in x) + b_in + r (N(W_hn h) + b_hn));
 * h' = (1 - z) n + z h, where N(a) = gain (a - mean) / deviation, over the rows of r and z together and over those of n.
 *
 * Ba, Kiros and Hinton, "Layer normalization", 2016, equations 23 to 25.
 * Shapes as in `gru`; gain_ih and gain_hh (3H) start at 1, biases at 0.
 */
export const gruLayerNorm = cell(
  "gru-layer-norm",
  (input, hidden) => {
    const gain = vector(3 * hidden, { initializer: constant(1) });
    const bias = vector(3 * hidden, { initializer: zeros });
    return {
      state: { h: hidden },
      weights: {
        weight_ih: matrix(3 * hidden, input, { reads: "input" }),
        weight_hh: matrix(3 * hidden, hidden, { reads: "state" }),
        gain_ih: gain,
        gain_hh: gain,
        bias_ih: bias,
        bias_hh: bias,
      },
    };
  },
  ({ weight_ih, weight_hh, gain_ih, gain_hh, bias_ih, bias_hh }, { h }, x, { drop, show }) => {
    const fromInput = standardized(x.dot(weight_ih.transpose())).mul(gain_ih).add(bias_ih);
    const fromState = standardized(h.dot(weight_hh.transpose())).mul(gain_hh).add(bias_hh);
    const [inputReset, inputUpdate, inputNew] = fromInput.split(3) as [Tensor, Tensor, Tensor];
    const [stateReset, stateUpdate, stateNew] = fromState.split(3) as [Tensor, Tensor, Tensor];
    const r = show("r", sigmoid(inputReset.add(stateReset)));
    const z = show("z", sigmoid(inputUpdate.add(stateUpdate)));
    const n = drop(show("n", tanh(inputNew.add(r.mul(stateNew)))));
    return { h: lerp(n, h, z) };
  },
);

/** (B, 3H): the rows of both gates together, and those of the candidate. */
function standardized(product: Tensor): Tensor {
  const [reset, update, fresh] = product.split(3) as [Tensor, Tensor, Tensor];
  return concat(standardize(concat(reset, update)), standardize(fresh));
}
