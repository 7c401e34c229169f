/** The minimal long short-term memory cell whose gates do not see the state. */

import { softplus } from "../../trace/activations.ts";
import { lerp, sigmoid } from "../../trace/functions.ts";
import { cell, matrix, vector } from "../cell.ts";

/**
 * f, i = sigmoid(W x + b);  n = W_h x + b_h;  h' = f / (f + i) h + i / (f + i) n.
 *
 * Feng et al., "Were RNNs all we needed?", 2024, minLSTM with the gates normalised, so that h stays a mean of what was read.
 * The share f / (f + i) is computed as sigmoid(log f - log i), as both gates may be too close to 0 to be divided.
 * As in `minGru`, all products are one before the loop over time.
 * x (B, I), h (B, H), each W (H, I), each b (H).
 */
export const minLstm = cell(
  "min-lstm",
  (input, hidden) => {
    const gate = () => matrix(hidden, input, { reads: "input" });
    return {
      state: { h: hidden },
      weights: {
        W_f: gate(),
        b_f: vector(hidden, { keeps: [1] }),
        W_i: gate(),
        b_i: vector(hidden, { keeps: [-1] }),
        W_h: gate(),
        b_h: vector(hidden),
      },
    };
  },
  ({ W_f, b_f, W_i, b_i, W_h, b_h }, { h }, x, { drop, show }) => {
    const f = x.dot(W_f.transpose()).add(b_f);
    const i = x.dot(W_i.transpose()).add(b_i);
    const share = show("f", sigmoid(softplus(i.neg()).sub(softplus(f.neg()))));
    const n = show("n", drop(x.dot(W_h.transpose()).add(b_h)));
    return { h: lerp(n, h, share) };
  },
);
