/** The minimal gated recurrent unit whose gate does not see the state. */

import { lerp, sigmoid } from "../../trace/functions.ts";
import { cell, matrix, vector } from "../cell.ts";

/**
 * z = sigmoid(W_z x + b_z);  n = W_h x + b_h;  h' = (1 - z) h + z n.
 *
 * Feng et al., "Were RNNs all we needed?", 2024, minGRU. No product waits for the state: all of them, of all steps, are one
 * before the loop over time. For the same reason what the gate does at a step cannot depend on what was read before.
 * x (B, I), h (B, H), each W (H, I), each b (H).
 */
export const minGru = cell(
  "min-gru",
  (input, hidden) => ({
    state: { h: hidden },
    weights: {
      W_z: matrix(hidden, input, { reads: "input" }),
      b_z: vector(hidden, { keeps: [-1] }),
      W_h: matrix(hidden, input, { reads: "input" }),
      b_h: vector(hidden),
    },
  }),
  ({ W_z, b_z, W_h, b_h }, { h }, x, { drop, show }) => {
    const z = show("z", sigmoid(x.dot(W_z.transpose()).add(b_z)));
    const n = show("n", drop(x.dot(W_h.transpose()).add(b_h)));
    return { h: lerp(h, n, z) };
  },
);
