/** Weights by their names: which of them are matrices, and which layer each belongs to. */

import type { Variable } from "../trace/variable.ts";
import { parameters } from "./model.ts";

/** Weights as functions take them: `parameters(model)`, or a list. */
export type GivenParameters = Readonly<Record<string, Variable>> | readonly Variable[];

/** Weights with the names that they are given by; those of a list have their own. */
export function namedParameters(given: GivenParameters): (readonly [name: string, Variable])[] {
  if (Array.isArray(given))
    return (given as readonly Variable[]).map((variable) => [variable.name, variable]);
  return Object.entries(given);
}

/**
 * The layer of a weight by its name: the path before the weight's own name, "rnn" of "rnn.weight_hh"; of layers that share a path, with
 * the number that ends their weights' names, "rnn.l1" of "rnn.weight_hh_l1". Both directions are one layer.
 */
export function layerOf(name: string): string {
  const path = name.split(".").slice(0, -1);
  const [, number] = /_(l\d+)(?:_reverse)?$/.exec(name) ?? [];
  return [...path, ...(number === undefined ? [] : [number])].join(".");
}

/**
 * The weights of a model that are trained and have two axes or more, by name, as `parameters` gives all of them: matrices, kernels,
 * embeddings. Biases and the scales of normalisations have one axis; they are usually left out where weights are to become small.
 */
export function matrices(model: object): Record<string, Variable> {
  return Object.fromEntries(
    Object.entries(parameters(model)).filter(
      ([, { trainable, dimensions }]) => trainable && dimensions.length >= 2,
    ),
  );
}
