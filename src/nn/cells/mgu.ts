/** The minimal gated unit: one gate that forgets, resets and updates. */

import { concat, lerp, sigmoid, tanh } from "../../trace/functions.ts";
import { cell, matrix, vector } from "../cell.ts";

/**
 * f = sigmoid(W_f [h, x] + b_f);  n = tanh(W_h [f h, x] + b_h);  h' = (1 - f) h + f n.
 * x (B, I), h (B, H), each W (H, H + I), each b (H).
 * Zhou et al., "Minimal gated unit for recurrent neural networks", 2016.
 */
export const mgu = cell(
  "mgu",
  (input, hidden) => {
    const weight = () => matrix(hidden, hidden + input, { reads: "both" });
    return {
      state: { h: hidden },
      weights: { W_f: weight(), b_f: vector(hidden, { keeps: [-1] }), W_h: weight(), b_h: vector(hidden) },
    };
  },
  ({ W_f, b_f, W_h, b_h }, { h }, x, { drop, show }) => {
    const f = show("f", sigmoid(concat(h, x).dot(W_f.transpose()).add(b_f)));
    const n = drop(show("n", tanh(concat(f.mul(h), x).dot(W_h.transpose()).add(b_h))));
    return { h: lerp(h, n, f) };
  },
);
