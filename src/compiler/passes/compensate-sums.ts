/**
 * States that add up terms of many steps carry along what rounding took from their sum, and give it back with the next
 * term (Kahan, "Further remarks on reducing truncation errors", 1965).
 */

import { add, elementwise, full, subtract } from "../../graph/build.ts";
import type { Node } from "../../graph/node.ts";
import { scanOutput } from "../../graph/traverse.ts";
import { isLong } from "../loops/sums.ts";
import { addedTerms, readersOf } from "./accumulators.ts";
import { closeScan, givenTo, newArgument, openScan, rewriteScans } from "./scans.ts";

export function compensateSums(results: readonly Node[]): Node[] {
  return rewriteScans(results, compensateSums, (scan) => {
    const { body, length } = scan.attributes;
    if (!isLong(length)) return undefined;
    const open = openScan(scan);
    const readers = readersOf(open);
    const next = [...body.next];
    const added: { lost: Node; next: Node }[] = [];
    open.states.forEach((own, index) => {
      const terms = own.dtype === "float32" ? addedTerms(open, index, readers) : undefined;
      if (!terms) return;
      const lost = newArgument(own);
      const term = subtract(terms.reduce(add), lost);
      const sum = add(own, term);
      next[index] = sum;
      added.push({ lost, next: finite(subtract(subtract(sum, own), term)) });
    });
    if (added.length === 0) return undefined;
    const given = givenTo(open);
    const closed = closeScan(
      scan,
      {
        ...given,
        states: [...given.states, ...added.map(({ lost }) => [lost, full(0, lost.shape)] as const)],
        inboxes: open.parameters.slice(open.parameters.length - body.inboxes.length),
      },
      { ...body, next: [...next, ...added.map((state) => state.next)] },
    );
    const count = body.next.length;
    return (index) => scanOutput(closed, index < count ? index : index + added.length);
  });
}

/** The value, or 0 where a sum is infinite: of that nothing is left to give back. */
function finite(value: Node): Node {
  const zero = full(0, value.shape);
  return elementwise("select", elementwise("equal", subtract(value, value), zero), value, zero);
}
