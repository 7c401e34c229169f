/** Which rows are held out: the same share of each label's, drawn by a seed, and no row on both sides. */

import { fingerprintOfBytes } from "../../data/fingerprint.ts";
import { randomSource } from "../../nn/random.ts";
import { drawUnits, unitsOf } from "../held-out.ts";
import type { Content, Row } from "./inputs/input.ts";

/** A row that has labels: one, or where it can have several any number. */
export interface LabelledRow extends Row {
  readonly labels: readonly string[];
}

export interface Parts {
  readonly training: readonly LabelledRow[];
  readonly validation: readonly LabelledRow[];
}

/**
 * The rows by what they are for. Rows of equal content, or of one group where they say what they come from, stand on one side. A label keeps
 * a row to train on, however few it has. Where every group is more than the share of all, the smallest one is held out.
 */
export function splitRows(rows: readonly LabelledRow[], fraction: number, seed: number): Parts {
  const counts = new Map(countLabels(rows));
  const strata = new Map<string, number[][]>();
  for (const places of unitsOf(rows, unitKey)) {
    const first = rows[places[0] as number] as LabelledRow;
    // Groups have rows of many labels: they are drawn as they are.
    const stratum = first.group === undefined ? rarest(first.labels, counts) : "";
    const units = strata.get(stratum);
    if (units) units.push(places);
    else strata.set(stratum, [places]);
  }
  const held = new Set<number>();
  for (const [stratum, units] of strata) {
    const all = units.reduce((sum, { length }) => sum + length, 0);
    const wanted = Math.round(all * fraction);
    const drawn = drawUnits(units, wanted, randomSource(seed, `held out of ${stratum}`));
    for (const place of drawn) held.add(place);
    // Where each group is more than the share, the smallest one is held out.
    const isGroup = rows[units[0]?.[0] as number]?.group !== undefined;
    if (drawn.length > 0 || wanted === 0 || units.length < 2 || !isGroup) continue;
    for (const place of units.reduce((least, one) => (one.length < least.length ? one : least)))
      held.add(place);
  }
  return {
    training: rows.filter((_, at) => !held.has(at)),
    validation: rows.filter((_, at) => held.has(at)),
  };
}

/** What rows have in common that stand on one side. */
const unitKey = ({ group, content }: LabelledRow) =>
  group === undefined ? `content ${contentKey(content)}` : `group ${group}`;

/** What equal contents have in common, and different ones have not. */
export function contentKey(content: Content): string {
  if (typeof content === "string") return content;
  const { buffer, byteOffset, byteLength } = content;
  return fingerprintOfBytes(new Uint8Array(buffer, byteOffset, byteLength));
}

/** The label of a row that the fewest rows have; "" for a row without labels. */
function rarest(labels: readonly string[], counts: ReadonlyMap<string, number>): string {
  const count = (label: string) => counts.get(label) ?? 0;
  return labels.reduce((least, label) => (count(label) < count(least) ? label : least), labels[0] ?? "");
}

/** The labels of rows with how often they stand there: the commonest first, ties in the order of their names. */
export function countLabels(rows: readonly Pick<LabelledRow, "labels">[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { labels } of rows) {
    for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}

/** What rows have beside their labels that stand on both sides of a split: how many of the second are among the first. */
export function countShared(first: readonly Row[], second: readonly Row[]): number {
  const known = new Set(first.map(({ content }) => contentKey(content)));
  return second.filter(({ content }) => known.has(contentKey(content))).length;
}
