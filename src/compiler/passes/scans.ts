/** What passes over scans share: visiting every scan of a graph, inner bodies first, and putting another in its place. */

import { mapBody } from "../../graph/body.ts";
import { isOp, type Node, node } from "../../graph/node.ts";
import { type OpenScan, openScan, type ResultPart } from "../../graph/open-scan.ts";
import { rebuild, withInputs } from "../../graph/traverse.ts";

/** A rewrite of a graph: results in, equal results out. */
export type Pass = (results: readonly Node[]) => Node[];

/** What stands in the place of a scan's result, for those that are used. */
export type Replacement = (part: ResultPart) => Node;

/**
 * Apply a pass to the bodies of all scans, then `replace` to each scan of this graph, opened: it may change it, and says
 * what stands for the results that it had; `undefined` leaves the scan as it was.
 */
export function rewriteScans(
  results: readonly Node[],
  pass: Pass,
  replace: (open: OpenScan) => Replacement | undefined = () => undefined,
): Node[] {
  const replacements = new Map<Node, (index: number) => Node>();
  return rebuild(results, (original, inputs) => {
    if (isOp(original, "scan")) {
      const body = mapBody(original.attributes.body, pass);
      const scan = node("scan", inputs, { ...original.attributes, body });
      const open = openScan(scan);
      const parts = open.results;
      const replacement = replace(open);
      if (replacement) replacements.set(scan, (index) => replacement(parts[index] as ResultPart));
      return scan;
    }
    const replacement = isOp(original, "output") ? replacements.get(inputs[0] as Node) : undefined;
    return replacement && isOp(original, "output")
      ? replacement(original.attributes.index)
      : withInputs(original, inputs);
  });
}
