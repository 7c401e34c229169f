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
  for (const value of heats.flatMap(({ rows }) => rows).flat()) {
    if (!Number.isFinite(value)) continue;
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
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
  return partsOf(heat.rows, rows).map((own) => {
    const shares = own.map((row) => partsOf(row, columns));
    return Array.from({ length: columns }, (_, column) => {
      const values = shares.flatMap((parts) => parts[column] ?? []).filter(Number.isFinite);
      if (values.length === 0) return Number.NaN;
      const told = scale.signed
        ? values.reduce((far, one) => (Math.abs(one) > Math.abs(far) ? one : far))
        : values.reduce((sum, one) => sum + one) / values.length;
      return strengthOf(told, scale);
    });
  });
}

/** A list cut into so many parts of as equal sizes as can be. */
function partsOf<Item>(list: readonly Item[], count: number): (readonly Item[])[] {
  const at = (part: number) => Math.floor((part * list.length) / count);
  return Array.from({ length: count }, (_, part) => list.slice(at(part), at(part + 1)));
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
