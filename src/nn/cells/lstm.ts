/** The long short-term memory cell, in PyTorch's names and layout. */

import { sigmoid, tanh } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { cell, matrix, vector } from "../cell.ts";

/**
 * i, f, o = sigmoid(W_ih x + b_ih + W_hh h + b_hh), g = tanh of the same with its own rows;
 * c' = f c + i g;  h' = o tanh(c').
 *
 * Hochreiter and Schmidhuber, "Long short-term memory", 1997; the forget gate of Gers et al., "Learning to forget", 2000.
 * x (B, I), h and c (B, H), weight_ih (4H, I), weight_hh (4H, H), biases (4H), rows in the order i, f, g, o: torch.nn.LSTM.
 */
export const lstm = cell(
  "lstm",
  (input, hidden) => ({
    state: { h: hidden, c: hidden },
    weights: {
      weight_ih: matrix(4 * hidden, input, { reads: "input" }),
      weight_hh: matrix(4 * hidden, hidden, { reads: "state" }),
      bias_ih: vector(4 * hidden, { keeps: [-1, 1, 0, 0] }),
      bias_hh: vector(4 * hidden),
    },
  }),
  ({ weight_ih, weight_hh, bias_ih, bias_hh }, { h, c }, x, { drop, show }) => {
    const fromInput = x.dot(weight_ih.transpose()).add(bias_ih);
    const fromState = h.dot(weight_hh.transpose()).add(bias_hh);
    const [forInput, forForget, forNew, forOutput] = fromInput.add(fromState).split(4) as [
      Tensor,
      Tensor,
      Tensor,
      Tensor,
    ];
    const i = show("i", sigmoid(forInput));
    const f = show("f", sigmoid(forForget));
    const g = show("g", tanh(forNew));
    const o = show("o", sigmoid(forOutput));
    const next = f.mul(c).add(i.mul(drop(g)));
    return { h: o.mul(tanh(next)), c: next };
  },
);
