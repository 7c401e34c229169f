/** Heat maps as SVG: the colours of numbers, and what is of one colour as one path. */

import type { ScaleLinear } from "d3-scale";
import { escapeXml, round } from "../text.ts";
import type { Chart, ChartHeat } from "./chart.ts";
import { heatCells, heatScale } from "./heat.ts";

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
  const scale = heatScale(chart, heat.name);
  const count = heat.rows[0]?.length ?? 0;
  const [from, to] = [x(-0.5), Math.min(edge, x(count - 0.5))];
  const cells = heatCells(heat, scale, {
    rows: Math.max(1, Math.floor((bottom - top) / LEAST_CELL)),
    columns: Math.max(1, Math.floor((to - from) / LEAST_CELL)),
  });
  const height = (bottom - top) / cells.length;
  const paths = new Map<string, string[]>();
  for (const [row, strengths] of cells.entries()) {
    const across = (column: number) => tenths(from + ((to - from) * column) / strengths.length);
    const colors = strengths.map((strength) =>
      Number.isNaN(strength) ? undefined : heatColor(Math.round(strength * LEVELS) / LEVELS, scale.signed),
    );
    for (let start = 0; start < colors.length; ) {
      const color = colors[start];
      let end = start + 1;
      while (end < colors.length && colors[end] === color) end += 1;
      if (color !== undefined) {
        const [left, y, right] = [across(start), tenths(top + row * height), across(end)];
        const part = `M${left},${y}H${right}V${tenths(top + (row + 1) * height)}H${left}Z`;
        const path = paths.get(color) ?? [];
        path.push(part);
        paths.set(color, path);
      }
      start = end;
    }
  }
  return [
    `<g data-heat="${escapeXml(heat.name)}" shape-rendering="crispEdges">`,
    ...[...paths].map(([color, parts]) => `<path d="${parts.join("")}" fill="${color}"/>`),
    "</g>",
  ];
}

/** As exact as a picture has to be that is made of so many places. */
const tenths = (place: number) => Math.round(10 * place) / 10;

/** The colours of a legend's entry, in 24 by 12 pixels, up to a strength. */
export function heatSwatch(x: number, y: number, signed: boolean, strongest = 1): string {
  const parts = Array.from({ length: 6 }, (_, at) => {
    const strength = strongest * (signed ? (2 * at) / 5 - 1 : at / 5);
    return `<rect x="${round(x + 4 * at)}" y="${y}" width="4" height="12" fill="${heatColor(strength, signed)}"/>`;
  });
  return parts.join("");
}
