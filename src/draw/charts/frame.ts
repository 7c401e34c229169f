/** What is known of a chart before it is drawn on anything: how far its numbers reach, and what its legend says. */

import { UsageError } from "../../errors.ts";
import type { Chart, ChartPanel } from "./chart.ts";
import { checkHeat, heatScale, printScale } from "./heat.ts";

/** From the least to the greatest, the least below the greatest. */
export type Extent = readonly [least: number, greatest: number];

/** How far a panel reaches; a panel without numbers from 0 to 1. */
export function extentsOf(panel: ChartPanel): { readonly x: Extent; readonly y: Extent } {
  const { lines, bands, marks, heat, reach } = panel;
  if (heat) return { x: reach ?? [-0.5, Math.max(1, heat.rows[0]?.length ?? 0) - 0.5], y: [0, 1] };
  const x = [...lines, ...bands, ...marks].map((part) => part.x);
  const y = [...lines, ...marks].map((part) => part.y);
  const edges = bands.flatMap(({ low, high }) => [low, high]);
  return {
    x: reach ?? extentOf(x, () => 0.5),
    y: extentOf([...y, ...edges], (only) => Math.abs(only) / 10 || 1),
  };
}

/** `room` is what is left on both sides of an only number. */
function extentOf(lists: readonly (readonly number[])[], room: (only: number) => number): Extent {
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const list of lists) {
    for (const value of list) {
      if (!Number.isFinite(value)) continue;
      least = Math.min(least, value);
      greatest = Math.max(greatest, value);
    }
  }
  if (least > greatest) return [0, 1];
  if (least < greatest) return [least, greatest];
  return [least - room(least), least + room(least)];
}

export interface LegendEntry {
  readonly kind: "line" | "band" | "marks" | "heat";
  readonly name: string;
  /** What the legend says: the name, and of a heat map how far its colours reach. */
  readonly text: string;
  /** Of a heat map, whether it has two colours. */
  readonly signed?: boolean | undefined;
  /** Which of its kind it is, from 0: its colour follows from it. */
  readonly number: number;
  readonly dashed: boolean;
}

/** What a legend tells: lines, bands, marks and heat maps, each name once however many panels have it. */
export function legendOf(chart: Chart): LegendEntry[] {
  const { panels } = chart;
  return [
    ...entriesOf(
      "line",
      panels.flatMap(({ lines }) => lines),
    ),
    ...entriesOf(
      "band",
      panels.flatMap(({ bands }) => bands),
    ),
    ...entriesOf(
      "marks",
      panels.flatMap(({ marks }) => marks),
    ),
    ...entriesOf(
      "heat",
      panels.flatMap(({ heat }) => heat ?? []),
    ).map((entry) => {
      const scale = heatScale(chart, entry.name);
      return { ...entry, text: `${entry.name} (${printScale(scale)})`, signed: scale.signed };
    }),
  ];
}

function entriesOf(
  kind: LegendEntry["kind"],
  parts: readonly { readonly name: string; readonly dashed?: boolean | undefined }[],
): LegendEntry[] {
  const names = new Map(parts.map(({ name, dashed = false }) => [name, dashed]));
  return [...names].map(([name, dashed], number) => ({ kind, name, text: name, number, dashed }));
}

/** Which of its kind a name is in a legend. */
export function numberOf(entries: readonly LegendEntry[], kind: LegendEntry["kind"], name: string): number {
  return entries.find((entry) => entry.kind === kind && entry.name === name)?.number ?? 0;
}

/** Throws UsageError for lists of a part that are not of one length, a heat map beside something else, and for a size that is no whole number from `least`. */
export function checkChart(
  where: string,
  { panels }: Chart,
  sizes: Readonly<Record<string, readonly [given: number, least: number]>>,
): void {
  for (const panel of panels) {
    const { lines, bands, marks } = panel;
    checkHeat(where, panel);
    for (const { name, x, ...lists } of [...lines, ...bands, ...marks]) {
      const others = Object.values(lists).filter((list) => Array.isArray(list));
      const wrong = others.find((list) => list.length !== x.length);
      if (!wrong) continue;
      throw new UsageError(`${where}: ${name}: ${wrong.length} numbers for ${x.length} places`);
    }
  }
  checkSizes(where, sizes);
}

/** Throws UsageError for a size that is no whole number from `least`. */
export function checkSizes(
  where: string,
  sizes: Readonly<Record<string, readonly [given: number, least: number]>>,
): void {
  for (const [name, [given, least]] of Object.entries(sizes)) {
    if (Number.isSafeInteger(given) && given >= least) continue;
    throw new UsageError(`${where}: ${name} ${given}: expected a whole number from ${least}`);
  }
}
