/** Trees: nested records and arrays with leaves of one kind. States, models and inputs are trees of tensors. */

export type Tree<Leaf> = Leaf | readonly Tree<Leaf>[] | { readonly [name: string]: Tree<Leaf> };

/** The same tree with other leaves. */
export type MapTree<T, From, To> = T extends From ? To : { [Key in keyof T]: MapTree<T[Key], From, To> };

type IsLeaf<Leaf> = (value: unknown) => value is Leaf;

/** The leaves of a tree with their paths ("rnn.weight"), in the order of the keys. */
export function leaves<Leaf>(tree: unknown, isLeaf: IsLeaf<Leaf>, path = ""): [string, Leaf][] {
  if (isLeaf(tree)) return [[path, tree]];
  if (typeof tree !== "object" || tree === null) return [];
  return Object.entries(tree).flatMap(([name, child]) =>
    leaves(child, isLeaf, path === "" ? name : `${path}.${name}`),
  );
}

/** A tree of the same form whose leaves are `map(leaf, path)`. Things that are neither leaf, array nor plain record stay. */
export function mapTree<Leaf, To>(
  tree: unknown,
  isLeaf: IsLeaf<Leaf>,
  map: (leaf: Leaf, path: string) => To,
  path = "",
): unknown {
  if (isLeaf(tree)) return map(tree, path);
  const below = (name: string | number) => (path === "" ? String(name) : `${path}.${name}`);
  if (Array.isArray(tree)) return tree.map((child, index) => mapTree(child, isLeaf, map, below(index)));
  if (typeof tree !== "object" || tree === null) return tree;
  return Object.fromEntries(
    Object.entries(tree).map(([name, child]) => [name, mapTree(child, isLeaf, map, below(name))]),
  );
}
