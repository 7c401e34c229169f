/**
 * States that add up terms of many steps carry along what rounding took from their sum, and give it back with the next
 * term (Kahan, "Further remarks on reducing truncation errors", 1965).
 */

import { add, elementwise, full, subtract } from "../../graph/build.ts";
import type { Node } from "../../graph/node.ts";
import { isLong } from "../loops/sums.ts";
import { addedTerms, readersOf } from "./accumulators.ts";
import { rewriteScans } from "./scans.ts";

export function compensateSums(results: readonly Node[]): Node[] {
  return rewriteScans(results, compensateSums, (open) => {
    if (!isLong(open.course.length)) return undefined;
    const readers = readersOf(open);
    const before = [...open.states];
    for (const state of before) {
      const own = state.argument;
      const terms = own.dtype === "float32" ? addedTerms(state, readers) : undefined;
      if (!terms) continue;
      const lost = open.addState(state.source);
      const term = subtract(terms.reduce(add), lost.argument);
      const sum = add(own, term);
      state.next = sum;
      lost.next = finite(subtract(subtract(sum, own), term));
      lost.source = full(0, own.shape);
    }
    return open.states.length > before.length ? open.close().result : undefined;
  });
}

/** The value, or 0 where a sum is infinite: of that nothing is left to give back. */
function finite(value: Node): Node {
  const zero = full(0, value.shape);
  return elementwise("select", elementwise("equal", subtract(value, value), zero), value, zero);
}
