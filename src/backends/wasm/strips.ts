/**
 * How the rows of a block of A fall into tiles: tall ones, low ones of 4 rows, and 1 to 3 rows that are left over. Packed, each
 * tile's rows are a strip.
 */

import type { FunctionBuilder } from "./encoder.ts";
import { type I32, i32 } from "./instructions.ts";
import { type Integer, increase, times } from "./integers.ts";

/**
 * Rows of a tile of 8 columns, the tallest first. 12 sums keep a core busy while each waits for its last addition; they fit
 * the registers where no product stands between a multiplication and its addition.
 */
export const tileHeights = (fused: boolean): readonly number[] => (fused ? [6, 4] : [4]);

/** A multiple of all heights, so that blocks of so many rows have no rest. */
export const blockRows = 96;

export interface Strips {
  /** How many tiles of each height, in order. */
  readonly tiles: readonly { readonly rows: number; readonly count: Integer }[];
  /** Rows below them. */
  readonly rest: Integer;
}

/** Divides `rows` rows into tiles. */
export function divideRows(builder: FunctionBuilder, rows: I32): Strips {
  const rest = builder.local("i32", rows);
  const heights = tileHeights(builder.fused);
  const tiles = heights.map((height, index) => {
    const count = builder.local("i32", i32.div_u(rest, i32.const(height)));
    builder.set(rest, i32.sub(rest, times(count, height)));
    // One or two rows beyond a multiple of 4 take as long as 4 do: 6 + 1 are better divided as 4 + 3, 6 + 2 as 4 + 4.
    if (index < heights.length - 1) {
      const isWasteful = i32.and(i32.add(rest, i32.const(1)), i32.const(2));
      builder.if(i32.and(i32.ne(count, i32.const(0)), i32.ne(isWasteful, i32.const(0))), () => {
        increase(builder, count, -1);
        increase(builder, rest, height);
      });
    }
    return { rows: height, count };
  });
  return { tiles, rest };
}
