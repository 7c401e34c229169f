/** Trees to learn from, to be measured on or to be told: read from files or given by programs, and looked at before they are used. */

import { printGiven } from "../../checks.ts";
import type { Source } from "../../data/source.ts";
import { counted } from "../../data/text.ts";
import { writeTreeJson } from "../../data/trees/objects.ts";
import { readTrees } from "../../data/trees/read.ts";
import { type ReadTreesOptions, settleTreeForm, type TreeForm } from "../../data/trees/reading.ts";
import { parentsOf, positionsOf, printTreePlace, type Tree, type TreeNode } from "../../data/trees/tree.ts";
import { DataError } from "../../errors.ts";
import { treeCells } from "../../nn/index.ts";
import { identifyRows, type RowsIdentity } from "../identity.ts";
import type { GivenFile, GivenOptions } from "../task.ts";
import { type Form, MOST_CHILDREN, type SuitedForm, type ToldNodes } from "./options.ts";

/** How a file was read. */
export type TreeReading = Pick<ReadTreesOptions, "column" | "rings"> & { readonly form: TreeForm };

export interface Corpus {
  readonly name: string;
  readonly trees: readonly Tree[];
  /** Where a node of a tree stands, for messages. */
  placeOf(tree: number, node: number): string;
}

/** The trees of a file, how it was read, and which file it is. Throws DataError as `readTrees` does, and where there are none. */
export async function readCorpus(
  file: GivenFile,
  options: ReadTreesOptions,
): Promise<{ readonly corpus: Corpus; readonly reading: TreeReading; readonly data: RowsIdentity }> {
  const form = await settleTreeForm(file, options);
  const trees: Tree[] = [];
  for await (const tree of readTrees(file, { ...options, form })) trees.push(tree);
  if (trees.length === 0) throw new DataError(`${file.name}: no trees, one or more expected`);
  const corpus: Corpus = {
    name: file.name,
    trees,
    placeOf: (tree, node) => printTreePlace(file.name, trees[tree]?.nodes[node] ?? {}),
  };
  const { column, rings } = options;
  const reading = { form, ...(column !== undefined && { column }), ...(rings !== undefined && { rings }) };
  return { corpus, reading, data: identify(file, corpus) };
}

/** How another file is read than the one of the training: as that one where it is of its form, which is its own unless it is given. */
export async function readingLike(
  file: Source,
  before: TreeReading | null,
  given: GivenOptions = {},
): Promise<Partial<TreeReading>> {
  const own = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  // Expressions and molecules may look like anything.
  const form = before?.form === "expressions" || before?.form === "smiles" ? { form: before.form } : {};
  const found = await settleTreeForm(file, { ...form, ...own });
  return { ...(found === before?.form ? before : {}), form: found, ...own };
}

/** The identity of trees. */
export function identify(file: Pick<GivenFile, "name" | "location">, { trees }: Corpus): RowsIdentity {
  return identifyRows(file, trees.map(writeTreeJson));
}

/** Trees that a program gives. Throws DataError for what is none, which counts them from 1. */
export function corpusOfTrees(name: string, given: Iterable<Tree>): Corpus {
  if (typeof given?.[Symbol.iterator] !== "function" || typeof given === "string") {
    throw new DataError(`${name}: ${printGiven(given)} given, a list of trees expected`);
  }
  const trees = Array.from(given);
  if (trees.length === 0) throw new DataError(`${name}: no trees, one or more expected`);
  for (const [at, tree] of trees.entries()) parentsOf(tree, `${name}: tree ${at + 1}`);
  return { name, trees, placeOf: (tree, node) => `${name}: tree ${tree + 1}: node ${node}` };
}

/** What suits trees: which nodes are told, which have something to read, and a cell for as many children as their nodes have. */
export function suitedForm({ trees }: Corpus, roles: Form["roles"]): SuitedForm {
  let most = 2;
  const labelled = { root: false, leaf: false, inner: false };
  let reads: SuitedForm["reads"] = "leaves";
  for (const { nodes } of trees) {
    nodes.forEach(({ children, label, token, role }, at) => {
      most = Math.max(most, children.length);
      const isRead = token !== undefined || (roles === "embedded" && role !== undefined);
      if (children.length > 0 && isRead) reads = "nodes";
      if (label === undefined) return;
      if (at === nodes.length - 1) labelled.root = true;
      else if (children.length === 0) labelled.leaf = true;
      else labelled.inner = true;
    });
  }
  const { root, leaf, inner } = labelled;
  const labels = inner || (root && leaf) ? "nodes" : leaf ? "leaves" : "root";
  return {
    cell: most > 2 ? "child-sum-tree-lstm" : "tree-lstm",
    labels,
    reads,
    arity: Math.min(most, MOST_CHILDREN),
  };
}

/** Whether a node is one of those that are told. */
export function isTold({ nodes }: Tree, at: number, labels: ToldNodes): boolean {
  if (labels === "nodes") return true;
  return labels === "root" ? at === nodes.length - 1 : nodes[at]?.children.length === 0;
}

/**
 * Throws DataError, with the place, for a tree that a network of this form does not read: of more nodes, or more children of a node, than
 * it is for, or with positions of words that are none.
 */
export function requireReadable(corpus: Corpus, form: Form): void {
  corpus.trees.forEach((_, at) => {
    requireReadableTree(corpus, at, form);
  });
}

function requireReadableTree({ trees, placeOf }: Corpus, tree: number, form: Form): void {
  const { nodes } = trees[tree] as Tree;
  if (nodes.length > form.largest) {
    throw new DataError(
      `${placeOf(tree, nodes.length - 1)}: a tree of ${counted(nodes.length, "node")}, at most ${form.largest} expected (the option largest)`,
    );
  }
  positionsOf(trees[tree] as Tree, placeOf(tree, nodes.length - 1));
  if ("message" in treeCells[form.cell] || form.direction === "down") return;
  const wide = nodes.findIndex(({ children }) => children.length > form.arity);
  if (wide < 0) return;
  throw new DataError(
    `${placeOf(tree, wide)}: a node with ${nodes[wide]?.children.length} children, at most ${form.arity} expected by ${form.cell} (child-sum-tree-lstm takes any number)`,
  );
}

/**
 * The labels of the nodes that are told, as numbers, -1 for a node that is not told or has none. Throws DataError, with the place, for a
 * label that is not known, and a tree without one that could be learnt.
 */
export function numbersOf(
  { trees, placeOf }: Corpus,
  { labels, form }: { readonly labels: readonly string[]; readonly form: Pick<Form, "labels"> },
): Int32Array[] {
  const known = new Map(labels.map((label, number) => [label, number]));
  return trees.map((tree, at) => {
    const numbers = Int32Array.from(tree.nodes, ({ label }: TreeNode, node) => {
      if (label === undefined || !isTold(tree, node, form.labels)) return -1;
      const number = known.get(label);
      if (number !== undefined) return number;
      throw new DataError(
        `${placeOf(at, node)}: the label ${printGiven(label)} is none of the known ones, ${listed(labels)} expected`,
      );
    });
    if (numbers.some((number) => number >= 0)) return numbers;
    const what = {
      nodes: "a tree without labels",
      root: "a root without a label",
      leaves: "leaves without labels",
    };
    throw new DataError(
      `${placeOf(at, tree.nodes.length - 1)}: ${what[form.labels]}, one label or more expected`,
    );
  });
}

/** The labels of the nodes that are told, each once, in the order of the alphabet. */
export function labelsOf({ trees }: Corpus, told: ToldNodes): string[] {
  const found = new Set<string>();
  for (const tree of trees) {
    tree.nodes.forEach(({ label }, at) => {
      if (label !== undefined && isTold(tree, at, told)) found.add(label);
    });
  }
  return [...found].sort();
}

const MOST_LISTED = 20;

function listed(labels: readonly string[]): string {
  const more = labels.length - MOST_LISTED;
  return `${labels.slice(0, MOST_LISTED).join(", ")}${more > 0 ? ` or one of ${more} more` : ""}`;
}
