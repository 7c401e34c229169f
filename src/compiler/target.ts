/**
 * What is known of the machine that will run a program, in one record: a backend says it, lowering and kernels read it. A
 * number of a machine stands here and nowhere else.
 */

export interface Target {
  /** Numbers of 32 bits in a vector. */
  readonly lanes: number;
  /** Registers for vectors, as many as a kernel can count on. */
  readonly registers: number;
  /** Whether one instruction multiplies and adds, rounded once. */
  readonly fused: boolean;
  /** Bytes of a line, and of the first two caches of one core. */
  readonly cache: { readonly line: number; readonly level1: number; readonly level2: number };
  readonly product: ProductTarget;
  /**
   * Rows after which a product and the loops that go on with its rows take turns: what they hand on, some hundred columns
   * wide, should stay in a cache that the product's own operands share. They need not be the rows of a product's block.
   */
  readonly tailRows: number;
}

/** How products of matrices are cut: C (m, n) is made of tiles, each summed over k in registers. */
export interface ProductTarget {
  /** Columns of a panel, in which a packed right-hand side stands: [columns / panelColumns][k][panelColumns]. */
  readonly panelColumns: number;
  /** Rows of the tiles one panel wide, the tallest first; every multiple of the lowest can be cut into them. */
  readonly tileRows: readonly number[];
  /** Tiles for products of so few rows: how many panels wide, the widest first. */
  readonly wideTiles: readonly { readonly rows: number; readonly panels: readonly number[] }[];
  /** The most rows, columns and k that are worked on before the next are looked at. Sums are cut at `k`, which their bits show. */
  readonly block: { readonly rows: number; readonly columns: number; readonly k: number };
  /** Whether instructions keep the order in which kernels have them: an engine that compiles them may load operands ahead of their use. */
  readonly keepsOrder: boolean;
}

/** The most k of a block, on all targets: sums are cut there, so that it shows in their bits. */
export const mostK = 1024;

/** Bytes of a float32 or an int32. */
export const elementBytes = 4;

/** Bytes of a vector. */
export function vectorBytes({ lanes }: Target): number {
  return lanes * elementBytes;
}

/** Rows in lots of which work is shared, so that each part can be cut into tiles without a rest. */
export function rowGrain({ product }: Target): number {
  return Math.min(...product.tileRows);
}
