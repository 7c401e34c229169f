/** A trained classifier of trees as programs use it. */

import { checkOptions, printGiven } from "../../checks.ts";
import type { Tree } from "../../data/trees/tree.ts";
import type { Drawing } from "../../draw/charts/drawing.ts";
import { UsageError } from "../../errors.ts";
import { writeModel } from "../../formats/model.ts";
import type { LabelScores } from "../label-table.ts";
import { type Corpus, corpusOfTrees, requireReadable } from "./corpus.ts";
import { drawTree } from "./drawing.ts";
import { evaluateTrees } from "./evaluation.ts";
import { describeTrees, type TreeRecord } from "./file.ts";
import type { TreeFigures } from "./measures.ts";
import type { Told, TreeModel } from "./model.ts";
import type { Form } from "./options.ts";
import { type ToldTree, toldTree } from "./prediction.ts";

/** How well a classifier of trees does, beside the commonest label. */
export interface TreeEvaluation extends TreeFigures {
  readonly trees: number;
  /** Labels that were told. */
  readonly labels: number;
  /** Roots with a label that is not the middle one, and the part of them told on the right side of it; with `classes: 2`. */
  readonly twoClassRoots?: number | undefined;
  readonly twoClassAccuracy?: number | undefined;
  readonly baseline: Omit<TreeFigures, "loss">;
  readonly labelScores: Readonly<Record<string, LabelScores>>;
  /** What is wrong with a classifier that does so, where something is. */
  readonly warning?: string | undefined;
}

/** A trained classifier of trees: `trainTreeClassifier` makes one, `readTreeClassifier` reads one. */
export interface TreeClassifier {
  /** What it is made of. */
  readonly form: Form;
  /** The labels that it tells, in the order of the alphabet. */
  readonly labels: readonly string[];
  /** How well it did on what was held out; undefined where nothing was. */
  readonly validation: TreeFigures | undefined;
  /** The tree with the labels that it is told. Throws DataError for what is no tree, or one that the network does not read. */
  predict(tree: Tree): ToldTree;
  /** Many at once, in order, which is faster; exactly one for each. */
  predictAll(trees: Iterable<Tree>): ToldTree[];
  /** What it makes of a tree of up to 1,000 nodes, as a picture or in a terminal: each node with the label that it is told, and its own in brackets where that is another one. */
  draw(tree: Tree): Drawing;
  /** What stands for the whole tree: a vector for other models. */
  vector(tree: Tree): Float32Array;
  /** Throws DataError for trees that are none, or have labels that are not known. */
  evaluate(trees: Iterable<Tree>, options?: { readonly classes?: 2 | undefined }): Promise<TreeEvaluation>;
  /** The classifier as the bytes of a file, which `readTreeClassifier` and the command open. */
  toBytes(): Uint8Array;
}

export function treeClassifierOf(model: TreeModel, record: TreeRecord): TreeClassifier {
  const tell = (corpus: Corpus) => {
    requireReadable(corpus, model.form);
    const told = model.tell(corpus.trees);
    return corpus.trees.map((tree, at) => ({ tree, told: told[at] as Told }));
  };
  const predict = (corpus: Corpus) => tell(corpus).map(({ tree, told }) => toldTree(model, tree, told));
  return {
    form: model.form,
    labels: model.labels,
    validation: record.validation ?? undefined,
    predict: (tree) => predict(corpusOfTrees("predict", [tree]))[0] as ToldTree,
    predictAll: (trees) => predict(corpusOfTrees("predictAll", trees)),
    draw: (tree) => drawTree(model, corpusOfTrees("draw", [tree])),
    vector: (tree) => (tell(corpusOfTrees("vector", [tree]))[0] as { told: Told }).told.vector,
    async evaluate(trees, options = {}) {
      checkOptions("evaluate", options, { classes: true });
      const { classes } = options;
      if (classes !== undefined && classes !== 2) {
        throw new UsageError(`evaluate: classes ${printGiven(classes)} given, 2 expected`);
      }
      const corpus = corpusOfTrees("evaluate", trees);
      const { measures, beside, details, warning } = await evaluateTrees(model, corpus, { classes });
      const found = { ...measures, baseline: beside?.baseline, ...details, ...(warning && { warning }) };
      return found as unknown as TreeEvaluation;
    },
    toBytes: () => writeModel(model.network, describeTrees(model, record)),
  };
}
