/**
 * Where the values of a block stand. A value is computed where it is needed: in the place of a result, in its part of a
 * concatenation, over the old value of a state that nobody reads any more. Only what has no such place gets a buffer.
 */

import { isKind, type Node } from "../../graph/node.ts";
import type { View } from "../loops/program.ts";
import { layoutView, partViews } from "../loops/view.ts";
import type { Block, BlockUpdate, Lowering } from "./block.ts";
import { isMapped } from "./fuse-loops.ts";
import { dyingPlaces, lastRead, readsLeaf } from "./reuse-slots.ts";
import type { Schedule } from "./schedule.ts";

export interface Move {
  readonly node: Node;
  readonly to: View;
}

export class Places {
  /** The place of each node that stands in memory. */
  readonly homes = new Map<Node, View>();
  /** Further places that a node of a loop nest is written to. */
  readonly extra = new Map<Node, View[]>();
  /** Results that are copied when everything else has run. */
  readonly last: Move[] = [];
  /** New values that are stored after that. */
  readonly stores: Move[] = [];
  readonly #lowering: Lowering;
  readonly #plan: Schedule;
  /** What is sent to other steps when all results are there. */
  readonly #sent: readonly Node[];

  constructor(lowering: Lowering, block: Block, plan: Schedule) {
    this.#lowering = lowering;
    this.#plan = plan;
    this.#sent = block.sends.flatMap(({ index, value }) => [index, value]);
    const reused = lowering.options.reuseSlots ? dyingPlaces(block, plan) : undefined;
    for (const result of block.results) {
      const { node, to } = result;
      this.#place(node, "settle" in to ? to.settle(reused?.get(result)) : to);
    }
    const isOldValue = ({ value }: BlockUpdate) =>
      block.updates.some(({ leaf }) => readsLeaf(plan, value, leaf));
    const changes = block.updates.filter(({ leaf, value }) => leaf !== value);
    for (const { value, storage } of changes.filter(isOldValue))
      this.stores.push({ node: value, to: storage });
    for (const update of changes.filter((change) => !isOldValue(change))) this.#placeUpdate(update);
    this.#findHomes();
  }

  /** A node is to be computed into a place, or copied there at the end. */
  #place(node: Node, to: View): void {
    const computed = this.#plan.slotOf.has(node) || isKind(node, "assembly");
    const direct = computed && node.op !== "scan" && !this.#plan.copied.has(node);
    if (direct && !this.homes.has(node) && this.canStand(node, to)) this.homes.set(node, to);
    else if (direct && isMapped(node)) this.extra.set(node, [...(this.extra.get(node) ?? []), to]);
    else if (node.op === "output" && !this.homes.has(node)) this.homes.set(node, to);
    else this.last.push({ node, to });
  }

  /** Whether all views that are taken of a node can be taken of it at a place, which may have gaps. */
  canStand(node: Node, at: View): boolean {
    return this.#plan.users(node).every((user) => {
      if (!isKind(user, "view") || this.#plan.copied.has(user)) return true;
      const view = layoutView(user, at);
      return view !== undefined && this.canStand(user, view);
    });
  }

  /**
   * A new value goes straight to its storage if by then nobody reads the old one any more: all readers run before, or
   * in the same loop nest at the same element. Otherwise it is stored at the end.
   */
  #placeUpdate({ leaf, storage, value }: BlockUpdate): void {
    const slot = this.#plan.slotOf.get(value);
    const free =
      slot !== undefined && !this.homes.has(value) && value.op !== "scan" && this.canStand(value, storage);
    const late = this.#lateReads().some((node) => readsLeaf(this.#plan, node, leaf));
    if (free && !late && lastRead(this.#plan, leaf, value) <= slot) this.homes.set(value, storage);
    else this.stores.push({ node: value, to: storage });
  }

  /** What is read when all loop nests have run. */
  #lateReads(): Node[] {
    return [...this.#sent, ...[...this.last, ...this.stores].map(({ node }) => node)];
  }

  /** Decide, users first, where every node that needs memory stands. */
  #findHomes(): void {
    for (const node of [...this.#plan.order].reverse()) {
      if (isKind(node, "assembly")) {
        const home = this.homes.get(node) ?? this.#allocate(node);
        this.homes.set(node, home);
        partViews(node, home).forEach((view, index) => {
          const part = node.inputs[index] as Node;
          if (isMapped(part)) this.extra.set(part, [...(this.extra.get(part) ?? []), view]);
          else if (isKind(part, "contraction") && !this.homes.has(part) && this.canStand(part, view))
            this.homes.set(part, view);
        });
      } else if (isMapped(node)) {
        const elsewhere = this.extra.get(node)?.find((view) => this.canStand(node, view));
        if (!this.homes.has(node) && this.#isReadFromMemory(node))
          this.homes.set(node, elsewhere ?? this.#allocate(node));
      } else if (this.#plan.copied.has(node)) {
        this.homes.set(node, this.#allocate(node));
      } else if (this.#plan.slotOf.has(node) && node.op !== "scan" && !this.homes.has(node)) {
        this.homes.set(node, this.#allocate(node));
      }
    }
  }

  #allocate(node: Node): View {
    return this.#lowering.tensor(node.shape, node.dtype, node.op);
  }

  /** Whether a node of a loop nest is read outside of that nest. */
  #isReadFromMemory(node: Node): boolean {
    const slot = this.#plan.slotOf.get(node);
    if (this.#lateReads().includes(node)) return true;
    return this.#plan.users(node).some((user) => {
      if (isKind(user, "assembly")) return false;
      return !isMapped(user) || this.#plan.slotOf.get(user) !== slot || !isKind(node, "elementwise");
    });
  }
}
