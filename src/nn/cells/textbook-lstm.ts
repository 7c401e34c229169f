/** The long short-term memory cell as textbooks print it: one matrix a gate over [h, x]. */

import { concat, sigmoid, tanh } from "../../trace/functions.ts";
import { cell, matrix, vector } from "../cell.ts";

/**
 * f = sigmoid(W_f [h, x] + b_f), i and o alike, g = tanh(W_c [h, x] + b_c);  c' = f c + i g;  h' = o tanh(c').
 * x (B, I), h and c (B, H), each W (H, H + I), each b (H).
 * Hochreiter and Schmidhuber 1997, Gers et al. 2000; the same function as `lstm` with other weights.
 */
export const textbookLstm = cell(
  "textbook-lstm",
  (input, hidden) => {
    const gate = () => matrix(hidden, hidden + input, { reads: "both" });
    return {
      state: { h: hidden, c: hidden },
      weights: {
        W_f: gate(),
        b_f: vector(hidden),
        W_i: gate(),
        b_i: vector(hidden),
        W_c: gate(),
        b_c: vector(hidden),
        W_o: gate(),
        b_o: vector(hidden),
      },
    };
  },
  ({ W_f, b_f, W_i, b_i, W_c, b_c, W_o, b_o }, { h, c }, x, { drop, show }) => {
    const hx = concat(h, x);
    const f = show("f", sigmoid(hx.dot(W_f.transpose()).add(b_f)));
    const i = show("i", sigmoid(hx.dot(W_i.transpose()).add(b_i)));
    const g = drop(show("g", tanh(hx.dot(W_c.transpose()).add(b_c))));
    const o = show("o", sigmoid(hx.dot(W_o.transpose()).add(b_o)));
    const next = f.mul(c).add(i.mul(g));
    return { h: o.mul(tanh(next)), c: next };
  },
);
