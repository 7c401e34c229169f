/** A classifier of texts: what it is made of, and how likely it finds each label. */

import type { Backend, Value } from "../../backends/backend.ts";
import { padTokens } from "../../data/padding.ts";
import type { Vocabulary } from "../../data/vocabulary.ts";
import {
  cells,
  crossEntropy,
  dropout,
  embedding,
  linear,
  meanOverTime,
  recurrent,
  type Scheme,
} from "../../nn/index.ts";
import { compile, int32, value } from "../../program/compile.ts";
import { softmax } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";
import type { Form } from "./options.ts";

/** Layers without values: `initialize` or a file gives them. */
export function createNetwork(form: Form, vocabulary: number, labels: number, scheme: Scheme) {
  const { cell, embedding: size, hidden, layers, dropout: probability } = form;
  const rnn = recurrent(cells[cell], size, hidden, {
    layers,
    dropout: layers > 1 ? probability : 0,
    direction: "both",
    initialize: scheme,
  });
  return {
    embedding: embedding(vocabulary, size, { initialize: scheme }),
    rnn,
    head: linear(rnn.outputSize, labels, { initialize: scheme }),
  };
}

export type Network = ReturnType<typeof createNetwork>;

export const inputTypes = { tokens: int32("T", "B"), lengths: int32("B"), labels: int32("B") };

/** Tokens int32 (T, B) with lengths (B) to a score for each label (B, labels): the mean of the outputs, through a linear layer. */
function scoresOf(network: Network, probability: number, tokens: Tensor, lengths: Tensor): Tensor {
  const drop = dropout(probability);
  const { output } = network.rnn.apply(drop.apply(network.embedding.apply(tokens)), { lengths });
  return network.head.apply(drop.apply(meanOverTime(output, lengths)));
}

/** The loss of a batch: cross-entropy, in nats a row. */
export function lossOf(
  network: Network,
  { dropout: probability }: Form,
  { tokens, lengths, labels }: { tokens: Tensor; lengths: Tensor; labels: Tensor },
): Tensor {
  return crossEntropy(scoresOf(network, probability, tokens, lengths), labels);
}

/** Rows that are classified at once. */
const ROWS = 64;

export class TextClassifier {
  readonly vocabulary: Vocabulary;
  /** The labels by number. */
  readonly labels: readonly string[];
  readonly form: Form;
  readonly network: Network;
  readonly #backend: Backend | undefined;
  #program: ReturnType<typeof compileProbabilities> | undefined;

  constructor(
    { vocabulary, labels, form }: Pick<TextClassifier, "vocabulary" | "labels" | "form">,
    options: { readonly scheme?: Scheme | undefined; readonly backend?: Backend | undefined } = {},
  ) {
    const { scheme = "default", backend } = options;
    this.vocabulary = vocabulary;
    this.labels = labels;
    this.form = form;
    this.network = createNetwork(form, vocabulary.size, labels.length, scheme);
    this.#backend = backend;
  }

  /** Texts as a network reads them; an empty one is one token, so that it has a step. */
  batchOf(texts: readonly string[]): { tokens: Value; lengths: Value } {
    const rows = texts.map((text) => {
      const tokens = this.vocabulary.encode(text);
      return tokens.length > 0 ? tokens : Int32Array.of(0);
    });
    const { values, lengths } = padTokens(rows);
    return { tokens: values, lengths };
  }

  /** How likely each label is for each text: (texts, labels), row-major. */
  probabilities(texts: readonly string[]): Float64Array {
    this.#program ??= compileProbabilities(this.network, this.#backend);
    const found = new Float64Array(texts.length * this.labels.length);
    for (let start = 0; start < texts.length; start += ROWS) {
      const { data } = this.#program(this.batchOf(texts.slice(start, start + ROWS)));
      found.set(data, start * this.labels.length);
    }
    return found;
  }
}

function compileProbabilities(network: Network, backend: Backend | undefined) {
  const { tokens, lengths } = inputTypes;
  return compile((given) => softmax(scoresOf(network, 0, given.tokens, given.lengths)), {
    inputs: { tokens, lengths },
    ...(backend && { backend }),
  });
}

/** Labels as a program takes them. */
export function labelValues(labels: readonly string[], known: readonly string[]): Value {
  return value(
    Int32Array.from(labels, (label) => known.indexOf(label)),
    [labels.length],
  );
}
