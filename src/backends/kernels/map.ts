/**
 * Kernels of map statements: a loop nest whose innermost loop takes a vector of elements at a time. Every value is computed in
 * the outermost loop that it depends on; elements that are left over at the end are computed with the vector code too,
 * and only the lanes that exist are stored.
 */

import { isScalar, isTrailing, type MapStatement, type Operand } from "../../compiler/loops/program.ts";
import { type Dimension, multiplyDimensions } from "../../graph/dimension.ts";
import { isKind, type Node } from "../../graph/node.ts";
import type { OfKind } from "../../graph/operations.ts";
import {
  f32,
  f32xN,
  type I32,
  i32,
  i32xN,
  type Local,
  type Vector,
  vectors,
} from "../instructions/expressions.ts";
import type { FunctionBuilder } from "../instructions/functions.ts";
import { loadElements, positions, type Row, storeElements } from "./elements.ts";
import { elementwiseCode, splatNumber } from "./elementwise.ts";
import { addressOf, beginIn, type Counters, type KernelContext, type Part } from "./kernel.ts";
import { type Access, isReduction, type Nest, nestOf, sharePointers } from "./nest.ts";
import { combine, Totals } from "./totals.ts";
import { WideMemory } from "./wide-memory.ts";

/** Write the kernel of a map statement into a function. */
export function emitMap(
  context: KernelContext,
  f: FunctionBuilder,
  statement: MapStatement,
  around: Counters,
  part: Part,
): void {
  new MapKernel(context, f, statement, around).emit(part);
}

class MapKernel {
  readonly #context: KernelContext;
  readonly #f: FunctionBuilder;
  readonly #statement: MapStatement;
  readonly #nest: Nest;
  readonly #values = new Map<Node | Operand, Vector>();
  /** Those that have pointers of their own. */
  readonly #accesses: readonly Access[];
  readonly #totals: Totals;
  readonly #around: Counters;

  constructor(context: KernelContext, f: FunctionBuilder, statement: MapStatement, around: Counters) {
    this.#context = context;
    this.#f = f;
    this.#statement = statement;
    this.#around = around;
    this.#nest = nestOf(statement);
    this.#accesses = sharePointers(this.#nest);
    this.#totals = new Totals(f, this.#nest);
  }

  /** Sums in memory that are taken in blocks, where there are such. */
  #wideMemory: WideMemory | undefined;

  /** The level (index of a loop) at which a value is computed; -1 before all loops. */
  #levelOf(value: Node | Operand): number {
    const known = this.#levels.get(value);
    if (known !== undefined) return known;
    let level = -1;
    if ("op" in value) {
      const operand = this.#operandOf(value);
      level = operand
        ? this.#levelOf(operand)
        : Math.max(-1, ...value.inputs.map((input) => this.#levelOf(input)));
    } else if (!isScalar(value)) {
      const strides = this.#nest.loads.get(value)?.strides ?? [];
      level = strides.reduce<number>((last, stride, axis) => (stride === 0 ? last : axis), -1);
    }
    this.#levels.set(value, level);
    return level;
  }
  readonly #levels = new Map<Node | Operand, number>();
  /** How far each loop runs. */
  #sizes: I32[] = [];

  #operandOf(value: Node): Operand | undefined {
    return this.#statement.nodes.includes(value) ? undefined : this.#statement.operands.get(value);
  }

  emit(part: Part): void {
    const { table } = this.#context;
    const range = this.#statement.split && part;
    this.#sizes = this.#nest.axes.map(({ size: whole, lot }) =>
      range && lot !== undefined
        ? this.#f.local("i32", i32.mul(range.count, table.value(lot)))
        : table.value(whole),
    );
    for (const access of [...this.#accesses, ...this.#nest.stores.flatMap(({ wide }) => wide ?? [])]) {
      const start = addressOf(table, access.view, this.#around);
      const axis = this.#nest.axes.findIndex(({ lot }) => lot !== undefined);
      const step = range && multiplyDimensions(this.#nest.axes[axis]?.lot ?? 0, access.strides[axis] ?? 0);
      const skipped =
        range &&
        step !== undefined &&
        i32.mul(
          beginIn(access.view, range),
          table.value(multiplyDimensions(access.view.buffer ? 4 : 1, step)),
        );
      access.pointers.push(this.#f.local("i32", skipped ? i32.add(start, skipped) : start));
    }
    this.#wideMemory = WideMemory.of(this.#context, this.#f, this.#nest, this.#sizes);
    this.#emitLevel(-1);
  }

  /** Everything inside of the loop at `level`, whose pointers are set. */
  #emitLevel(level: number): void {
    const inner = this.#nest.axes.length - 1;
    if (level < inner) {
      this.#computeValues(level, undefined);
      if (level + 1 === this.#nest.reducedFrom) this.#totals.start();
      if (level + 1 === inner) this.#emitInner();
      else this.#emitLoop(level + 1);
      if (level + 1 === this.#nest.reducedFrom) this.#storeTotals();
    }
  }

  #stride(access: Access, level: number, lanesAtOnce = 1): I32 {
    const unit = access.view.buffer ? 4 : 1;
    return this.#context.table.value(
      multiplyDimensions(unit * lanesAtOnce, access.strides[level] as Dimension),
    );
  }

  #enter(level: number): Access[] {
    const accesses = [...this.#accesses, ...(this.#wideMemory?.accessesIn(level) ?? [])];
    for (const access of accesses) {
      const outer = access.pointers[level] as Local<"i32">;
      access.pointers[level + 1] = access.strides[level] === 0 ? outer : this.#f.local("i32", outer);
    }
    return accesses.filter((access) => access.strides[level] !== 0);
  }

  #advance(moving: readonly Access[], level: number, lanesAtOnce = 1): void {
    for (const access of moving) {
      const pointer = access.pointers[level + 1] as Local<"i32">;
      this.#f.set(pointer, i32.add(pointer, this.#stride(access, level, lanesAtOnce)));
    }
  }

  #emitLoop(level: number): void {
    const f = this.#f;
    const left = f.local("i32", this.#sizes[level] as I32);
    this.#wideMemory?.start(level);
    const moving = this.#enter(level);
    f.while(i32.gt_s(left, i32.const(0)), () => {
      this.#wideMemory?.step(level);
      this.#emitLevel(level);
      this.#advance(moving, level);
      f.set(left, i32.sub(left, i32.const(1)));
    });
    this.#wideMemory?.end(level);
  }

  /** The innermost loop: a vector at a time, then what is left. */
  #emitInner(): void {
    const f = this.#f;
    const level = this.#nest.axes.length - 1;
    const left = f.local("i32", this.#sizes[level] as I32);
    const moving = this.#enter(level);
    const emitVector = () => {
      this.#emitElements(level, undefined);
      this.#advance(moving, level, f.lanes);
      f.set(left, i32.sub(left, i32.const(f.lanes)));
    };
    this.#totals.forEachVector(left, emitVector);
    f.if(i32.gt_s(left, i32.const(0)), () => this.#emitElements(level, left));
    this.#totals.endRow(this.#sizes[level] as I32);
  }

  /** Compute and store a vector of elements; `count` says how many where they are fewer. */
  #emitElements(level: number, count: Local<"i32"> | undefined): void {
    const outer = new Map(this.#values);
    this.#computeValues(level, count);
    this.#totals.add((node) => this.#valueOf(node), count);
    for (const { from, access } of this.#nest.stores) {
      if ("op" in from && this.#totals.has(from)) continue;
      const reduction = isReduction(from) ? from : undefined;
      const value = this.#valueOf(reduction ? (reduction.inputs[0] as Node) : from);
      this.#store(access, level, value, count, this.#accumulates ? reduction : undefined);
    }
    this.#values.clear();
    for (const [key, value] of outer) this.#values.set(key, value);
  }

  /** Whether reductions add to what stands in memory. */
  get #accumulates(): boolean {
    return !isTrailing(this.#statement.reduced, this.#statement.space.length);
  }

  /** Values that are computed at one level, in order. */
  #computeValues(level: number, count: Local<"i32"> | undefined): void {
    const inner = level === this.#nest.axes.length - 1;
    for (const [view, access] of this.#nest.loads) {
      if (this.#levelOf(view) === level)
        this.#values.set(view, this.#f.local("vector", this.#load(access, level, inner, count)));
    }
    for (const node of this.#statement.nodes) {
      if (!isKind(node, "elementwise") || this.#levelOf(node) !== level) continue;
      const inputs = node.inputs.map((input) => this.#valueOf(input));
      this.#values.set(
        node,
        this.#f.local("vector", elementwiseCode[node.op](inputs, node, this.#context, this.#f)),
      );
    }
  }

  #valueOf(value: Node | Operand): Vector {
    const known = this.#values.get(value);
    if (known) return known;
    if ("op" in value) return this.#valueOf(this.#operandOf(value) as Operand);
    if (!isScalar(value)) throw new Error("a value is read before it is loaded");
    if (typeof value.scalar === "number") return splatNumber(value.scalar, value.dtype);
    return f32xN.splat(f32.convert_i32_s(this.#context.table.value(value.scalar.dimension)));
  }

  #rowOf(access: Access, level: number, count: Local<"i32"> | undefined): Row {
    return {
      pointer: access.pointers[level + 1] as Local<"i32">,
      offset: access.offset,
      stride: this.#stride(access, level),
      isContiguous: access.strides[level] === 1 && access.view.buffer !== undefined,
      count,
    };
  }

  #load(access: Access, level: number, inner: boolean, count: Local<"i32"> | undefined): Vector {
    const hasBuffer = access.view.buffer !== undefined;
    if (inner) {
      const row = this.#rowOf(access, level, count);
      return hasBuffer ? loadElements(this.#f, row) : positions(row);
    }
    const pointer = access.pointers[level + 1] as Local<"i32">;
    return hasBuffer ? vectors.load32_splat(pointer, access.offset) : i32xN.splat(pointer);
  }

  #store(
    access: Access,
    level: number,
    value: Vector,
    count: Local<"i32"> | undefined,
    reduction: Node<OfKind<"reduction">> | undefined,
  ): void {
    const total = reduction ? combine(reduction, this.#load(access, level, true, count), value) : value;
    storeElements(this.#f, this.#rowOf(access, level, count), total);
  }

  /** Sum up the lanes and store, at the level around the innermost reduced loops. */
  #storeTotals(): void {
    const level = this.#nest.reducedFrom - 1;
    this.#totals.end((node, total) => {
      for (const { from, access } of this.#nest.stores) {
        if (from !== node) continue;
        const pointer = access.pointers[level + 1] as Local<"i32">;
        const { offset } = access;
        const value = this.#accumulates ? combine(node, vectors.load32_zero(pointer, offset), total) : total;
        this.#f.emit(vectors.store32_lane(pointer, value, 0, offset));
      }
    });
  }
}
