/**
 * The memory plan, by brute force: a lowered program is walked statement by statement and step by step, noting for each
 * word of the arena which element was written there last. Whatever is read must still be there.
 */

import { expect } from "vitest";
import type {
  Buffer,
  LoweredProgram,
  Offset,
  RowsStatement,
  Statement,
  View,
} from "../../src/compiler/loops.ts";
import { placeBuffers, readViews, writtenViews } from "../../src/compiler/memory.ts";
import { type Bindings, type Dimension, evaluateDimension } from "../../src/graph/dimension.ts";

type Simple = Parameters<typeof readViews>[0];

/** A number for each element of each buffer. */
const elementOf = ({ id }: Buffer, at: number) => id * 2 ** 32 + at;

class Walk {
  readonly #program: LoweredProgram;
  readonly #bindings: Bindings;
  readonly #addresses: Map<Buffer, number>;
  /** The element that each word of the arena holds, and those that stand outside of it. */
  readonly #words = new Map<number, number>();
  readonly #outside = new Set<number>();
  readonly #counters = new Map<number, number>();

  constructor(program: LoweredProgram, bindings: Bindings) {
    this.#program = program;
    this.#bindings = bindings;
    const { addresses, bytes } = placeBuffers(program, bindings);
    this.#addresses = addresses;
    for (const buffer of program.buffers) {
      const address = addresses.get(buffer);
      if (address !== undefined) expect(address + 4 * this.#size(buffer.size)).toBeLessThanOrEqual(bytes);
      if (buffer.kind === "input" || buffer.kind === "variable")
        for (let at = 0; at < this.#size(buffer.size); at += 1) this.#write(buffer, at);
    }
  }

  #size(dimension: Dimension): number {
    return evaluateDimension(dimension, this.#bindings);
  }

  #write(buffer: Buffer, at: number): void {
    const address = this.#addresses.get(buffer);
    if (address === undefined) this.#outside.add(elementOf(buffer, at));
    else this.#words.set(address / 4 + at, elementOf(buffer, at));
  }

  #holds(buffer: Buffer, at: number): boolean {
    const address = this.#addresses.get(buffer);
    const element = elementOf(buffer, at);
    return address === undefined ? this.#outside.has(element) : this.#words.get(address / 4 + at) === element;
  }

  #offset({ base, counters }: Offset): number {
    return counters.reduce(
      (sum, { loop, stride }) => sum + this.#size(stride) * (this.#counters.get(loop) as number),
      this.#size(base),
    );
  }

  /** The indices of a view's elements in its buffer. */
  #elements({ offset, shape, strides }: View): number[] {
    return shape.reduce(
      (all, size, axis) =>
        all.flatMap((at) =>
          Array.from({ length: this.#size(size) }, (_, index) => at + index * this.#size(strides[axis] ?? 0)),
        ),
      [this.#offset(offset)],
    );
  }

  /** All rows of a table that an index may ask for. */
  #tableElements({ table, stride, first, end }: RowsStatement): number[] {
    const elements = this.#elements(table);
    const all: number[] = [];
    for (let row = this.#offset(first); row < this.#offset(end); row += 1)
      for (const at of elements) all.push(at + row * this.#size(stride));
    return all;
  }

  #touched(statement: Simple, views: readonly View[]): [Buffer, number[]][] {
    return views.flatMap((view): [Buffer, number[]][] => {
      if (!view.buffer) return [];
      const isTable =
        (statement.kind === "gather" || statement.kind === "scatter") && view === statement.table;
      return [[view.buffer, isTable ? this.#tableElements(statement) : this.#elements(view)]];
    });
  }

  run(statements: readonly Statement[]): void {
    for (const statement of statements) {
      if (statement.kind === "blocks") this.run(statement.body);
      else if (statement.kind === "loop") {
        const count = this.#size(statement.count);
        for (let done = 0; done < count; done += 1) {
          this.#counters.set(statement.loop, statement.reverse ? count - 1 - done : done);
          this.run(statement.body);
        }
      } else if (statement.kind !== "barrier") this.#step(statement);
    }
  }

  #step(statement: Simple): void {
    const reads = this.#touched(statement, readViews(statement));
    const check = (when: string) => {
      for (const [buffer, elements] of reads) {
        const lost = elements.find((at) => !this.#holds(buffer, at));
        if (lost !== undefined)
          throw new Error(
            `${when} a ${statement.kind}, element ${lost} of ${buffer.label}#${buffer.id} is not there`,
          );
      }
    };
    check("before");
    for (const [buffer, elements] of this.#touched(statement, writtenViews(statement))) {
      const size = this.#size(buffer.size);
      for (const at of elements) {
        if (at < 0 || at >= size)
          throw new Error(`element ${at} of ${buffer.label}#${buffer.id} of ${size} is written`);
        this.#write(buffer, at);
      }
    }
    // Nothing that a statement writes may stand where it reads something else.
    check("during");
  }

  finish(): void {
    for (const view of this.#program.results)
      for (const at of this.#elements(view)) expect(this.#holds(view.buffer as Buffer, at)).toBe(true);
  }
}

/** Throws where a read of the program would not find what was written, for these sizes. */
export function walkMemory(program: LoweredProgram, bindings: Bindings): void {
  const walk = new Walk(program, bindings);
  walk.run(program.setup);
  walk.run(program.statements);
  walk.finish();
}
