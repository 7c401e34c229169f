/** Lowering of one block, a program or a step: its schedule and its places become statements. */

import { GraphError } from "../../errors.ts";
import { type Dimension, sameShape, subtractDimensions } from "../../graph/dimension.ts";
import { isKind, isOp, type Node } from "../../graph/node.ts";
import { type OfKind, startOf } from "../../graph/operations.ts";
import {
  isScalar,
  isTrailing,
  type Operand,
  type Statement,
  type View,
  type Write,
} from "../loops/program.ts";
import { isLongSum, termsInMemory } from "../loops/sums.ts";
import { layoutView, partViews, sliceAxis, viewKey, wholeBuffer } from "../loops/view.ts";
import { type Block, copyStatement, type Lowering } from "./block.ts";
import { isMapped } from "./fuse-loops.ts";
import { lowerProduct } from "./lower-product.ts";
import { lowerRows, sendStatement } from "./lower-rows.ts";
import { lowerScan, type ScanViews } from "./lower-scan.ts";
import { Places } from "./places.ts";
import { readsLeaf } from "./reuse-slots.ts";
import { type Schedule, type Slot, schedule } from "./schedule.ts";

/** Lower one block of nodes. */
export function lowerBlock(lowering: Lowering, block: Block): Statement[] {
  return new BlockLowering(lowering, block).run();
}

class BlockLowering {
  readonly #lowering: Lowering;
  readonly #block: Block;
  readonly #plan: Schedule;
  readonly #places: Places;
  readonly #operands = new Map<Node, Operand>();
  readonly #scans = new Map<Node, ScanViews>();
  readonly #statements: Statement[] = [];

  constructor(lowering: Lowering, block: Block) {
    this.#lowering = lowering;
    this.#block = block;
    const sent = block.sends.flatMap(({ index, value }) => [index, value]);
    this.#plan = schedule(
      [...block.results.map(({ node }) => node), ...block.updates.map(({ value }) => value), ...sent],
      block.leaves,
      lowering.options,
    );
    this.#places = new Places(lowering, block, this.#plan);
  }

  run(): Statement[] {
    this.#plan.slots.forEach((slot, index) => {
      this.#emit(slot, index);
    });
    for (const { node, to } of this.#places.last) this.copy(this.operand(node), to);
    for (const { inbox, index, value } of this.#block.sends) {
      this.#statements.push(sendStatement(inbox, this.inMemory(index), this.inMemory(value)));
    }
    this.#store();
    return this.#statements;
  }

  /** Where a node can be read. */
  operand(node: Node): Operand {
    const known = this.#operands.get(node);
    if (known) return known;
    const found = this.#findOperand(node);
    this.#operands.set(node, found);
    return found;
  }

  #findOperand(node: Node): Operand {
    const leaf = this.#block.leaves.get(node);
    if (leaf) return leaf;
    if (isOp(node, "constant")) return { scalar: node.attributes.value, dtype: node.dtype };
    if (isOp(node, "dimension"))
      return { scalar: { dimension: node.attributes.dimension }, dtype: node.dtype };
    if (isOp(node, "iota")) return wholeBuffer(undefined, node.shape, node.dtype);
    if (isOp(node, "output")) {
      const views = this.#scans.get(node.inputs[0] as Node);
      return views?.result(node.attributes.index) ?? fail(node);
    }
    const home = this.#places.homes.get(node);
    if (home) return home;
    const source = node.inputs[0];
    if (!isKind(node, "view") || !source) return fail(node);
    const from = this.operand(source);
    return isScalar(from) ? from : (layoutView(node, from) ?? fail(node));
  }

  /** The elements of a node in memory, whatever they were: numbers and positions are written out first. */
  inMemory(node: Node): View {
    const operand = this.operand(node);
    if (!isScalar(operand) && operand.buffer) return operand;
    if (!isScalar(operand)) {
      const written = this.#lowering.tensor(node.shape, node.dtype, node.op);
      this.copy(operand, written);
      return written;
    }
    const single = this.#lowering.tensor([], operand.dtype, "number");
    this.copy(operand, single);
    return { ...single, shape: node.shape, strides: node.shape.map(() => 0) };
  }

  /** Append a copy from an operand to a view of the same shape. */
  copy(from: Operand, to: View): void {
    if (!isScalar(from) && viewKey(from) === viewKey(to)) return;
    this.#statements.push(copyStatement(from, to));
  }

  #emit(slot: Slot, index: number): void {
    if (slot.kind === "map") this.#emitMap(slot, index);
    else this.#emitSingle(slot.node);
  }

  #emitMap({ space, reduced, nodes, copies }: Slot & { kind: "map" }, index: number): void {
    const operands = new Map<Node, Operand>();
    const inside = new Set<Node>();
    for (const node of nodes) {
      for (const input of node.inputs) {
        const inRegister = inside.has(input) && isKind(input, "elementwise");
        if (!inRegister) operands.set(input, this.operand(input));
      }
      inside.add(node);
    }
    const writes: Write[] = nodes.flatMap((node) => {
      const home = this.#places.homes.get(node);
      const places = [...(home ? [home] : []), ...(this.#places.extra.get(node) ?? [])];
      return [...new Map(places.map((to) => [viewKey(to), { from: node, to }])).values()];
    });
    for (const node of copies) {
      if (isKind(node, "assembly")) {
        const home = this.#places.homes.get(node) as View;
        partViews(node, home).forEach((to, part) => {
          const source = node.inputs[part] as Node;
          if (isMapped(source) || this.#plan.available(source) >= index) return;
          const from = this.operand(source);
          if (!isScalar(from) && viewKey(from) === viewKey(to)) return;
          if (sameShape(space, to.shape) && !writes.some((write) => viewKey(write.to) === viewKey(to)))
            writes.push({ from, to });
        });
      } else {
        const source = node.inputs[0] as Node;
        const home = this.#places.homes.get(node) as View;
        writes.push({ from: this.operand(source), to: wholeBuffer(home.buffer, source.shape, source.dtype) });
      }
    }
    this.#fillBorders(nodes, copies);
    const used = neededNodes(
      nodes,
      writes.map(({ from }) => from),
    );
    if (writes.length === 0) return;
    const axes = reduced ?? [];
    if (!isTrailing(axes, space.length)) {
      for (const { from, to } of writes) {
        if ("op" in from && isKind(from, "reduction"))
          this.copy({ scalar: startOf(from.op, from.dtype), dtype: to.dtype }, to);
      }
    }
    const terms = termsInMemory(space, axes);
    const withRoom = writes.map((write) =>
      "op" in write.from && isLongSum(write.from, terms)
        ? { ...write, wide: this.#lowering.wide(write.to.shape) }
        : write,
    );
    this.#statements.push({ kind: "map", space, reduced: axes, nodes: used, operands, writes: withRoom });
  }

  /** Zeros around what is padded, written with the first of its parts. */
  #fillBorders(nodes: readonly Node[], copies: readonly Node[]): void {
    const padded = [...nodes.flatMap((node) => this.#plan.users(node)), ...copies].filter((node) =>
      isOp(node, "pad"),
    );
    for (const node of new Set(padded as Node<"pad">[])) {
      if (this.#bordered.has(node)) continue;
      this.#bordered.add(node);
      const home = this.#places.homes.get(node) as View;
      const { axis, before, after } = node.attributes;
      const end = subtractDimensions(node.shape[axis] as Dimension, after);
      const zero = { scalar: 0, dtype: node.dtype };
      if (before !== 0) this.copy(zero, sliceAxis(home, axis, 0, before));
      if (after !== 0) this.copy(zero, sliceAxis(home, axis, end, after));
    }
  }
  readonly #bordered = new Set<Node>();

  #emitSingle(node: Node): void {
    const context = { lowering: this.#lowering, statements: this.#statements, loop: this.#block.loop };
    if (isOp(node, "scan")) {
      const wanted = new Map(
        this.#plan.users(node).flatMap((user) => {
          const home = this.#places.homes.get(user);
          return isOp(user, "output") && home ? [[user.attributes.index, home] as const] : [];
        }),
      );
      const canStand = (index: number, at: View) =>
        this.#plan
          .users(node)
          .every(
            (user) =>
              !isOp(user, "output") || user.attributes.index !== index || this.#places.canStand(user, at),
          );
      const views = lowerScan(
        { ...context, lowerBlock: (block) => lowerBlock(this.#lowering, block) },
        node,
        (input) => this.operand(input),
        { wanted, canStand, dies: (input) => this.#dies(input, node) },
      );
      this.#scans.set(node, views);
      for (const [index, to] of wanted) this.copy(views.result(index), to);
      return;
    }
    const home = this.#places.homes.get(node) as View;
    const inputs = node.inputs.map((input) => this.inMemory(input));
    if (isOp(node, "einsum")) lowerProduct(context, node, inputs as [View, View], home);
    else lowerRows(context, node as Node<OfKind<"indexing"> | "past">, inputs, home);
  }

  /** Whether a node stands in memory of its own, which nobody but `reader` reads. */
  #dies(node: Node, reader: Node): boolean {
    const { results, updates, sends } = this.#block;
    const lasts =
      results.some((result) => result.node === node) ||
      updates.some(({ value }) => value === node) ||
      sends.some(({ index, value }) => index === node || value === node);
    if (lasts || this.#plan.users(node).length > 1 || this.#plan.users(node)[0] !== reader) return false;
    if (isOp(node, "output"))
      return this.#scans.get(node.inputs[0] as Node)?.isAlone(node.attributes.index) ?? false;
    // Parts of what is assembled may be read for themselves.
    return this.#plan.slotOf.has(node);
  }

  /** Store the new values that had to wait; those that are views of old ones are copied aside first. */
  #store(): void {
    const leaves = this.#block.updates.map(({ leaf }) => leaf);
    const waiting = this.#places.stores.map(({ node, to }) => {
      const from = this.operand(node);
      if (!leaves.some((leaf) => readsLeaf(this.#plan, node, leaf))) return { from, to };
      const aside = this.#lowering.tensor(node.shape, node.dtype, "aside");
      this.copy(from, aside);
      return { from: aside, to };
    });
    for (const { from, to } of waiting) this.copy(from, to);
  }
}

function fail(node: Node): never {
  throw new GraphError(`lowering: ${node.op} has no place in memory`);
}

/** The nodes of a nest that its writes need, in order. */
function neededNodes(nodes: readonly Node[], written: readonly (Node | Operand)[]): Node[] {
  const inside = new Set(nodes);
  const needed = new Set<Node>();
  const visit = (node: Node | Operand) => {
    if (!("op" in node) || !inside.has(node) || needed.has(node)) return;
    needed.add(node);
    node.inputs.forEach(visit);
  };
  written.forEach(visit);
  return nodes.filter((node) => needed.has(node)).sort((a, b) => a.id - b.id);
}
