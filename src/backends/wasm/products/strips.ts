/** How the rows of a block of A fall into tiles, with 1 to 3 rows left over. Packed, the rows of each tile are a strip. */

import type { FunctionBuilder } from "../assembler/encoder.ts";
import { type I32, i32 } from "../assembler/instructions.ts";
import { type Integer, increase, times } from "../assembler/integers.ts";

export type TileHeight = 6 | 5 | 4;

/**
 * Rows of the tiles of 8 columns, the tallest first. 12 sums keep a core busy while each waits for its last addition; they
 * fit the registers where no product stands between a multiplication and its addition.
 */
export const tileHeights = (fused: boolean): readonly TileHeight[] => (fused ? [6, 5, 4] : [4]);

/** Rows that a block holds at most, a multiple of the tallest tile. */
export const blockRows = 96;

export interface Strips {
  /** How many tiles of each height, in the order in which they stand. */
  readonly tiles: readonly { readonly rows: TileHeight; readonly count: Integer }[];
  /** Rows below them, 3 at most. */
  readonly rest: Integer;
}

/** Divides `rows` rows into tiles. */
export function divideRows(builder: FunctionBuilder, rows: I32): Strips {
  const rest = builder.local("i32", rows);
  const take = (height: TileHeight, most: I32) => {
    const count = builder.local("i32", most);
    builder.set(rest, i32.sub(rest, times(count, height)));
    return { rows: height, count };
  };
  const low = () => take(4, i32.div_u(rest, i32.const(4)));
  if (!builder.fused) return { tiles: [low()], rest };
  const tall = take(6, i32.div_u(rest, i32.const(6)));
  // A tile of one or two rows takes as long as one of four: 6 + 1 are better divided as 4 + 3, 6 + 2 as 4 + 4.
  const isPoor = i32.lt_u(i32.sub(rest, i32.const(1)), i32.const(2));
  builder.if(i32.and(isPoor, i32.ne(tall.count, i32.const(0))), () => {
    increase(builder, tall.count, -1);
    increase(builder, rest, 6);
  });
  const middle = take(5, i32.eq(rest, i32.const(5)));
  return { tiles: [tall, middle, low()], rest };
}
