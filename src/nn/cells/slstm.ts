/** The long short-term memory cell with an exponential input gate and a memory that is a mean: sLSTM. */

import { logSigmoid } from "../../trace/activations.ts";
import { exp, sigmoid, tanh, where } from "../../trace/functions.ts";
import { cell, matrix, vector } from "../cell.ts";

/**
 * i = exp(W_i x + R_i h + b_i);  f, o = sigmoid of the same with their own weights, z = tanh;
 * c' = f c + i z;  n' = f n + i;  h' = o c' / n'.
 *
 * Beck et al., "xLSTM: extended long short-term memory", 2024, equations 8 to 17, with f = sigmoid. An exponential can outweigh
 * all that was stored. c and n stand scaled by e^-m, which h' does not see: m' = max(log f + m, log i), so that one of
 * the two factors e^(log f + m - m') and e^(log i - m') is 1 and the other one at most 1, and n' is at least 1. A memory with n = 0 has nothing in it yet,
 * and its m counts as -infinity: so all states may start at 0. Shown are f, i and o as they stand above, without that scale: i may be
 * infinite where its exponent is large.
 * x (B, I), h, c, n and m (B, H), each W (H, I), each R (H, H), each b (H).
 */
export const slstm = cell(
  "slstm",
  (input, hidden) => {
    const fromInput = () => matrix(hidden, input, { reads: "input" });
    const fromState = () => matrix(hidden, hidden, { reads: "state" });
    return {
      state: { h: hidden, c: hidden, n: hidden, m: hidden },
      weights: {
        W_i: fromInput(),
        R_i: fromState(),
        b_i: vector(hidden),
        W_f: fromInput(),
        R_f: fromState(),
        b_f: vector(hidden, { keeps: [1] }),
        W_z: fromInput(),
        R_z: fromState(),
        b_z: vector(hidden),
        W_o: fromInput(),
        R_o: fromState(),
        b_o: vector(hidden),
      },
    };
  },
  (weights, { h, c, n, m }, x, { drop, show }) => {
    const affine = (gate: "i" | "f" | "z" | "o") =>
      x
        .dot(weights[`W_${gate}`].transpose())
        .add(h.dot(weights[`R_${gate}`].transpose()))
        .add(weights[`b_${gate}`]);
    const entering = affine("i");
    const keeping = affine("f");
    const z = drop(tanh(affine("z")));
    const o = show("o", sigmoid(affine("o")));
    const kept = where(n.equal(0), Number.NEGATIVE_INFINITY, logSigmoid(keeping).add(m));
    const scale = kept.maximum(entering);
    show("f", sigmoid(keeping));
    show("i", exp(entering));
    const f = exp(kept.sub(scale));
    const i = exp(entering.sub(scale));
    const memory = f.mul(c).add(i.mul(z));
    const weight = f.mul(n).add(i);
    return { h: o.mul(memory.div(weight)), c: memory, n: weight, m: scale };
  },
);
