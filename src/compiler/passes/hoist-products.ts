/**
 * Products of a step that depend on its inputs alone leave the loop: x . W for all T steps becomes one product. So does
 * any work that is the same at every step.
 */

import { bodyResults } from "../../graph/body.ts";
import { isKind, isOp, type Node } from "../../graph/node.ts";
import { factsOf, type Kind } from "../../graph/operations.ts";
import { rebuild, scanOutput, topologicalOrder } from "../../graph/traverse.ts";
import { lifter } from "./lift.ts";
import { closeScan, givenTo, newArgument, openScan, rewriteScans } from "./scans.ts";

export function hoistProducts(results: readonly Node[]): Node[] {
  return rewriteScans(results, hoistProducts, (scan) => {
    const { body } = scan.attributes;
    const open = openScan(scan);
    const lift = lifter(open);
    const hoisted = topologicalOrder(bodyResults(body)).flatMap((candidate) => {
      const lifted = isWork(candidate) || isOp(candidate, "slice") ? lift(candidate) : undefined;
      // What is the same at every step leaves the loop too; what depends on its inputs does so as a product only.
      // A scan over chunks is there to save memory: its products are not kept for all chunks.
      if (lifted?.timed && scan.attributes.recompute) return [];
      const leaves =
        lifted && (isOp(candidate, "einsum") || (!lifted.timed && isWorthMoving(candidate, lifted.node)));
      return leaves ? [{ candidate, lifted, argument: newArgument(candidate) }] : [];
    });
    if (hoisted.length === 0) return undefined;
    const given = givenTo(open);
    const replaced = new Map<Node, Node>(hoisted.map(({ candidate, argument }) => [candidate, argument]));
    const sent = body.sends.flatMap(({ index, value }) => [index, value]);
    const next = rebuild([...body.next, ...body.outputs, ...sent], undefined, replaced);
    const outputs = body.next.length + body.outputs.length;
    const pairs = (timed: boolean) =>
      hoisted
        .filter(({ lifted }) => lifted.timed === timed)
        .map(({ argument, lifted }) => [argument, lifted.node] as const);
    const closed = closeScan(
      scan,
      {
        states: given.states,
        sequences: [...given.sequences, ...pairs(true)],
        captures: [...given.captures, ...pairs(false)],
        inboxes: open.parameters.slice(open.parameters.length - body.inboxes.length, open.parameters.length),
      },
      {
        next: next.slice(0, body.next.length),
        outputs: next.slice(body.next.length, outputs),
        sends: body.sends.map(({ inbox }, at) => ({
          inbox,
          index: next[outputs + 2 * at] as Node,
          value: next[outputs + 2 * at + 1] as Node,
        })),
      },
    );
    return (index) => scanOutput(closed, index);
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
