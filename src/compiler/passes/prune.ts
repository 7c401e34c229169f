/** Removes from scans what nobody reads: outputs, states, and the inputs that only they needed. */

import { isOp, type Node, node } from "../../graph/node.ts";
import {
  dependents,
  pastReads,
  rebuild,
  scanOutput,
  topologicalOrder,
  withInputs,
} from "../../graph/traverse.ts";
import { closeScan, givenTo, openScan } from "./scans.ts";

export function prune(results: readonly Node[]): Node[] {
  const used = usedResults(results);
  const pruned = new Map<Node, { scan: Node; states: number[]; outputs: number[] }>();
  return rebuild(results, (original, inputs) => {
    if (isOp(original, "scan")) {
      const kept = keptParts(original, used.get(original) ?? new Set());
      const scan = keepOnly(node("scan", inputs, original.attributes), kept);
      pruned.set(original, { scan, ...kept });
      return scan;
    }
    if (isOp(original, "output")) {
      const from = original.inputs[0] as Node<"scan">;
      const { scan, states, outputs } = pruned.get(from) as {
        scan: Node;
        states: number[];
        outputs: number[];
      };
      const count = from.attributes.body.next.length;
      const { index } = original.attributes;
      const at = index < count ? states.indexOf(index) : outputs.indexOf(index - count);
      // What only pruned inputs read is pruned with them.
      return at < 0 ? original : scanOutput(scan, index < count ? at : states.length + at);
    }
    return withInputs(original, inputs);
  });
}

/** Which results of each scan are read, seen from the results of the graph. */
function usedResults(results: readonly Node[]): Map<Node, Set<number>> {
  const used = new Map<Node, Set<number>>();
  const live = new Set<Node>(results);
  for (const current of topologicalOrder(results).reverse()) {
    if (!live.has(current)) continue;
    if (isOp(current, "output")) {
      const scan = current.inputs[0] as Node;
      used.set(scan, (used.get(scan) ?? new Set()).add(current.attributes.index));
    }
    if (!isOp(current, "scan")) {
      for (const input of current.inputs) live.add(input);
      continue;
    }
    const { states, needed } = keptParts(current, used.get(current) ?? new Set());
    const count = current.attributes.body.states.length;
    current.inputs.forEach((input, index) => {
      if (index < count ? states.includes(index) : needed(index)) live.add(input);
    });
  }
  return used;
}

/** The states and outputs that the used results depend on, over all steps. */
function keptParts(scan: Node<"scan">, used: ReadonlySet<number>) {
  const { body } = scan.attributes;
  const { states } = openScan(scan);
  const count = body.next.length;
  const keptStates = new Set([...used].filter((index) => index < count));
  const keptOutputs = new Set([...used].filter((index) => index >= count).map((index) => index - count));
  const resultsOf = () => [
    ...[...keptStates].map((index) => body.next[index] as Node),
    ...[...keptOutputs].map((index) => body.outputs[index] as Node),
    ...body.sends.flatMap(({ index, value }) => [index, value]),
  ];
  for (let size = -1; size !== keptStates.size + keptOutputs.size; ) {
    size = keptStates.size + keptOutputs.size;
    const reached = new Set(topologicalOrder(resultsOf()));
    states.forEach((state, index) => {
      if (reached.has(state)) keptStates.add(index);
    });
    for (const read of pastReads(resultsOf())) keptOutputs.add(read.attributes.output);
  }
  const reached = dependentsOf(resultsOf());
  return {
    states: [...keptStates].sort((a, b) => a - b),
    outputs: [...keptOutputs].sort((a, b) => a - b),
    needed: (argument: number) => reached.has(argument),
  };
}

/** The numbers of the arguments that the results read. */
function dependentsOf(results: readonly Node[]): Set<number> {
  const found = topologicalOrder(results).flatMap((candidate) =>
    isOp(candidate, "argument") ? [candidate.attributes.index] : [],
  );
  return new Set(found);
}

function keepOnly(
  scan: Node<"scan">,
  { states, outputs }: { states: number[]; outputs: number[] },
): Node<"scan"> {
  const open = openScan(scan);
  const { body } = scan.attributes;
  const given = givenTo(open);
  const renumbered = (result: Node): Node => {
    if (dependents([result], ({ op }) => op === "past").size === 0) return result;
    const [changed] = rebuild([result], (original, inputs) =>
      isOp(original, "past")
        ? node("past", inputs, {
            ...original.attributes,
            output: outputs.indexOf(original.attributes.output),
          })
        : withInputs(original, inputs),
    );
    return changed as Node;
  };
  // Inner scans are pruned with the body's remaining results.
  const sent = body.sends.flatMap(({ index, value }) => [index, value]);
  const kept = prune([
    ...states.map((index) => renumbered(body.next[index] as Node)),
    ...outputs.map((index) => renumbered(body.outputs[index] as Node)),
    ...sent.map(renumbered),
  ]);
  const reached = new Set(topologicalOrder(kept));
  const inboxes = open.parameters.slice(open.parameters.length - body.inboxes.length);
  return closeScan(
    scan,
    {
      states: states.map((index) => given.states[index] as (typeof given.states)[0]),
      sequences: given.sequences.filter(([argument]) => reached.has(argument)),
      captures: given.captures.filter(([argument]) => reached.has(argument)),
      inboxes: body.inboxes.length === 0 ? [] : inboxes,
    },
    {
      next: kept.slice(0, states.length),
      outputs: kept.slice(states.length, states.length + outputs.length),
      sends: body.sends.map(({ inbox }, at) => ({
        inbox,
        index: kept[states.length + outputs.length + 2 * at] as Node,
        value: kept[states.length + outputs.length + 2 * at + 1] as Node,
      })),
    },
  );
}
