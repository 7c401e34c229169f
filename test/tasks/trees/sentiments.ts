// Trees for tests of their classifiers: signs that "not" turns round, whose labels no word alone gives away.

import { textSource } from "../../../src/data/source.ts";
import { readTrees } from "../../../src/data/trees/read.ts";
import type { Tree } from "../../../src/data/trees/tree.ts";
import { randomSource } from "../../../src/nn/random.ts";

const words: Readonly<Record<string, number>> = { good: 2, fine: 2, bad: 0, poor: 0, film: 1, the: 1 };

/** Trees in brackets with the labels 0, 1 and 2 at every node. */
export function sentiments(count: number, seed = 1, depth = 3): string[] {
  const random = randomSource(seed, "sentiments");
  const one = <Item>(list: readonly Item[]) => list[Math.floor(random.uniform() * list.length)] as Item;
  const of = (left: number): { label: number; text: string } => {
    if (left === 0 || random.uniform() < 0.2) {
      const word = one(Object.keys(words));
      return { label: words[word] as number, text: `(${words[word]} ${word})` };
    }
    const inner = of(left - 1);
    if (random.uniform() < 0.5) {
      const label = 2 - inner.label;
      return { label, text: `(${label} (1 not) ${inner.text})` };
    }
    return { label: inner.label, text: `(${inner.label} (1 very) ${inner.text})` };
  };
  return Array.from({ length: count }, () => of(depth).text);
}

export async function treesOf(lines: readonly string[]): Promise<Tree[]> {
  const trees: Tree[] = [];
  for await (const tree of readTrees(textSource("t.txt", lines.join("\n")))) trees.push(tree);
  return trees;
}
