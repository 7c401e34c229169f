/** The recursive neural tensor network: children also multiply each other. */

import { concat, einsum, tanh } from "../../../trace/functions.ts";
import { matrix, vector } from "../../cell.ts";
import { uniform } from "../../initializers.ts";
import { treeCell } from "../tree-cell.ts";

/**
 * With s = [h_1, ..., h_K]: h = tanh(W_x x + s' V s + W s + b), where s' V s has one number for each of H matrices (K H, K H);
 * a leaf: h = tanh(W_x x + b_x).
 *
 * x (B, I), h (B, H), W_x (H, I), W (H, K H), V (H K H, K H) with one matrix after the other, b and b_x (H).
 * Socher et al., "Recursive deep models for semantic compositionality over a sentiment treebank", 2013, where K is 2 and h of a word is x.
 */
export const treeTensor = treeCell(
  "tree-tensor",
  (input, hidden, arity) => {
    const size = arity * hidden;
    return {
      state: { h: hidden },
      weights: {
        W_x: matrix(hidden, input, { reads: "input" }),
        b_x: vector(hidden),
        V: matrix(hidden * size, size, { reads: "state", initializer: uniform(1 / (2 * size)) }),
        W: matrix(hidden, size, { reads: "state" }),
        b: vector(hidden),
      },
    };
  },
  ({ W_x, V, W, b }, children, x) => {
    const s = concat(...children.map(({ h }) => h));
    const [batch, size] = [s.size(0), s.size(1)];
    const rows = s.dot(V.transpose()).reshape([batch, b.size(0), size]);
    const products = einsum("bhk,bk->bh", rows, s);
    return { h: tanh(x.dot(W_x.transpose()).add(products).add(s.dot(W.transpose())).add(b)) };
  },
  { leaf: ({ W_x, b_x }, x) => ({ h: tanh(x.dot(W_x.transpose()).add(b_x)) }) },
);
