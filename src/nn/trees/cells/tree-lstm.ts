/** The N-ary Tree-LSTM: a forget gate for each child. */

import { concat, sigmoid, tanh } from "../../../trace/functions.ts";
import type { Tensor } from "../../../trace/tensor.ts";
import { matrix, vector } from "../../cell.ts";
import { treeCell } from "../tree-cell.ts";

/**
 * i, o = sigmoid(W x + U [h_1, ..., h_K] + b);  u = tanh of the same;  f_k = sigmoid(W_f x + U_f,k [h_1, ..., h_K] + b_f);
 * c = i u + sum_k f_k c_k;  h = o tanh(c).
 *
 * x (B, I), h and c (B, H), each W (H, I), U (H, K H), b (H); U_f (K H, K H) has the rows of one child after the other.
 * Tai, Socher and Manning, "Improved semantic representations from tree-structured long short-term memory networks", 2015,
 * equations 9 to 14. With one child it is an LSTM.
 */
export const treeLstm = treeCell(
  "tree-lstm",
  (input, hidden, arity) => {
    const W = () => matrix(hidden, input, { reads: "input" });
    const U = () => matrix(hidden, arity * hidden, { reads: "state" });
    return {
      state: { h: hidden, c: hidden },
      weights: {
        W_i: W(),
        U_i: U(),
        b_i: vector(hidden, { keeps: [-1] }),
        W_f: W(),
        U_f: matrix(arity * hidden, arity * hidden, { reads: "state" }),
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
  ({ W_i, U_i, b_i, W_f, U_f, b_f, W_u, U_u, b_u, W_o, U_o, b_o }, children, x, { drop }) => {
    const h = concat(...children.map((child) => child.h));
    const gate = (W: Tensor, U: Tensor, b: Tensor) => x.dot(W.transpose()).add(b).add(h.dot(U.transpose()));
    const fromInput = x.dot(W_f.transpose()).add(b_f);
    const forget = h.dot(U_f.transpose()).split(children.length);
    const kept = children.map(({ c }, k) => sigmoid(fromInput.add(forget[k] as Tensor)).mul(c));
    const u = drop(tanh(gate(W_u, U_u, b_u)));
    const c = kept.reduce((sum, part) => sum.add(part), sigmoid(gate(W_i, U_i, b_i)).mul(u));
    return { h: sigmoid(gate(W_o, U_o, b_o)).mul(tanh(c)), c };
  },
);
