/** The network of a classifier: what it reads, along time in both directions, to a score for each label. */

import {
  attentionPooling,
  binaryCrossEntropy,
  cells,
  crossEntropy,
  dropout,
  embedding,
  lastOverTime,
  linear,
  maxOverTime,
  meanOverTime,
  recurrent,
  type Scheme,
} from "../../nn/index.ts";
import { float32, int32 } from "../../program/compile.ts";
import { constantTensor } from "../../trace/constant-tensor.ts";
import { concat } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";
import type { Input } from "./inputs/input.ts";
import type { Form } from "./options.ts";

/** Layers without values: `initialize` or a file gives them. */
export function createNetwork(form: Form, reads: Input["reads"], labels: number, scheme: Scheme) {
  const { cell, embedding: size, hidden, layers, dropout: probability, read } = form;
  const rnn = recurrent(cells[cell], "tokens" in reads ? size : reads.size, hidden, {
    layers,
    dropout: layers > 1 ? probability : 0,
    direction: "both",
    initialize: scheme,
  });
  return {
    // Vectors of rare words stay near where they started: small, so that they say little.
    ...("tokens" in reads && { embedding: embedding(reads.tokens, size, { initialize: "uniform" }) }),
    rnn,
    ...(read === "attention" && { attention: attentionPooling(rnn.outputSize) }),
    head: linear(rnn.outputSize, labels, { initialize: scheme }),
  };
}

export type Network = ReturnType<typeof createNetwork>;

/** What a network is given: tokens (T, B), or vectors (T, B, size), and how long each row is. */
export function sequenceTypes(reads: Input["reads"]) {
  const sequence = "tokens" in reads ? int32("T", "B") : float32("T", "B", reads.size);
  return { sequence, lengths: int32("B") };
}

/** As `sequenceTypes`, with what is right: the number of a label (B); or 1 for each label that a row has (B, labels). */
export function trainingTypes(reads: Input["reads"], labels: number, several: boolean) {
  return { ...sequenceTypes(reads), targets: several ? float32("B", labels) : int32("B") };
}

/** What the recurrent layers read: vectors (T, B, size). */
export function vectorsOf(network: Network, sequence: Tensor): Tensor {
  return network.embedding?.apply(sequence) ?? sequence;
}

/** Vectors (T, B, size) and lengths (B) to a score for each label, (B, labels). */
export function scoresOf(
  network: Network,
  form: Form,
  vectors: Tensor,
  lengths: Tensor,
  training = false,
): Tensor {
  const drop = dropout(training ? form.dropout : 0);
  const { output } = network.rnn.apply(drop.apply(vectors), { lengths });
  return network.head.apply(drop.apply(pooled(network, form, output, lengths)));
}

/** One vector of the outputs (T, B, 2H) of a row's steps: (B, 2H). */
function pooled({ attention }: Network, { read, hidden }: Form, output: Tensor, lengths: Tensor): Tensor {
  if (attention) return attention.apply(output, lengths).output;
  if (read === "max") return maxOverTime(output, lengths);
  if (read === "mean") return meanOverTime(output, lengths);
  // The last step of the direction backwards is the first of the row.
  const [forward, backward] = [output.slice(2, 0, hidden), output.slice(2, hidden, 2 * hidden)];
  return concat(lastOverTime(forward, lengths), backward.at(0, 0));
}

/** What the labels weigh: one number each, or undefined where all weigh the same. */
export type LabelWeights = readonly number[] | undefined;

/** The loss of a batch in nats: a row's, or where a row can have several labels a label's. */
export function lossOf(
  network: Network,
  form: Form,
  weights: LabelWeights,
  {
    sequence,
    lengths,
    targets,
  }: { readonly sequence: Tensor; readonly lengths: Tensor; readonly targets: Tensor },
): Tensor {
  const scores = scoresOf(network, form, vectorsOf(network, sequence), lengths, true);
  if (targets.dtype === "int32") return crossEntropy(scores, targets, { classWeights: weights });
  const positiveWeight = weights && constantTensor("label weights", weights, [weights.length]);
  return binaryCrossEntropy(scores, targets, { positiveWeight });
}
