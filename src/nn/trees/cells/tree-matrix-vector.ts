/** The matrix-vector recursive network: each node has a vector, and a matrix that says how it changes the one beside it. */

import { concat, einsum, join, tanh } from "../../../trace/functions.ts";
import type { Tensor } from "../../../trace/tensor.ts";
import { matrix, vector } from "../../cell.ts";
import { identity, joined, uniform } from "../../initializers.ts";
import { treeCell } from "../tree-cell.ts";

/**
 * h = tanh(W_x x + W [B a, A b] + b),  M = W_M [A; B], of two children with vectors a and b and matrices A and B;
 * a leaf: h = tanh(W_x x + b_x),  M = W_A x + b_A.
 *
 * x (B, I), h (B, H), M (B, H H), W_x (H, I), W and W_M (H, 2 H), W_A (H H, I), b and b_x (H), b_A (H H). W_M starts at the mean of
 * both matrices, and b_A at the matrix 1, so that at first nothing is changed. Socher et al., "Semantic compositionality through
 * recursive matrix-vector spaces", 2012, where each word has a matrix of its own in place of W_A x, and h of a word is x.
 */
export const treeMatrixVector = treeCell(
  "tree-matrix-vector",
  (input, hidden) => ({
    state: { h: hidden, M: hidden * hidden },
    weights: {
      W_x: matrix(hidden, input, { reads: "input" }),
      b_x: vector(hidden),
      W_A: matrix(hidden * hidden, input, { reads: "input", initializer: uniform(0.01) }),
      b_A: vector(hidden * hidden, {
        initializer: (_, random) => identity([hidden, hidden], random),
      }),
      W: matrix(hidden, 2 * hidden, { reads: "state" }),
      b: vector(hidden),
      W_M: matrix(hidden, 2 * hidden, {
        reads: "state",
        initializer: joined(1, [
          { size: hidden, initializer: half },
          { size: hidden, initializer: half },
        ]),
      }),
    },
  }),
  ({ W_x, W, b, W_M }, [left, right], x) => {
    const { h: a, M: A } = square(left as Tensors);
    const { h: c, M: C } = square(right as Tensors);
    const changed = concat(einsum("bij,bj->bi", C, a), einsum("bij,bj->bi", A, c));
    const M = einsum("hk,bkj->bhj", W_M, join([A, C], 1));
    return {
      h: tanh(x.dot(W_x.transpose()).add(changed.dot(W.transpose())).add(b)),
      M: M.reshape((left as Tensors).M.shape),
    };
  },
  {
    arity: 2,
    leaf: ({ W_x, b_x, W_A, b_A }, x) => ({
      h: tanh(x.dot(W_x.transpose()).add(b_x)),
      M: x.dot(W_A.transpose()).add(b_A),
    }),
  },
);

interface Tensors {
  readonly h: Tensor;
  readonly M: Tensor;
}

/** A state with its matrix (B, H, H). */
function square({ h, M }: Tensors): Tensors {
  const [batch, hidden] = [h.size(0), h.size(1)];
  return { h, M: M.reshape([batch, hidden, hidden]) };
}

function half(shape: readonly number[], random: Parameters<typeof identity>[1]): Float32Array {
  return Float32Array.from(identity(shape, random), (value) => value / 2);
}
