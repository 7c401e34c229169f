/** Heat maps as text: shades, and other signs for what is below 0. */

import type { CanvasCell } from "./canvas.ts";
import type { ChartHeat } from "./chart.ts";
import { type HeatScale, heatCells } from "./heat.ts";

/** The colours of terminals for what is not below 0, and for what is. */
export const HEAT = "34";
const BELOW = "33";
const SHADES = ["░", "▒", "▓", "█"];
const MINUS = ["·", "-", "=", "≡"];
/** What a legend shows of a heat map with two colours. */
export const HEAT_SIGN = "≡ █";
/** What is weaker than this is left free. */
const LEAST = 0.05;

/** What stands for a strength. */
export function heatCell(strength: number): CanvasCell {
  const part = Math.abs(strength);
  if (!(part >= LEAST)) return { text: " " };
  const level = Math.min(3, Math.floor(4 * part));
  const [text, code] = strength < 0 ? [MINUS[level], BELOW] : [SHADES[level], HEAT];
  return { text: text as string, code };
}

/** The lines of a heat map in so many rows and columns; where it has fewer numbers they are repeated. */
export function heatLines(
  heat: ChartHeat,
  scale: HeatScale,
  size: { readonly rows: number; readonly columns: number },
): CanvasCell[][] {
  return heatCells(heat, scale, size).map((strengths) =>
    Array.from({ length: size.columns }, (_, column) =>
      heatCell(strengths[Math.floor((column * strengths.length) / size.columns)] ?? Number.NaN),
    ),
  );
}
