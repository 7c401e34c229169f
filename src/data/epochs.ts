/**
 * What kinds of batches of rows have in common: they are drawn anew for each epoch, and one is found by its number and its
 * epoch alone, so that a training goes on from a number.
 */
import type { RandomSource } from "../trace/variable.ts";
import { requireWhole } from "./counts.ts";

/**
 * The epoch of a batch and its number in that epoch. Batches are numbered on from epoch to epoch, so that a number from
 * `count` on is a batch of a later epoch.
 *
 * @throws UsageError unless batch and epoch are whole numbers from 0
 */
export function locate(count: number, batch: number, epoch: number): { epoch: number; batch: number } {
  requireWhole("batch", batch);
  requireWhole("epoch", epoch);
  return { epoch: epoch + Math.floor(batch / count), batch: batch % count };
}

/** The same function, which keeps what it gave for the epoch that was asked for last. */
export function keepingNewest<Drawn>(draw: (epoch: number) => Drawn): (epoch: number) => Drawn {
  let newest: { readonly epoch: number; readonly drawn: Drawn } | undefined;
  return (epoch) => {
    if (newest?.epoch !== epoch) newest = { epoch, drawn: draw(epoch) };
    return newest.drawn;
  };
}

/** The numbers 0 to count - 1. */
export function rowNumbers(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, row) => row);
}

/** Every order as likely as any other (Fisher and Yates), in place. */
export function shuffle<List extends Int32Array | Int32Array[]>(list: List, random: RandomSource): List {
  for (let left = list.length; left > 1; left--) {
    const chosen = Math.floor(random.uniform() * left);
    [list[left - 1], list[chosen]] = [list[chosen] as never, list[left - 1] as never];
  }
  return list;
}

/** Pieces of `size` elements, the last of what is left: views of the same memory. */
export function cut(elements: Int32Array, size: number): Int32Array[] {
  const count = Math.ceil(elements.length / size);
  return Array.from({ length: count }, (_, at) => elements.subarray(at * size, (at + 1) * size));
}
