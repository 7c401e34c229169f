/** The network of a tagger: words and their characters in, read in both directions, a score for each tag out. */

import {
  cells,
  crossEntropy,
  dropout,
  embedding,
  lastOverTime,
  linear,
  linearChainCrf,
  recurrent,
  type Scheme,
} from "../../nn/index.ts";
import type { LinearChainCrfOptions } from "../../nn/layers/linear-chain-crf.ts";
import { int32 } from "../../program/compile.ts";
import { concat, softmax, where } from "../../trace/functions.ts";
import { withKey } from "../../trace/randomness.ts";
import type { Tensor } from "../../trace/tensor.ts";
import type { Form } from "./options.ts";

/** Numbers in a character's vector. */
const CHARACTER_SIZE = 32;

/** What a network is for. */
export interface Sizes {
  readonly words: number;
  readonly characters: number;
  readonly tags: number;
}

/** Layers without values: `initialize` or a file gives them. */
export function createNetwork(form: Form, sizes: Sizes, legal: LinearChainCrfOptions, initialize: Scheme) {
  const { embedding: size, hidden, layers, characters, dropout: probability, crf } = form;
  const cell = cells[form.cell];
  const spelling =
    characters === 0
      ? undefined
      : {
          embedding: embedding(sizes.characters, CHARACTER_SIZE, { initialize: "uniform" }),
          rnn: recurrent(cell, CHARACTER_SIZE, characters, { direction: "both", initialize }),
        };
  const rnn = recurrent(cell, size + (spelling?.rnn.outputSize ?? 0), hidden, {
    layers,
    dropout: layers > 1 ? probability : 0,
    direction: "both",
    initialize,
  });
  return {
    // Vectors of rare words stay near where they started: small, so that they say little.
    embedding: embedding(sizes.words, size, { initialize: "uniform" }),
    ...(spelling && { spelling }),
    rnn,
    head: linear(rnn.outputSize, sizes.tags, { initialize }),
    ...(crf === "yes" && { crf: linearChainCrf(sizes.tags, legal) }),
  };
}

export type Network = ReturnType<typeof createNetwork>;

/**
 * What a network reads of sentences side by side: words by number, and the characters of the W different words among them, each
 * spelt once, with the places (T, B) of each word among these.
 */
export const inputTypes = {
  tokens: int32("T", "B"),
  lengths: int32("B"),
  characters: int32("C", "W"),
  characterLengths: int32("W"),
  places: int32("T", "B"),
};

export const trainingTypes = { ...inputTypes, tags: int32("T", "B") };

export type Given = Readonly<Record<keyof typeof inputTypes, Tensor>>;

/** The characters of W words to a vector a word: what either direction has read in the end. */
function spellingOf({ embedding, rnn }: NonNullable<Network["spelling"]>, given: Given): Tensor {
  const { characters, characterLengths: lengths } = given;
  const { output } = rnn.apply(embedding.apply(characters), { lengths });
  const half = rnn.outputSize / 2;
  const last = lastOverTime(output, lengths).slice(1, 0, half);
  return concat(last, output.at(0, 0).slice(1, half, rnn.outputSize));
}

/** A score for each tag of each word: (T, B, K). */
export function emissionsOf(
  network: Network,
  { dropout: probability }: Pick<Form, "dropout">,
  given: Given,
): Tensor {
  const drop = dropout(probability);
  const words = network.embedding.apply(given.tokens);
  const read = network.spelling
    ? concat(words, spellingOf(network.spelling, given).gather(given.places))
    : words;
  const { output } = network.rnn.apply(drop.apply(read), { lengths: given.lengths });
  return network.head.apply(drop.apply(output));
}

/** The loss of a batch, in nats a word; tags are -1 beyond a sentence's end. */
export function lossOf(network: Network, form: Form, given: Given & { readonly tags: Tensor }): Tensor {
  const emissions = emissionsOf(network, form, given);
  const { tags, lengths } = given;
  if (!network.crf) return crossEntropy(emissions, tags);
  const nats = network.crf.loss(emissions, tags, { lengths, reduction: "sum" });
  return nats.div(lengths.sum().convert("float32"));
}

/** The tag of each word int32 (T, B), and how probable it is (T, B). Nothing is dropped. */
export function tagsOf(network: Network, form: Form, given: Given): { tags: Tensor; confidence: Tensor } {
  return withKey(null, () => {
    const emissions = emissionsOf(network, form, given);
    const { crf } = network;
    if (!crf) {
      const probabilities = softmax(emissions);
      return { tags: probabilities.argmax(2), confidence: probabilities.max(2) };
    }
    const { tags } = crf.decode(emissions, given.lengths);
    const marginals = crf.marginals(emissions, given.lengths);
    const { shape } = tags;
    const column = tags.reshape([...shape, 1]);
    // Beyond a sentence's end the tag is -1.
    const own = where(column.less(0), 0, column);
    return { tags, confidence: marginals.takeAlong(own, 2).reshape(shape) };
  });
}
