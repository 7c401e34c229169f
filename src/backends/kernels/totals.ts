/**
 * Reductions over the last axes of a nest, in registers: partial results that meet at the end. Long sums take blocks of terms in
 * float32 and add each block to a total in float64.
 */

import { blockTerms, isLong, isLongSum } from "../../compiler/loops/sums.ts";
import { type Dimension, multiplyDimensions } from "../../graph/dimension.ts";
import type { Node } from "../../graph/node.ts";
import { type OfKind, startOf } from "../../graph/operations.ts";
import {
  f32xN,
  type I32,
  i32,
  i32xN,
  type Local,
  select,
  type Vector,
  vectors,
} from "../instructions/expressions.ts";
import type { FunctionBuilder } from "../instructions/functions.ts";
import { increase } from "../instructions/integers.ts";
import { splatNumber } from "./elementwise.ts";
import { isReduction, type Nest } from "./nest.ts";
import { narrowed, widen } from "./sums.ts";

type Reduction = Node<OfKind<"reduction">>;

/**
 * Partial results of a reduction, however many lanes a vector has, so that its bits are the same for all: element i of a row goes to
 * the partial result i modulo 16.
 */
const partials = 16;

interface Total {
  /**
   * As many vectors as hold the partial results. The first one takes the next elements, then goes behind the others. Where their number is
   * no multiple, the order in which they meet is the same.
   */
  readonly parts: readonly Local<"vector">[];
  /** What a long sum has added up in float64 before: partial results j and j + 8 in one. */
  readonly wide: readonly Local<"vector">[] | undefined;
}

/** The totals of one nest; none where its reductions end in memory. */
export class Totals {
  readonly #f: FunctionBuilder;
  readonly #nest: Nest;
  readonly #totals = new Map<Reduction, Total>();
  /** Of nests with long sums: whether totals have been added to float64, and terms in each partial result since then. */
  readonly #isWidened: Local<"i32">;
  readonly #terms: Local<"i32">;

  constructor(f: FunctionBuilder, nest: Nest) {
    this.#f = f;
    this.#nest = nest;
    this.#isWidened = f.local("i32");
    this.#terms = f.local("i32");
    const { axes, reducedFrom, stores } = nest;
    if (reducedFrom === axes.length) return;
    const terms = termsOfPart(axes.slice(reducedFrom).map(({ size }) => size));
    for (const { from } of stores) {
      if (!isReduction(from) || this.#totals.has(from)) continue;
      const own = () => Array.from({ length: partials / f.lanes }, () => f.local("vector"));
      this.#totals.set(from, { parts: own(), wide: isLongSum(from, terms) ? own() : undefined });
    }
  }

  has(node: Node): boolean {
    return this.#totals.has(node as Reduction);
  }

  get #isWide(): boolean {
    return [...this.#totals.values()].some(({ wide }) => wide);
  }

  /** Before the loops that are reduced. */
  start(): void {
    const f = this.#f;
    for (const [node, { parts, wide }] of this.#totals) {
      for (const part of parts) f.set(part, start(node));
      for (const part of wide ?? []) f.set(part, f32xN.const(0));
    }
    if (!this.#isWide) return;
    f.set(this.#isWidened, i32.const(0));
    f.set(this.#terms, i32.const(0));
  }

  /** Adds a vector of elements, or `count` where they are fewer. */
  add(read: (node: Node) => Vector, count: I32 | undefined): void {
    for (const [node, { parts }] of this.#totals) {
      const value = read(node.inputs[0] as Node);
      const first = parts[0] as Local<"vector">;
      this.#f.set(first, combine(node, first, count ? masked(value, node, count) : value));
    }
    this.#turn();
  }

  /** The first vectors go behind the others. */
  #turn(): void {
    for (const { parts } of this.#totals.values()) {
      if (parts.length === 1) continue;
      const first = this.#f.local("vector", parts[0]);
      parts.forEach((part, at) => {
        this.#f.set(part, parts[at + 1] ?? first);
      });
    }
  }

  /** The innermost loop as long as a vector of elements is `left`, from which `emitVector` takes it. */
  forEachVector(left: Local<"i32">, emitVector: () => void): void {
    const f = this.#f;
    const haveVector = i32.ge_s(left, i32.const(f.lanes));
    const inner = this.#nest.axes.at(-1)?.size as Dimension;
    if (!this.#isWide || !isLong(termsOfPart([inner]))) {
      f.while(haveVector, emitVector);
      return;
    }
    const stop = f.local("i32");
    const block = partials * blockTerms;
    f.while(haveVector, () => {
      const isMore = i32.ge_s(left, i32.const(block + partials));
      f.set(stop, select(isMore, i32.sub(left, i32.const(block)), i32.const(f.lanes - 1)));
      f.doWhile(i32.gt_s(left, stop), emitVector);
      f.if(haveVector, () => this.#widen());
    });
  }

  /** After the innermost loop: where others around it are reduced too, a row that does not fit the block ends it. */
  endRow(size: I32): void {
    const { axes, reducedFrom } = this.#nest;
    const isLast = reducedFrom === axes.length - 1;
    if (reducedFrom === axes.length || (isLast && !this.#isWide)) return;
    this.#turnToStart(size);
    if (isLast || !this.#isWide) return;
    const f = this.#f;
    const terms = f.local(
      "i32",
      i32.shr_u(i32.add(size, i32.const(partials - 1)), i32.const(log2(partials))),
    );
    increase(f, this.#terms, terms);
    f.if(i32.gt_s(i32.add(this.#terms, terms), i32.const(blockTerms)), () => {
      this.#widen();
      f.set(this.#terms, i32.const(0));
    });
  }

  /** After a row of so many elements: the vector that took the first of them takes the first of the next row. */
  #turnToStart(size: I32): void {
    const f = this.#f;
    const count = partials / f.lanes;
    if (count === 1) return;
    const taken = i32.shr_u(i32.add(size, i32.const(f.lanes - 1)), i32.const(log2(f.lanes)));
    const over = f.local("i32", i32.and(taken, i32.const(count - 1)));
    f.while(over, () => {
      this.#turn();
      f.set(over, i32.and(i32.add(over, i32.const(1)), i32.const(count - 1)));
    });
  }

  /** After the loops that are reduced: each reduction, in the first lane. */
  end(store: (node: Reduction, result: Vector) => void): void {
    const f = this.#f;
    for (const [node, { parts, wide }] of this.#totals) {
      const [first] = parts as readonly [Local<"vector">];
      const join = () => {
        for (let half = parts.length / 2; half >= 1; half /= 2) {
          for (const [at, part] of parts.slice(0, half).entries()) {
            f.set(part, combine(node, part, parts[at + half] as Vector));
          }
        }
        for (let distance = f.lanes / 2; distance >= 1; distance /= 2) {
          f.set(first, combine(node, first, vectors.exchange(first, distance)));
        }
      };
      const joinWide = (own: readonly Local<"vector">[]) => {
        widen(f, own, parts);
        f.set(first, narrowed(f, own));
      };
      if (wide) f.if(this.#isWidened, () => joinWide(wide), join);
      else join();
      store(node, first);
    }
  }

  #widen(): void {
    for (const { parts, wide } of this.#totals.values()) if (wide) widen(this.#f, wide, parts);
    this.#f.set(this.#isWidened, i32.const(1));
  }
}

const { log2 } = Math;

/** How many elements come to each partial result; each row begins with the first one. */
function termsOfPart(sizes: readonly Dimension[]): Dimension {
  const inner = sizes.at(-1) as Dimension;
  const rounds = typeof inner === "number" ? Math.ceil(inner / partials) : inner;
  return sizes.slice(0, -1).reduce(multiplyDimensions, rounds);
}

/** The lanes past the end replaced by what a reduction starts from. */
function masked(value: Vector, node: Reduction, count: I32): Vector {
  const inside = i32xN.lt_s(i32xN.iota(), i32xN.splat(count));
  return vectors.bitselect(value, start(node), inside);
}

const start = ({ op, dtype }: Reduction) => splatNumber(startOf(op, dtype), dtype);

/** One step of each reduction: of float32, and of int32. */
const steps: Record<OfKind<"reduction">, Record<"float32" | "int32", (a: Vector, b: Vector) => Vector>> = {
  sum: { float32: f32xN.add, int32: i32xN.add },
  max: { float32: f32xN.max, int32: i32xN.max_s },
};

/** One step of a reduction. */
export function combine({ op, dtype }: Reduction, a: Vector, b: Vector): Vector {
  return steps[op][dtype === "float32" ? "float32" : "int32"](a, b);
}
