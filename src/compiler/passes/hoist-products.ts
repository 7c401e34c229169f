/**
 * Products of a step that depend on its inputs alone leave the loop: x . W for all T steps becomes one product. So does
 * any work that is the same at every step.
 */

import { isKind, isOp, type Node } from "../../graph/node.ts";
import { factsOf, type Kind } from "../../graph/operations.ts";
import { rebuild, topologicalOrder } from "../../graph/traverse.ts";
import { lifter } from "./lift.ts";
import { rewriteScans } from "./scans.ts";

export function hoistProducts(results: readonly Node[]): Node[] {
  return rewriteScans(results, hoistProducts, (open) => {
    const lift = lifter(open);
    const moved = new Map<Node, Node>();
    for (const candidate of topologicalOrder(open.computed())) {
      const lifted = isWork(candidate) || isOp(candidate, "slice") ? lift(candidate) : undefined;
      // A scan over chunks is there to save memory: its products are not kept for all chunks.
      if (!lifted || (lifted.timed && open.course.recompute)) continue;
      // What is the same at every step leaves the loop; what depends on its inputs does so as a product only.
      if (!isOp(candidate, "einsum") && (lifted.timed || !isWorthMoving(candidate, lifted.node))) continue;
      const part = lifted.timed ? open.addSequence(lifted.node) : open.addCapture(lifted.node);
      moved.set(candidate, part.argument);
    }
    if (moved.size === 0) return undefined;
    open.change((computed) => rebuild(computed, undefined, moved));
    return open.close().result;
  });
}

/** Whether a node computes or copies something, rather than being a view. */
function isWork({ op }: Node): boolean {
  return work.has(factsOf(op).kind);
}
const work: ReadonlySet<Kind> = new Set(["contraction", "elementwise", "reduction", "assembly"]);

/** Whether a node that is the same at every step costs something there: not if it is a view, or numbers and sizes alone. */
function isWorthMoving(candidate: Node, outside: Node): boolean {
  // A part of what was joined outside is that part itself.
  if (isOp(candidate, "slice")) return outside.op !== "slice";
  return !topologicalOrder([outside]).every((node) => node.inputs.length > 0 || isKind(node, "number"));
}
