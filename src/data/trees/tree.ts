/** Trees as lists of nodes, children before their parents, so that nothing that goes over them has to call itself. */

import { printGiven } from "../../checks.ts";
import { DataError } from "../../errors.ts";

export interface TreeNode {
  /** A word, an operator, an atom; undefined for a node without one. */
  readonly token?: string | undefined;
  readonly label?: string | undefined;
  /** Its relation to its parent, or what kind of node it is. */
  readonly role?: string | undefined;
  /** Where its token stands among the tokens of the tree's text, from 0. Where no node says so, tokens stand in the order of nodes. */
  readonly position?: number | undefined;
  /** Its children, as places in `nodes`, in their order; each stands before it. Empty for a leaf. */
  readonly children: readonly number[];
  /** Where it stands in its file, both from 1; the column counts UTF-16 units, and is undefined where it is not known. */
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** A tree of one node or more. */
export interface Tree {
  /** Every node after its children; the root is the last one. Readers give post-order: all of a child's nodes, then all of the next one's. */
  readonly nodes: readonly TreeNode[];
}

/** So many nodes are no tree, but a file whose brackets do not close. */
const MOST_NODES = 2 ** 21;

/** Throws DataError where a tree of so many nodes has no room for another one, which stands in a place of a file. */
export function checkTreeRoom(
  nodes: number,
  name: string,
  place: Pick<TreeNode, "line" | "column"> = {},
): void {
  if (nodes < MOST_NODES) return;
  throw new DataError(
    `${printTreePlace(name, place)}: a tree of more than ${MOST_NODES} nodes, at most so many expected`,
  );
}

/** A place in a file, for messages. */
export function printTreePlace(name: string, { line, column }: Pick<TreeNode, "line" | "column">): string {
  const parts = [line === undefined ? "" : `line ${line}`, column === undefined ? "" : `column ${column}`];
  const place = parts.filter((part) => part !== "").join(", ");
  return place === "" ? name : `${name}: ${place}`;
}

/**
 * The parent of each node of a tree, -1 for the root.
 *
 * @param where what the tree is called in messages
 * @throws DataError for what is no tree: no nodes, a child that does not stand before its parent, a node with two parents or, but the
 *   last one, with none
 */
export function parentsOf(tree: Tree, where: string): Int32Array {
  const nodes = tree?.nodes;
  if (!Array.isArray(nodes)) throw new DataError(`${where}: ${printGiven(tree)} given, a tree expected`);
  if (nodes.length === 0) throw new DataError(`${where}: an empty tree, one node or more expected`);
  const parents = new Int32Array(nodes.length).fill(-1);
  (nodes as readonly TreeNode[]).forEach((node, at) => {
    if (!Array.isArray(node?.children)) {
      throw new DataError(
        `${where}: node ${at} has the children ${printGiven(node?.children)}, a list expected`,
      );
    }
    for (const child of node.children) {
      if (!Number.isSafeInteger(child) || child < 0 || child >= at) {
        throw new DataError(
          `${where}: node ${at} has the child ${printGiven(child)}, a node before it expected`,
        );
      }
      if (parents[child] !== -1) {
        throw new DataError(
          `${where}: node ${child} is a child twice, of ${parents[child]} and ${at}: once expected`,
        );
      }
      parents[child] = at;
    }
  });
  const stray = parents.indexOf(-1);
  if (stray === nodes.length - 1) return parents;
  throw new DataError(`${where}: node ${stray} has no parent, the last node alone is the root`);
}

/**
 * Where the token of each node stands among the tokens of the tree's text, -1 for a node without one.
 *
 * @throws DataError unless positions are given for no token, or are those from 0 for all of them
 */
export function positionsOf(tree: Tree, where: string): Int32Array {
  const positions = new Int32Array(tree.nodes.length).fill(-1);
  const places = tree.nodes.flatMap(({ token }, at) => (token === undefined ? [] : [at]));
  const isGiven = tree.nodes.some(({ position }) => position !== undefined);
  const taken = new Uint8Array(places.length);
  places.forEach((at, order) => {
    const position = isGiven ? tree.nodes[at]?.position : order;
    if (position === undefined || taken[position] !== 0) {
      const expected = `one of 0 to ${places.length - 1} expected for each token, or none for all`;
      throw new DataError(`${where}: node ${at} has the position ${printGiven(position)}: ${expected}`);
    }
    taken[position] = 1;
    positions[at] = position;
  });
  return positions;
}

/**
 * The tokens of a tree in the order of its text.
 *
 * @throws DataError for what is no tree, and for positions that are not those from 0
 */
export function treeTokens(tree: Tree): string[] {
  parentsOf(tree, "treeTokens");
  const tokens: string[] = [];
  positionsOf(tree, "treeTokens").forEach((position, at) => {
    if (position >= 0) tokens[position] = tree.nodes[at]?.token as string;
  });
  return tokens;
}

/** Goes over a tree from the root, each node before its children and again after them. */
export function walkTree(
  { nodes }: Tree,
  enter: (node: TreeNode, at: number, parent: number) => void,
  leave: (node: TreeNode, at: number) => void,
): void {
  const [path, next]: [number[], number[]] = [[], []];
  const open = (at: number) => {
    enter(nodes[at] as TreeNode, at, path.at(-1) ?? -1);
    path.push(at);
    next.push(0);
  };
  open(nodes.length - 1);
  while (path.length > 0) {
    const top = path.length - 1;
    const at = path[top] as number;
    const child = nodes[at]?.children[next[top] as number];
    next[top] = (next[top] as number) + 1;
    if (child !== undefined) open(child);
    else {
      path.pop();
      next.pop();
      leave(nodes[at] as TreeNode, at);
    }
  }
}

/**
 * The tree of nodes in any order, each with its children as places in that order, of which none is a child twice.
 *
 * @returns the tree, and a node that hangs on no root, as those of a cycle do
 */
export function inPostOrder(
  given: readonly TreeNode[],
  root: number,
): { readonly tree: Tree; readonly stray: number | undefined } {
  const place = new Int32Array(given.length).fill(-1);
  const nodes: TreeNode[] = [];
  const path = [root];
  const next = [0];
  while (path.length > 0) {
    const top = path.length - 1;
    const at = path[top] as number;
    const node = given[at] as TreeNode;
    const child = node.children[next[top] as number];
    next[top] = (next[top] as number) + 1;
    if (child !== undefined) {
      path.push(child);
      next.push(0);
      continue;
    }
    path.pop();
    next.pop();
    place[at] = nodes.length;
    nodes.push({ ...node, children: node.children.map((one) => place[one] as number) });
  }
  const stray = place.indexOf(-1);
  return { tree: { nodes }, stray: stray < 0 ? undefined : stray };
}
