/**
 * Long sums in memory, over axes that are not the last: a block of terms is added up in place, in float32, then added to
 * sums in float64, which become the result at the end.
 */

import { blockTerms } from "../../compiler/loops/sums.ts";
import { type Dimension, multiplyDimensions } from "../../graph/dimension.ts";
import { type I32, i32, type Local } from "../instructions/expressions.ts";
import type { FunctionBuilder } from "../instructions/functions.ts";
import { increase } from "../instructions/integers.ts";
import type { KernelContext } from "./kernel.ts";
import type { Access, Nest } from "./nest.ts";
import { runOnSums, type WideSums } from "./sums.ts";

interface Pair {
  readonly sums: Access;
  readonly wide: Access;
}

/** What stands around the loops of a nest, so that its sums are taken in blocks. */
export class WideMemory {
  readonly #context: KernelContext;
  readonly #f: FunctionBuilder;
  readonly #nest: Nest;
  readonly #sizes: readonly I32[];
  readonly #pairs: readonly Pair[];
  /** The first and the last of the reduced levels that end in memory, and where those that end with the last begin. */
  readonly #first: number;
  readonly #last: number;
  readonly #group: number;
  /** Terms of the block so far, and whether there are more than one block takes. */
  readonly #terms: Local<"i32">;
  readonly #isLong: Local<"i32">;

  /** Undefined where a nest has no such sums. */
  static of(
    context: KernelContext,
    f: FunctionBuilder,
    nest: Nest,
    sizes: readonly I32[],
  ): WideMemory | undefined {
    const pairs = nest.stores.flatMap(({ access, wide }) => (wide ? [{ sums: access, wide }] : []));
    const isInMemory = nest.axes.slice(0, nest.reducedFrom).some(({ reduced }) => reduced);
    return pairs.length > 0 && isInMemory ? new WideMemory(context, f, nest, sizes, pairs) : undefined;
  }

  private constructor(
    context: KernelContext,
    f: FunctionBuilder,
    nest: Nest,
    sizes: readonly I32[],
    pairs: readonly Pair[],
  ) {
    this.#context = context;
    this.#f = f;
    this.#nest = nest;
    this.#sizes = sizes;
    this.#pairs = pairs;
    const outer = nest.axes.slice(0, nest.reducedFrom);
    this.#first = outer.findIndex(({ reduced }) => reduced);
    this.#last = outer.findLastIndex(({ reduced }) => reduced);
    this.#group = outer.findLastIndex(({ reduced }, level) => level < this.#last && !reduced) + 1;
    this.#terms = f.local("i32");
    this.#isLong = f.local("i32");
  }

  /** The float64 sums, at levels outside of which they move. */
  accessesIn(level: number): Access[] {
    return level <= this.#last ? this.#pairs.map(({ wide }) => wide) : [];
  }

  /** Before the loop of a level. */
  start(level: number): void {
    const f = this.#f;
    if (level === this.#first) {
      // In one group of loops, the terms of one block need no float64.
      const isOne = this.#group === this.#first;
      const terms = this.#sizes
        .slice(this.#first, this.#last + 1)
        .reduce((product, size) => i32.mul(product, size));
      f.set(this.#isLong, isOne ? i32.gt_s(terms, i32.const(blockTerms)) : i32.const(1));
      f.if(this.#isLong, () => {
        for (const { wide } of this.#pairs) {
          const bytes = this.#kept(level).reduce(
            (product, at) => i32.mul(product, this.#size(at)),
            i32.const(8),
          );
          f.fillMemory(wide.pointers[level] as I32, i32.const(0), bytes);
        }
      });
    }
    if (level === this.#group) f.set(this.#terms, i32.const(0));
  }

  /** Before each turn of the loop of a level. */
  step(level: number): void {
    if (level !== this.#last) return;
    const f = this.#f;
    f.if(i32.eq(this.#terms, i32.const(blockTerms)), () => {
      this.#run(level, "flush");
      f.set(this.#terms, i32.const(0));
    });
    increase(f, this.#terms, 1);
  }

  /** After the loop of a level. */
  end(level: number): void {
    if (level === this.#first) this.#f.if(this.#isLong, () => this.#run(level, "finish"));
    else if (level === this.#group) this.#run(level, "flush");
  }

  /** The levels inside of one that are not reduced. */
  #kept(level: number): number[] {
    const { axes, reducedFrom } = this.#nest;
    return axes.flatMap(({ reduced }, at) => (at > level && at < reducedFrom && !reduced ? [at] : []));
  }

  #size(level: number): I32 {
    return this.#sizes[level] as I32;
  }

  /** Runs a function on all sums inside of a level. */
  #run(level: number, name: keyof WideSums): void {
    const levels = this.#kept(level);
    const pointer = ({ pointers, strides }: Access) => ({
      start: pointers[level] as I32,
      strides: levels.map((at) => this.#context.table.value(multiplyDimensions(4, strides[at] as Dimension))),
    });
    const sizes = levels.map((at) => this.#size(at));
    for (const { sums, wide } of this.#pairs) {
      runOnSums(this.#f, this.#context.wideSums()[name], sizes, pointer(sums), pointer(wide));
    }
  }
}
