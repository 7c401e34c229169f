/** Attention by several heads, each of which reads the memory in its own way. */

import { checkOptions } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import type { Dimension } from "../../graph/dimension.ts";
import { einsum, softmax } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { matrix } from "../cell.ts";
import { checkSize } from "../layers/layer.ts";
import { ownScores } from "./attend.ts";
import type { Mechanism } from "./mechanism.ts";

export interface MultiHeadOptions {
  readonly heads: number;
  /** A: the numbers of all heads together, a multiple of their number. Default the memory's size M. */
  readonly units?: number | undefined;
}

/**
 * Each head i reads d = A / heads numbers: q_i, k_si, v_si = its rows of W_q query, W_k values_s, W_v values_s;
 * weights_si = softmax over s of q_i . k_si / sqrt(d);  context = W_o [sum over s of weights_si v_si, of all heads].
 * W_q (A, Q), W_k and W_v (A, M), W_o (M, A). The weights that a cell shows are the mean over the heads.
 *
 * Vaswani et al., "Attention is all you need", 2017, section 3.2.2. Throws UsageError for sizes that are not positive integers, and
 * in a layer for units that are no multiple of heads.
 */
export function multiHead(options: MultiHeadOptions): Mechanism<"W_q" | "W_k" | "W_v" | "W_o", never> {
  checkOptions("multiHead", options, { heads: "a positive integer", units: true });
  const { heads, units } = options;
  checkSize("multiHead", "heads", heads);
  if (units !== undefined) checkSize("multiHead", "units", units);
  return {
    name: `${heads}-head`,
    previous: [],
    weights(query, memory) {
      const size = units ?? memory;
      checkHeads("multiHead", size, heads);
      return {
        W_q: matrix(size, query),
        W_k: matrix(size, memory),
        W_v: matrix(size, memory),
        W_o: matrix(memory, size),
      };
    },
    attend({ W_q, W_k, W_v, W_o }, query, memory) {
      const [q, k, v] = [
        query.dot(W_q.transpose()),
        memory.values.dot(W_k.transpose()),
        memory.values.dot(W_v.transpose()),
      ].map((all) => inHeads(all, heads)) as [Tensor, Tensor, Tensor];
      const scores = einsum("bhd,sbhd->sbh", q, k).div(Math.sqrt(q.size(-1) as number));
      const weights = softmax(ownScores(scores, memory), 0);
      const read = einsum("sbh,sbhd->bhd", weights, v).reshape([query.size(0), W_o.size(1)]);
      return { context: read.dot(W_o.transpose()), weights: weights.mean(2) };
    },
  };
}

/** (..., size) as (..., heads, size / heads). */
export function inHeads(x: Tensor, heads: number): Tensor {
  const leading = x.shape.slice(0, -1) as Dimension[];
  return x.reshape([...leading, heads, (x.size(-1) as number) / heads]);
}

/** Throws UsageError unless the heads share the size equally. */
export function checkHeads(where: string, size: number, heads: number): void {
  if (size % heads === 0) return;
  throw new UsageError(`${where}: ${heads} heads of ${size} units given, a multiple of the heads expected`);
}
