/** The gated recurrent unit with the reset after the product, in PyTorch's names and layout. */

import { lerp, sigmoid, tanh } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { cell, matrix, vector } from "../cell.ts";

/**
 * r, z = sigmoid(W_ih x + b_ih + W_hh h + b_hh);  n = tanh(W_in x + b_in + r (W_hn h + b_hn));  h' = (1 - z) n + z h.
 *
 * Cho et al., "Learning phrase representations using RNN encoder-decoder", 2014, in the variant of its authors' code,
 * which resets after the product; `textbookGru` resets before it.
 * x (B, I), h (B, H), weight_ih (3H, I), weight_hh (3H, H), biases (3H), rows in the order r, z, n: torch.nn.GRU.
 */
export const gru = cell(
  "gru",
  (input, hidden) => ({
    state: { h: hidden },
    weights: {
      weight_ih: matrix(3 * hidden, input, { reads: "input" }),
      weight_hh: matrix(3 * hidden, hidden, { reads: "state" }),
      bias_ih: vector(3 * hidden, { keeps: [0, 1, 0] }),
      bias_hh: vector(3 * hidden),
    },
  }),
  ({ weight_ih, weight_hh, bias_ih, bias_hh }, { h }, x, { drop, show }) => {
    const fromInput = x.dot(weight_ih.transpose()).add(bias_ih);
    const fromState = h.dot(weight_hh.transpose()).add(bias_hh);
    const [inputReset, inputUpdate, inputNew] = fromInput.split(3) as [Tensor, Tensor, Tensor];
    const [stateReset, stateUpdate, stateNew] = fromState.split(3) as [Tensor, Tensor, Tensor];
    const r = show("r", sigmoid(inputReset.add(stateReset)));
    const z = show("z", sigmoid(inputUpdate.add(stateUpdate)));
    const n = drop(show("n", tanh(inputNew.add(r.mul(stateNew)))));
    return { h: lerp(n, h, z) };
  },
);
