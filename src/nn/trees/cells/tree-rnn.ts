/** The recursive network: a parent is one layer over its children. */

import { concat, tanh } from "../../../trace/functions.ts";
import { matrix, vector } from "../../cell.ts";
import { treeCell } from "../tree-cell.ts";

/**
 * h = tanh(W_x x + W [h_1, ..., h_K] + b);  a leaf: h = tanh(W_x x + b_x).
 *
 * x (B, I), h (B, H), W_x (H, I), W (H, K H), b and b_x (H). Socher et al., "Parsing natural scenes and natural language with
 * recursive neural networks", 2011, where x is read at leaves only.
 */
export const treeRnn = treeCell(
  "tree-rnn",
  (input, hidden, arity) => ({
    state: { h: hidden },
    weights: {
      W_x: matrix(hidden, input, { reads: "input" }),
      b_x: vector(hidden),
      W: matrix(hidden, arity * hidden, { reads: "state" }),
      b: vector(hidden),
    },
  }),
  ({ W_x, W, b }, children, x) => {
    const fromChildren = concat(...children.map(({ h }) => h)).dot(W.transpose());
    return { h: tanh(x.dot(W_x.transpose()).add(fromChildren).add(b)) };
  },
  { leaf: ({ W_x, b_x }, x) => ({ h: tanh(x.dot(W_x.transpose()).add(b_x)) }) },
);
