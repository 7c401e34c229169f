/** The equations of the tree cells that Rondo brings, once more, as plain loops over rows of numbers. */

import type { TreeCellName } from "../../../src/nn/index.ts";
import type { State, Weights } from "../cells/check-cell.ts";
import { affine, elementwise, parts, product, type Row, sigmoid, sum } from "../cells/rows.ts";

/** The state of a node from its children, those that are not there being zeros; of a leaf all are. */
export type TreeEquations = (w: Weights, children: readonly State[], x: Row, isLeaf: boolean) => State;

const row = (w: Weights, name: string) => w(name)[0] as Row;
const joined = (children: readonly State[]): Row => children.flatMap(({ h }) => h as Row);
const gateOf = (w: Weights, name: string, x: Row, h: Row) =>
  sum(affine(w(`W_${name}`), x, row(w, `b_${name}`)), affine(w(`U_${name}`), h));

const leafOf = (w: Weights, x: Row): Row => affine(w("W_x"), x, row(w, "b_x")).map(Math.tanh);

const lstm = (w: Weights, x: Row, h: Row, kept: readonly Row[]): State => {
  const candidate = product(gateOf(w, "i", x, h).map(sigmoid), gateOf(w, "u", x, h).map(Math.tanh));
  const c = sum(candidate, ...kept);
  return { h: product(gateOf(w, "o", x, h).map(sigmoid), c.map(Math.tanh)), c };
};

const timesMatrix = (M: Row, v: Row): Row => affine(parts(M, v.length), v);

export const equations: Record<TreeCellName, TreeEquations> = {
  "tree-rnn": (w, children, x, isLeaf) => ({
    h: isLeaf
      ? leafOf(w, x)
      : sum(affine(w("W_x"), x), affine(w("W"), joined(children), row(w, "b"))).map(Math.tanh),
  }),
  "tree-matrix-vector"(w, [left, right], x, isLeaf) {
    if (isLeaf) return { h: leafOf(w, x), M: affine(w("W_A"), x, row(w, "b_A")) };
    const [a, A, c, C] = [left?.h, left?.M, right?.h, right?.M] as [Row, Row, Row, Row];
    const changed = [...timesMatrix(C, a), ...timesMatrix(A, c)];
    const size = a.length;
    const M = w("W_M").flatMap((weights) =>
      a.map((_, column) =>
        weights.reduce((total, weight, at) => {
          const [from, line] = at < size ? [A, at] : [C, at - size];
          return total + weight * (from[line * size + column] as number);
        }, 0),
      ),
    );
    return {
      h: sum(affine(w("W_x"), x), affine(w("W"), changed, row(w, "b"))).map(Math.tanh),
      M,
    };
  },
  "tree-tensor"(w, children, x, isLeaf) {
    if (isLeaf) return { h: leafOf(w, x) };
    const s = joined(children);
    const size = s.length;
    const V = w("V");
    const products = row(w, "b").map((_, unit) =>
      affine(V.slice(unit * size, (unit + 1) * size), s).reduce(
        (total, value, at) => total + value * (s[at] as number),
        0,
      ),
    );
    return {
      h: sum(affine(w("W_x"), x), products, affine(w("W"), s, row(w, "b"))).map(Math.tanh),
    };
  },
  "tree-lstm"(w, children, x) {
    const h = joined(children);
    const forget = parts(affine(w("U_f"), h), children.length);
    const fromInput = affine(w("W_f"), x, row(w, "b_f"));
    const kept = children.map(({ c }, k) => product(sum(fromInput, forget[k] as Row).map(sigmoid), c as Row));
    return lstm(w, x, h, kept);
  },
  "child-sum-tree-lstm"(w, children, x) {
    const nothing = row(w, "b_i").map(() => 0);
    const kept = children.map(({ h, c }) => product(gateOf(w, "f", x, h as Row).map(sigmoid), c as Row));
    return lstm(w, x, sum(nothing, ...children.map(({ h }) => h as Row)), kept);
  },
  "tree-gru"(w, children, x) {
    const s = joined(children);
    const ofChildren = (name: string) => {
      const fromInput = affine(w(`W_${name}`), x, row(w, `b_${name}`));
      return parts(affine(w(`U_${name}`), s), children.length).map((part) => sum(fromInput, part));
    };
    const resets = ofChildren("r").map((gate) => gate.map(sigmoid));
    const reset = children.flatMap(({ h }, k) => product(resets[k] as Row, h as Row));
    const n = sum(affine(w("W_n"), x, row(w, "b_n")), affine(w("U_n"), reset)).map(Math.tanh);
    const grown = ofChildren("z").map((gate) => gate.map(Math.exp));
    const total = sum(...grown).map((value) => 1 + value);
    const share = (part: Row) => elementwise((a, b) => a / b, part, total);
    const kept = children.map(({ h }, k) => product(share(grown[k] as Row), h as Row));
    return {
      h: sum(
        product(
          total.map((value) => 1 / value),
          n,
        ),
        ...kept,
      ),
    };
  },
};
