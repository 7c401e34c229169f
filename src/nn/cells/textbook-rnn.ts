/** The vanilla recurrent cell as textbooks print it: one matrix over [h, x]. */

import { concat, sigmoid } from "../../trace/functions.ts";
import { cell, matrix, vector } from "../cell.ts";

/** h' = sigmoid(W_h [h, x] + b_h). x (B, I), h (B, H), W_h (H, H + I), b_h (H). Elman, "Finding structure in time", 1990. */
export const textbookRnn = cell(
  "textbook-rnn",
  (input, hidden) => ({
    state: { h: hidden },
    weights: { W_h: matrix(hidden, hidden + input, { reads: "both" }), b_h: vector(hidden) },
  }),
  ({ W_h, b_h }, { h }, x, { drop }) => {
    return { h: drop(sigmoid(concat(h, x).dot(W_h.transpose()).add(b_h))) };
  },
);
