/** The network of a classifier of trees: words in, read over the tree, a score for each label of each node out. */

import {
  atPositions,
  cells,
  crossEntropy,
  dropout,
  embedding,
  linear,
  recurrent,
  recursive,
  type Scheme,
  type TreeTensors,
  treeCells,
} from "../../nn/index.ts";
import { type InputType, int32 } from "../../program/compile.ts";
import { concat, logSoftmax } from "../../trace/functions.ts";
import { withKey } from "../../trace/randomness.ts";
import type { Tensor } from "../../trace/tensor.ts";
import type { Form } from "./options.ts";

/** What a network is for. */
export interface Sizes {
  readonly words: number;
  /** 0 where roles are not read. */
  readonly roles: number;
  readonly labels: number;
}

/** Layers without values: `initialize` or a file gives them. Throws UsageError for a cell of another number of children. */
export function createNetwork(form: Form, sizes: Sizes, initialize: Scheme) {
  const { cell, direction, reads, arity, embedding: size, hidden, sequence, roleEmbedding } = form;
  const sentence =
    sequence === "yes" ? recurrent(cells.lstm, size, hidden, { direction: "both", initialize }) : undefined;
  const roles = roleEmbedding ? embedding(sizes.roles, roleEmbedding, { initialize: "uniform" }) : undefined;
  const input = (sentence?.outputSize ?? size) + (roleEmbedding ?? 0);
  const tree = recursive(treeCells[cell], input, hidden, {
    direction,
    initialize,
    ...(form.roles === "weights" && { types: sizes.roles }),
    ...(direction !== "down" && { reads, arity }),
  });
  return {
    // Vectors of rare words stay near where they started: small, so that they say little.
    embedding: embedding(sizes.words, size, { initialize: "uniform" }),
    ...(sentence && { sentence }),
    ...(roles && { roles }),
    tree,
    head: linear(tree.outputSize, sizes.labels, { initialize }),
  };
}

export type Network = ReturnType<typeof createNetwork>;

/** Trees side by side: words by number at the nodes (T, B), and in their order (S, B) where a layer reads them so. */
export interface Given extends TreeTensors {
  readonly tokens: Tensor;
  readonly words?: Tensor;
  readonly wordLengths?: Tensor;
  readonly positions?: Tensor;
  /** The roles of nodes (T, B), where they have vectors. */
  readonly roles?: Tensor;
}

/** The types of what a network reads. */
export function inputTypesOf({ tree, sentence, roles }: Network): Readonly<Record<string, InputType>> {
  return {
    ...(tree.treeTypes as Readonly<Record<string, InputType>>),
    ...(sentence
      ? { words: int32("S", "B"), wordLengths: int32("B"), positions: int32("T", "B") }
      : { tokens: int32("T", "B") }),
    ...(roles && { roles: int32("T", "B") }),
  };
}

export function trainingTypesOf(network: Network): Readonly<Record<string, InputType>> {
  return { ...inputTypesOf(network), labels: int32("T", "B") };
}

/** A vector for each node and each root, and a score for each label of each node: (T, B, H), (B, H) and (T, B, K). */
export function scoresOf(
  { embedding, sentence, roles, tree, head }: Network,
  { dropout: probability }: Pick<Form, "dropout">,
  given: Given,
) {
  const drop = dropout(probability);
  const vectors = () => {
    if (!sentence) return drop.apply(embedding.apply(given.tokens));
    const words = drop.apply(embedding.apply(given.words as Tensor));
    const { output } = sentence.apply(words, { lengths: given.wordLengths });
    return drop.apply(atPositions(output, given.positions as Tensor));
  };
  const read = () => (roles ? concat(vectors(), drop.apply(roles.apply(given.roles as Tensor))) : vectors());
  const { output, root } = tree.apply(read(), given);
  return { root, scores: head.apply(drop.apply(output)) };
}

/** The loss of a batch, in nats a label; labels are -1 where there is none. */
export function lossOf(network: Network, form: Form, given: Given & { readonly labels: Tensor }): Tensor {
  return crossEntropy(scoresOf(network, form, given).scores, given.labels);
}

/** The logarithms of the probabilities of labels (T, B, K), and the vectors of trees (B, H). Nothing is dropped. */
export function toldOf(network: Network, form: Form, given: Given) {
  return withKey(null, () => {
    const { scores, root } = scoresOf(network, form, given);
    return { logs: logSoftmax(scores), root };
  });
}
