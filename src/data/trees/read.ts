/** Reads trees, whatever form they have. */

import { jsonLines } from "../json-lines.ts";
import type { Source } from "../source.ts";
import { conlluColumn, conlluPlace } from "../tagged/reading.ts";
import { bracketedTrees } from "./brackets.ts";
import { dependencyTrees } from "./dependencies.ts";
import { expressionTrees } from "./expressions.ts";
import { type TreeKeys, treeOfObject } from "./objects.ts";
import { checkTreeReading, type ReadTreesOptions, settleTreeForm } from "./reading.ts";
import { smilesTrees } from "./smiles.ts";
import type { Tree } from "./tree.ts";

/**
 * The trees of a source, one after the other, as they are read: in brackets, as JSON Lines, out of CoNLL-U, or of expressions or molecules.
 *
 *     for await (const { nodes } of readTrees(source)) console.log(nodes.length, nodes.at(-1)?.label);
 *
 * @throws UsageError for what is no source, and options that are none
 * @throws DataError, when its turn has come, for a form that is not found, options of another form, with name, line and (but in JSON
 *   and CoNLL-U) column for what is none of the form, a tree of more than 2,097,152 nodes, and as `sourceLines` and `jsonLines` do
 */
export function readTrees(
  source: Source,
  options: ReadTreesOptions = {},
): AsyncGenerator<Tree, void, undefined> {
  checkTreeReading("readTrees", source, options);
  return treesOf(source, options);
}

async function* treesOf(source: Source, options: ReadTreesOptions): AsyncGenerator<Tree, void, undefined> {
  const { labels = true, column = "UPOS", keys = {}, rings = "cut" } = options;
  const form = await settleTreeForm(source, options);
  if (form === "brackets") yield* bracketedTrees(source, labels);
  else if (form === "jsonl") yield* jsonTrees(source, keys);
  else if (form === "conllu") {
    const place = conlluPlace(conlluColumn(column, source.name));
    yield* dependencyTrees(source, labels ? place : undefined);
  } else if (form === "expressions") yield* expressionTrees(source);
  else yield* smilesTrees(source, rings);
}

async function* jsonTrees(source: Source, keys: TreeKeys): AsyncGenerator<Tree, void, undefined> {
  for await (const { number, value } of jsonLines(source)) {
    yield treeOfObject(value, keys, `${source.name}: line ${number}`, number);
  }
}
