/** The long short-term memory cell with peepholes as textbooks print it: `lstmWith({ peepholes: true })` with other weights. */

import { concat, sigmoid, tanh } from "../../trace/functions.ts";
import { cell, vector } from "../cell.ts";
import { textbookLstm } from "./textbook-lstm.ts";

/**
 * f = sigmoid(W_f [h, x] + p_f c + b_f), i alike;  g = tanh(W_c [h, x] + b_c);  c' = f c + i g;
 * o = sigmoid(W_o [h, x] + p_o c' + b_o);  h' = o tanh(c').
 * x (B, I), h and c (B, H), each W (H, H + I), each p and b (H).
 * Gers and Schmidhuber, "Recurrent nets that time and count", 2000.
 */
export const textbookPeepholeLstm = cell(
  "textbook-peephole-lstm",
  (input, hidden) => {
    const { state, weights } = textbookLstm.parts(input, hidden);
    return { state, weights: { ...weights, p_f: vector(hidden), p_i: vector(hidden), p_o: vector(hidden) } };
  },
  ({ W_f, b_f, p_f, W_i, b_i, p_i, W_c, b_c, W_o, b_o, p_o }, { h, c }, x, { drop, show }) => {
    const hx = concat(h, x);
    const f = show("f", sigmoid(hx.dot(W_f.transpose()).add(p_f.mul(c)).add(b_f)));
    const i = show("i", sigmoid(hx.dot(W_i.transpose()).add(p_i.mul(c)).add(b_i)));
    const g = drop(show("g", tanh(hx.dot(W_c.transpose()).add(b_c))));
    const next = f.mul(c).add(i.mul(g));
    const o = show("o", sigmoid(hx.dot(W_o.transpose()).add(p_o.mul(next)).add(b_o)));
    return { h: o.mul(tanh(next)), c: next };
  },
);
