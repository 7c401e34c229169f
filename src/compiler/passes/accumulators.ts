/** States that add up terms of all steps, as gradients of captures do. */

import { isOp, type Node } from "../../graph/node.ts";
import type { OpenScan, StatePart } from "../../graph/open-scan.ts";
import { dependents, topologicalOrder } from "../../graph/traverse.ts";

/** How often each node of a scan's body is read, as a result too. */
export function readersOf(open: OpenScan): ReadonlyMap<Node, number> {
  const results = open.computed();
  const readers = new Map<Node, number>();
  const count = (node: Node) => readers.set(node, (readers.get(node) ?? 0) + 1);
  for (const { inputs } of topologicalOrder(results)) inputs.forEach(count);
  results.forEach(count);
  return readers;
}

/** What each step adds to a state that nobody else reads before the end; undefined for any other state. */
export function addedTerms(
  { argument: own, next }: StatePart,
  readers: ReadonlyMap<Node, number>,
): Node[] | undefined {
  if (!isOp(next, "add") || readers.get(own) !== 1 || readers.get(next) !== 1) return undefined;
  const terms = addends(next);
  const rest = terms.filter((term) => term !== own);
  const areFree =
    rest.length === terms.length - 1 && dependents(rest, (candidate) => candidate === own).size === 0;
  return areFree ? rest : undefined;
}

/** The terms of a tree of additions. */
export function addends(value: Node): Node[] {
  return isOp(value, "add") ? value.inputs.flatMap(addends) : [value];
}
