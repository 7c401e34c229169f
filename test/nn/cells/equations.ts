/** The equations of every cell that Rondo brings, once more, as plain loops over rows of numbers. */

import type { CellName, LstmOptions } from "../../../src/nn/index.ts";
import type { Equations, Weights } from "./check-cell.ts";
import { affine, elementwise, mix, parts, product, type Row, sigmoid, standardized, sum } from "./rows.ts";

type Gates = readonly [Row, Row, Row, Row];

const one = (w: Weights, name: string) => w(name)[0] as Row;
const packed = (w: Weights, h: Row, x: Row) =>
  [affine(w("weight_ih"), x, one(w, "bias_ih")), affine(w("weight_hh"), h, one(w, "bias_hh"))] as const;
const textbook = (gate: string, w: Weights, hx: Row) => affine(w(`W_${gate}`), hx, one(w, `b_${gate}`));

const vanilla =
  (activation: (x: number) => number): Equations =>
  (w, { h }, x) => ({ h: sum(...packed(w, h as Row, x)).map(activation) });
const relu = (x: number) => Math.max(x, 0);

/** From the memory and finished gates to the state. */
function remember([i, f, g, o]: Gates, c: Row) {
  const next = sum(product(f, c), product(i, g));
  return { h: product(o, next.map(Math.tanh)), c: next };
}

/** The LSTM with options, gate by gate. */
export function lstm({ peepholes, coupled, projection, normalize }: LstmOptions = {}): Equations {
  const rows = coupled ? ["f", "g", "o"] : ["i", "f", "g", "o"];
  return (w, s, x) => {
    const [h, c] = [s.h as Row, s.c as Row];
    const from = (what: "ih" | "hh", seen: Row) => {
      const all = affine(w(`weight_${what}`), seen);
      return sum(
        normalize ? product(standardized(all), one(w, `gain_${what}`)) : all,
        one(w, `bias_${what}`),
      );
    };
    const all = parts(sum(from("ih", x), from("hh", h)), rows.length);
    const gate = (name: string, memory: Row) => {
      const before = all[rows.indexOf(name)] as Row;
      const seen = peepholes ? sum(before, product(memory, one(w, `peephole_${name}`))) : before;
      return seen.map(sigmoid);
    };
    const f = gate("f", c);
    const i = coupled ? f.map((value) => 1 - value) : gate("i", c);
    const g = (all[rows.indexOf("g")] as Row).map(Math.tanh);
    const next = sum(product(f, c), product(i, g));
    const shown = normalize ? sum(product(standardized(next), one(w, "gain_c")), one(w, "bias_c")) : next;
    const full = product(gate("o", next), shown.map(Math.tanh));
    return { h: projection ? affine(w("weight_hr"), full) : full, c: next };
  };
}

/** The GRU that resets after the product, where `normal` does something to the rows of a product. */
const gru =
  (normal: (w: Weights, what: "ih" | "hh", product: Row) => Row): Equations =>
  (w, s, x) => {
    const h = s.h as Row;
    const from = (what: "ih" | "hh", seen: Row) =>
      parts(sum(normal(w, what, affine(w(`weight_${what}`), seen)), one(w, `bias_${what}`)), 3) as [
        Row,
        Row,
        Row,
      ];
    const [[xr, xz, xn], [hr, hz, hn]] = [from("ih", x), from("hh", h)];
    const [r, z] = [sum(xr, hr).map(sigmoid), sum(xz, hz).map(sigmoid)];
    return { h: mix(sum(xn, product(r, hn)).map(Math.tanh), h, z) };
  };

/** The mLSTM without a stabiliser: only what it gives is scaled by e^-m. */
export const mlstm =
  (heads: number): Equations =>
  (w, s, x) => {
    const [q, v, i, f, o] = ["q", "v", "i", "f", "o"].map((name) => textbook(name, w, x)) as Row[] as [
      Row,
      Row,
      Row,
      Row,
      Row,
    ];
    const size = q.length / heads;
    const k = sum(
      affine(w("W_k"), x).map((value) => value / Math.fround(Math.sqrt(size))),
      one(w, "b_k"),
    );
    const state: Record<"h" | "C" | "n" | "m", number[]> = { h: [], C: [], n: [], m: [] };
    for (let head = 0; head < heads; head++) {
      const at = (row: Row, index: number) => row[head * size + index] as number;
      const units = Array.from({ length: size }, (_, index) => index);
      const [m, keep, enter] = [s.m?.[head], sigmoid(f[head] as number), Math.exp(i[head] as number)] as [
        number,
        number,
        number,
      ];
      const C = units.map((row) =>
        units.map((column) => {
          const before = (s.C as Row)[(head * size + row) * size + column] as number;
          return keep * Math.exp(m) * before + enter * at(v, row) * at(k, column);
        }),
      );
      const n = units.map((unit) => keep * Math.exp(m) * at(s.n as Row, unit) + enter * at(k, unit));
      const dot = (a: Row) => units.reduce((total, unit) => total + (a[unit] as number) * at(q, unit), 0);
      const scale = Math.max(Math.log(keep) + m, i[head] as number, 0);
      const scaled = (value: number) => value * Math.exp(-scale);
      state.h.push(
        ...units.map((row) => (sigmoid(at(o, row)) * dot(C[row] as Row)) / Math.max(Math.abs(dot(n)), 1)),
      );
      state.C.push(...C.flat().map(scaled));
      state.n.push(...n.map(scaled));
      state.m.push(scale);
    }
    return state;
  };

export const equations: Record<CellName, Equations> = {
  rnn: vanilla(Math.tanh),
  "rnn-relu": vanilla(relu),
  "rnn-sigmoid": vanilla(sigmoid),
  irnn: vanilla(relu),
  lstm: lstm(),
  "lstm-peephole": lstm({ peepholes: true }),
  "lstm-coupled": lstm({ coupled: true }),
  "lstm-layer-norm": lstm({ normalize: true }),
  gru: gru((_w, _what, all) => all),
  "gru-layer-norm": gru((w, what, all) => {
    const gates = (all.length * 2) / 3;
    const normal = [...standardized(all.slice(0, gates)), ...standardized(all.slice(gates))];
    return product(normal, one(w, `gain_${what}`));
  }),
  mgu(w, s, x) {
    const h = s.h as Row;
    const f = textbook("f", w, [...h, ...x]).map(sigmoid);
    return { h: mix(h, textbook("h", w, [...product(f, h), ...x]).map(Math.tanh), f) };
  },
  "recurrent-highway"(w, { h }, x) {
    let s = h as Row;
    for (let layer = 1; w(`R_H${layer}`).length > 0; layer++) {
      const part = (name: "H" | "T") => {
        const fromState = affine(w(`R_${name}${layer}`), s, one(w, `b_${name}${layer}`));
        return layer === 1 ? sum(affine(w(`W_${name}`), x), fromState) : fromState;
      };
      s = mix(s, part("H").map(Math.tanh), part("T").map(sigmoid));
    }
    return { h: s };
  },
  "min-gru": (w, { h }, x) => ({ h: mix(h as Row, textbook("h", w, x), textbook("z", w, x).map(sigmoid)) }),
  "min-lstm"(w, { h }, x) {
    const [f, i, n] = parts(affine(w("W"), x, one(w, "b")), 3) as [Row, Row, Row];
    const share = elementwise((keep, enter) => sigmoid(keep) / (sigmoid(keep) + sigmoid(enter)), f, i);
    return { h: mix(n, h as Row, share) };
  },
  slstm(w, s, x) {
    // Without a stabiliser: only what it gives is scaled by e^-m.
    const gate = (name: string) => sum(textbook(name, w, x), affine(w(`R_${name}`), s.h as Row));
    const [i, f] = [gate("i").map(Math.exp), gate("f").map(sigmoid)];
    const scale = (s.m as Row).map(Math.exp);
    const m = elementwise(
      (enter, keep, before, n) => Math.log(n === 0 ? enter : Math.max(keep * before, enter)),
      ...[i, f, scale, s.n as Row],
    );
    const down = m.map((value) => Math.exp(-value));
    const c = sum(product(f, s.c as Row, scale), product(i, gate("z").map(Math.tanh)));
    const n = sum(product(f, s.n as Row, scale), i);
    const h = elementwise((o, memory, weight) => (sigmoid(o) * memory) / weight, gate("o"), c, n);
    return { h, c: product(c, down), n: product(n, down), m };
  },
  mlstm: mlstm(1),
  "textbook-rnn": (w, { h }, x) => ({ h: textbook("h", w, [...(h as Row), ...x]).map(sigmoid) }),
  "textbook-lstm"(w, s, x) {
    const hx = [...(s.h as Row), ...x];
    const [i, f, o] = ["i", "f", "o"].map((gate) => textbook(gate, w, hx).map(sigmoid)) as Row[] as [
      Row,
      Row,
      Row,
    ];
    return remember([i, f, textbook("c", w, hx).map(Math.tanh), o], s.c as Row);
  },
  "textbook-peephole-lstm"(w, s, x) {
    const [hx, c] = [[...(s.h as Row), ...x], s.c as Row];
    const gate = (name: string, memory: Row) =>
      sum(textbook(name, w, hx), product(one(w, `p_${name}`), memory)).map(sigmoid);
    const next = sum(product(gate("f", c), c), product(gate("i", c), textbook("c", w, hx).map(Math.tanh)));
    return { h: product(gate("o", next), next.map(Math.tanh)), c: next };
  },
  "textbook-coupled-lstm"(w, s, x) {
    const hx = [...(s.h as Row), ...x];
    const [f, o] = ["f", "o"].map((gate) => textbook(gate, w, hx).map(sigmoid)) as Row[] as [Row, Row];
    const i = elementwise((value) => 1 - value, f);
    return remember([i, f, textbook("c", w, hx).map(Math.tanh), o], s.c as Row);
  },
  "textbook-gru"(w, s, x) {
    const h = s.h as Row;
    const [z, r] = ["z", "r"].map((gate) => textbook(gate, w, [...h, ...x]).map(sigmoid)) as Row[] as [
      Row,
      Row,
    ];
    const n = textbook("n", w, [...product(r, h), ...x]).map(Math.tanh);
    return { h: mix(h, n, z) };
  },
};
