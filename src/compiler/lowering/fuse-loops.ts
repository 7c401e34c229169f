/**
 * Loop nests: which elementwise work and which reductions run in one, their values in registers. A node joins the first
 * nest over its space that what it reads is there for; what is wanted in one later nest alone moves there in the end.
 */

import { type Shape, sameShape } from "../../graph/dimension.ts";
import { isKind, type Node } from "../../graph/node.ts";
import { type Cuts, isDear } from "./cut-loops.ts";
import type { MapSlot, Slot } from "./schedule.ts";

/** Whether a node is computed inside a loop nest. */
export function isMapped(node: Node): boolean {
  return isKind(node, "elementwise") || isKind(node, "reduction");
}

/** The first nest over `space` from slot `earliest` on that can take a reduction over `axes`. */
export function openNest(
  slots: readonly Slot[],
  space: Shape,
  earliest: number,
  axes: readonly number[] | undefined,
): number | undefined {
  const found = slots.findIndex(
    (slot, index) =>
      index >= earliest &&
      slot.kind === "map" &&
      sameShape(slot.space, space) &&
      (!axes || !slot.reduced || axes.join() === slot.reduced.join()),
  );
  return found < 0 ? undefined : found;
}

/** What is scheduled so far. */
interface Scheduled {
  readonly order: readonly Node[];
  readonly slots: readonly Slot[];
  readonly slotOf: Map<Node, number>;
  users(node: Node): readonly Node[];
}

/**
 * Elementwise work that was ready early but is read in one later nest alone moves there, so that its result is read from
 * a register; unless a dear function there would wait for it, where nests are cut.
 */
export function postpone({ order, slots, slotOf, users }: Scheduled, cuts: Cuts): void {
  /** Nodes that a dear function of their nest waits for. */
  const awaited = new Set<Node>();
  for (const node of [...order].reverse()) {
    if (!isKind(node, "elementwise")) continue;
    const readers = users(node);
    const isAwaitedIn = (index: number) =>
      readers.some((reader) => slotOf.get(reader) === index && (isDear(reader) || awaited.has(reader)));
    const own = slotOf.get(node) as number;
    const later = slotOf.get(readers[0] as Node) ?? own;
    const isReadThere = readers.every((reader) => isMapped(reader) && slotOf.get(reader) === later);
    if (later > own && isReadThere && !(cuts.isLate(node) && isAwaitedIn(later))) {
      const [from, to] = [slots[own] as MapSlot, slots[later] as MapSlot];
      if (sameShape(from.space, to.space)) {
        move(node, from, to);
        slotOf.set(node, later);
      }
    }
    if (isAwaitedIn(slotOf.get(node) as number)) awaited.add(node);
  }
}

function move(node: Node, from: MapSlot, to: MapSlot): void {
  from.nodes.splice(from.nodes.indexOf(node), 1);
  to.nodes.push(node);
  to.nodes.sort((a, b) => a.id - b.id);
}
