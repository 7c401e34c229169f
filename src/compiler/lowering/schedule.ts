/**
 * Scheduling: the nodes of one block (a program, or a body) in the order in which they will run, with elementwise work
 * and reductions over one space gathered in one loop nest.
 */

import { type Shape, sameShape } from "../../graph/dimension.ts";
import { isKind, type Node } from "../../graph/node.ts";
import { factsOf } from "../../graph/operations.ts";
import { topologicalOrder } from "../../graph/traverse.ts";
import { isScalar, type Operand, type View } from "../loops/program.ts";
import { layoutView, wholeBuffer } from "../loops/view.ts";

/** A loop nest over one space, or one node with a statement of its own. */
export type Slot =
  | {
      readonly kind: "map";
      readonly space: Shape;
      /** The axes that its reductions sum over; undefined while it has none. */
      reduced: readonly number[] | undefined;
      readonly nodes: Node[];
      /** Nodes that are copied from memory to memory. */
      readonly copies: Node[];
    }
  | { readonly kind: "single"; readonly node: Node };

export interface Schedule {
  readonly order: readonly Node[];
  readonly slots: readonly Slot[];
  /** The slot that computes a node. */
  readonly slotOf: ReadonlyMap<Node, number>;
  /** The slot after which a node can be read from memory; -1 from the start. */
  available(node: Node): number;
  /** Layout nodes whose elements must be copied to be laid out so. */
  readonly copied: ReadonlySet<Node>;
  /** The nodes that read a node. */
  users(node: Node): readonly Node[];
}

/** Whether a node is computed inside a loop nest. */
export function isMapped(node: Node): boolean {
  return isKind(node, "elementwise") || isKind(node, "reduction");
}

/** Whether a node is elementwise work that takes many instructions, such as tanh. */
function isDear(node: Node): boolean {
  return isKind(node, "elementwise") && factsOf(node.op).cost === "dear";
}

/** Whether a node is a statement of its own. */
function isSingle(node: Node): boolean {
  const isReadByIndex = isKind(node, "bound") && node.inputs.length > 0;
  return isKind(node, "contraction") || isKind(node, "indexing") || isKind(node, "scan") || isReadByIndex;
}

/** How loop nests are made. */
export interface Fusion {
  /** Work over one space is gathered in one loop nest, rather than each operation having its own. */
  readonly fuseLoops: boolean;
  /** A nest ends where a dear function waits for another one. */
  readonly cutLoops: boolean;
}

/** Schedule what the results need; `leaves` says where leaves stand. */
export function schedule(
  results: readonly Node[],
  leaves: ReadonlyMap<Node, Operand>,
  { fuseLoops, cutLoops }: Fusion,
): Schedule {
  const order = topologicalOrder(results);
  const slots: Slot[] = [];
  const slotOf = new Map<Node, number>();
  const copied = new Set<Node>();
  const availability = new Map<Node, number>();
  const userLists = new Map<Node, Node[]>();
  /** Nodes that are, or wait for, a dear function of their nest. */
  const late = new Set<Node>();
  const available = (node: Node) => availability.get(node) ?? -1;
  const ready = (nodes: readonly Node[]) =>
    nodes.reduce((latest, node) => Math.max(latest, available(node)), -1);

  /** The first loop nest over `space` from `earliest` on that can take a reduction over `axes`, or a new one. */
  const mapSlot = (space: Shape, earliest: number, axes?: readonly number[]): number => {
    for (let index = Math.max(earliest, 0); fuseLoops && index < slots.length; index += 1) {
      const slot = slots[index];
      if (slot?.kind !== "map" || !sameShape(slot.space, space)) continue;
      if (axes && slot.reduced && axes.join() !== slot.reduced.join()) continue;
      return index;
    }
    return slots.push({ kind: "map", space, reduced: undefined, nodes: [], copies: [] }) - 1;
  };
  const place = (node: Node, index: number) => {
    slotOf.set(node, index);
    availability.set(node, index);
  };
  const copy = (node: Node, source: Node) => {
    const index = mapSlot(source.shape, available(source) + 1);
    const slot = slots[index];
    if (slot?.kind === "map") slot.copies.push(node);
    return index;
  };

  for (const node of order) {
    for (const input of node.inputs) userLists.set(input, [...(userLists.get(input) ?? []), node]);
    if (isMapped(node)) {
      const space = (node.inputs[0] as Node).shape;
      // An input of the same loop nest is read from registers; any other must be in memory before.
      const earliest = node.inputs.reduce((latest, input) => {
        if (!isKind(input, "elementwise")) return Math.max(latest, available(input) + 1);
        const own = slotOf.get(input) as number;
        return Math.max(latest, isDear(node) && late.has(input) ? own + 1 : own);
      }, 0);
      const axes = isKind(node, "reduction") ? node.attributes.axes : undefined;
      const index = mapSlot(space, earliest, axes);
      const slot = slots[index];
      if (slot?.kind === "map") {
        slot.nodes.push(node);
        if (axes) slot.reduced = axes;
      }
      place(node, index);
      const waits = node.inputs.some((input) => late.has(input) && slotOf.get(input) === index);
      if (cutLoops && (isDear(node) || waits)) late.add(node);
    } else if (isSingle(node)) {
      place(node, slots.push({ kind: "single", node }) - 1);
    } else if (isKind(node, "assembly")) {
      // Parts in loop nests are written from there; others are copied, if they cannot be made in place.
      const writes = node.inputs.map((part) =>
        isMapped(part) ? (slotOf.get(part) as number) : copy(node, part),
      );
      availability.set(node, Math.max(...writes));
    } else if (isKind(node, "view") && hypotheticalView(node, copied, leaves) === undefined) {
      copied.add(node);
      const index = copyWhole(node);
      place(node, index);
    } else {
      availability.set(node, ready(node.inputs));
    }
  }
  function copyWhole(node: Node): number {
    const index = mapSlot((node.inputs[0] as Node).shape, ready(node.inputs) + 1);
    const slot = slots[index];
    if (slot?.kind === "map") slot.copies.push(node);
    return index;
  }
  if (fuseLoops) postpone(order, slots, slotOf, (node) => userLists.get(node) ?? [], late);
  for (const node of order) if (isMapped(node)) availability.set(node, slotOf.get(node) as number);
  return { order, slots, slotOf, available, copied, users: (node) => userLists.get(node) ?? [] };
}

/**
 * Elementwise work that was ready early but is read in one later nest alone moves there, so that its result is read from
 * a register; unless it is `late` and a dear function there waits for it.
 */
function postpone(
  order: readonly Node[],
  slots: readonly Slot[],
  slotOf: Map<Node, number>,
  users: (node: Node) => readonly Node[],
  late: ReadonlySet<Node>,
): void {
  /** Nodes that a dear function of their nest waits for. */
  const awaited = new Set<Node>();
  for (const node of [...order].reverse()) {
    if (!isKind(node, "elementwise")) continue;
    const readers = users(node);
    const isAwaitedIn = (index: number) =>
      readers.some((reader) => slotOf.get(reader) === index && (isDear(reader) || awaited.has(reader)));
    const own = slotOf.get(node) as number;
    const later = slotOf.get(readers[0] as Node) ?? own;
    const [from, to] = [slots[own], slots[later]];
    const fits = from?.kind === "map" && to?.kind === "map" && sameShape(from.space, to.space);
    if (
      fits &&
      later > own &&
      readers.every((reader) => isMapped(reader) && slotOf.get(reader) === later) &&
      !(late.has(node) && isAwaitedIn(later))
    ) {
      from.nodes.splice(from.nodes.indexOf(node), 1);
      to.nodes.push(node);
      to.nodes.sort((a, b) => a.id - b.id);
      slotOf.set(node, later);
    }
    if (isAwaitedIn(slotOf.get(node) as number)) awaited.add(node);
  }
}

/** The view that a node will have, computed nodes standing for themselves; undefined where it needs a copy. */
function hypotheticalView(
  node: Node,
  copied: ReadonlySet<Node>,
  leaves: ReadonlyMap<Node, Operand>,
): View | undefined {
  const leaf = leaves.get(node);
  if (leaf && !isScalar(leaf)) return leaf;
  if (!isKind(node, "view") || copied.has(node)) return wholeBuffer(undefined, node.shape, node.dtype);
  const source = hypotheticalView(node.inputs[0] as Node, copied, leaves);
  return source && layoutView(node, source);
}
