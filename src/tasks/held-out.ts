/** Which rows of a file are held out: those that belong together stand on one side, and a seed draws which. */

import { rowNumbers, shuffle } from "../data/epochs.ts";
import type { RandomSource } from "../trace/variable.ts";

/** The places of the items that have a key in common, in the order of their first ones. */
export function unitsOf<Item>(items: readonly Item[], keyOf: (item: Item) => string): number[][] {
  const units = new Map<string, number[]>();
  items.forEach((item, at) => {
    const key = keyOf(item);
    const places = units.get(key);
    if (places) places.push(at);
    else units.set(key, [at]);
  });
  return [...units.values()];
}

/** The places of units that are drawn one by one, as long as they are no more than `most` together; at least one unit stays. */
export function drawUnits(units: readonly number[][], most: number, random: RandomSource): number[] {
  const drawn: number[] = [];
  for (const at of shuffle(rowNumbers(units.length), random).subarray(0, units.length - 1)) {
    const places = units[at] as number[];
    if (drawn.length + places.length > most) continue;
    for (const place of places) drawn.push(place);
  }
  return drawn;
}
