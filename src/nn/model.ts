/** Models: plain nested objects and lists of layers. Here their weights get names and starting values. */

import { UsageError } from "../errors.ts";
import { Variable } from "../trace/variable.ts";
import { runInitializer } from "./initializers.ts";
import { isLayer } from "./layers/layer.ts";
import { randomSource } from "./random.ts";

/**
 * The weights of a model by name: the path to the layer, then the layer's own name for the weight, as in
 * "rnn.weight_hh_l0". A layer that stands in several places is named by the first.
 * Throws UsageError for a model without weights.
 */
export function parameters(model: object): Record<string, Variable> {
  const found = new Map<Variable, string>();
  const seen = new Set<object>();
  const visit = (part: unknown, path: string) => {
    if (part instanceof Variable) {
      if (!found.has(part)) found.set(part, path);
    } else if (typeof part === "object" && part !== null && !seen.has(part)) {
      seen.add(part);
      for (const [name, child] of Object.entries(isLayer(part) ? part.weights : part)) {
        visit(child, path === "" ? name : `${path}.${name}`);
      }
    }
  };
  visit(model, "");
  if (found.size === 0) throw new UsageError("a model without weights given, an object of layers expected");
  return Object.fromEntries([...found].map(([variable, name]) => [name, variable]));
}

/**
 * Name the weights of a model after their paths and give them their starting values. The values of a weight depend on
 * the seed and its name alone. Returns the model.
 * Throws UsageError for a seed that is not an integer from 0 to 2^53 - 1.
 */
export function initialize<Model extends object>(model: Model, { seed }: { readonly seed: number }): Model {
  for (const [name, variable] of Object.entries(parameters(model))) {
    variable.name = name;
    if (variable.initializer) {
      variable.value = runInitializer(
        name,
        variable.initializer,
        variable.dimensions,
        randomSource(seed, name),
      );
    } else if (!variable.hasValue) {
      throw new UsageError(`${name} has neither a value nor an initialiser`);
    }
  }
  return model;
}

/** The number of elements of all weights of a model that are trained. */
export function countParameters(model: object): number {
  return Object.values(parameters(model))
    .filter(({ trainable }) => trainable)
    .reduce((sum, { count }) => sum + count, 0);
}
