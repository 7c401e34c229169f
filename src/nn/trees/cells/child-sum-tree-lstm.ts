/** The child-sum Tree-LSTM: any number of children, in no order. */

import { sigmoid, tanh } from "../../../trace/functions.ts";
import type { Tensor } from "../../../trace/tensor.ts";
import { matrix, vector } from "../../cell.ts";
import { childSumCell } from "../tree-cell.ts";

/**
 * s = sum_k h_k;  i, o = sigmoid(W x + U s + b);  u = tanh of the same;  f_k = sigmoid(W_f x + U_f h_k + b_f);
 * c = i u + sum_k f_k c_k;  h = o tanh(c).
 *
 * x (B, I), h and c (B, H), each W (H, I), U (H, H), b (H).
 * Tai, Socher and Manning, "Improved semantic representations from tree-structured long short-term memory networks", 2015,
 * equations 2 to 8.
 */
export const childSumTreeLstm = childSumCell(
  "child-sum-tree-lstm",
  (input, hidden) => {
    const W = () => matrix(hidden, input, { reads: "input" });
    const U = () => matrix(hidden, hidden, { reads: "state" });
    return {
      state: { h: hidden, c: hidden },
      weights: {
        W_i: W(),
        U_i: U(),
        b_i: vector(hidden, { keeps: [-1] }),
        W_f: W(),
        U_f: U(),
        b_f: vector(hidden, { keeps: [1] }),
        W_u: W(),
        U_u: U(),
        b_u: vector(hidden),
        W_o: W(),
        U_o: U(),
        b_o: vector(hidden),
      },
    };
  },
  {
    message({ W_f, U_f, b_f }, { h, c }, x) {
      const f = sigmoid(x.dot(W_f.transpose()).add(b_f).add(h.dot(U_f.transpose())));
      return { h, kept: f.mul(c) };
    },
    compose({ W_i, U_i, b_i, W_u, U_u, b_u, W_o, U_o, b_o }, { h: s, kept }, x, { drop }) {
      const gate = (W: Tensor, U: Tensor, b: Tensor) => x.dot(W.transpose()).add(b).add(s.dot(U.transpose()));
      const u = drop(tanh(gate(W_u, U_u, b_u)));
      const c = sigmoid(gate(W_i, U_i, b_i))
        .mul(u)
        .add(kept);
      return { h: sigmoid(gate(W_o, U_o, b_o)).mul(tanh(c)), c };
    },
  },
);
