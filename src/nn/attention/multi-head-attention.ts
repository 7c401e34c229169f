/** Multi-head attention over whole sequences, as a layer. */

import { checkOptions } from "../../checks.ts";
import { ShapeError } from "../../errors.ts";
import { type Dimension, printShape } from "../../graph/dimension.ts";
import { einsum, range, softmax, where } from "../../trace/functions.ts";
import { tell } from "../../trace/observation.ts";
import { located, type Tensor } from "../../trace/tensor.ts";
import { Variable } from "../../trace/variable.ts";
import { glorotUniform, zeros } from "../initializers.ts";
import { checkInput, checkSize, type Layer } from "../layers/layer.ts";
import { type Linear, linear } from "../layers/linear.ts";
import { checkLengths } from "../layers/sequence-layer.ts";
import { isWithin, withinLengths } from "../lengths.ts";
import { BEYOND } from "./attend.ts";
import { checkHeads, inHeads } from "./multi-head.ts";

export interface MultiHeadAttentionOptions {
  readonly heads: number;
}

export interface MultiHeadAttentionCall {
  /** int32 (B), each from 1 to S: keys and values beyond are not read, NaN included. */
  readonly lengths?: Tensor | undefined;
  /** Whether query l reads keys 0 to l only, so that no step sees a later one. Default false. */
  readonly causal?: boolean | undefined;
}

export interface MultiHeadAttention extends Layer {
  readonly weights: {
    readonly in_proj_weight: Variable;
    readonly in_proj_bias: Variable;
    readonly out_proj: Linear;
  };
  /**
   * query (L, B, E), key and value (S, B, E), which are by default the key, to the output (L, B, E) and what each query
   * read, (B, heads, L, S).
   */
  apply(
    query: Tensor,
    key: Tensor,
    value?: Tensor,
    call?: MultiHeadAttentionCall,
  ): { output: Tensor; weights: Tensor };
}

/**
 * softmax(q k^T / sqrt(d)) v for each head of d = E / heads numbers, with q, k, v = W query + b, W key + b, W value + b of its
 * own rows of `in_proj_weight` (3E, E) and `in_proj_bias` (3E), in the order q, k, v; then `out_proj` (E, E) of all heads:
 * torch.nn.MultiheadAttention, with its names and layout.
 *
 * Vaswani et al., "Attention is all you need", 2017. Throws UsageError for sizes that are not positive integers, and a size that
 * is no multiple of the heads.
 */
export function multiHeadAttention(size: number, options: MultiHeadAttentionOptions): MultiHeadAttention {
  const name = "multiHeadAttention";
  checkOptions(name, options, { heads: "a positive integer" });
  const { heads } = options;
  checkSize(name, "size", size);
  checkSize(name, "heads", heads);
  checkHeads(name, size, heads);
  const layer = `${name}(${size})`;
  const weight = new Variable("in_proj_weight", [3 * size, size], { initializer: glorotUniform, layer });
  const bias = new Variable("in_proj_bias", [3 * size], { initializer: zeros, layer });
  const output = linear(size, size);
  const own = { in_proj_weight: weight, in_proj_bias: bias, out_proj: output };
  return {
    weights: own,
    apply(query, key, value = key, call = {}) {
      checkOptions(name, call, { lengths: true, causal: true });
      for (const given of [query, key, value]) checkInput(name, given, size, 3);
      const { lengths, causal = false } = call;
      if (lengths !== undefined) checkLengths(name, lengths, key);
      const [queries, batch] = query.shape as [Dimension, Dimension];
      const [keys] = key.shape as [Dimension];
      checkTogether(name, query, key, value);
      const bounded = value === key ? withinLengths(key, lengths) : undefined;
      const read = [query, bounded ?? withinLengths(key, lengths), bounded ?? withinLengths(value, lengths)];
      const [q, k, v] = read.map((x, part) => {
        const rows = [part * size, (part + 1) * size] as const;
        return inHeads(x.dot(weight.slice(0, ...rows).transpose()).add(bias.slice(0, ...rows)), heads);
      }) as [Tensor, Tensor, Tensor];
      const scores = einsum("lbhd,sbhd->bhls", q, k).div(Math.sqrt(size / heads));
      const step = range(keys);
      const seen = causal
        ? where(step.lessEqual(range(queries).reshape([queries, 1])), scores, BEYOND)
        : scores;
      const within = lengths && isWithin(lengths, keys).transpose().reshape([batch, 1, 1, keys]);
      const weights = softmax(within ? where(within, seen, BEYOND) : seen);
      tell({ place: { weights: own }, name: "attention", kind: "attention", stepAxes: 1 }, () =>
        weights.transpose([2, 0, 1, 3]),
      );
      const joined = einsum("bhls,sbhd->lbhd", weights, v).reshape([queries, batch, size]);
      return { output: output.apply(joined), weights };
    },
  };
}

/** Throws ShapeError, with the line of the user's code, unless all have the same rows, and keys and values the same steps. */
function checkTogether(where: string, query: Tensor, key: Tensor, value: Tensor): void {
  const fits =
    query.size(1) === key.size(1) && key.size(1) === value.size(1) && key.size(0) === value.size(0);
  if (fits) return;
  located(() => {
    const given = [query, key, value].map(({ shape }) => printShape(shape)).join(", ");
    throw new ShapeError(`${where}: ${given} given, (L, B, E), (S, B, E) and (S, B, E) expected`);
  });
}
