/** Sequences of like lengths side by side, for programs that measure and predict. */

/** Sequences that are read at once, and steps of them, filled up to the longest. */
const ROWS = 64;
const PADDED = 8192;

/** All items, the shortest first, in batches; equal lengths keep their order. */
export function batchesByLength<Item>(
  items: readonly Item[],
  lengthOf: (item: Item) => number,
): readonly Item[][] {
  const batches: Item[][] = [];
  for (const item of [...items].sort((a, b) => lengthOf(a) - lengthOf(b))) {
    const last = batches.at(-1);
    if (last && last.length < ROWS && (last.length + 1) * lengthOf(item) <= PADDED) last.push(item);
    else batches.push([item]);
  }
  return batches;
}
