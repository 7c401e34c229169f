/** A tree drawn with what its nodes are told. */

import type { Source } from "../../data/source.ts";
import { counted } from "../../data/text.ts";
import { readTrees } from "../../data/trees/read.ts";
import { printTreePlace, type Tree } from "../../data/trees/tree.ts";
import type { Drawing } from "../../draw/charts/drawing.ts";
import { MOST_DRAWN } from "../../draw/charts/labelled-tree.ts";
import { treeDrawing } from "../../draw/charts/tree-drawing.ts";
import { DataError } from "../../errors.ts";
import { type Corpus, requireReadable, type TreeReading } from "./corpus.ts";
import type { Told, TreeModel } from "./model.ts";
import { type ToldNode, toldTree } from "./prediction.ts";
import { UNKNOWN_WORD, wordId } from "./words.ts";

/** What a model makes of a tree, the only one given. Throws DataError for one that is too large for it, or for a picture. */
export function drawTree(model: TreeModel, corpus: Corpus): Drawing {
  const [tree] = corpus.trees as readonly [Tree];
  if (tree.nodes.length > MOST_DRAWN) {
    throw new DataError(
      `${corpus.name}: a tree of ${counted(tree.nodes.length, "node")}, at most ${MOST_DRAWN} expected in a picture`,
    );
  }
  requireReadable(corpus, model.form);
  const { nodes } = toldTree(model, tree, model.tell([tree])[0] as Told);
  return treeDrawing({
    title: "",
    nodes: nodes.map(({ token, label, probabilities, children }: ToldNode, at) => {
      const own = tree.nodes[at]?.label;
      const probability = label === undefined ? undefined : probabilities?.[label];
      return { token, label, probability, given: own === label ? undefined : own, children };
    }),
  });
}

export interface OneTreeReading extends Partial<TreeReading> {
  /** Whether brackets have no labels; found where it is not given. */
  readonly bare?: boolean | undefined;
}

/**
 * The tree of a source that has one, as a model may read it: of brackets that begin with none of its labels, first words that it knows, or
 * labels that cannot be read as such, are words. Throws DataError as `readTrees` does, and for none or several.
 */
export async function readOneTree(
  source: Source,
  model: TreeModel,
  { bare, ...reading }: OneTreeReading,
): Promise<Corpus> {
  const labelled = () => oneTree(source, reading);
  const unlabelled = () => oneTree(source, { ...reading, labels: false });
  if (bare) return unlabelled();
  const firsts = await firstsOf(source);
  if (reading.form !== "brackets" || firsts.some((first) => model.labels.includes(first))) return labelled();
  const known = firsts.filter((first) => wordId(model.words, first) !== UNKNOWN_WORD).length;
  if (2 * known > firsts.length) return unlabelled();
  try {
    return await labelled();
  } catch {
    // Brackets that do not close are told here, too.
    return unlabelled();
  }
}

/** What stands first in brackets. */
async function firstsOf(source: Source): Promise<string[]> {
  const text = new TextDecoder().decode(await source.arrayBuffer());
  return [...text.matchAll(/\([ \t\r\n]*([^() \t\r\n]+)/g)].map(([, first]) => first as string);
}

async function oneTree(source: Source, options: Parameters<typeof readTrees>[1]): Promise<Corpus> {
  const trees: Tree[] = [];
  for await (const tree of readTrees(source, options)) trees.push(tree);
  const { name } = source;
  if (trees.length !== 1) {
    throw new DataError(`${name}: ${counted(trees.length, "tree")} given, one expected`);
  }
  return { name, trees, placeOf: (tree, node) => printTreePlace(name, trees[tree]?.nodes[node] ?? {}) };
}
