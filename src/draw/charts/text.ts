/**
 * A chart as text, for a terminal: lines in Braille, eight dots a character, over bands in shades. The library
 * simple-ascii-chart has neither bands nor gaps, labels an axis at every value, and is as wide as it likes.
 */

import { scaleLinear } from "d3-scale";
import { checkOptions } from "../../checks.ts";
import { Canvas } from "./canvas.ts";
import type { Chart, ChartPanel } from "./chart.ts";
import { checkChart, extentsOf, type LegendEntry, legendOf, numberOf } from "./frame.ts";
import { thinned } from "./thinned.ts";
import { placeTicks, type Tick, valueTicks } from "./ticks.ts";
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
  const panels = chart.panels.map((panel) => drawPanel(panel, legend, { columns, rows, color }));
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

/** Text in a colour. */
export function painted(text: string, code: string, color: boolean): string {
  return color && text !== "" ? `\u001b[${code}m${text}\u001b[39m` : text;
}

interface Size {
  readonly columns: number;
  readonly rows: number;
  readonly color: boolean;
}

function drawPanel(panel: ChartPanel, legend: readonly LegendEntry[], size: Size): string[] {
  const { columns, rows, color } = size;
  const extents = extentsOf(panel);
  const count = Math.max(2, Math.floor(rows / 3));
  const y = scaleLinear().domain(extents.y).nice(count);
  const [least, greatest] = y.domain() as [number, number];
  const labels = new Map<number, string>();
  for (const { at, text } of valueTicks([least, greatest], count)) {
    labels.set(rows - 1 - Math.min(rows - 1, Math.floor(((at - least) / (greatest - least)) * rows)), text);
  }
  const width = Math.max(...[...labels.values()].map((text) => text.length));
  const canvas = new Canvas(columns - width - 2, rows);
  plot(panel, legend, canvas, extents.x, [least, greatest]);
  const plotted = canvas.lines().map((cells, row) => {
    const line = cells.map(({ text, code }) => painted(text, code ?? "39", color && code !== undefined));
    return `${(labels.get(row) ?? "").padStart(width)} ${labels.has(row) ? "┤" : "│"}${line.join("")}`.trimEnd();
  });
  const places = placeTicks(panel.label, extents.x, Math.max(2, Math.floor(canvas.columns / 14)));
  const title = panel.title === "" ? [] : [cut(inLine(panel.title), columns)];
  return ["", ...title, ...plotted, ...drawAxis(places, extents.x, canvas.columns, width + 1)];
}

/** Draws in places from 0 to 1, from the lower left. */
function plot(
  { bands, lines, marks }: ChartPanel,
  legend: readonly LegendEntry[],
  canvas: Canvas,
  [first, last]: readonly [number, number],
  [least, greatest]: readonly [number, number],
): void {
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
}

/** The line below a panel, and its labels, as far as they have room beside each other. */
function drawAxis(
  ticks: readonly Tick[],
  [first, last]: readonly [number, number],
  columns: number,
  indent: number,
): string[] {
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
  for (const { kind, name, number, dashed } of legend) {
    const [sign, code] = {
      line: [dashed ? "⠒ ⠒" : "⠒⠒⠒", pick(LINES, number)],
      band: [pick(SHADES, number).repeat(3), BAND],
      marks: [` ${pick(SIGNS, number)} `, pick(MARKS, number)],
    }[kind] as [string, string];
    const told = cut(inLine(name), columns - 4);
    const entry = { text: `${painted(sign, code, color)} ${told}`, width: 4 + widthOf(told) };
    const line = lines.at(-1);
    if (line && line.width + 3 + entry.width <= columns) {
      line.text += `   ${entry.text}`;
      line.width += 3 + entry.width;
    } else lines.push(entry);
  }
  return lines.length === 0 ? [] : ["", ...lines.map(({ text }) => text)];
}
