/** Trees side by side: their nodes along time, children before parents, and who is whose child, as arrays for a program. */

import type { Value } from "../../backends/backend.ts";
import { checkOptions, printGiven } from "../../checks.ts";
import { DataError, UsageError } from "../../errors.ts";
import { fits } from "../../numbers.ts";
import { value } from "../../program/values.ts";
import { requireCounts } from "../counts.ts";
import { Vocabulary } from "../vocabulary.ts";
import { IGNORED_TARGET } from "../windows.ts";
import { parentsOf, positionsOf, printTreePlace, type Tree, type TreeNode } from "./tree.ts";

export const LABELLED_NODES = ["all", "root", "leaves"] as const;
/** Which nodes have a label to learn: all that have one, the root, or the leaves. */
export type LabelledNodes = (typeof LABELLED_NODES)[number];

export interface TreeArraysOptions {
  /** The numbers of tokens. */
  readonly tokens: Vocabulary;
  /** The token of nodes without one, and after the end of a tree. Default 0. */
  readonly padding?: number | undefined;
  /** The numbers of labels; without it all are `IGNORED_TARGET`. */
  readonly labels?: Vocabulary | undefined;
  /** Default "all". */
  readonly labelled?: LabelledNodes | undefined;
  /** The numbers of roles; "" is that of a node without one. */
  readonly roles?: Vocabulary | undefined;
  /** K: how many children a node has at most, for cells that have a place for each. */
  readonly arity?: number | undefined;
}

/**
 * B trees of at most T nodes as int32 arrays: node t of tree b is element t * B + b. After the last node of a tree, its root, there is
 * nothing: -1 stands in all arrays but tokens and types.
 */
export interface TreeArrays {
  /** (T, B). */
  readonly tokens: Value;
  /** (T, B): where each token stands among the tokens of the text, from 0; -1 for a node without a token. */
  readonly positions: Value;
  /** (T, B), `IGNORED_TARGET` (-1) where there is none. */
  readonly labels: Value;
  /** (B), from 1 to T: how many nodes each tree has. Its root is at lengths - 1. */
  readonly lengths: Value;
  /** (T, B): the last child of each node, -1 for a leaf. */
  readonly lastChild: Value;
  /** (T, B): the child of the same parent before it, -1 for the first one. */
  readonly previousSibling: Value;
  /** (T, B): -1 for the root. */
  readonly parent: Value;
  /** (K, T, B): each child of a node in its place, -1 for none; where an arity was given. */
  readonly children?: Value;
  /** (T, B), 0 after the end: the number of each node's role; where roles were given. */
  readonly types?: Value;
  /** (L, B) and (N, B): the nodes without children and those with some, each in order. L and N are the most of a tree, N at least 1. */
  readonly leaves: Value;
  readonly inner: Value;
}

/**
 * Trees side by side.
 *
 *     const words = Vocabulary.fromTokens(trees.map(treeTokens), { unknown: "<unk>" });
 *     const order = new LengthBatches(trees.map(({ nodes }) => nodes.length), { batch: 25, seed: 1 });
 *     const { tokens, lengths, children } = treeArrays(Array.from(order.at(0), (at) => trees[at] as Tree), { tokens: words, arity: 2 });
 *
 * @throws UsageError for options out of their range
 * @throws DataError where there are no trees, for what is no tree, a node of more children than the arity, and tokens, labels and roles
 *   that their vocabularies do not have; and for a tree without a label to learn, where labels are given
 */
export function treeArrays(trees: readonly Tree[], options: TreeArraysOptions): TreeArrays {
  checkTreeArraysOptions(options);
  if (!Array.isArray(trees) || trees.length === 0) {
    throw new DataError(`treeArrays: ${printGiven(trees)} given, a list of one tree or more expected`);
  }
  const { padding = 0, roles, arity } = options;
  const batch = trees.length;
  const parents = (trees as readonly Tree[]).map((tree, b) => parentsOf(tree, `tree ${b}`));
  const lengths = Int32Array.from(parents, ({ length }) => length);
  const steps = mostOf(lengths);
  const filled = (by: number, count = 1) => new Int32Array(count * steps * batch).fill(by);
  const arrays: Filling = {
    steps,
    batch,
    tokens: filled(padding),
    positions: filled(-1),
    labels: filled(IGNORED_TARGET),
    lastChild: filled(-1),
    previousSibling: filled(-1),
    parent: filled(-1),
    children: arity === undefined ? undefined : filled(-1, arity),
    types: roles && filled(0),
  };
  parents.forEach((parent, b) => {
    fill(arrays, trees[b] as Tree, parent, b, options);
  });
  const grid = (array: Int32Array) => value(array, [steps, batch]);
  const { children, types } = arrays;
  return {
    tokens: grid(arrays.tokens),
    positions: grid(arrays.positions),
    labels: grid(arrays.labels),
    lengths: value(lengths, [batch]),
    lastChild: grid(arrays.lastChild),
    previousSibling: grid(arrays.previousSibling),
    parent: grid(arrays.parent),
    ...(children && { children: value(children, [arity as number, steps, batch]) }),
    ...(types && { types: grid(types) }),
    leaves: nodesWhere(trees, ({ children }) => children.length === 0),
    inner: nodesWhere(trees, ({ children }) => children.length > 0),
  };
}

function checkTreeArraysOptions(options: TreeArraysOptions): void {
  checkOptions("treeArrays", options, {
    tokens: "a vocabulary",
    padding: true,
    labels: true,
    labelled: true,
    roles: true,
    arity: true,
  });
  const { tokens, padding = 0, labels, labelled = "all", roles, arity = 1 } = options;
  for (const [name, vocabulary] of Object.entries({ tokens, labels, roles })) {
    if (vocabulary === undefined || vocabulary instanceof Vocabulary) continue;
    throw new UsageError(`treeArrays: ${name} ${printGiven(vocabulary)} given, a vocabulary expected`);
  }
  if (!fits(padding, "int32")) {
    throw new UsageError(`treeArrays: padding ${printGiven(padding)} given, int32 expected`);
  }
  if (!LABELLED_NODES.includes(labelled)) {
    const expected = `expected ${LABELLED_NODES.join(", ")}`;
    throw new UsageError(`treeArrays: labelled ${printGiven(labelled)} is unknown: ${expected}`);
  }
  requireCounts({ arity });
}

/** The arrays of a batch while trees are written to them. */
interface Filling {
  readonly steps: number;
  readonly batch: number;
  readonly tokens: Int32Array;
  readonly positions: Int32Array;
  readonly labels: Int32Array;
  readonly lastChild: Int32Array;
  readonly previousSibling: Int32Array;
  readonly parent: Int32Array;
  readonly children: Int32Array | undefined;
  readonly types: Int32Array | undefined;
}

/** Writes a tree to its column. */
function fill(
  arrays: Filling,
  tree: Tree,
  parent: Int32Array,
  b: number,
  { tokens, labels, labelled = "all", roles, arity = Infinity }: TreeArraysOptions,
): void {
  const { steps, batch } = arrays;
  const positions = positionsOf(tree, `tree ${b}`);
  const root = tree.nodes.length - 1;
  let learnt = 0;
  tree.nodes.forEach((node, t) => {
    const at = t * batch + b;
    const where = () => printTreePlace(`tree ${b}: node ${t}`, node);
    if (node.children.length > arity) {
      throw new DataError(`${where()} has ${node.children.length} children, at most ${arity} expected`);
    }
    if (node.token !== undefined) arrays.tokens[at] = idOf(tokens, node.token, where);
    arrays.positions[at] = positions[t] as number;
    arrays.parent[at] = parent[t] as number;
    arrays.lastChild[at] = node.children.at(-1) ?? -1;
    node.children.forEach((child, k) => {
      arrays.previousSibling[child * batch + b] = node.children[k - 1] ?? -1;
      if (arrays.children) arrays.children[k * steps * batch + at] = child;
    });
    if (arrays.types && roles) arrays.types[at] = idOf(roles, node.role ?? "", where);
    const isLabelled = { all: true, root: t === root, leaves: node.children.length === 0 }[labelled];
    if (labels === undefined || node.label === undefined || !isLabelled) return;
    arrays.labels[at] = idOf(labels, node.label, where);
    learnt += 1;
  });
  if (labels === undefined || learnt > 0) return;
  const without = { all: "no node", root: "no root", leaves: "no leaf" }[labelled];
  const where = printTreePlace(`tree ${b}`, tree.nodes[root] as TreeNode);
  throw new DataError(`${where} has ${without} with a label, one expected`);
}

/** The number of a text in a vocabulary. Throws DataError with its place where it has none. */
function idOf(vocabulary: Vocabulary, text: string, where: () => string): number {
  try {
    return vocabulary.id(text);
  } catch (error) {
    throw new DataError(`${where()}: ${(error as Error).message}`, { cause: error });
  }
}

/** The numbers of some nodes of each tree, int32 (the most of a tree, B), with -1 after them. */
function nodesWhere(trees: readonly Tree[], is: (node: TreeNode) => boolean): Value {
  const lists = trees.map(({ nodes }) => nodes.flatMap((node, at) => (is(node) ? [at] : [])));
  const most = Math.max(1, mostOf(lists.map(({ length }) => length)));
  const numbers = new Int32Array(most * trees.length).fill(-1);
  lists.forEach((list, b) => {
    list.forEach((node, at) => {
      numbers[at * trees.length + b] = node;
    });
  });
  return value(numbers, [most, trees.length]);
}

function mostOf(counts: ArrayLike<number>): number {
  return Array.from(counts).reduce((most, count) => Math.max(most, count));
}
