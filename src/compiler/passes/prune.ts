/** Removes from scans what nobody reads: outputs, states, and the inputs that only they needed. */

import { isOp, type Node } from "../../graph/node.ts";
import {
  type ClosedScan,
  type InputPart,
  type OpenScan,
  openScan,
  type ResultPart,
} from "../../graph/open-scan.ts";
import { pastReads, rebuild, topologicalOrder, withInputs } from "../../graph/traverse.ts";

/** A scan of which only the needed parts are left. */
interface Pruned {
  readonly open: OpenScan;
  /** The results that it had. */
  readonly results: readonly ResultPart[];
  readonly needed: Set<ResultPart>;
}

export function prune(results: readonly Node[]): Node[] {
  const pruned = prunedScans(results);
  const closed = new Map<Node, ClosedScan>();
  const done = new Map<Node, Node>();
  const replace = (original: Node, inputs: readonly Node[]): Node => {
    if (isOp(original, "scan")) {
      const open = pruned.get(original)?.open;
      // What only pruned inputs read is pruned with them.
      if (!open) return original;
      open.give((source) => done.get(source) as Node);
      open.change(prune);
      keepRead(open);
      const made = open.close();
      closed.set(original, made);
      return made.scan;
    }
    if (!isOp(original, "output")) return withInputs(original, inputs);
    const from = original.inputs[0] as Node;
    const part = pruned.get(from)?.results[original.attributes.index];
    return part && pruned.get(from)?.needed.has(part)
      ? (closed.get(from) as ClosedScan).result(part)
      : original;
  };
  return rebuild(results, replace, done);
}

/** The scans that the results of the graph need, pruned. */
function prunedScans(results: readonly Node[]): Map<Node, Pruned> {
  const scans = new Map<Node, Pruned>();
  const prunedOf = (scan: Node<"scan">): Pruned => {
    const known = scans.get(scan);
    if (known) return known;
    const open = openScan(scan);
    const made = { open, results: open.results, needed: new Set<ResultPart>() };
    scans.set(scan, made);
    return made;
  };
  const live = new Set<Node>(results);
  for (const current of topologicalOrder(results).reverse()) {
    if (!live.has(current)) continue;
    if (isOp(current, "output")) {
      const { results: parts, needed } = prunedOf(current.inputs[0] as Node<"scan">);
      needed.add(parts[current.attributes.index] as ResultPart);
    }
    if (!isOp(current, "scan")) {
      for (const input of current.inputs) live.add(input);
      continue;
    }
    const { open, needed } = prunedOf(current);
    keepNeeded(open, needed);
    for (const { source } of open.inputs) live.add(source);
  }
  return scans;
}

/** Leaves the needed results of a scan, and those that they depend on over all steps, which are needed too. */
function keepNeeded(open: OpenScan, needed: Set<ResultPart>): void {
  const { states, outputs } = open;
  for (let size = -1; size !== needed.size; ) {
    size = needed.size;
    open.states = states.filter((state) => needed.has(state));
    open.outputs = outputs.filter((output) => needed.has(output));
    const computed = open.computed();
    const reached = new Set(topologicalOrder(computed));
    for (const state of states) if (reached.has(state.argument)) needed.add(state);
    for (const read of pastReads(computed)) needed.add(open.outputOf(read));
  }
  keepRead(open);
}

/** Leaves the sequences and captures that a step reads. */
function keepRead(open: OpenScan): void {
  const reached = new Set(topologicalOrder(open.computed()));
  const isRead = ({ argument }: InputPart) => reached.has(argument);
  open.sequences = open.sequences.filter(isRead);
  open.captures = open.captures.filter(isRead);
}
