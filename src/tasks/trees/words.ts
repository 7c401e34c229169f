/** The words of trees by number. */

import type { Tree } from "../../data/trees/tree.ts";
import { Vocabulary } from "../../data/vocabulary.ts";
import { FormatError } from "../../errors.ts";
import { knownRole } from "./roles.ts";

/** What a node without a word reads, and one with a word that is not known. */
const NONE = "<none>";
const UNKNOWN = "<unk>";
export const UNKNOWN_WORD = 1;

/** Those of trees to train on, the commonest up to `most`. */
export function wordsOf(trees: readonly Tree[], most: number): Vocabulary {
  const lists = trees.map(({ nodes }) => nodes.flatMap(({ token }) => token ?? []));
  return Vocabulary.fromTokens(lists, { special: [NONE], unknown: UNKNOWN, size: most + 2 });
}

/** Throws FormatError for what is no such vocabulary. */
export function wordsOfJson(json: unknown, where: string): Vocabulary {
  const words = Vocabulary.fromJSON(json, `${where}: words`);
  const [none, unknown] = words.tokens;
  if (words.kind === "list" && none === NONE && unknown === UNKNOWN && words.unknown === UNKNOWN)
    return words;
  throw new FormatError(`${where}: words: a list that begins with ${NONE} and ${UNKNOWN} expected`);
}

/** The number of a word: as it is written, else in small letters, else that of unknown ones. */
export function wordId(words: Vocabulary, word: string): number {
  return words.has(word) ? words.id(word) : words.id(word.toLowerCase());
}

/** A tree with words, and roles where they are read, as vocabularies have them. */
export function withKnownWords({ nodes }: Tree, words: Vocabulary, roles: Vocabulary | undefined): Tree {
  return {
    nodes: nodes.map((node) => ({
      ...node,
      ...(node.token !== undefined && { token: words.token(wordId(words, node.token)) }),
      ...(roles && { role: knownRole(roles, node) }),
    })),
  };
}

/** How often each word, by its number, is in trees. */
export function countWords(words: Vocabulary, trees: readonly Tree[]): Float64Array {
  const counts = new Float64Array(words.size);
  for (const { nodes } of trees) {
    for (const { token } of nodes) {
      if (token === undefined) continue;
      const id = wordId(words, token);
      counts[id] = (counts[id] as number) + 1;
    }
  }
  return counts;
}
