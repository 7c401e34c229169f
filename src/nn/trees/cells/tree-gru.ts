/** The Tree-GRU: a parent is a mean, weighted by gates, of its children and of a candidate. */

import { concat, sigmoid, softmax, stack, tanh, zerosLike } from "../../../trace/functions.ts";
import type { Tensor } from "../../../trace/tensor.ts";
import { matrix, vector } from "../../cell.ts";
import { treeCell } from "../tree-cell.ts";

/**
 * With s = [h_1, ..., h_K]: r_k = sigmoid(W_r x + U_r,k s + b_r);  n = tanh(W_n x + U_n [r_1 h_1, ..., r_K h_K] + b_n);
 * (z_0, z_1, ..., z_K) = softmax(0, W_z x + U_z,1 s + b_z, ..., W_z x + U_z,K s + b_z), for each unit;
 * h = z_0 n + sum_k z_k h_k.
 *
 * x (B, I), h (B, H), each W (H, I), U_n (H, K H), U_r and U_z (K H, K H) with the rows of one child after the other, biases (H).
 * After the gated recursive networks of Cho et al., "On the properties of neural machine translation", 2014, and Chen et al.,
 * "Sentence modeling with gated recursive neural network", 2015, whose gates also sum to 1. With one child it is a GRU that resets
 * before the product.
 */
export const treeGru = treeCell(
  "tree-gru",
  (input, hidden, arity) => {
    const W = () => matrix(hidden, input, { reads: "input" });
    const U = (rows: number) => matrix(rows, arity * hidden, { reads: "state" });
    return {
      state: { h: hidden },
      weights: {
        W_r: W(),
        U_r: U(arity * hidden),
        b_r: vector(hidden),
        W_z: W(),
        U_z: U(arity * hidden),
        b_z: vector(hidden, { keeps: [1] }),
        W_n: W(),
        U_n: U(hidden),
        b_n: vector(hidden),
      },
    };
  },
  ({ W_r, U_r, b_r, W_z, U_z, b_z, W_n, U_n, b_n }, children, x, { drop }) => {
    const s = concat(...children.map(({ h }) => h));
    const ofChildren = (W: Tensor, U: Tensor, b: Tensor) => {
      const fromInput = x.dot(W.transpose()).add(b);
      return s
        .dot(U.transpose())
        .split(children.length)
        .map((part) => fromInput.add(part));
    };
    const resets = ofChildren(W_r, U_r, b_r).map(sigmoid);
    const reset = concat(...children.map(({ h }, k) => (resets[k] as Tensor).mul(h)));
    const n = drop(tanh(x.dot(W_n.transpose()).add(b_n).add(reset.dot(U_n.transpose()))));
    const gates = ofChildren(W_z, U_z, b_z);
    const z = softmax(stack([zerosLike(gates[0] as Tensor), ...gates]), 0);
    const kept = children.map(({ h }, k) => z.at(0, k + 1).mul(h));
    return { h: kept.reduce((sum, part) => sum.add(part), z.at(0, 0).mul(n)) };
  },
);
