/** Models: nested objects and lists of layers. Here their weights are found, and get names and starting values. */

import { checkOptions, isPlain, printGiven, tagOf } from "../checks.ts";
import { UsageError } from "../errors.ts";
import { Tensor } from "../trace/tensor.ts";
import { partsOf, uniquePathBelow } from "../trace/tree.ts";
import { Variable } from "../trace/variable.ts";
import { runInitializer } from "./initializers.ts";
import { isLayer, type Layer } from "./layers/layer.ts";
import { checkSeed, randomSource, seedRange } from "./random.ts";

/** The layer that has a weight itself, not through another layer, and where it stands in the model. */
export interface Owner {
  readonly layer: Layer;
  readonly path: string;
}

/**
 * Every weight of a model, once, by the first path that leads to it. Objects, lists, layers and the public fields of
 * instances of classes are looked through; what cannot be is refused.
 */
export function weightsOf(model: object): { variable: Variable; path: string; owner: Owner | undefined }[] {
  return partsOfModel(model).weights;
}

/** Every layer of a model, once, by the first path that leads to it; "" where the model is a layer. */
export function layersOf(model: object): Owner[] {
  return partsOfModel(model).layers;
}

function partsOfModel(model: object) {
  if (typeof model !== "object" || model === null) {
    throw new UsageError(`model: ${printGiven(model)} given, an object of layers expected`);
  }
  const found = new Map<Variable, { variable: Variable; path: string; owner: Owner | undefined }>();
  const layers: Owner[] = [];
  const seen = new Set<object>();
  /** Whether there may be weights in it. */
  const visit = (part: unknown, path: string, owner: Owner | undefined): boolean => {
    if (part instanceof Variable) {
      if (!found.has(part)) found.set(part, { variable: part, path, owner });
      return true;
    }
    if (typeof part !== "object" || part === null || part instanceof Tensor) return false;
    if (seen.has(part)) return true;
    seen.add(part);
    const layer = isLayer(part) ? part : undefined;
    if (layer) layers.push({ layer, path });
    const where = path === "" ? "model" : `model.${path}`;
    const below = partsOf(layer ? layer.weights : part, where).map(([name, child]) =>
      visit(child, uniquePathBelow("model", path, name), layer && { layer, path }),
    );
    if (layer || below.includes(true)) return true;
    if (isPlain(part) || tagOf(part) !== "Object") return false;
    throw new UsageError(
      `${where}: ${printGiven(part)} given in which no layers can be seen, layers in public fields or in \`weights\` expected`,
    );
  };
  visit(model, "", undefined);
  return { weights: [...found.values()], layers };
}

/**
 * The weights of a model by name: the path to the layer, then the layer's own name for the weight, as in
 * "rnn.weight_hh_l0". A layer that stands in several places is named by the first place. A weight that has only the layer's own
 * name so far has this one from now on.
 * Throws UsageError for a model without weights, for names that are empty or have dots, and for a part in which no layer can
 * be found: a Map, a Set, an instance of a class that has no layer in its public fields.
 */
export function parameters(model: object): Record<string, Variable> {
  const found = weightsOf(model);
  if (found.length === 0) throw new UsageError("a model without weights given, an object of layers expected");
  for (const { variable, path } of found) {
    if (path.endsWith(`.${variable.name}`)) variable.name = path;
  }
  return Object.fromEntries(found.map(({ variable, path }) => [path, variable]));
}

export interface InitializeOptions {
  /** An integer from 0 to 2^53 - 1. */
  readonly seed: number;
  /** Whether weights that have values start again too. Default false: they keep them, as for fine-tuning. */
  readonly restart?: boolean | undefined;
}

/**
 * Name the weights of a model after their paths, and give those that have no value yet their starting values. These depend
 * on the seed and the weight's name alone. Returns the model.
 * Throws UsageError for a seed that is not an integer from 0 to 2^53 - 1.
 */
export function initialize<Model extends object>(model: Model, options: InitializeOptions): Model {
  checkOptions("initialize", options, { seed: seedRange, restart: true });
  const { seed, restart = false } = options ?? {};
  checkSeed(seed);
  for (const [name, variable] of Object.entries(parameters(model))) {
    variable.name = name;
    if (variable.hasValue && !(restart && variable.initializer)) continue;
    const { initializer, dimensions } = variable;
    if (!initializer) throw new UsageError(`${name} has neither a value nor an initialiser`);
    variable.value = runInitializer(name, initializer, dimensions, randomSource(seed, name));
  }
  return model;
}

/** The number of elements of all weights of a model that are trained. */
export function countParameters(model: object): number {
  return Object.values(parameters(model))
    .filter(({ trainable }) => trainable)
    .reduce((sum, { count }) => sum + count, 0);
}
