/** Dependency trees out of CoNLL-U: a node for each word, whose children are its dependents in the order of the sentence. */

import { printGiven } from "../../checks.ts";
import { DataError } from "../../errors.ts";
import type { Source } from "../source.ts";
import { type ConlluSentence, conlluRows } from "../tagged/conllu.ts";
import { inPostOrder, type Tree } from "./tree.ts";

const HEAD = { at: 6, what: "head" };
const RELATION = { at: 7, what: "relation" };

/**
 * A tree for each sentence. A node has the word, its place in the sentence, the relation to its head as its role, and what stands in a
 * column as its label. Empty nodes (8.1) are passed over; of words that are written together (1-2) each is a node.
 *
 * @param column that of labels, from 0; undefined for none
 * @throws as `conlluRows` does, and DataError with name and line for a head that is no word of the sentence, for a sentence without
 *   a root or with several, and for words in a cycle
 */
export async function* dependencyTrees(
  source: Source,
  column: number | undefined,
): AsyncGenerator<Tree, void, undefined> {
  const labels = column === undefined ? [] : [{ at: column, what: "label" }];
  for await (const rows of conlluRows(source, [HEAD, RELATION, ...labels]))
    yield treeOfRows(rows, source.name);
}

function treeOfRows({ pieces, columns, lines }: ConlluSentence, name: string): Tree {
  const [heads, roles, labels] = columns as [string[], string[], string[] | undefined];
  const place = (word: number) => `${name}: line ${lines[word]}`;
  const dependents = heads.map((): number[] => []);
  let root: number | undefined;
  heads.forEach((given, word) => {
    const head = /^\d+$/.test(given) ? Number(given) : -1;
    if (head < 0 || head > heads.length) {
      throw new DataError(
        `${place(word)}: the head ${printGiven(given)} given, 0 to ${heads.length} expected`,
      );
    }
    if (head > 0) dependents[head - 1]?.push(word);
    else if (root === undefined) root = word;
    else
      throw new DataError(`${place(word)}: a second root, beside that of line ${lines[root]}: one expected`);
  });
  if (root === undefined) {
    throw new DataError(`${place(0)}: no word of the sentence has the head 0, one root expected`);
  }
  const nodes = pieces
    .flatMap(({ words }) => words)
    .map((token, word) => ({
      token,
      ...(labels && { label: labels[word] as string }),
      role: roles[word] as string,
      position: word,
      children: dependents[word] as number[],
      line: lines[word] as number,
    }));
  const { tree, stray } = inPostOrder(nodes, root);
  if (stray !== undefined)
    throw new DataError(`${place(stray)}: the word hangs on a cycle of heads, not on the root`);
  return tree;
}
