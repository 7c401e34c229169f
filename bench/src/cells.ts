/**
 * The cells that are measured, as their equations: Rondo's own, and cells that no library has. All products of the
 * latter are over [h, x]. Their weights' shapes are the shapes of the arrays that every contender gets.
 */

import {
  cells as builtIn,
  type Cell,
  cell,
  concat,
  lerp,
  matrix,
  sigmoid,
  type Tensor,
  tanh,
  vector,
} from "../../src/index.ts";

const gates = ["i", "f", "g", "o"] as const;

/** c' = f c + i g, h' = o tanh(c'), from the gates before their nonlinearities. */
function advance(c: Tensor, i: Tensor, f: Tensor, g: Tensor, o: Tensor): { h: Tensor; c: Tensor } {
  const next = sigmoid(f)
    .mul(c)
    .add(sigmoid(i).mul(tanh(g)));
  return { h: sigmoid(o).mul(tanh(next)), c: next };
}

/** The LSTM as one matrix over [h, x]. */
const packed = cell(
  "lstm-packed",
  (input, hidden) => ({
    state: { h: hidden, c: hidden },
    weights: { W: matrix(hidden + input, 4 * hidden), b: vector(4 * hidden) },
  }),
  ({ W, b }, { h, c }, x) => {
    const [i, f, g, o] = concat(h, x).dot(W).add(b).split(4) as [Tensor, Tensor, Tensor, Tensor];
    return advance(c, i, f, g, o);
  },
);

/** The LSTM as four matrices over [h, x]. */
const four = cell(
  "lstm-four",
  (input, hidden) => ({
    state: { h: hidden, c: hidden },
    weights: {
      W_i: matrix(hidden + input, hidden),
      b_i: vector(hidden),
      W_f: matrix(hidden + input, hidden),
      b_f: vector(hidden),
      W_g: matrix(hidden + input, hidden),
      b_g: vector(hidden),
      W_o: matrix(hidden + input, hidden),
      b_o: vector(hidden),
    },
  }),
  (weights, { h, c }, x) => {
    const [i, f, g, o] = gates.map((gate) =>
      concat(h, x).dot(weights[`W_${gate}`]).add(weights[`b_${gate}`]),
    ) as [Tensor, Tensor, Tensor, Tensor];
    return advance(c, i, f, g, o);
  },
);

/** The LSTM as four pairs of matrices. */
const pairs = cell(
  "lstm-pairs",
  (input, hidden) => ({
    state: { h: hidden, c: hidden },
    weights: {
      W_i: matrix(input, hidden),
      U_i: matrix(hidden, hidden),
      b_i: vector(hidden),
      W_f: matrix(input, hidden),
      U_f: matrix(hidden, hidden),
      b_f: vector(hidden),
      W_g: matrix(input, hidden),
      U_g: matrix(hidden, hidden),
      b_g: vector(hidden),
      W_o: matrix(input, hidden),
      U_o: matrix(hidden, hidden),
      b_o: vector(hidden),
    },
  }),
  (weights, { h, c }, x) => {
    const [i, f, g, o] = gates.map((gate) =>
      x
        .dot(weights[`W_${gate}`])
        .add(h.dot(weights[`U_${gate}`]))
        .add(weights[`b_${gate}`]),
    ) as [Tensor, Tensor, Tensor, Tensor];
    return advance(c, i, f, g, o);
  },
);

/** The LSTM whose gates see c through diagonal matrices: Gers and Schmidhuber, "Recurrent nets that time and count", 2000. */
const peephole = cell(
  "peephole-lstm",
  (input, hidden) => ({
    state: { h: hidden, c: hidden },
    weights: {
      W: matrix(hidden + input, 4 * hidden),
      b: vector(4 * hidden),
      p_i: vector(hidden),
      p_f: vector(hidden),
      p_o: vector(hidden),
    },
  }),
  ({ W, b, p_i, p_f, p_o }, { h, c }, x) => {
    const [i, f, g, o] = concat(h, x).dot(W).add(b).split(4) as [Tensor, Tensor, Tensor, Tensor];
    const next = sigmoid(f.add(p_f.mul(c)))
      .mul(c)
      .add(sigmoid(i.add(p_i.mul(c))).mul(tanh(g)));
    return { h: sigmoid(o.add(p_o.mul(next))).mul(tanh(next)), c: next };
  },
);

function normalise(x: Tensor, gain: Tensor): Tensor {
  const centred = x.sub(x.mean(-1, { keep: true }));
  const variance = centred.square().mean(-1, { keep: true });
  return centred.div(variance.add(1e-5).sqrt()).mul(gain);
}

/** The LSTM with layer normalisation of both products and of c: Ba, Kiros and Hinton, "Layer normalization", 2016. */
const layerNormalised = cell(
  "layer-norm-lstm",
  (input, hidden) => ({
    state: { h: hidden, c: hidden },
    weights: {
      W: matrix(input, 4 * hidden),
      U: matrix(hidden, 4 * hidden),
      b: vector(4 * hidden),
      gain_x: vector(4 * hidden),
      gain_h: vector(4 * hidden),
      gain_c: vector(hidden),
      shift_c: vector(hidden),
    },
  }),
  ({ W, U, b, gain_x, gain_h, gain_c, shift_c }, { h, c }, x) => {
    const sum = normalise(x.dot(W), gain_x)
      .add(normalise(h.dot(U), gain_h))
      .add(b);
    const [i, f, g, o] = sum.split(4) as [Tensor, Tensor, Tensor, Tensor];
    const next = sigmoid(f)
      .mul(c)
      .add(sigmoid(i).mul(tanh(g)));
    return { h: sigmoid(o).mul(tanh(normalise(next, gain_c).add(shift_c))), c: next };
  },
);

/** A cell that was made up for this bench: a fast and a slow memory that trade places as far as they disagree. */
const tide = cell(
  "tide",
  (input, hidden) => ({
    state: { fast: hidden, slow: hidden },
    weights: {
      W_u: matrix(hidden + input, hidden),
      b_u: vector(hidden),
      W_m: matrix(hidden + input, hidden),
      b_m: vector(hidden),
      V: matrix(hidden, hidden),
      k: vector(hidden),
    },
  }),
  ({ W_u, b_u, W_m, b_m, V, k }, { fast, slow }, x) => {
    const moon = sigmoid(concat(fast, x).dot(W_m).add(b_m));
    const distance = fast.sub(slow).square().mul(k).neg().exp();
    const wave = tanh(concat(moon.mul(slow), x).dot(W_u).add(b_u));
    const shore = lerp(slow, wave, moon.mul(distance));
    return { fast: tanh(wave.add(shore.dot(V))), slow: shore };
  },
);

/** Every cell that is measured along time, by name. */
export const cells: Readonly<Record<string, Cell<string, string>>> = {
  lstm: builtIn.lstm,
  gru: builtIn.gru,
  rnn: builtIn.rnn,
  "lstm-packed": packed,
  "lstm-four": four,
  "lstm-pairs": pairs,
  "textbook-gru": builtIn["textbook-gru"],
  "peephole-lstm": peephole,
  "layer-norm-lstm": layerNormalised,
  tide,
};
