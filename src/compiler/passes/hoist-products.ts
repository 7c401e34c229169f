/** Products of a step that depend on its inputs alone leave the loop: x . W for all T steps becomes one product. */

import { bodyResults } from "../../graph/body.ts";
import { isOp, type Node } from "../../graph/node.ts";
import { rebuild, scanOutput, topologicalOrder } from "../../graph/traverse.ts";
import { lifter } from "./lift.ts";
import { closeScan, givenTo, newArgument, openScan, rewriteScans } from "./scans.ts";

export function hoistProducts(results: readonly Node[]): Node[] {
  return rewriteScans(results, hoistProducts, (scan) => {
    const { body } = scan.attributes;
    const open = openScan(scan);
    const lift = lifter(open);
    const hoisted = topologicalOrder(bodyResults(body)).flatMap((candidate) => {
      const lifted = isOp(candidate, "einsum") ? lift(candidate) : undefined;
      return lifted ? [{ candidate, lifted, argument: newArgument(candidate) }] : [];
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
