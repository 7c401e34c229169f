/** The rectified recurrent network that starts by repeating its state. */

import { matrix, vector } from "../cell.ts";
import { identity, normal, zeros } from "../initializers.ts";
import { rnnRelu } from "./rnn.ts";

/**
 * `rnnRelu`, h' = max(W_ih x + b_ih + W_hh h + b_hh, 0), where W_hh starts as the identity, biases start at 0, and W_ih
 * normal with deviation 0.001. Shapes as in `rnn`.
 * Le, Jaitly and Hinton, "A simple way to initialize recurrent networks of rectified linear units", 2015.
 */
export const irnn: typeof rnnRelu = {
  ...rnnRelu,
  name: "irnn",
  parts: (input, hidden) => ({
    state: { h: hidden },
    weights: {
      weight_ih: matrix(hidden, input, { initializer: normal(0.001), reads: "input" }),
      weight_hh: matrix(hidden, hidden, { initializer: identity, reads: "state" }),
      bias_ih: vector(hidden, { initializer: zeros }),
      bias_hh: vector(hidden, { initializer: zeros }),
    },
  }),
};
