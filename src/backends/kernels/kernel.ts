/** What all kernels share: sizes that are known at each call, addresses of views, and loop nests over pointers. */

import type { Buffer, Offset, Split, View } from "../../compiler/loops/program.ts";
import type { Target } from "../../compiler/target.ts";
import { type Dimension, multiplyDimensions } from "../../graph/dimension.ts";
import { type FunctionReference, type I32, i32, type Local } from "../instructions/expressions.ts";
import type { FunctionBuilder, ModuleBuilder } from "../instructions/functions.ts";
import type { ProductFunctions } from "../products/product.ts";
import type { WideSums } from "./sums.ts";

/** Where the table of sizes and addresses starts, in bytes. */
export const tableAddress = 64;

/** The numbers that are known only when a program is called: addresses of buffers, and sizes and strides with symbols. */
export class Table {
  readonly buffers: Buffer[] = [];
  readonly dimensions: Dimension[] = [];
  readonly #slots = new Map<Buffer | Dimension, number>();
  #count = 0;

  /** The address of a buffer, in bytes. */
  address(buffer: Buffer): I32 {
    return this.#entry(buffer, () => this.buffers.push(buffer));
  }

  /** The value of a dimension. */
  value(dimension: Dimension): I32 {
    if (typeof dimension === "number") return i32.const(dimension);
    return this.#entry(dimension, () => this.dimensions.push(dimension));
  }

  #entry(key: Buffer | Dimension, add: () => void): I32 {
    let slot = this.#slots.get(key);
    if (slot === undefined) {
      slot = this.#count;
      this.#count += 1;
      this.#slots.set(key, slot);
      add();
    }
    return i32.load(i32.const(0), tableAddress + 4 * slot);
  }

  /** Bytes of the table. */
  get bytes(): number {
    return 4 * this.#count;
  }

  /** Write the table into memory. */
  fill(
    memory: Int32Array,
    addressOf: (buffer: Buffer) => number,
    sizeOf: (dimension: Dimension) => number,
  ): void {
    for (const [key, slot] of this.#slots) {
      memory[tableAddress / 4 + slot] = typeof key === "object" ? addressOf(key) : sizeOf(key);
    }
  }
}

/** Which thread of how many runs. */
export interface Share {
  readonly thread: Local<"i32">;
  readonly threads: Local<"i32">;
}

/** The part of a statement that a kernel does: `count` positions of its split axis from `begin` on, in which thread. */
export interface Part {
  readonly begin: Local<"i32">;
  readonly count: Local<"i32">;
  readonly thread: Local<"i32">;
}

/** Where a part begins in a view: buffers of blocks hold one block for each thread. */
export function beginIn({ buffer }: View, { begin, thread }: Part): I32 {
  return buffer?.block ? i32.mul(thread, i32.const(buffer.block)) : begin;
}

/** The positions of an axis of `size` that fall to a thread. */
export function rangeOf(f: FunctionBuilder, size: I32, { grain }: Split, { thread, threads }: Share) {
  const lots = f.local("i32", i32.div_u(i32.add(size, i32.const(grain - 1)), i32.const(grain)));
  const bound = (number: I32) => {
    const at = f.local("i32", i32.mul(i32.div_u(i32.mul(number, lots), threads), i32.const(grain)));
    f.if(i32.gt_s(at, size), () => f.set(at, size));
    return at;
  };
  const begin = bound(thread);
  const end = bound(i32.add(thread, i32.const(1)));
  return { begin, count: f.local("i32", i32.sub(end, begin)) };
}

/** What a kernel is written with. */
export interface KernelContext {
  readonly target: Target;
  readonly module: ModuleBuilder;
  readonly table: Table;
  readonly product: ProductFunctions;
  random(): FunctionReference;
  wideSums(): WideSums;
  /** Address of the first thread's scratch memory for products; the others' follow. */
  readonly scratch: number;
}

/** An address some positions further. */
export function moved(address: I32, positions: I32 | undefined, stride: I32): I32 {
  return positions ? i32.add(address, i32.mul(positions, stride)) : address;
}

/** The counters of the loops around a kernel, by loop. */
export type Counters = ReadonlyMap<number, I32>;

/** An offset in units of `unit` bytes an element. */
export function offsetOf(table: Table, { base, counters }: Offset, around: Counters, unit = 1): I32 {
  return counters.reduce(
    (sum, { loop, stride }) => {
      const counter = around.get(loop) as I32;
      return i32.add(sum, i32.mul(counter, table.value(multiplyDimensions(unit, stride))));
    },
    table.value(multiplyDimensions(unit, base)),
  );
}

/** The address of a view's first element, in bytes; without a buffer, the element itself. */
export function addressOf(table: Table, { buffer, offset }: View, around: Counters): I32 {
  return buffer
    ? i32.add(table.address(buffer), offsetOf(table, offset, around, 4))
    : offsetOf(table, offset, around);
}

export interface Pointer {
  readonly start: I32;
  /** What to add at each step of each axis. */
  readonly strides: readonly I32[];
}

/** Nested loops over axes, the last the innermost; `body` sees the pointers where they have moved to. */
export function loopNest(
  f: FunctionBuilder,
  sizes: readonly I32[],
  pointers: readonly Pointer[],
  body: (pointers: readonly Local<"i32">[]) => void,
): void {
  const level = (axis: number, current: readonly Local<"i32">[]) => {
    const size = sizes[axis];
    if (!size) {
      body(current);
      return;
    }
    const own = current.map((pointer) => f.local("i32", pointer));
    const left = f.local("i32", size);
    f.while(i32.gt_s(left, i32.const(0)), () => {
      level(axis + 1, own);
      own.forEach((pointer, index) => {
        f.set(pointer, i32.add(pointer, pointers[index]?.strides[axis] as I32));
      });
      f.set(left, i32.sub(left, i32.const(1)));
    });
  };
  level(
    0,
    pointers.map(({ start }) => f.local("i32", start)),
  );
}
