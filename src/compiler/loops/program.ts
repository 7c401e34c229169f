/**
 * The lowered program: buffers, and statements that read and write views of them. Neutral towards backends: whoever can
 * run these few statements can run everything.
 */

import type { Dimension, Shape } from "../../graph/dimension.ts";
import type { Node } from "../../graph/node.ts";
import type { DType } from "../../graph/operations.ts";
import type { Target } from "../target.ts";

/** A stretch of memory. Sizes are in elements of 4 bytes. */
export interface Buffer {
  readonly id: number;
  readonly size: Dimension;
  /**
   * Whose content it is: variables and inputs are filled by the caller, steady ones once for many runs, results are read by
   * it, what lasts is filled by the program's setup. Lowering finds out at its end which buffers last.
   */
  kind: "variable" | "input" | "steady" | "result" | "temporary" | "lasting";
  /** The leaf that it holds, for variables and inputs. */
  readonly leaf: Node | undefined;
  /** Of a buffer that is used within blocks alone: how many rows it holds for each thread, always those of one block. */
  readonly block?: number;
  readonly label: string;
}

/** A position: `base` plus, for every enclosing loop, its counter times a stride. In elements. */
export interface Offset {
  readonly base: Dimension;
  readonly counters: readonly { readonly loop: number; readonly stride: Dimension }[];
}

/** Elements of a buffer as a tensor. Without a buffer, the element is its own position: the numbers of an iota. */
export interface View {
  readonly buffer: Buffer | undefined;
  readonly offset: Offset;
  readonly shape: Shape;
  readonly strides: readonly Dimension[];
  readonly dtype: DType;
}

/** What an elementwise computation reads: a view, or one number for all elements. */
export type Operand = View | Scalar;
export interface Scalar {
  readonly scalar: number | { readonly dimension: Dimension };
  readonly dtype: DType;
}

export function isScalar(operand: Operand): operand is Scalar {
  return "scalar" in operand;
}

/** How a statement can be done in parts: along which of its axes, and in lots of how many positions. */
export interface Split {
  /** An axis of a map's space or of an index; the rows, columns or an outer axis of a product; the rows of blocks. */
  readonly axis: number | "m" | "n" | { readonly outer: number } | "rows";
  readonly grain: number;
}

/** What all statements but loops have. */
interface Splittable {
  /** Each thread does a part. Without it, a statement is done by the first thread alone. */
  readonly split?: Split | undefined;
}

/** Where a node or an operand of a map goes. */
export interface Write {
  readonly from: Node | Operand;
  readonly to: View;
  /** For a long sum that is added up in memory: room for the same elements in float64, whatever it holds before and after. */
  readonly wide?: View | undefined;
}

/**
 * One loop nest over `space` that computes nodes element by element. A node reads those before it, or operands.
 * Reductions among the results run over `reduced`, the same axes for all. Where these are not the last axes, reductions
 * add to what stands in their places already, which an earlier statement has set.
 */
export interface MapStatement extends Splittable {
  readonly kind: "map";
  readonly space: Shape;
  readonly reduced: readonly number[];
  /** In order. Reductions come with the value that they sum up as their only input. */
  readonly nodes: readonly Node[];
  readonly operands: ReadonlyMap<Node, Operand>;
  /** What goes where: computed nodes, or operands that are copied. Views of reductions lack the reduced axes. */
  readonly writes: readonly Write[];
}

/** Sizes and element strides of one axis of a product. */
export interface ProductAxis {
  readonly size: Dimension;
  readonly a: Dimension;
  readonly b: Dimension;
  readonly c: Dimension;
}

/** c[m, n] (+)= sum over k of a[m, k] b[k, n], once for every position of `outer`. */
export interface ProductStatement extends Splittable {
  readonly kind: "product";
  readonly a: View;
  readonly b: View;
  readonly c: View;
  readonly outer: readonly ProductAxis[];
  readonly m: ProductAxis;
  readonly n: ProductAxis;
  readonly k: ProductAxis;
  readonly accumulate: boolean;
  /** b in the layout of the inner loop, where a pack statement made it; only without `outer`. */
  readonly packed: Buffer | undefined;
}

/** Bring the right-hand side b[k, n] of products in the layout of their inner loop. */
export interface PackStatement extends Splittable {
  readonly kind: "pack";
  readonly b: View;
  readonly k: ProductAxis;
  readonly n: ProductAxis;
  readonly packed: Buffer;
}

/**
 * Rows by index: for every position p, `rows[p]` = `table[index[p]]` (gather), or `table[index[p]]` += `rows[p]` (scatter).
 * `table` has the axes of p with strides of their own in front of a row's, for tables with a part for each position.
 * An index outside of `first`..`end` - 1 gathers zeros and scatters nothing.
 * A scatter of many rows has `wide`, `wideRowsSize` elements, whatever they hold before and after.
 */
export interface RowsStatement extends Splittable {
  readonly kind: "gather" | "scatter";
  readonly table: View;
  readonly stride: Dimension;
  readonly first: Offset;
  readonly end: Offset;
  readonly index: View;
  readonly rows: View;
  readonly wide?: Buffer | undefined;
}

export interface LoopStatement {
  readonly kind: "loop";
  readonly loop: number;
  readonly count: Dimension;
  readonly reverse: boolean;
  readonly body: readonly Statement[];
  /** Whether the first thread alone runs it. */
  readonly alone?: boolean | undefined;
}

/**
 * Statements that are run for one block of rows after another, so that what the first leaves of a block is still in the
 * cache when the next reads it. Each is split along its axis of rows; no row touches what another one writes. Rows of a
 * buffer with a `block` are counted from the block's first.
 */
export interface BlocksStatement extends Splittable {
  readonly kind: "blocks";
  readonly rows: Dimension;
  /** Rows of a block; the last has what is left. */
  readonly size: number;
  readonly body: readonly Simple[];
}

/** All threads wait for each other. */
export interface BarrierStatement {
  readonly kind: "barrier";
}

/** The statements that read and write. */
export type Simple = MapStatement | ProductStatement | PackStatement | RowsStatement;
export type Statement = Simple | LoopStatement | BlocksStatement | BarrierStatement;

export function isSimple(statement: Statement): statement is Simple {
  return statement.kind !== "loop" && statement.kind !== "blocks" && statement.kind !== "barrier";
}

/** The statements that read and write, those within loops and blocks included. */
export function simpleStatements(statements: readonly Statement[]): Simple[] {
  return statements.flatMap((statement) => {
    if (isSimple(statement)) return [statement];
    return statement.kind === "barrier" ? [] : simpleStatements(statement.body);
  });
}

/** The statements, numbered in order, between which a buffer's content matters. */
export interface Lifetime {
  readonly buffer: Buffer;
  readonly from: number;
  readonly to: number;
}

export interface LoweredProgram {
  /** The machine that its splits, blocks and packs are made for. */
  readonly target: Target;
  readonly buffers: readonly Buffer[];
  /** Those of variables that the program only reads. */
  readonly fixed: ReadonlySet<Buffer>;
  /** Of all buffers in the arena: two that overlap may not share memory. Undefined where none may. */
  readonly lifetimes: readonly Lifetime[] | undefined;
  /** Run when a variable that the program only reads has got another value. */
  readonly setup: readonly Statement[];
  readonly statements: readonly Statement[];
  /** Where the program's results stand when it has run. */
  readonly results: readonly View[];
}

/** Whether the reduced axes are the last ones, so that a reduction ends before the next begins. */
export function isTrailing(reduced: readonly number[], rank: number): boolean {
  return reduced.every((axis, index) => axis === rank - reduced.length + index);
}
