/**
 * The memory plan, by brute force: a lowered program is walked statement by statement and step by step, noting for each
 * word of the arena which element was written there last, and where its value comes from. Whatever is read must still be
 * there, and what each computation reads must come from the same computations, wherever values stand.
 */

import { expect } from "vitest";
import { readViews, writtenViews } from "../../src/compiler/loops/effects.ts";
import { placeBuffers } from "../../src/compiler/loops/memory.ts";
import {
  type Buffer,
  isScalar,
  type LoweredProgram,
  type MapStatement,
  type Offset,
  type Operand,
  type RowsStatement,
  type Statement,
  type View,
} from "../../src/compiler/loops/program.ts";
import { type Bindings, type Dimension, evaluateDimension } from "../../src/graph/dimension.ts";
import type { Node } from "../../src/graph/node.ts";

type Simple = Parameters<typeof readViews>[0];

/** A number for each element of each buffer. */
const elementOf = ({ id }: Buffer, at: number) => id * 2 ** 32 + at;

/** A number for what a computation of a walk makes at a position; `part` is a node of a map. */
const originOf = (computation: number, part: number, at: number) =>
  computation * 2 ** 32 + part * 2 ** 24 + at;

class Walk {
  readonly #program: LoweredProgram;
  readonly #bindings: Bindings;
  readonly #addresses: Map<Buffer, number>;
  /** The element that each word of the arena holds, and those that stand outside of it. */
  readonly #words = new Map<number, number>();
  readonly #outside = new Set<number>();
  readonly #counters = new Map<number, number>();
  /** Where the value of each element comes from: a computation, or what the program was given. */
  readonly #origins = new Map<number, number>();
  #computations = 1;
  /** Of each computation, a number for where all that it reads comes from. */
  readonly trace: number[] = [];

  constructor(program: LoweredProgram, bindings: Bindings) {
    this.#program = program;
    this.#bindings = bindings;
    const { addresses, bytes } = placeBuffers(program, bindings);
    this.#addresses = addresses;
    for (const buffer of program.buffers) {
      const address = addresses.get(buffer);
      if (address !== undefined) expect(address + 4 * this.#size(buffer.size)).toBeLessThanOrEqual(bytes);
      if (buffer.kind === "input" || buffer.kind === "variable")
        for (let at = 0; at < this.#size(buffer.size); at += 1)
          this.#write(buffer, at, elementOf(buffer, at));
    }
  }

  #size(dimension: Dimension): number {
    return evaluateDimension(dimension, this.#bindings);
  }

  #write(buffer: Buffer, at: number, origin: number): void {
    this.#origins.set(elementOf(buffer, at), origin);
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
    const computes = statement.kind !== "map" || statement.nodes.length > 0;
    if (computes) {
      this.#computations += 1;
      this.trace.push(this.#summary(reads));
    }
    if (statement.kind === "map") this.#checkOrder(statement);
    const writes = writtenViews(statement).flatMap((to, index) =>
      this.#touched(statement, [to]).map(([buffer, elements]) => {
        const from = statement.kind === "map" ? statement.writes[index]?.from : undefined;
        return { buffer, elements, origins: elements.map(this.#originsOf(statement, from)) };
      }),
    );
    for (const { buffer, elements, origins } of writes) {
      const size = this.#size(buffer.size);
      elements.forEach((at, index) => {
        if (at < 0 || at >= size)
          throw new Error(`element ${at} of ${buffer.label}#${buffer.id} of ${size} is written`);
        this.#write(buffer, at, origins[index] as number);
      });
    }
    // Nothing that a statement writes may stand where it reads something else.
    check("during");
  }

  /** Where what a statement writes comes from, by position: a copy passes on what it reads. */
  #originsOf(statement: Simple, from: Node | Operand | undefined): (at: number, index: number) => number {
    if (statement.kind !== "map" || from === undefined || "op" in from) {
      const part = statement.kind === "map" ? statement.nodes.indexOf(from as Node) : 0;
      return (_, index) => originOf(this.#computations, part, index);
    }
    const { buffer } = isScalar(from) ? { buffer: undefined } : from;
    if (!buffer || isScalar(from)) return (_, index) => -1 - index;
    const elements = this.#elements(from);
    return (_, index) => this.#origins.get(elementOf(buffer, elements[index] as number)) as number;
  }

  #summary(reads: readonly [Buffer, number[]][]): number {
    let sum = 0;
    for (const [buffer, elements] of reads)
      for (const at of elements)
        sum = (31 * sum + (this.#origins.get(elementOf(buffer, at)) as number)) % (2 ** 47 - 115);
    return sum;
  }

  /** A map may write where it reads only at the very element that it reads there: it takes several at a time. */
  #checkOrder(statement: MapStatement): void {
    const { space, operands, writes } = statement;
    const written = new Map<number, number>();
    for (const { to } of writes) {
      if (!to.buffer || to.shape.length < space.length) continue;
      for (const [position, at] of this.#elements(to).entries())
        written.set(elementOf(to.buffer, at), position);
    }
    for (const operand of [...operands.values(), ...writes.map(({ from }) => from)]) {
      if ("op" in operand || isScalar(operand) || !operand.buffer) continue;
      const { buffer } = operand;
      this.#elements(operand).forEach((at, position) => {
        const place = written.get(elementOf(buffer, at)) ?? position;
        if (place !== position)
          throw new Error(`a map writes element ${at} of ${buffer.label}#${buffer.id} before it is read`);
      });
    }
  }

  finish(): void {
    for (const view of this.#program.results)
      for (const at of this.#elements(view)) expect(this.#holds(view.buffer as Buffer, at)).toBe(true);
    const kept = this.#program.buffers.filter(({ kind }) => kind === "variable");
    const all = kept.map((buffer): [Buffer, number[]] => [
      buffer,
      [...Array(this.#size(buffer.size)).keys()],
    ]);
    this.trace.push(
      this.#summary(this.#program.results.map((view) => [view.buffer as Buffer, this.#elements(view)])),
    );
    this.trace.push(this.#summary(all));
  }
}

/**
 * Throws where a read of the program would not find what was written, for these sizes. Returns a number for each
 * computation, and for the results, that says where what it reads was computed.
 */
export function walkMemory(program: LoweredProgram, bindings: Bindings): readonly number[] {
  const walk = new Walk(program, bindings);
  walk.run(program.setup);
  walk.run(program.statements);
  walk.finish();
  return walk.trace;
}
