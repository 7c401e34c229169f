/** The long short-term memory cell with coupled gates as textbooks print it: `lstmWith({ coupled: true })` with other weights. */

import { concat, lerp, sigmoid, tanh } from "../../trace/functions.ts";
import { cell, matrix, vector } from "../cell.ts";

/**
 * f, o = sigmoid(W [h, x] + b);  g = tanh(W_c [h, x] + b_c);  c' = f c + (1 - f) g;  h' = o tanh(c').
 * x (B, I), h and c (B, H), each W (H, H + I), each b (H).
 * Greff et al., "LSTM: a search space odyssey", 2017, the variant CIFG.
 */
export const textbookCoupledLstm = cell(
  "textbook-coupled-lstm",
  (input, hidden) => {
    const gate = () => matrix(hidden, hidden + input, { reads: "both" });
    return {
      state: { h: hidden, c: hidden },
      weights: {
        W_f: gate(),
        b_f: vector(hidden, { keeps: [1] }),
        W_c: gate(),
        b_c: vector(hidden),
        W_o: gate(),
        b_o: vector(hidden),
      },
    };
  },
  ({ W_f, b_f, W_c, b_c, W_o, b_o }, { h, c }, x, { drop, show }) => {
    const hx = concat(h, x);
    const f = show("f", sigmoid(hx.dot(W_f.transpose()).add(b_f)));
    const g = drop(show("g", tanh(hx.dot(W_c.transpose()).add(b_c))));
    const o = show("o", sigmoid(hx.dot(W_o.transpose()).add(b_o)));
    const next = lerp(g, c, f);
    return { h: o.mul(tanh(next)), c: next };
  },
);
