/** What SVG and text share of heat maps: how far their colours reach, and which number stands where there is less room than numbers. */

import { UsageError } from "../../errors.ts";
import type { Chart, ChartHeat, ChartPanel } from "./chart.ts";
import type { Tick } from "./ticks.ts";

/** How far the numbers of a colour reach. */
export interface HeatScale {
  /** Whether there are two colours, which begin at 0. */
  readonly signed: boolean;
  readonly least: number;
  readonly greatest: number;
}

/** The scale of all heat maps of a name. */
export function heatScale({ panels }: Chart, name: string): HeatScale {
  const heats = panels.flatMap(({ heat }) => (heat?.name === name ? [heat] : []));
  const signed = heats.some((heat) => heat.signed);
  let [least, greatest] = signed ? [0, 0] : [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const row of heats.flatMap(({ rows, reach = [] }) => [...rows, reach])) {
    for (const value of row) {
      if (!Number.isFinite(value)) continue;
      least = Math.min(least, value);
      greatest = Math.max(greatest, value);
    }
  }
  return least <= greatest ? { signed, least, greatest } : { signed, least: 0, greatest: 0 };
}

/** "-0.25 to 1.5". */
export function printScale({ least, greatest }: HeatScale): string {
  const [low, high] = [least, greatest].map((value) => String(Number(value.toPrecision(3))));
  return low === high ? (low as string) : `${low} to ${high}`;
}

/** How strong the colour of a number is: from -1 to 1 where the sign counts, else from 0 to 1. */
export function strengthOf(value: number, { signed, least, greatest }: HeatScale): number {
  if (!signed) return greatest > least ? (value - least) / (greatest - least) : 0;
  const most = Math.max(-least, greatest);
  return most > 0 ? value / most : 0;
}

/**
 * The strengths of a heat map in so many rows and columns, or fewer where it has fewer. What shares a place is told by the number
 * that is farthest from 0 where the sign counts, else by the mean. NaN where there is no finite number.
 */
export function heatCells(
  heat: ChartHeat,
  scale: HeatScale,
  most: { readonly rows: number; readonly columns: number },
): number[][] {
  const rows = Math.min(most.rows, heat.rows.length);
  const columns = Math.min(most.columns, heat.rows[0]?.length ?? 0);
  const total = heat.rows[0]?.length ?? 0;
  // Both are cut into parts of as equal sizes as can be.
  const part = (number: number, all: number, count: number) => Math.floor((number * all) / count);
  return Array.from({ length: rows }, (_, row) => {
    const own = heat.rows.slice(part(row, heat.rows.length, rows), part(row + 1, heat.rows.length, rows));
    return Array.from({ length: columns }, (_, column) => {
      const [from, to] = [part(column, total, columns), part(column + 1, total, columns)];
      return strengthOf(toldOf(own, from, to, scale.signed), scale);
    });
  });
}

/** The number that tells those of some rows from a place to another one; NaN where none is finite. */
function toldOf(rows: readonly (readonly number[])[], from: number, to: number, signed: boolean): number {
  let [count, sum, far] = [0, 0, 0];
  for (const row of rows) {
    for (let at = from; at < to; at++) {
      const value = row[at] as number;
      if (!Number.isFinite(value)) continue;
      count += 1;
      sum += value;
      if (Math.abs(value) > Math.abs(far)) far = value;
    }
  }
  if (count === 0) return Number.NaN;
  return signed ? far : sum / count;
}

/** The names of rows as far as there is room for `count`, at the middle of their rows, from 0 at the top to 1. */
export function rowTicks({ rows, labels = [] }: ChartHeat, count: number): Tick[] {
  const step = Math.max(1, Math.ceil(rows.length / Math.max(1, count)));
  return labels.flatMap((text, row) => (row % step === 0 ? [{ at: (row + 0.5) / rows.length, text }] : []));
}

/** Throws UsageError for a heat map whose rows or labels do not fit, or that shares its panel, and for a height that is none. */
export function checkHeat(where: string, { heat, lines, bands, marks, height = 1 }: ChartPanel): void {
  if (!(height > 0 && height < Number.POSITIVE_INFINITY)) {
    throw new UsageError(`${where}: height ${height} of a panel: expected a number above 0`);
  }
  if (!heat) return;
  const { name, rows, labels } = heat;
  const wrong = rows.find((row) => row.length !== rows[0]?.length);
  if (wrong) {
    throw new UsageError(
      `${where}: ${name}: a row of ${wrong.length} numbers beside one of ${rows[0]?.length}`,
    );
  }
  if (labels && labels.length !== rows.length) {
    throw new UsageError(`${where}: ${name}: ${labels.length} labels for ${rows.length} rows`);
  }
  if (lines.length + bands.length + marks.length > 0) {
    throw new UsageError(`${where}: ${name}: a heat map in a panel with something else`);
  }
}
