/** Which rows are held out: the same share of each label's, drawn by a seed. */

import { shuffle } from "../../data/epochs.ts";
import { randomSource } from "../../nn/random.ts";

/** The rows by what they are for. A label keeps a row to train on, however few it has. */
export function splitByLabel<Row extends { readonly label: string }>(
  rows: readonly Row[],
  fraction: number,
  seed: number,
): { training: Row[]; validation: Row[] } {
  const byLabel = new Map<string, number[]>();
  rows.forEach(({ label }, at) => {
    const places = byLabel.get(label);
    if (places) places.push(at);
    else byLabel.set(label, [at]);
  });
  const held = new Set<number>();
  for (const [label, places] of byLabel) {
    const drawn = shuffle(Int32Array.from(places), randomSource(seed, `held out of ${label}`));
    const count = Math.min(places.length - 1, Math.round(places.length * fraction));
    for (const at of drawn.subarray(0, count)) held.add(at);
  }
  return {
    training: rows.filter((_, at) => !held.has(at)),
    validation: rows.filter((_, at) => held.has(at)),
  };
}

/** The labels of rows with how often they stand there: the commonest first, ties in the order of their names. */
export function countLabels(rows: readonly { readonly label: string }[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { label } of rows) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}
