/** The long short-term memory cell with a matrix as its memory, which stores values under keys: mLSTM. */

import { checkOptions, printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import { logSigmoid } from "../../trace/activations.ts";
import { abs, exp, sigmoid } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { type Cell, cell, matrix, vector } from "../cell.ts";

export interface MlstmOptions {
  /** How many memories there are side by side, each with H / heads rows and columns: a divisor of H. Default 1. */
  readonly heads?: number | undefined;
}

/** The weights of an mLSTM. */
export type MlstmWeight = `${"W" | "b"}_${"q" | "k" | "v" | "i" | "f" | "o"}`;

/** Beyond e^-15 of its terms, float32 cannot tell a sum from 0. */
const LARGEST_SCALE = 15;

/**
 * q = W_q x + b_q;  k = W_k x / sqrt(D) + b_k;  v = W_v x + b_v;  i = exp(w_i x + b_i);  f = sigmoid(w_f x + b_f);
 * o = sigmoid(W_o x + b_o);  C' = f C + i v k^T;  n' = f n + i k;  h' = o (C' q) / max(|n' . q|, 1).
 *
 * Beck et al., "xLSTM: extended long short-term memory", 2024, equations 19 to 27, with f = sigmoid. What is stored under a key
 * is read with a query like it. No gate sees the state, so that all products with weights are one before the loop over time.
 * C and n stand scaled by e^-m: m' = max(log f + m, log i, 0), and in place of max(|n' . q|, 1) stands max(|n' . q|, e^-m').
 * All states may start at 0. Shown are f, i and o as they stand above, without that scale: i may be infinite where its exponent is large.
 * x (B, I); h (B, H); C (B, heads * D * D), for each head D rows of values by D columns of keys, D = H / heads; n (B, H);
 * m (B, heads). W_q, W_k, W_v and W_o (H, I), their biases (H), W_i and W_f (heads, I), b_i and b_f (heads).
 * b_f starts evenly from 3 to 6 over the heads, as in the authors' code: a gate for a whole memory should not start by forgetting.
 * Throws UsageError for heads that are not a positive integer, and when sizes are known for an H that they do not divide.
 */
export function mlstm(options: MlstmOptions = {}): Cell<"h" | "C" | "n" | "m", MlstmWeight> {
  checkOptions("mlstm", options, { heads: true });
  const { heads = 1 } = options;
  if (!Number.isInteger(heads) || heads < 1) {
    throw new UsageError(`mlstm: heads ${printGiven(heads)} given, a positive integer expected`);
  }
  return cell<"h" | "C" | "n" | "m", MlstmWeight>(
    heads === 1 ? "mlstm" : `mlstm heads ${heads}`,
    (input, hidden) => {
      if (hidden % heads !== 0) {
        throw new UsageError(`mlstm: heads ${heads} given, a divisor of ${hidden} hidden units expected`);
      }
      const rows = (size: number) => matrix(size, input, { reads: "input" });
      const open = Array.from({ length: heads }, (_, head) => 3 + (3 * head) / Math.max(1, heads - 1));
      return {
        state: { h: hidden, C: (hidden * hidden) / heads, n: hidden, m: heads },
        weights: {
          W_q: rows(hidden),
          b_q: vector(hidden),
          W_k: rows(hidden),
          b_k: vector(hidden),
          W_v: rows(hidden),
          b_v: vector(hidden),
          W_i: rows(heads),
          b_i: vector(heads),
          W_f: rows(heads),
          b_f: vector(heads, { initializer: () => Float32Array.from(open) }),
          W_o: rows(hidden),
          b_o: vector(hidden),
        },
      };
    },
    (weights, { C, n, m }, x, { drop, show }) => {
      const affine = (name: "q" | "v" | "i" | "f" | "o") =>
        x.dot(weights[`W_${name}`].transpose()).add(weights[`b_${name}`]);
      const batch = x.size(0);
      const size = (weights.b_q.size(0) as number) / heads;
      const ofHead = (rows: Tensor) => rows.reshape([batch, heads, size]);
      const q = ofHead(affine("q"));
      const k = ofHead(x.dot(weights.W_k.transpose()).div(Math.sqrt(size)).add(weights.b_k));
      const v = ofHead(drop(affine("v")));
      const entering = affine("i");
      const keeping = affine("f");
      const kept = logSigmoid(keeping).add(m);
      const scale = kept.maximum(entering).maximum(0);
      show("f", sigmoid(keeping));
      show("i", exp(entering));
      const f = exp(kept.sub(scale)).reshape([batch, heads, 1]);
      const i = exp(entering.sub(scale)).reshape([batch, heads, 1]);
      const o = show("o", sigmoid(affine("o")));
      const stored = v.reshape([batch, heads, size, 1]).mul(i.mul(k).reshape([batch, heads, 1, size]));
      const memory = f
        .reshape([batch, heads, 1, 1])
        .mul(C.reshape([batch, heads, size, size]))
        .add(stored);
      const keys = f.mul(ofHead(n)).add(i.mul(k));
      const found = memory.mul(q.reshape([batch, heads, 1, size])).sum(-1);
      const least = exp(scale.minimum(LARGEST_SCALE).neg());
      const weight = abs(keys.mul(q).sum(-1)).maximum(least);
      const read = found.div(weight.reshape([batch, heads, 1]));
      return {
        h: o.mul(read.reshape([batch, heads * size])),
        C: memory.reshape([batch, heads * size * size]),
        n: keys.reshape([batch, heads * size]),
        m: scale,
      };
    },
  );
}
