/** Heat maps as SVG: the colours of numbers, and what is of one colour as one path. */

import type { ScaleLinear } from "d3-scale";
import { escapeXml, round } from "../text.ts";
import type { Chart, ChartHeat } from "./chart.ts";
import { type HeatScale, heatCells, heatScale } from "./heat.ts";

type Color = readonly [red: number, green: number, blue: number];

/** From white: what is above 0, what is below, and what has no sign. They differ for those, too, who do not tell red from green. */
const ABOVE: Color = [0x2f, 0x6f, 0xb5];
const BELOW: Color = [0xd3, 0x6a, 0x13];
const PLAIN: Color = [0x14, 0x3d, 0x73];

/** Colours of a heat map on each side of 0. */
const LEVELS = 24;
/** Pixels that a number has at least. */
const LEAST_CELL = 3;

/** The colour of a strength from -1 to 1; where the sign does not count, from 0 to 1. */
export function heatColor(strength: number, signed: boolean): string {
  const color = !signed ? PLAIN : strength < 0 ? BELOW : ABOVE;
  const part = Math.min(1, Math.abs(strength));
  const mixed = color.map((one) => Math.round(255 + (one - 255) * part));
  return `#${mixed.map((one) => one.toString(16).padStart(2, "0")).join("")}`;
}

/** Where a heat map is drawn: its axis, its top and its bottom, and how far to the right there is room. */
export interface HeatBox {
  readonly x: ScaleLinear<number, number>;
  readonly top: number;
  readonly bottom: number;
  readonly edge: number;
}

export function drawHeat(chart: Chart, heat: ChartHeat, { x, top, bottom, edge }: HeatBox): string[] {
  const count = heat.rows[0]?.length ?? 0;
  const [left, right] = [x(-0.5), Math.min(edge, x(count - 0.5))];
  return drawCells(heat, heatScale(chart, heat.name), { left, right, top, bottom });
}

/** The edges of a heat map, in pixels. */
export interface HeatEdges {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** A heat map within its edges. Its numbers are lines along the rows of a grid that is stretched: nothing else is as short to write. */
export function drawCells(
  heat: ChartHeat,
  scale: HeatScale,
  { left, right, top, bottom }: HeatEdges,
): string[] {
  const cells = heatCells(heat, scale, {
    rows: Math.max(1, Math.floor((bottom - top) / LEAST_CELL)),
    columns: Math.max(1, Math.floor((right - left) / LEAST_CELL)),
  });
  const [width, height] = [(right - left) / (cells[0]?.length || 1), (bottom - top) / (cells.length || 1)];
  const paths = new Map<string, string[]>();
  for (const [row, strengths] of cells.entries()) {
    const colors = strengths.map((strength) =>
      Number.isNaN(strength) ? undefined : heatColor(Math.round(strength * LEVELS) / LEVELS, scale.signed),
    );
    for (let start = 0; start < colors.length; ) {
      const color = colors[start];
      let end = start + 1;
      while (end < colors.length && colors[end] === color) end += 1;
      if (color !== undefined) {
        const path = paths.get(color) ?? [];
        path.push(`M${start} ${row}h${end - start}`);
        paths.set(color, path);
      }
      start = end;
    }
  }
  return [
    `<g data-heat="${escapeXml(heat.name)}" shape-rendering="crispEdges" stroke-width="1" transform="translate(${round(left)} ${round(top + height / 2)}) scale(${width} ${height})">`,
    ...[...paths].map(([color, parts]) => `<path d="${parts.join("")}" stroke="${color}"/>`),
    "</g>",
  ];
}

/** The colours of a legend's entry, in 24 by 12 pixels, up to a strength. */
export function heatSwatch(x: number, y: number, signed: boolean, strongest = 1): string {
  const parts = Array.from({ length: 6 }, (_, at) => {
    const strength = strongest * (signed ? (2 * at) / 5 - 1 : at / 5);
    return `<rect x="${round(x + 4 * at)}" y="${y}" width="4" height="12" fill="${heatColor(strength, signed)}"/>`;
  });
  return parts.join("");
}
