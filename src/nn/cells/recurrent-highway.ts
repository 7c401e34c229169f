/** The recurrent highway network: a transition of several layers, each of which a gate can pass by. */

import { checkOptions, printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import { lerp, sigmoid, tanh } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { type Cell, cell, matrix, vector, type WeightDeclaration } from "../cell.ts";
import { constant } from "../initializers.ts";

export interface RecurrentHighwayOptions {
  /** The layers of a transition; default 5. */
  readonly depth?: number | undefined;
  /** What the gates' biases start at: negative lets a layer pass on what it gets. Default -2. */
  readonly gateBias?: number | undefined;
}

/** The weights of a recurrent highway network. */
export type HighwayWeight = "W_H" | "W_T" | `R_${"H" | "T"}${number}` | `b_${"H" | "T"}${number}`;

/**
 * s_0 = h; for each layer l = 1 .. depth: n = tanh(W_H x + R_Hl s + b_Hl), t = sigmoid(W_T x + R_Tl s + b_Tl), where x
 * enters at l = 1 only, and s_l = (1 - t) s + t n, with s = s_(l-1);  h' = s_depth.
 * x (B, I), h (B, H), W_H and W_T (H, I), each R (H, H), each b (H).
 *
 * Zilly et al., "Recurrent highway networks", 2017, with the carry gate coupled, 1 - t.
 * Throws UsageError for a depth that is not a positive integer, or a gateBias that is not a number.
 */
export function recurrentHighway(options: RecurrentHighwayOptions = {}): Cell<"h", HighwayWeight> {
  checkOptions("recurrentHighway", options, { depth: true, gateBias: true });
  const { depth = 5, gateBias = -2 } = options;
  if (!Number.isInteger(depth) || depth < 1) {
    throw new UsageError(`recurrentHighway: depth ${printGiven(depth)} given, a positive integer expected`);
  }
  if (!Number.isFinite(gateBias)) {
    throw new UsageError(`recurrentHighway: gateBias ${printGiven(gateBias)} given, a number expected`);
  }
  const layers = Array.from({ length: depth }, (_, index) => index + 1);
  return cell<"h", HighwayWeight>(
    "recurrent-highway",
    (input, hidden) => {
      const weights: Record<string, WeightDeclaration> = {
        W_H: matrix(hidden, input, { reads: "input" }),
        W_T: matrix(hidden, input, { reads: "input" }),
      };
      for (const layer of layers) {
        weights[`R_H${layer}`] = matrix(hidden, hidden, { reads: "state" });
        weights[`b_H${layer}`] = vector(hidden);
        weights[`R_T${layer}`] = matrix(hidden, hidden, { reads: "state" });
        weights[`b_T${layer}`] = vector(hidden, { initializer: constant(gateBias) });
      }
      return { state: { h: hidden }, weights: weights as Record<HighwayWeight, WeightDeclaration> };
    },
    (weights, { h }, x, { drop, show }) => {
      const named = (name: HighwayWeight) => weights[name] as Tensor;
      const affine = (part: "H" | "T", layer: number, s: Tensor) => {
        const fromState = s.dot(named(`R_${part}${layer}`).transpose()).add(named(`b_${part}${layer}`));
        return layer === 1 ? x.dot(named(`W_${part}`).transpose()).add(fromState) : fromState;
      };
      const next = layers.reduce((s, layer) => {
        const n = show(`n${layer}`, tanh(affine("H", layer, s)));
        const t = show(`t${layer}`, sigmoid(affine("T", layer, s)));
        return lerp(s, drop(n), t);
      }, h);
      return { h: next };
    },
  );
}
