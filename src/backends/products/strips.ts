/** How the rows of a block of A fall into tiles, with fewer left over than the lowest has. Packed, the rows of each tile are a strip. */

import { type I32, i32 } from "../instructions/expressions.ts";
import type { FunctionBuilder } from "../instructions/functions.ts";
import { type Integer, increase, times } from "../instructions/integers.ts";

export interface Strips {
  /** How many tiles of each height, in the order in which they stand. */
  readonly tiles: readonly { readonly rows: number; readonly count: Integer }[];
  /** Rows below them. */
  readonly rest: Integer;
}

/** Divides `rows` rows into tiles of these heights, the tallest first. */
export function divideRows(builder: FunctionBuilder, rows: I32, heights: readonly number[]): Strips {
  const [tallest, ...lower] = heights as readonly [number, ...number[]];
  const lowest = lower.at(-1);
  const rest = builder.local("i32", rows);
  const take = (height: number, most: I32) => {
    const count = builder.local("i32", most);
    builder.set(rest, i32.sub(rest, times(count, height)));
    return { rows: height, count };
  };
  const tall = take(tallest, i32.div_u(rest, i32.const(tallest)));
  if (lowest === undefined) return { tiles: [tall], rest };
  // A tile of one or two rows takes as long as one of four: 6 + 1 are better divided as 4 + 3, 6 + 2 as 4 + 4.
  const isPoor = i32.lt_u(i32.sub(rest, i32.const(1)), i32.const(2 * lowest - tallest));
  builder.if(i32.and(isPoor, i32.ne(tall.count, i32.const(0))), () => {
    increase(builder, tall.count, -1);
    increase(builder, rest, tallest);
  });
  const middle = lower.slice(0, -1).map((height) => take(height, i32.eq(rest, i32.const(height))));
  return { tiles: [tall, ...middle, take(lowest, i32.div_u(rest, i32.const(lowest)))], rest };
}
