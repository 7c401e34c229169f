// Trees for tests: read from texts, told in short, and at random.
import fc from "fast-check";
import { textSource } from "../../src/data/source.ts";
import { readTrees } from "../../src/data/trees/read.ts";
import type { ReadTreesOptions } from "../../src/data/trees/reading.ts";
import type { Tree, TreeNode } from "../../src/data/trees/tree.ts";

export async function readAll(name: string, text: string, options?: ReadTreesOptions): Promise<Tree[]> {
  const trees: Tree[] = [];
  for await (const tree of readTrees(textSource(name, text), options)) trees.push(tree);
  return trees;
}

/** A tree without its places in a file. */
export const bare = ({ nodes }: Tree): Tree => ({
  nodes: nodes.map(({ line, column, ...node }) => node),
});

/** A small tree as a text, by a way of its own, which calls itself: role:token/label[children]. */
export function told({ nodes }: Tree, at = nodes.length - 1): string {
  const { token = "", label, role, children } = nodes[at] as TreeNode;
  const own = `${role === undefined ? "" : `${role} `}${token}${label === undefined ? "" : `/${label}`}`;
  return children.length === 0
    ? own
    : `${own}[${children.map((child) => told({ nodes }, child)).join(", ")}]`;
}

/**
 * Trees in post-order of any shape: each number says how many of the trees so far the next node takes as children.
 *
 * @param node what a node has beside its children
 */
export function randomTrees(node: (isLeaf: boolean) => fc.Arbitrary<Partial<TreeNode>>): fc.Arbitrary<Tree> {
  return fc
    .array(fc.tuple(fc.nat({ max: 3 }), node(true), node(false)), { minLength: 1, maxLength: 40 })
    .map((given) => {
      const nodes: TreeNode[] = [];
      const roots: number[] = [];
      for (const [count, leaf, inner] of given) {
        const children = count === 0 ? [] : roots.splice(-count);
        nodes.push({ ...(children.length === 0 ? leaf : inner), children });
        roots.push(nodes.length - 1);
      }
      if (roots.length > 1) nodes.push({ ...(given[0]?.[2] as Partial<TreeNode>), children: roots });
      return { nodes };
    });
}

/** Texts of these pieces in any order. */
export const nonsense = (...pieces: readonly string[]): fc.Arbitrary<string> =>
  fc
    .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 2 })), { maxLength: 25 })
    .map((all) => all.join(""));
