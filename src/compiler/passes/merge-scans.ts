/**
 * Scans that step alike over the same inputs become one scan with the outputs of all: differentiation asks for a
 * forward scan a second time, with more outputs.
 */

import { bodyResults } from "../../graph/body.ts";
import { isOp, type Node } from "../../graph/node.ts";
import { type ClosedScan, type OpenScan, openScan, type ResultPart } from "../../graph/open-scan.ts";
import { pastReads, rebuild, topologicalOrder, withInputs } from "../../graph/traverse.ts";

/** A scan that stands for others, and which of its parts are the results of each. */
interface Merged {
  readonly open: OpenScan;
  readonly results: ReadonlyMap<Node, readonly ResultPart[]>;
}

export function mergeScans(results: readonly Node[]): Node[] {
  const mergedOf = new Map<Node, Merged>();
  for (const scans of scansAlike(results)) {
    const merged = merge(scans);
    for (const scan of scans) mergedOf.set(scan, merged ?? (merge([scan]) as Merged));
  }
  const closed = new Map<Merged, ClosedScan>();
  const done = new Map<Node, Node>();
  const close = (merged: Merged): ClosedScan => {
    const { open } = merged;
    open.give((source) => done.get(source) as Node);
    open.change(mergeScans);
    const made = open.close();
    closed.set(merged, made);
    return made;
  };
  const replace = (original: Node, inputs: readonly Node[]): Node => {
    if (isOp(original, "scan")) {
      const merged = mergedOf.get(original) as Merged;
      return (closed.get(merged) ?? close(merged)).scan;
    }
    if (!isOp(original, "output")) return withInputs(original, inputs);
    const from = original.inputs[0] as Node;
    const merged = mergedOf.get(from) as Merged;
    const part = merged.results.get(from)?.[original.attributes.index] as ResultPart;
    return (closed.get(merged) as ClosedScan).result(part);
  };
  return rebuild(results, replace, done);
}

/** Scans whose steps do the same with the same inputs, whatever they put out. */
function scansAlike(results: readonly Node[]): Iterable<readonly Node<"scan">[]> {
  const groups = new Map<string, Node<"scan">[]>();
  for (const candidate of topologicalOrder(results)) {
    if (!isOp(candidate, "scan")) continue;
    const { body, length, reverse, recompute } = candidate.attributes;
    const sends = body.sends.map(({ inbox, index, value }) => `${inbox}:${index.id}:${value.id}`);
    const ids = (nodes: readonly Node[]) => nodes.map(({ id }) => id).join();
    const key = [
      ids(candidate.inputs),
      ids(body.next),
      sends.join(),
      body.sequences.length,
      length,
      reverse,
      recompute,
    ].join("|");
    groups.set(key, [...(groups.get(key) ?? []), candidate]);
  }
  return groups.values();
}

/** One scan for all of these; undefined where there is none. */
function merge(scans: readonly Node<"scan">[]): Merged | undefined {
  const outputsOf = (scan: Node<"scan">) => scan.attributes.body.outputs;
  const longest = scans.reduce((a, b) => (outputsOf(a).length >= outputsOf(b).length ? a : b));
  const open = openScan(longest);
  // A step that reads its past names outputs by number: such scans keep theirs.
  const readsPast = scans.some((scan) => pastReads(bodyResults(scan.attributes.body)).length > 0);
  const isPartOfLongest = (scan: Node<"scan">) =>
    outputsOf(scan).every((output, index) => outputsOf(longest)[index] === output);
  if (readsPast && !scans.every(isPartOfLongest)) return undefined;
  if (!readsPast) open.outputs = [];
  const partOf = (value: Node) =>
    open.outputs.find((output) => output.value === value) ?? open.addOutput(value);
  const results = scans.map((scan) => [scan, [...open.states, ...outputsOf(scan).map(partOf)]] as const);
  return { open, results: new Map(results) };
}
