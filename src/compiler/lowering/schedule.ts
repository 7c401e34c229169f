/**
 * Scheduling: the nodes of one block (a program, or a body) in the order in which they will run, with elementwise work
 * and reductions over one space gathered in one loop nest.
 */

import type { Shape } from "../../graph/dimension.ts";
import { isKind, type Node } from "../../graph/node.ts";
import { topologicalOrder } from "../../graph/traverse.ts";
import { isScalar, type Operand, type View } from "../loops/program.ts";
import { layoutView, wholeBuffer } from "../loops/view.ts";
import { Cuts } from "./cut-loops.ts";
import { isMapped, openNest, postpone } from "./fuse-loops.ts";

/** A loop nest over one space. */
export interface MapSlot {
  readonly kind: "map";
  readonly space: Shape;
  /** The axes that its reductions sum over; undefined while it has none. */
  reduced: readonly number[] | undefined;
  readonly nodes: Node[];
  /** Nodes that are copied from memory to memory. */
  readonly copies: Node[];
}

/** A loop nest, or one node with a statement of its own. */
export type Slot = MapSlot | { readonly kind: "single"; readonly node: Node };

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
  fusion: Fusion,
): Schedule {
  return new Scheduler(leaves, fusion).run(topologicalOrder(results));
}

class Scheduler {
  readonly #leaves: ReadonlyMap<Node, Operand>;
  readonly #fuseLoops: boolean;
  readonly #cuts: Cuts;
  readonly #slots: Slot[] = [];
  readonly #slotOf = new Map<Node, number>();
  readonly #copied = new Set<Node>();
  readonly #available = new Map<Node, number>();
  readonly #users = new Map<Node, Node[]>();

  constructor(leaves: ReadonlyMap<Node, Operand>, { fuseLoops, cutLoops }: Fusion) {
    this.#leaves = leaves;
    this.#fuseLoops = fuseLoops;
    this.#cuts = new Cuts(cutLoops);
  }

  run(order: readonly Node[]): Schedule {
    for (const node of order) {
      for (const input of node.inputs) this.#users.set(input, [...this.#usersOf(input), node]);
      this.#available.set(node, this.#add(node));
    }
    const [slots, slotOf, copied] = [this.#slots, this.#slotOf, this.#copied];
    const users = (node: Node) => this.#usersOf(node);
    if (this.#fuseLoops) postpone({ order, slots, slotOf, users }, this.#cuts);
    const available = (node: Node) => (isMapped(node) ? slotOf.get(node) : this.#available.get(node)) ?? -1;
    return { order, slots, slotOf, available, copied, users };
  }

  #usersOf(node: Node): readonly Node[] {
    return this.#users.get(node) ?? [];
  }

  /** The slot after which all of these can be read from memory. */
  #ready(nodes: readonly Node[]): number {
    return nodes.reduce((latest, node) => Math.max(latest, this.#available.get(node) ?? -1), -1);
  }

  /** Puts a node where it is computed; returns the slot after which it can be read from memory. */
  #add(node: Node): number {
    if (isMapped(node)) return this.#addToNest(node);
    if (isSingle(node)) return this.#place(node, this.#slots.push({ kind: "single", node }) - 1);
    // Parts in loop nests are written from there; others are copied, if they cannot be made in place.
    if (isKind(node, "assembly"))
      return Math.max(
        ...node.inputs.map((part) =>
          isMapped(part) ? (this.#slotOf.get(part) as number) : this.#copy(node, part),
        ),
      );
    if (isKind(node, "view") && !this.#viewOf(node)) {
      this.#copied.add(node);
      return this.#place(node, this.#copy(node, node.inputs[0] as Node));
    }
    return this.#ready(node.inputs);
  }

  #place(node: Node, slot: number): number {
    this.#slotOf.set(node, slot);
    return slot;
  }

  #addToNest(node: Node): number {
    // An input of the same loop nest is read from registers; any other must be in memory before.
    const earliest = node.inputs.reduce((latest, input) => {
      if (!isKind(input, "elementwise")) return Math.max(latest, this.#ready([input]) + 1);
      const own = this.#slotOf.get(input) as number;
      return Math.max(latest, this.#cuts.divides(input, node) ? own + 1 : own);
    }, 0);
    const axes = isKind(node, "reduction") ? node.attributes.axes : undefined;
    const index = this.#nest((node.inputs[0] as Node).shape, earliest, axes);
    const nest = this.#slots[index] as MapSlot;
    nest.nodes.push(node);
    if (axes) nest.reduced = axes;
    this.#cuts.placed(
      node,
      node.inputs.filter((input) => this.#slotOf.get(input) === index),
    );
    return this.#place(node, index);
  }

  /** A node is made of the elements of `source` by a copy. */
  #copy(node: Node, source: Node): number {
    const index = this.#nest(source.shape, this.#ready([source]) + 1);
    (this.#slots[index] as MapSlot).copies.push(node);
    return index;
  }

  /** A nest over `space` that runs from slot `earliest` on. */
  #nest(space: Shape, earliest: number, axes?: readonly number[]): number {
    const open = this.#fuseLoops ? openNest(this.#slots, space, earliest, axes) : undefined;
    return open ?? this.#slots.push({ kind: "map", space, reduced: undefined, nodes: [], copies: [] }) - 1;
  }

  /** The view that a node will have, computed nodes standing for themselves; undefined where it needs a copy. */
  #viewOf(node: Node): View | undefined {
    const leaf = this.#leaves.get(node);
    if (leaf && !isScalar(leaf)) return leaf;
    if (!isKind(node, "view") || this.#copied.has(node))
      return wholeBuffer(undefined, node.shape, node.dtype);
    const source = this.#viewOf(node.inputs[0] as Node);
    return source && layoutView(node, source);
  }
}
