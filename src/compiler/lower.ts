/** Lowering: from a graph to statements over buffers. This file makes programs and blocks; its neighbours make products and loops. */

import { GraphError } from "../errors.ts";
import {
  addDimensions,
  type Dimension,
  type Shape,
  sameShape,
  sizeOf,
  subtractDimensions,
} from "../graph/dimension.ts";
import { isOp, type Node } from "../graph/node.ts";
import type { DType } from "../graph/operations.ts";
import { kinds } from "../graph/operations.ts";
import {
  type Buffer,
  isScalar,
  type LoweredProgram,
  type Operand,
  type Statement,
  type View,
} from "./loops.ts";
import { lowerScan, type ScanViews } from "./lower-scan.ts";
import { lowerProduct } from "./products.ts";
import { lowerRows, sendStatement } from "./rows.ts";
import { isAssembled, isMapped, type Schedule, type Slot, schedule } from "./schedule.ts";
import { moveSetup } from "./setup.ts";
import { layoutView, sliceAxis, viewKey, wholeBuffer } from "./view.ts";

/** What a program keeps while it is lowered. */
export class Lowering {
  readonly buffers: Buffer[] = [];
  loops = 0;

  buffer(size: Dimension, label: string, kind: Buffer["kind"] = "temporary", leaf?: Node): Buffer {
    const made: Buffer = { id: this.buffers.length, size, kind, leaf, label };
    this.buffers.push(made);
    return made;
  }

  tensor(shape: Shape, dtype: DType, label: string): View {
    return wholeBuffer(this.buffer(sizeOf(shape), label), shape, dtype);
  }
}

/** A place that takes a new value at the end of a block, while the block reads the old one through `leaf`. */
export interface BlockUpdate {
  readonly leaf: Node;
  readonly storage: View;
  readonly value: Node;
}

/** The loop around a block: what its reads of the past refer to, and where work that no step changes goes. */
export interface EnclosingLoop {
  readonly loop: number;
  readonly reverse: boolean;
  readonly length: Dimension;
  /** Whole output sequences by number, for reads by index. */
  readonly history: ReadonlyMap<number, View>;
  /** Statements that run before the loop. */
  readonly before: Statement[];
  /** Buffers that the loop only reads. */
  readonly fixed: ReadonlySet<Buffer>;
  /** Right-hand sides that were packed before the loop, by view. */
  readonly packed: Map<string, Buffer>;
}

export interface Block {
  /** Where leaves stand: variables and inputs, or a body's arguments and past. */
  readonly leaves: ReadonlyMap<Node, Operand>;
  readonly results: readonly { readonly node: Node; readonly to: View }[];
  readonly updates: readonly BlockUpdate[];
  /** What a step adds to the inboxes of other steps, before its states take their new values. */
  readonly sends: readonly { readonly inbox: View; readonly index: Node; readonly value: Node }[];
  readonly loop: EnclosingLoop | undefined;
}

/** Lower one block of nodes. */
export function lowerBlock(lowering: Lowering, block: Block): Statement[] {
  return new BlockLowering(lowering, block).run();
}

class BlockLowering {
  readonly #lowering: Lowering;
  readonly #block: Block;
  readonly #plan: Schedule;
  readonly #homes = new Map<Node, View>();
  readonly #extra = new Map<Node, View[]>();
  readonly #operands = new Map<Node, Operand>();
  readonly #scans = new Map<Node, ScanViews>();
  readonly #statements: Statement[] = [];
  /** Results that are copied when everything else has run. */
  readonly #last: { readonly node: Node; readonly to: View }[] = [];
  /** What is sent to other steps, after that. */
  readonly #sent: readonly Node[];
  /** New values that are stored after that. */
  readonly #stores: { readonly node: Node; readonly to: View }[] = [];

  constructor(lowering: Lowering, block: Block) {
    this.#lowering = lowering;
    this.#block = block;
    this.#sent = block.sends.flatMap(({ index, value }) => [index, value]);
    this.#plan = schedule(
      [...block.results.map(({ node }) => node), ...block.updates.map(({ value }) => value), ...this.#sent],
      block.leaves,
    );
  }

  run(): Statement[] {
    for (const { node, to } of this.#block.results) this.#place(node, to);
    const isOldValue = ({ value }: BlockUpdate) =>
      this.#block.updates.some(({ leaf }) => this.#readsLeaf(value, leaf));
    const changes = this.#block.updates.filter(({ leaf, value }) => leaf !== value);
    for (const { value, storage } of changes.filter(isOldValue))
      this.#stores.push({ node: value, to: storage });
    for (const update of changes.filter((change) => !isOldValue(change))) this.#placeUpdate(update);
    this.#findHomes();
    this.#plan.slots.forEach((slot, index) => {
      this.#emit(slot, index);
    });
    for (const { node, to } of this.#last) this.copy(this.operand(node), to);
    for (const { inbox, index, value } of this.#block.sends)
      this.#statements.push(sendStatement(inbox, this.inMemory(index), this.inMemory(value)));
    this.#store();
    return this.#statements;
  }

  /** A node is to be computed into a place, or copied there at the end. */
  #place(node: Node, to: View): void {
    const computed = this.#plan.slotOf.has(node) || isAssembled(node);
    const direct = computed && node.op !== "scan" && !this.#plan.copied.has(node);
    if (direct && !this.#homes.has(node) && this.#canStand(node, to)) this.#homes.set(node, to);
    else if (direct && isMapped(node)) this.#extra.set(node, [...(this.#extra.get(node) ?? []), to]);
    else if (node.op === "output" && !this.#homes.has(node)) this.#homes.set(node, to);
    else this.#last.push({ node, to });
  }

  /** Whether all views that are taken of a node can be taken of it at a place, which may have gaps. */
  #canStand(node: Node, at: View): boolean {
    return this.#plan.users(node).every((user) => {
      if (kinds[user.op] !== "layout" || isAssembled(user) || this.#plan.copied.has(user)) return true;
      const view = layoutView(user, at);
      return view !== undefined && this.#canStand(user, view);
    });
  }

  /**
   * A new value goes straight to its storage if by then nobody reads the old one any more: all readers run before, or
   * in the same loop nest at the same element. Otherwise it is stored at the end.
   */
  #placeUpdate({ leaf, storage, value }: BlockUpdate): void {
    const slot = this.#plan.slotOf.get(value);
    const free =
      slot !== undefined && !this.#homes.has(value) && value.op !== "scan" && this.#canStand(value, storage);
    const late = this.#lateReads().some((node) => this.#readsLeaf(node, leaf));
    if (free && !late && this.#lastRead(leaf, value, slot) <= slot) this.#homes.set(value, storage);
    else this.#stores.push({ node: value, to: storage });
  }

  /** The last slot that reads a leaf; reading the same element in slot `own` does not count as later. */
  #lastRead(leaf: Node, value: Node, own: number): number {
    let last = -1;
    const visit = (node: Node, direct: boolean) => {
      for (const user of this.#plan.users(node)) {
        const slot = this.#plan.slotOf.get(user);
        if (slot === undefined && !isAssembled(user)) visit(user, false);
        else if (isAssembled(user)) last = Number.POSITIVE_INFINITY;
        else if (slot !== undefined) {
          const together = direct && kinds[user.op] === "elementwise" && kinds[value.op] === "elementwise";
          last = Math.max(last, slot === own && !together ? slot + 1 : slot);
        }
      }
    };
    visit(leaf, true);
    return last;
  }

  /** What is read when all loop nests have run. */
  #lateReads(): Node[] {
    return [...this.#sent, ...[...this.#last, ...this.#stores].map(({ node }) => node)];
  }

  #readsLeaf(node: Node, leaf: Node): boolean {
    return (
      node === leaf ||
      (!this.#plan.slotOf.has(node) && node.inputs.some((input) => this.#readsLeaf(input, leaf)))
    );
  }

  /** Decide, users first, where every node that needs memory stands. */
  #findHomes(): void {
    for (const node of [...this.#plan.order].reverse()) {
      if (isAssembled(node)) {
        const home = this.#homes.get(node) ?? this.#allocate(node);
        this.#homes.set(node, home);
        this.#partViews(node, home).forEach((view, index) => {
          const part = node.inputs[index] as Node;
          if (isMapped(part)) this.#extra.set(part, [...(this.#extra.get(part) ?? []), view]);
          else if (kinds[part.op] === "contraction" && !this.#homes.has(part) && this.#canStand(part, view))
            this.#homes.set(part, view);
        });
      } else if (isMapped(node)) {
        const elsewhere = this.#extra.get(node)?.find((view) => this.#canStand(node, view));
        if (!this.#homes.has(node) && this.#isReadFromMemory(node))
          this.#homes.set(node, elsewhere ?? this.#allocate(node));
      } else if (this.#plan.copied.has(node)) {
        this.#homes.set(node, this.#allocate(node));
      } else if (this.#plan.slotOf.has(node) && node.op !== "scan" && !this.#homes.has(node)) {
        this.#homes.set(node, this.#allocate(node));
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
      if (isAssembled(user)) return false;
      return !isMapped(user) || this.#plan.slotOf.get(user) !== slot || kinds[node.op] !== "elementwise";
    });
  }

  /** The places of a concatenation's parts, or of what is padded. */
  #partViews(node: Node, home: View): View[] {
    if (isOp(node, "pad")) {
      const { axis, before } = node.attributes;
      return [sliceAxis(home, axis, before, (node.inputs[0] as Node).shape[axis] as Dimension)];
    }
    const { axis } = (node as Node<"concat">).attributes;
    let at: Dimension = 0;
    return node.inputs.map((part) => {
      const size = part.shape[axis] as Dimension;
      const view = sliceAxis(home, axis, at, size);
      at = addDimensions(at, size);
      return view;
    });
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
    const home = this.#homes.get(node);
    if (home) return home;
    const source = node.inputs[0];
    if (kinds[node.op] !== "layout" || !source) return fail(node);
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
        const inRegister = inside.has(input) && kinds[input.op] === "elementwise";
        if (!inRegister) operands.set(input, this.operand(input));
      }
      inside.add(node);
    }
    const writes = nodes.flatMap((node) => {
      const home = this.#homes.get(node);
      const places = [...(home ? [home] : []), ...(this.#extra.get(node) ?? [])];
      return [...new Map(places.map((to) => [viewKey(to), { from: node as Node | Operand, to }])).values()];
    });
    for (const node of copies) {
      if (isAssembled(node)) {
        const home = this.#homes.get(node) as View;
        this.#partViews(node, home).forEach((to, part) => {
          const source = node.inputs[part] as Node;
          if (isMapped(source) || this.#plan.available(source) >= index) return;
          const from = this.operand(source);
          if (!isScalar(from) && viewKey(from) === viewKey(to)) return;
          if (sameShape(space, to.shape) && !writes.some((write) => viewKey(write.to) === viewKey(to)))
            writes.push({ from, to });
        });
      } else {
        const source = node.inputs[0] as Node;
        const home = this.#homes.get(node) as View;
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
        const start = "op" in from ? reductionStart(from) : undefined;
        if (start !== undefined) this.copy({ scalar: start, dtype: to.dtype }, to);
      }
    }
    this.#statements.push({ kind: "map", space, reduced: axes, nodes: used, operands, writes });
  }

  /** Zeros around what is padded, written with the first of its parts. */
  #fillBorders(nodes: readonly Node[], copies: readonly Node[]): void {
    const padded = [...nodes.flatMap((node) => this.#plan.users(node)), ...copies].filter((node) =>
      isOp(node, "pad"),
    );
    for (const node of new Set(padded as Node<"pad">[])) {
      if (this.#bordered.has(node)) continue;
      this.#bordered.add(node);
      const home = this.#homes.get(node) as View;
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
          const home = this.#homes.get(user);
          return isOp(user, "output") && home ? [[user.attributes.index, home] as const] : [];
        }),
      );
      const views = lowerScan(
        { ...context, lowerBlock: (block) => lowerBlock(this.#lowering, block) },
        node,
        (input) => this.operand(input),
        wanted,
      );
      this.#scans.set(node, views);
      for (const [index, to] of wanted) this.copy(views.result(index), to);
      return;
    }
    const home = this.#homes.get(node) as View;
    const inputs = node.inputs.map((input) => this.inMemory(input));
    if (isOp(node, "einsum")) lowerProduct(context, node, inputs as [View, View], home);
    else lowerRows(context, node, inputs, home);
  }

  /** Store the new values that had to wait; those that are views of old ones are copied aside first. */
  #store(): void {
    const leaves = this.#block.updates.map(({ leaf }) => leaf);
    const waiting = this.#stores.map(({ node, to }) => {
      const from = this.operand(node);
      if (!leaves.some((leaf) => this.#readsLeaf(node, leaf))) return { from, to };
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

/** What a reduction starts from; undefined for a node that is none. */
export function reductionStart({ op, dtype }: Node): number | undefined {
  if (op === "sum") return 0;
  if (op === "max") return dtype === "int32" ? -(2 ** 31) : Number.NEGATIVE_INFINITY;
  return undefined;
}

/** Whether the reduced axes are the last ones, so that a reduction ends before the next begins. */
export function isTrailing(reduced: readonly number[], rank: number): boolean {
  return reduced.every((axis, index) => axis === rank - reduced.length + index);
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

/** A statement that copies an operand to a view of the same shape. */
export function copyStatement(from: Operand, to: View): Statement {
  return {
    kind: "map",
    space: to.shape,
    reduced: [],
    nodes: [],
    operands: new Map(),
    writes: [{ from, to }],
  };
}

/** Lower a whole program. */
export function lower(program: {
  readonly inputs: readonly Node<"input">[];
  readonly results: readonly Node[];
  readonly updates: readonly (readonly [Node<"variable">, Node])[];
}): LoweredProgram {
  const lowering = new Lowering();
  const leaves = new Map<Node, Operand>();
  const holder = (leaf: Node, kind: "variable" | "input", label: string) => {
    const view = wholeBuffer(lowering.buffer(sizeOf(leaf.shape), label, kind, leaf), leaf.shape, leaf.dtype);
    leaves.set(leaf, view);
    return view;
  };
  for (const input of program.inputs) holder(input, "input", input.attributes.name);
  const plan = schedule([...program.results, ...program.updates.map(([, value]) => value)]);
  for (const leaf of plan.order)
    if (isOp(leaf, "variable")) holder(leaf, "variable", leaf.attributes.variable.name);
  const updated = new Set<Node>(program.updates.map(([leaf]) => leaf));
  const fixed = new Set<Buffer>();
  for (const buffer of lowering.buffers) {
    if (buffer.kind === "variable" && buffer.leaf && !updated.has(buffer.leaf)) fixed.add(buffer);
  }
  const updates = program.updates.map(([leaf, value]): BlockUpdate => {
    const storage =
      (leaves.get(leaf) as View | undefined) ?? holder(leaf, "variable", leaf.attributes.variable.name);
    return { leaf, storage, value };
  });
  const unique = [...new Set(program.results)];
  const places = new Map(
    unique.map((node) => [
      node,
      wholeBuffer(lowering.buffer(sizeOf(node.shape), node.op, "result"), node.shape, node.dtype),
    ]),
  );
  const statements = lowerBlock(lowering, {
    leaves,
    results: unique.map((node) => ({ node, to: places.get(node) as View })),
    updates,
    sends: [],
    loop: undefined,
  });
  const lowered = {
    buffers: lowering.buffers,
    setup: [],
    statements,
    results: program.results.map((node) => places.get(node) as View),
    loops: lowering.loops,
  };
  return moveSetup(lowered, fixed);
}
