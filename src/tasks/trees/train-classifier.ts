/** Training and reading classifiers of trees from programs. */

import { type BackendChoice, backendOf } from "../../backends/choice.ts";
import { checkOptions } from "../../checks.ts";
import type { Tree } from "../../data/trees/tree.ts";
import type { WordVectors } from "../../data/word-vectors.ts";
import { UsageError } from "../../errors.ts";
import { optionNames } from "../../options/table.ts";
import type { RunOptions } from "../../training/training.ts";
import { givenModel, trainedModel } from "../in-programs.ts";
import { vectorsInMemory } from "../word-vectors.ts";
import { beginTrees, checkTreeOptions } from "./begin.ts";
import { type TreeClassifier, treeClassifierOf } from "./classifier.ts";
import { corpusOfTrees, identify } from "./corpus.ts";
import { openTrees } from "./file.ts";
import { ownOptions, type TreeClassifierOptions } from "./options.ts";
import { trainingOf } from "./training.ts";

export interface TrainTreeClassifierOptions
  extends TreeClassifierOptions,
    Pick<RunOptions, "onEvent" | "signal"> {
  /** Trees that choose the best epoch, instead of a part of those to train on. */
  readonly validationTrees?: Iterable<Tree> | undefined;
  /** Vectors that words start from: what `readWordVectors` gives for the words of the trees. */
  readonly vectors?: WordVectors | undefined;
  readonly backend?: BackendChoice | undefined;
}

/**
 * A classifier of trees and their nodes: the one with the lowest loss on held-out trees. It learns the labels of all nodes that have one,
 * of roots, or of leaves.
 *
 *     const classifier = await trainTreeClassifier(trees); // as readTrees reads them
 *     console.log(classifier.predict(tree).nodes.at(-1)?.label);
 *
 * Hands the thread back now and then. Throws UsageError for options that do not exist or fit, DataError for trees that are none, too few or
 * too large, and labels that are none or all the same, TrainingError where the training diverges.
 */
export async function trainTreeClassifier(
  trees: Iterable<Tree>,
  options: TrainTreeClassifierOptions = {},
): Promise<TreeClassifier> {
  checkOptions<object>("trainTreeClassifier", options, {
    ...optionNames(ownOptions),
    ...{ validationTrees: true, vectors: true, onEvent: true, signal: true, backend: true },
  });
  const { onEvent, signal, backend, vectors, validationTrees, ...given } = options;
  if (backend !== undefined) backendOf("trainTreeClassifier", backend);
  if (validationTrees !== undefined && given.validation !== undefined) {
    throw new UsageError("trainTreeClassifier: validation and validationTrees given, one of both expected");
  }
  const starting = vectorsInMemory("trainTreeClassifier", vectors);
  checkTreeOptions(given, validationTrees !== undefined);
  const corpus = corpusOfTrees("trees", trees);
  const held = validationTrees && corpusOfTrees("validationTrees", validationTrees);
  const { model, parts, record } = await beginTrees(corpus, held, given, {
    data: identify(corpus, corpus),
    validationData: held ? identify(held, held) : null,
    ...{ reading: null, vectors: starting, backend },
  });
  const training = trainingOf(model, parts, record, backend);
  const best = await trainedModel("trainTreeClassifier", "tree classifier", training, { onEvent, signal });
  const found = openTrees(best, backend);
  return treeClassifierOf(found.model, found.record);
}

/**
 * A classifier of trees from the bytes of a model file, such as `model.safetensors` of a run. `name` is for messages. Throws FormatError
 * for any other file.
 */
export function readTreeClassifier(
  bytes: Uint8Array,
  name = "tree classifier",
  options: { readonly backend?: BackendChoice | undefined } = {},
): TreeClassifier {
  const file = givenModel("readTreeClassifier", bytes, name, options, { backend: true });
  const { model, record } = openTrees(file, options.backend);
  return treeClassifierOf(model, record);
}
