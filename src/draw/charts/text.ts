/**
 * A chart as text, for a terminal: lines in Braille, eight dots a character, over bands in shades. The library
 * simple-ascii-chart has neither bands nor gaps, labels an axis at every value, and is as wide as it likes.
 */

import { scaleLinear } from "d3-scale";
import { checkOptions } from "../../checks.ts";
import { Canvas, type CanvasCell } from "./canvas.ts";
import type { Chart, ChartPanel } from "./chart.ts";
import { checkChart, extentsOf, type LegendEntry, legendOf, numberOf } from "./frame.ts";
import { heatScale, rowTicks } from "./heat.ts";
import { HEAT, HEAT_SIGN, heatLines } from "./heat-text.ts";
import { painted } from "./painted.ts";
import { thinned } from "./thinned.ts";
import { placeTicks, valueTicks } from "./ticks.ts";
import { cut, inLine, widthOf } from "./width.ts";

export interface ChartTextOptions {
  /** Characters that a line may have, from 30; default 80. */
  readonly columns?: number | undefined;
  /** Lines of what is plotted of each panel, from 3; default 12. */
  readonly rows?: number | undefined;
  /** Whether there are colours, by escape sequences; default false. */
  readonly color?: boolean | undefined;
}

/** The chart in lines, each with its end. Throws UsageError for sizes that are too small, and for lists that are not of one length. */
export function chartText(chart: Chart, options: ChartTextOptions = {}): string {
  checkOptions("chartText", options, { columns: true, rows: true, color: true });
  const { columns = 80, rows = 12, color = false } = options;
  checkChart("chartText", chart, { columns: [columns, 30], rows: [rows, 3] });
  const legend = legendOf(chart);
  const laid = chart.panels.map((panel) => layPanel(panel, { columns, rows, color }));
  // What is plotted begins at the same place in all panels.
  const indent = Math.max(0, ...laid.flatMap(({ labels }) => [...labels.values()].map(widthOf)));
  const panels = laid.map((panel) => drawPanel(chart, panel, legend, indent));
  const title = chart.title === "" ? [] : [cut(inLine(chart.title), columns)];
  return [...title, ...panels.flat(), ...drawLegend(legend, { columns, color })]
    .map((line) => `${line}\n`)
    .join("");
}

/** Colours of lines and marks by number, in the order of svg.ts: the usual one, blue, yellow, green, magenta, cyan. */
const LINES = ["39", "34", "33", "32", "35", "36"];
const BAND = "34";
const MARKS = ["31", "33", "35"];
const SHADES = ["░", "▒", "▓"];
const SIGNS = ["●", "▲", "◆"];

const pick = <Item>(items: readonly Item[], number: number) => items[number % items.length] as Item;

interface Size {
  readonly columns: number;
  readonly rows: number;
  readonly color: boolean;
}

/** A panel with what stands left of its rows, from the top. */
interface LaidPanel {
  readonly panel: ChartPanel;
  readonly size: Size;
  /** How far its values reach, of lines, bands and marks. */
  readonly values: readonly [least: number, greatest: number];
  readonly labels: ReadonlyMap<number, string>;
}

function layPanel(panel: ChartPanel, { columns, rows: usual, color }: Size): LaidPanel {
  const { heat, height = 1 } = panel;
  const wanted = Math.max(heat ? 1 : 3, Math.round(usual * height));
  const rows = heat ? Math.min(wanted, heat.rows.length) : wanted;
  const count = Math.max(2, Math.floor(rows / 3));
  const [least, greatest] = scaleLinear().domain(extentsOf(panel).y).nice(count).domain() as [number, number];
  const up = (value: number) => Math.floor(((value - least) / (greatest - least)) * rows);
  const labels = new Map(
    heat
      ? // The rows of a heat map share lines where there are more of them.
        rowTicks(heat, rows).map(({ at, text }) => [
          Math.floor(at * rows),
          cut(inLine(text), Math.floor(columns / 4)),
        ])
      : valueTicks([least, greatest], count).map(({ at, text }) => [
          rows - 1 - Math.min(rows - 1, up(at)),
          text,
        ]),
  );
  return { panel, size: { columns, rows, color }, values: [least, greatest], labels };
}

function drawPanel(
  chart: Chart,
  { panel, size, values, labels }: LaidPanel,
  legend: readonly LegendEntry[],
  indent: number,
): string[] {
  const { rows, color } = size;
  const columns = size.columns - indent - 2;
  const plotted = panel.heat
    ? heatLines(panel.heat, heatScale(chart, panel.heat.name), { columns, rows })
    : plot(panel, legend, new Canvas(columns, rows), values);
  const lines = plotted.map((cells, row) => {
    const line = cells.map(({ text, code }) => painted(text, code ?? "39", color && code !== undefined));
    const label = labels.get(row) ?? "";
    const axis = label === "" || panel.heat ? "│" : "┤";
    return `${" ".repeat(indent - widthOf(label))}${label} ${axis}${line.join("")}`.trimEnd();
  });
  return ["", ...titleOf(panel, size.columns), ...lines, ...drawAxis(panel, columns, indent + 1)];
}

function titleOf({ title }: ChartPanel, columns: number): string[] {
  return title === "" ? [] : [cut(inLine(title), columns)];
}

/** Draws in places from 0 to 1, from the lower left. */
function plot(
  panel: ChartPanel,
  legend: readonly LegendEntry[],
  canvas: Canvas,
  [least, greatest]: readonly [number, number],
): CanvasCell[][] {
  const { bands, lines, marks } = panel;
  const [first, last] = extentsOf(panel).x;
  const across = (x: number) => (x - first) / (last - first);
  const up = (y: number) => (y - least) / (greatest - least);
  for (const { name, x, low, high } of bands) {
    const points = thinned(x, [low, high], canvas.columns).map((at) => ({
      x: across(x[at] as number),
      low: up(low[at] as number),
      high: up(high[at] as number),
    }));
    canvas.band(points, { text: pick(SHADES, numberOf(legend, "band", name)), code: BAND });
  }
  for (const { name, x, y, dashed = false } of lines) {
    const points = thinned(x, [y], 2 * canvas.columns).map((at) => ({
      x: across(x[at] as number),
      y: up(y[at] as number),
    }));
    canvas.line(points, { code: pick(LINES, numberOf(legend, "line", name)), dashed });
  }
  for (const { name, x, y } of marks) {
    const number = numberOf(legend, "marks", name);
    x.forEach((place, at) => {
      const point = { x: across(place), y: up(y[at] as number) };
      canvas.sign(point, { text: pick(SIGNS, number), code: pick(MARKS, number) });
    });
  }
  return canvas.lines();
}

/** The line below a panel, and its labels, as far as they have room beside each other; without labels nothing. */
function drawAxis(panel: ChartPanel, columns: number, indent: number): string[] {
  if (!panel.label) return [];
  const [first, last] = extentsOf(panel).x;
  const ticks = placeTicks(panel.label, [first, last], Math.max(2, Math.floor(columns / 14)));
  const line = new Array<string>(columns).fill("─");
  let labels = "";
  for (const { at, text } of ticks) {
    const place = Math.min(columns - 1, Math.floor(((at - first) / (last - first)) * columns));
    const told = inLine(text);
    const start = Math.max(0, Math.min(columns - widthOf(told), place - Math.floor(widthOf(told) / 2)));
    if (labels !== "" && start < widthOf(labels) + 2) continue;
    if (widthOf(told) > columns) continue;
    line[place] = "┬";
    labels += " ".repeat(start - widthOf(labels)) + told;
  }
  const before = " ".repeat(indent);
  return [`${before}└${line.join("")}`, `${before} ${labels}`.trimEnd()];
}

/** What lines, shades and signs mean, in as many lines as it needs. */
function drawLegend(legend: readonly LegendEntry[], { columns, color }: Omit<Size, "rows">): string[] {
  const lines: { text: string; width: number }[] = [];
  for (const { kind, text, number, dashed, signed } of legend) {
    const [sign, code] = {
      line: [dashed ? "⠒ ⠒" : "⠒⠒⠒", pick(LINES, number)],
      band: [pick(SHADES, number).repeat(3), BAND],
      marks: [` ${pick(SIGNS, number)} `, pick(MARKS, number)],
      heat: [signed ? HEAT_SIGN : "░▒█", HEAT],
    }[kind] as [string, string];
    const told = cut(inLine(text), columns - 4);
    const entry = { text: `${painted(sign, code, color)} ${told}`, width: 4 + widthOf(told) };
    const line = lines.at(-1);
    if (line && line.width + 3 + entry.width <= columns) {
      line.text += `   ${entry.text}`;
      line.width += 3 + entry.width;
    } else lines.push(entry);
  }
  return lines.length === 0 ? [] : ["", ...lines.map(({ text }) => text)];
}
