/**
 * Scans that step alike over the same inputs become one scan with the outputs of all: differentiation asks for a
 * forward scan a second time, with more outputs.
 */

import { body as internBody } from "../../graph/body.ts";
import { isOp, type Node, node } from "../../graph/node.ts";
import { mapBody, rebuild, scanOutput, topologicalOrder, withInputs } from "../../graph/traverse.ts";

export function mergeScans(results: readonly Node[]): Node[] {
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
      body.states.length,
      body.sequences.length,
      length,
      reverse,
      recompute,
    ].join("|");
    groups.set(key, [...(groups.get(key) ?? []), candidate]);
  }
  const outputsOf = new Map<Node, readonly Node[]>();
  for (const scans of groups.values()) {
    const outputs = [...new Set(scans.flatMap((scan) => scan.attributes.body.outputs))];
    // A step that reads its past names outputs by number: such scans keep theirs.
    const readsPast = scans.some((scan) =>
      topologicalOrder(scan.attributes.body.outputs).some(({ op }) => op === "past"),
    );
    const longest = scans.reduce((a, b) =>
      a.attributes.body.outputs.length >= b.attributes.body.outputs.length ? a : b,
    );
    const fixed = longest.attributes.body.outputs;
    const extends_ = scans.every((scan) =>
      scan.attributes.body.outputs.every((output, index) => fixed[index] === output),
    );
    if (readsPast && !extends_) continue;
    for (const scan of scans) outputsOf.set(scan, readsPast ? fixed : outputs);
  }
  const merged = new Map<Node, Node>();
  return rebuild(results, (original, inputs) => {
    if (isOp(original, "scan")) {
      const outputs = outputsOf.get(original) ?? original.attributes.body.outputs;
      const whole = internBody({ ...original.attributes.body, outputs });
      const scan = node("scan", inputs, { ...original.attributes, body: mapBody(whole, mergeScans) });
      merged.set(original, scan);
      return scan;
    }
    if (isOp(original, "output")) {
      const from = original.inputs[0] as Node<"scan">;
      const { body } = from.attributes;
      const states = body.next.length;
      const { index } = original.attributes;
      const scan = merged.get(from) as Node;
      if (index < states) return scanOutput(scan, index);
      const output = body.outputs[index - states] as Node;
      const outputs = outputsOf.get(from) ?? body.outputs;
      const at = outputs[index - states] === output ? index - states : outputs.indexOf(output);
      return scanOutput(scan, states + at);
    }
    return withInputs(original, inputs);
  });
}
