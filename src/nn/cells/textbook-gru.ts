/** The gated recurrent unit as textbooks print it: one matrix a gate over [h, x], the reset before the product. */

import { concat, lerp, sigmoid, tanh } from "../../trace/functions.ts";
import { cell, matrix, vector } from "../cell.ts";

/**
 * z = sigmoid(W_z [h, x] + b_z);  r = sigmoid(W_r [h, x] + b_r);  n = tanh(W_n [r h, x] + b_n);  h' = (1 - z) h + z n.
 * x (B, I), h (B, H), each W (H, H + I), each b (H).
 * Cho et al., "Learning phrase representations using RNN encoder-decoder", 2014. PyTorch has no such cell: see `gru`.
 */
export const textbookGru = cell(
  "textbook-gru",
  (input, hidden) => {
    const gate = () => matrix(hidden, hidden + input, { reads: "both" });
    return {
      state: { h: hidden },
      weights: {
        W_z: gate(),
        b_z: vector(hidden, { keeps: [-1] }),
        W_r: gate(),
        b_r: vector(hidden),
        W_n: gate(),
        b_n: vector(hidden),
      },
    };
  },
  ({ W_z, b_z, W_r, b_r, W_n, b_n }, { h }, x, { drop, show }) => {
    const z = show("z", sigmoid(concat(h, x).dot(W_z.transpose()).add(b_z)));
    const r = show("r", sigmoid(concat(h, x).dot(W_r.transpose()).add(b_r)));
    const n = drop(show("n", tanh(concat(r.mul(h), x).dot(W_n.transpose()).add(b_n))));
    return { h: lerp(h, n, z) };
  },
);
