/** Trees: nested records and arrays with leaves of one kind. States, models and inputs are trees of tensors. */

import { expectedNames, isPlain, printGiven, tagOf } from "../checks.ts";
import { UsageError } from "../errors.ts";

export type Tree<Leaf> = Leaf | readonly Tree<Leaf>[] | { readonly [name: string]: Tree<Leaf> };

/** The same tree with other leaves. */
export type MapTree<T, From, To> = T extends From ? To : { [Key in keyof T]: MapTree<T[Key], From, To> };

type IsLeaf<Leaf> = (value: unknown) => value is Leaf;

/** What has parts, but none with a name that a path could be made of. */
const collections = new Set(["Map", "Set", "WeakMap", "WeakSet", "Promise", "Generator", "AsyncGenerator"]);

/**
 * The parts of a list, a record or an instance of a class, by their names; none of anything else. Throws UsageError for a
 * Map, a Set, a Promise and the like: what is in it has no name.
 */
export function partsOf(value: unknown, path: string): [string, unknown][] {
  if (typeof value !== "object" || value === null) return [];
  if (isPlain(value)) return Object.entries(value);
  const tag = tagOf(value);
  if (collections.has(tag)) {
    const at = path === "" ? "" : ` at ${path}`;
    throw new UsageError(`${printGiven(value)} given${at}, a record or a list expected`);
  }
  return tag === "Object" ? Object.entries(value) : [];
}

/** The path of a part of what stands at a path. */
export function pathBelow(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

/**
 * As `pathBelow`, where things are told apart by their paths. Throws UsageError for a name by which two could have one path:
 * an empty one, one with a dot, and `__proto__`.
 */
export function uniquePathBelow(where: string, path: string, name: string): string {
  if (name !== "" && !name.includes(".") && name !== "__proto__") return pathBelow(path, name);
  const at = path === "" ? "" : ` in ${path}`;
  throw new UsageError(
    `${where}: the name ${JSON.stringify(name)}${at} given, one that is not empty and has no dot expected`,
  );
}

/** The leaves of a tree with their paths ("rnn.weight"), in the order of the keys. */
export function leaves<Leaf>(tree: unknown, isLeaf: IsLeaf<Leaf>, path = ""): [string, Leaf][] {
  if (isLeaf(tree)) return [[path, tree]];
  return partsOf(tree, path).flatMap(([name, child]) => leaves(child, isLeaf, pathBelow(path, name)));
}

/**
 * The leaves of a tree in which they are told apart by their paths. Throws UsageError for names by which they could not be,
 * and for whatever is neither leaf, list, record nor undefined.
 */
export function namedLeaves<Leaf>(
  where: string,
  tree: unknown,
  isLeaf: IsLeaf<Leaf>,
  expected: string,
  path = "",
): [string, Leaf][] {
  if (isLeaf(tree)) return [[path, tree]];
  if (tree === undefined && path !== "") return [];
  if (typeof tree !== "object" || tree === null || (!isPlain(tree) && tagOf(tree) !== "Object")) {
    const at = path === "" ? "" : ` for ${path}`;
    throw new UsageError(`${where}: ${printGiven(tree)} given${at}, ${expected} expected`);
  }
  return Object.entries(tree).flatMap(([name, child]) =>
    namedLeaves(where, child, isLeaf, expected, uniquePathBelow(where, path, name)),
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
  if (Array.isArray(tree))
    return tree.map((child, index) => mapTree(child, isLeaf, map, pathBelow(path, String(index))));
  if (typeof tree !== "object" || tree === null || ArrayBuffer.isView(tree)) return tree;
  return Object.fromEntries(
    partsOf(tree, path).map(([name, child]) => [name, mapTree(child, isLeaf, map, pathBelow(path, name))]),
  );
}

/**
 * What a tree has that another one, `form`, has not, for a message: "z is unknown: x, y expected". Undefined where there is
 * nothing.
 */
export function strayPart<Leaf>(
  given: unknown,
  form: unknown,
  isLeaf: IsLeaf<Leaf>,
  path = "",
): string | undefined {
  if (typeof given !== "object" || given === null) return undefined;
  if (typeof form !== "object" || form === null || isLeaf(form)) return undefined;
  for (const name of Object.keys(given)) {
    const part = (given as Record<string, unknown>)[name];
    if (part === undefined) continue;
    if (!Object.hasOwn(form, name)) {
      return `${pathBelow(path, name)} is unknown: ${expectedNames(name, Object.keys(form))}`;
    }
    const stray = strayPart(part, (form as Record<string, unknown>)[name], isLeaf, pathBelow(path, name));
    if (stray !== undefined) return stray;
  }
  return undefined;
}
