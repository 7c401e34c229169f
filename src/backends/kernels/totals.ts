/**
 * Reductions over the last axes of a nest, in registers: lanes that meet at the end. Long sums take blocks of terms in
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

interface Total {
  readonly lanes: Local<"vector">;
  /** What a long sum has added up in float64 before. */
  readonly wide: Local<"vector"> | undefined;
}

/** The totals of one nest; none where its reductions end in memory. */
export class Totals {
  readonly #f: FunctionBuilder;
  readonly #nest: Nest;
  readonly #totals = new Map<Reduction, Total>();
  /** Of nests with long sums: whether totals have been added to float64, and terms in each lane since then. */
  readonly #isWidened: Local<"i32">;
  readonly #terms: Local<"i32">;

  constructor(f: FunctionBuilder, nest: Nest) {
    this.#f = f;
    this.#nest = nest;
    this.#isWidened = f.local("i32");
    this.#terms = f.local("i32");
    const { axes, reducedFrom, stores } = nest;
    if (reducedFrom === axes.length) return;
    const terms = termsOfLane(
      f,
      axes.slice(reducedFrom).map(({ size }) => size),
    );
    for (const { from } of stores) {
      if (!isReduction(from) || this.#totals.has(from)) continue;
      const wide = isLongSum(from, terms) ? f.local("vector") : undefined;
      this.#totals.set(from, { lanes: f.local("vector"), wide });
    }
  }

  has(node: Node): boolean {
    return this.#totals.has(node as Reduction);
  }

  get #wide(): (Total & { readonly wide: Local<"vector"> })[] {
    return [...this.#totals.values()].flatMap(({ lanes, wide }) => (wide ? [{ lanes, wide }] : []));
  }

  /** Before the loops that are reduced. */
  start(): void {
    const f = this.#f;
    for (const [node, { lanes, wide }] of this.#totals) {
      f.set(lanes, start(node));
      if (wide) f.set(wide, f32xN.const(0));
    }
    if (this.#wide.length === 0) return;
    f.set(this.#isWidened, i32.const(0));
    f.set(this.#terms, i32.const(0));
  }

  /** Adds a vector of elements, or `count` where they are fewer. */
  add(read: (node: Node) => Vector, count: I32 | undefined): void {
    for (const [node, { lanes }] of this.#totals) {
      const value = read(node.inputs[0] as Node);
      this.#f.set(lanes, combine(node, lanes, count ? masked(value, node, count) : value));
    }
  }

  /** The innermost loop as long as a vector of elements is `left`, from which `emitVector` takes it. */
  forEachVector(left: Local<"i32">, emitVector: () => void): void {
    const f = this.#f;
    const haveVector = i32.ge_s(left, i32.const(f.lanes));
    const inner = this.#nest.axes.at(-1)?.size as Dimension;
    if (this.#wide.length === 0 || !isLong(termsOfLane(f, [inner]))) {
      f.while(haveVector, emitVector);
      return;
    }
    const stop = f.local("i32");
    const block = f.lanes * blockTerms;
    f.while(haveVector, () => {
      const isMore = i32.ge_s(left, i32.const(block + f.lanes));
      f.set(stop, select(isMore, i32.sub(left, i32.const(block)), i32.const(f.lanes - 1)));
      f.doWhile(i32.gt_s(left, stop), emitVector);
      f.if(haveVector, () => this.#widen());
    });
  }

  /** After the innermost loop: where others around it are reduced too, a row that does not fit the block ends it. */
  endRow(size: I32): void {
    const { axes, reducedFrom } = this.#nest;
    if (this.#wide.length === 0 || reducedFrom === axes.length - 1) return;
    const f = this.#f;
    const rounded = i32.add(size, i32.const(f.lanes - 1));
    const terms = f.local("i32", i32.shr_u(rounded, i32.const(Math.log2(f.lanes))));
    increase(f, this.#terms, terms);
    f.if(i32.gt_s(i32.add(this.#terms, terms), i32.const(blockTerms)), () => {
      this.#widen();
      f.set(this.#terms, i32.const(0));
    });
  }

  /** After the loops that are reduced: each reduction, in the first lane. */
  end(store: (node: Reduction, result: Vector) => void): void {
    const f = this.#f;
    for (const [node, { lanes, wide }] of this.#totals) {
      const joinLanes = () => {
        for (let distance = f.lanes / 2; distance >= 1; distance /= 2) {
          f.set(lanes, combine(node, lanes, vectors.exchange(lanes, distance)));
        }
      };
      const joinWide = (own: Local<"vector">) => {
        widen(f, own, lanes);
        f.set(lanes, narrowed(f, own));
      };
      if (wide) f.if(this.#isWidened, () => joinWide(wide), joinLanes);
      else joinLanes();
      store(node, lanes);
    }
  }

  #widen(): void {
    for (const { lanes, wide } of this.#wide) widen(this.#f, wide, lanes);
    this.#f.set(this.#isWidened, i32.const(1));
  }
}

/** How many elements come to each lane; the innermost axis is taken a vector at a time. */
function termsOfLane({ lanes }: FunctionBuilder, sizes: readonly Dimension[]): Dimension {
  const inner = sizes.at(-1) as Dimension;
  const vectors = typeof inner === "number" ? Math.ceil(inner / lanes) : inner;
  return sizes.slice(0, -1).reduce(multiplyDimensions, vectors);
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
