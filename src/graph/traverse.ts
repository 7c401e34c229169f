/** Walking and rebuilding graphs: order, substitution, dependence. Everything that visits nodes goes through here. */

import { argumentTypes, type BodyParts, bodyResults, splitArguments } from "./body.ts";
import { again } from "./build.ts";
import { inProgram, isInProgram, known, remember } from "./interning.ts";
import { isOp, type Node, node, nodeKey } from "./node.ts";

/** Every node that the results need, inputs before users, not looking behind `stop`. The bodies of scans are not entered. */
export function topologicalOrder(results: readonly Node[], stop?: (candidate: Node) => boolean): Node[] {
  const seen = new Set<Node>();
  const stack = [...results];
  for (let next = stack.pop(); next; next = stack.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    if (!stop?.(next)) stack.push(...next.inputs);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

/** The node again over other inputs, in normal form. */
export function withInputs(original: Node, inputs: readonly Node[]): Node {
  return inputs.every((input, index) => input === original.inputs[index])
    ? original
    : again(original, inputs);
}

/**
 * Rebuild the results bottom-up: `replace` is given each node and its rebuilt inputs, and says what stands in its place
 * (by default the node over these inputs). Nodes in `known` are replaced by what it says.
 */
export function rebuild(
  results: readonly Node[],
  replace: (original: Node, inputs: readonly Node[]) => Node = withInputs,
  known?: Map<Node, Node>,
): Node[] {
  const done = known ?? new Map<Node, Node>();
  for (const original of topologicalOrder(results, (candidate) => done.has(candidate))) {
    if (done.has(original)) continue;
    done.set(
      original,
      replace(
        original,
        original.inputs.map((input) => done.get(input) as Node),
      ),
    );
  }
  return results.map((result) => done.get(result) as Node);
}

/**
 * What `change` returns, which rewrites the graph of these results: what it makes is one object with what is equal in the
 * graph, also where the program was made before.
 */
export function rewriting<Result>(results: readonly Node[], change: () => Result): Result {
  if (isInProgram()) return change();
  const adopt = (graph: readonly Node[]) => {
    for (const candidate of topologicalOrder(graph)) {
      const key = nodeKey(candidate);
      if (!known(key)) remember(key, candidate);
      if (isOp(candidate, "scan")) adopt(bodyResults(candidate.attributes.body));
    }
  };
  return inProgram(() => {
    adopt(results);
    return change();
  });
}

/** The nodes among the results' ancestors that depend on one of `sources`. */
export function dependents(results: readonly Node[], isSource: (candidate: Node) => boolean): Set<Node> {
  const found = new Set<Node>();
  for (const candidate of topologicalOrder(results)) {
    if (isSource(candidate) || candidate.inputs.some((input) => found.has(input))) found.add(candidate);
  }
  return found;
}

/** The arguments of a finished body, in order. */
export function bodyArguments(parts: BodyParts): Node<"argument">[] {
  return argumentTypes(parts).map(({ shape, dtype }, index) =>
    node("argument", [], { index, scope: 0, shape, dtype }),
  );
}

/** What a scan's inputs are for. */
export function scanInputs(scan: Node<"scan">) {
  const { states, sequences, captures } = splitArguments(scan.attributes.body, scan.inputs);
  return { init: states, sequences, captures };
}

/** Result `index` of a scan. */
export function scanOutput(scan: Node, index: number): Node {
  return node("output", [scan], { index });
}

/** What a step puts out, where a node is the sequence of that; undefined for all other nodes, final states too. */
export function stepOutput(candidate: Node): Node | undefined {
  if (!isOp(candidate, "output")) return undefined;
  const { next, outputs } = (candidate.inputs[0] as Node<"scan">).attributes.body;
  return outputs[candidate.attributes.index - next.length];
}

/** The steps that a body reads back to: its nodes of operation `past`. */
export function pastReads(results: readonly Node[]): Node<"past">[] {
  return topologicalOrder(results).filter((candidate) => isOp(candidate, "past"));
}
