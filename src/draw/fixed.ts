/** How equations write what comes from weights and numbers alone. */

import { uniformValue } from "../graph/build.ts";
import { isKind, isOp, type Node } from "../graph/node.ts";
import { bare, type Part, partOf, symbolOf, weightName, weightSymbol } from "./names.ts";

/** A weight by its symbol, a number as it is, and what is computed from them as an equation, as far as it is short. */
export function fixedText(given: Node, frame: { partName(part: Part): string }, part?: Part): string {
  const node = bare(given);
  const repeated = uniformValue(node);
  if (repeated !== undefined) return String(Number(repeated.toPrecision(4))).replace("-", "−");
  const name = weightName(node);
  if (name !== undefined) return weightSymbol(name, part && frame.partName(part));
  if (isOp(node, "iota")) return "t";
  const [first, second] = node.inputs;
  if (isOp(node, "slice") && first && !part) return fixedText(first, frame, partOf(node));
  if (isKind(node, "elementwise") && first) {
    const symbol = symbolOf(node);
    const [left, right] = [fixedText(first, frame, part), second && fixedText(second, frame, part)];
    if (right === undefined) return `${symbol}(${left})`;
    const isShort = node.inputs.length === 2 && !`${left}${right}`.includes(" ");
    return isShort ? `${left} ${symbol} ${right}` : "…";
  }
  return "…";
}
