/** The network of a language model: embedding, a recurrent cell, and a linear head over the vocabulary. */

import { type Cell, dropout, embedding, foldKey, linear, recurrent } from "../../nn/index.ts";
import type { Scheme } from "../../nn/initializers.ts";
import type { Tensor } from "../../trace/tensor.ts";
import type { Architecture } from "./options.ts";

/** Layers without values: `initialize` or a file gives them. */
export function createNetwork(
  { embedding: size, hidden, layers, dropout: probability }: Architecture,
  cell: Cell<string, string>,
  vocabulary: number,
  scheme: Scheme,
) {
  const rnn = recurrent(cell, size, hidden, {
    layers,
    dropout: layers > 1 ? probability : 0,
    initialize: scheme,
  });
  return {
    embedding: embedding(vocabulary, size, { initialize: scheme }),
    rnn,
    head: linear(rnn.outputSize, vocabulary, { initialize: scheme }),
  };
}

export type Network = ReturnType<typeof createNetwork>;

/**
 * Tokens int32 (T, B) and the state before them to logits (T, B, V) and the state after them. With a key, int32 (2),
 * elements are dropped as in Zaremba, Sutskever and Vinyals 2014: before, between and after the recurrent layers.
 */
export function forward(
  { embedding, rnn, head }: Network,
  tokens: Tensor,
  state: Record<string, Tensor>,
  mask?: { key: Tensor; probability: number },
): { logits: Tensor; state: Record<string, Tensor> } {
  const drop = (x: Tensor, use: number) =>
    mask ? dropout(mask.probability).apply(x, foldKey(mask.key, use)) : x;
  const x = drop(embedding.apply(tokens), 0);
  const result = rnn.apply(x, { state, key: mask && foldKey(mask.key, 1) });
  return { logits: head.apply(drop(result.output, 2)), state: result.state };
}
