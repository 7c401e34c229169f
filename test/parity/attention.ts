/** Attention: the mechanisms over a memory with lengths, torch.nn.MultiheadAttention and TransformerEncoderLayer. */

import { gelu, relu } from "../../src/index.ts";
import {
  additive,
  dot,
  general,
  type Mechanism,
  multiHeadAttention,
  parameters,
  transformerBlock,
} from "../../src/nn/index.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { numberOf, sizeOf } from "./case.ts";
import { evaluate, load } from "./evaluate.ts";
import { float32Tolerance, type Kind } from "./kind.ts";

/** The weights have the names of the case: W, or W_q, W_k and v; the results' weights are (B, S). */
export const attentionMechanism: Kind = {
  name: "attention",
  tolerance: float32Tolerance,
  recognises: ({ inputs }) => Boolean(inputs.query && inputs.keys),
  compute(given, backend) {
    const { W, W_q } = given.parameters;
    const mechanism: Mechanism = W_q
      ? additive({ units: sizeOf(given.parameters, "W_q", 0) })
      : W
        ? general()
        : dot();
    return evaluate(given, {
      backend,
      build(weights, { query, keys, lengths }) {
        const named = { ...weights, ...(weights.W_q && { W: weights.W_q, U: weights.W_k }) };
        const memory = { values: keys as Tensor, lengths };
        const { context, weights: found } = mechanism.attend(
          named as Readonly<Record<string, Tensor>>,
          query as Tensor,
          memory,
          {} as never,
        );
        return { outputs: { context, weights: found.transpose() } };
      },
    });
  },
};

export const multiHeadModule: Kind = {
  name: "multi-head attention",
  tolerance: float32Tolerance,
  recognises: ({ parameters: given, metadata }) => Boolean(given.in_proj_weight && metadata.heads),
  compute(given, backend) {
    const layer = multiHeadAttention(sizeOf(given.parameters, "in_proj_weight", 1), {
      heads: numberOf(given, "heads"),
    });
    const sources = parameters(layer);
    load(sources, given.parameters);
    const causal = given.inputs.x !== undefined;
    // The weights are variables: names of inputs cannot have the dot of `out_proj.weight`.
    return evaluate(
      { ...given, parameters: {} },
      {
        backend,
        build(_, inputs) {
          const { x, query = x, key = x, value = key, lengths } = inputs;
          const { output, weights } = layer.apply(query as Tensor, key as Tensor, value, { lengths, causal });
          return { outputs: { y: output, weights }, sources };
        },
      },
    );
  },
};

export const transformerEncoderLayer: Kind = {
  name: "Transformer block",
  tolerance: float32Tolerance,
  recognises: ({ metadata }) => metadata.norm_first !== undefined,
  compute(given, backend) {
    const { norm_first, mask, activation } = given.metadata;
    const layer = transformerBlock(sizeOf(given.inputs, "x", 2), {
      heads: numberOf(given, "heads"),
      hidden: numberOf(given, "feedforward"),
      norm: norm_first === "true" ? "before" : "after",
      causal: mask === "causal",
      activation: activation === "relu" ? relu : gelu,
    });
    const sources = parameters(layer);
    load(sources, given.parameters);
    return evaluate(
      { ...given, parameters: {} },
      { backend, build: (_, { x }) => ({ outputs: { y: layer.apply(x as Tensor).output }, sources }) },
    );
  },
};
