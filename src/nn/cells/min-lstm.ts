/** The minimal long short-term memory cell whose gates do not see the state. */

import { logSigmoid } from "../../trace/activations.ts";
import { lerp, sigmoid } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { cell, matrix, vector } from "../cell.ts";

/**
 * f, i = sigmoid(W x + b), n = W x + b with its own rows;  h' = f / (f + i) h + i / (f + i) n.
 *
 * Feng et al., "Were RNNs all we needed?", 2024, minLSTM with its gates normalised, so that h stays a mean of what was read.
 * The share f / (f + i) is computed as sigmoid(log f - log i), as both gates may be too close to 0 to be divided.
 * As in `minGru`, all products of all steps are one before the loop over time.
 * x (B, I), h (B, H), W (3H, I), b (3H), rows in the order f, i, n.
 */
export const minLstm = cell(
  "min-lstm",
  (input, hidden) => ({
    state: { h: hidden },
    weights: {
      W: matrix(3 * hidden, input, { reads: "input" }),
      b: vector(3 * hidden, { keeps: [1, -1, 0] }),
    },
  }),
  ({ W, b }, { h }, x, { drop, show }) => {
    const [f, i, n] = x.dot(W.transpose()).add(b).split(3) as [Tensor, Tensor, Tensor];
    const share = show("f", sigmoid(logSigmoid(f).sub(logSigmoid(i))));
    return { h: lerp(show("n", drop(n)), h, share) };
  },
);
