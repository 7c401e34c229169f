/** A chart as SVG. It brings its own background, so that it reads the same on a light and on a dark page. */

import { type ScaleLinear, scaleLinear } from "d3-scale";
import { area, line } from "d3-shape";
import { checkOptions } from "../../checks.ts";
import { escapeXml, measure, round } from "../text.ts";
import type { Chart, ChartBand, ChartLine, ChartMarks, ChartPanel } from "./chart.ts";
import { checkChart, extentsOf, type LegendEntry, legendOf, numberOf } from "./frame.ts";
import { rowTicks } from "./heat.ts";
import { drawHeat, heatSwatch } from "./heat-svg.ts";
import { belowTitle, EDGE, FONT_SIZE, INK, PALE_INK, svgPage } from "./page.ts";
import { thinned } from "./thinned.ts";
import { placeTicks, type Tick, valueTicks } from "./ticks.ts";

export interface ChartSvgOptions {
  /** Of the whole picture, from 240; default 960. */
  readonly width?: number | undefined;
  /** Of the whole picture, from 100; default as much as its panels need. */
  readonly height?: number | undefined;
}

const GRID = "#e7e9ee";
const LINES = [INK, "#2f6fb5", "#d38413", "#3f8f4f", "#7d62b8", "#2b8c96", "#bd4f85"];
/** Of one hue, as bands lie over each other, the narrower the darker. */
const BANDS = ["#dfe9f6", "#bdd3ee", "#97b9e2", "#7fa5d6"];
const MARKS = ["#d1343f", "#d38413", "#7d62b8"];

const PANEL_SIZE = 13;
/** The height of the plotted part of a panel, of its labels, and of its title. */
const PLOT = 230;
const LEAST_PLOT = 30;
const BELOW = 30;
const ABOVE = 24;

/** The picture of a chart. Throws UsageError for sizes that are too small, and for lists that are not of one length. */
export function chartSvg(chart: Chart, options: ChartSvgOptions = {}): string {
  checkOptions("chartSvg", options, { width: true, height: true });
  const { width = 960 } = options;
  const legend = placeLegend(chart, width);
  const top = belowTitle(chart) + (chart.title === "" ? 0 : 4) + legend.height;
  const around = chart.panels.map(({ title, label }) => (label ? BELOW : 8) + (title === "" ? 8 : ABOVE));
  const taken = top + sum(around) + EDGE / 2;
  const shares = chart.panels.map(({ height = 1 }) => height);
  const { height = Math.max(100, Math.ceil(taken + PLOT * sum(shares))) } = options;
  checkChart("chartSvg", chart, { width: [width, 240], height: [height, 100] });
  const plots = shares.map((share) =>
    Math.max(LEAST_PLOT * Math.min(1, share), (share * (height - taken)) / sum(shares)),
  );
  const axes = chart.panels.map((panel, at) => axisOf(panel, plots[at] as number));
  // What is plotted begins at the same place in all panels.
  const left = EDGE + 8 + Math.max(0, ...axes.map(({ labels }) => labels));
  let y = top;
  const panels = chart.panels.map((panel, at) => {
    const box = { y, left, width, plot: plots[at] as number };
    y += box.plot + (around[at] as number);
    return drawPanel(chart, panel, axes[at] as Axis, { entries: legend.entries, box });
  });
  const [w, h] = [width, Math.ceil(Math.max(height, y + EDGE / 2))];
  return svgPage({ title: chart.title, width: w, height: h }, [...legend.drawn, ...panels.flat()]);
}

/** The entries of the legend one after the other, in as many rows as they need. */
function placeLegend(chart: Chart, width: number) {
  const entries = legendOf(chart);
  let [x, row] = [EDGE, 0];
  const start = belowTitle(chart);
  const drawn = entries.map((entry) => {
    const taken = 30 + measure(entry.text, FONT_SIZE);
    if (x > EDGE && x + taken > width - EDGE) [x, row] = [EDGE, row + 1];
    const y = start + row * 20 + 8;
    const picture = `<g data-legend="${escapeXml(entry.name)}">${swatch(entry, x, y)}<text x="${round(x + 30)}" y="${y + 4}" fill="${INK}">${escapeXml(entry.text)}</text></g>`;
    x += taken + 20;
    return picture;
  });
  return { entries, drawn, height: entries.length === 0 ? 0 : 20 * (row + 1) + 8 };
}

function swatch({ kind, number, dashed, signed }: LegendEntry, x: number, y: number): string {
  if (kind === "heat") return heatSwatch(round(x), y - 6, signed ?? false);
  if (kind === "band") {
    return `<rect x="${round(x)}" y="${y - 6}" width="24" height="12" rx="2" fill="${colorOf(BANDS, number)}"/>`;
  }
  if (kind === "marks") return dot(x + 12, y, colorOf(MARKS, number));
  return `<path d="M${round(x)},${y}h24" ${stroke(number, dashed)}/>`;
}

const colorOf = (colors: readonly string[], number: number) => colors[number % colors.length] as string;

const stroke = (number: number, dashed = false) =>
  `fill="none" stroke="${colorOf(LINES, number)}" stroke-width="1.6" stroke-linejoin="round" stroke-linecap="round"${dashed ? ' stroke-dasharray="5 4"' : ""}`;

const dot = (x: number, y: number, color: string) =>
  `<circle cx="${round(x)}" cy="${round(y)}" r="3.6" fill="${color}" stroke="#ffffff" stroke-width="1"/>`;

/** The axis of a panel's values, and how wide its labels are. */
interface Axis {
  readonly scale: ScaleLinear<number, number>;
  readonly ticks: readonly Tick[];
  readonly labels: number;
}

function axisOf(panel: ChartPanel, plot: number): Axis {
  if (panel.heat) {
    const ticks = rowTicks(panel.heat, Math.floor(plot / 14));
    return { scale: scaleLinear().domain([1, 0]), ticks, labels: widest(ticks) };
  }
  const count = Math.max(2, Math.min(5, Math.floor(plot / 36)));
  const scale = scaleLinear().domain(extentsOf(panel).y).nice(count);
  const ticks = valueTicks(scale.domain() as [number, number], count);
  return { scale, ticks, labels: widest(ticks) };
}

const widest = (ticks: readonly Tick[]) => Math.max(0, ...ticks.map(({ text }) => measure(text, FONT_SIZE)));
const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

/** Where a panel has room: its top, where what is plotted begins and how high it is, and the width of the picture. */
interface Box {
  readonly y: number;
  readonly left: number;
  readonly width: number;
  readonly plot: number;
}

interface Scales {
  readonly x: ScaleLinear<number, number>;
  readonly y: ScaleLinear<number, number>;
  /** How many pixels there are along the axis. */
  readonly pixels: number;
}

function drawPanel(
  chart: Chart,
  panel: ChartPanel,
  { scale: y, ticks: values }: Axis,
  { entries, box }: { readonly entries: readonly LegendEntry[]; readonly box: Box },
): string[] {
  const extents = extentsOf(panel);
  const { left } = box;
  const right = box.width - EDGE - 6;
  const top = box.y + (panel.title === "" ? 8 : ABOVE);
  y.range([top + box.plot, top]);
  const x = scaleLinear().domain(extents.x).range([left, right]);
  const scales = { x, y, pixels: right - left };
  const count = Math.max(2, Math.floor(scales.pixels / 105));
  const places = panel.label ? placeTicks(panel.label, extents.x, count) : [];
  const bottom = top + box.plot;
  const of = (kind: LegendEntry["kind"], name: string) => numberOf(entries, kind, name);
  return [
    `<g data-panel="${escapeXml(panel.title)}">`,
    ...(panel.title === ""
      ? []
      : [
          `<text x="${round(left)}" y="${round(top - 9)}" font-size="${PANEL_SIZE}" font-weight="600">${escapeXml(panel.title)}</text>`,
        ]),
    ...values.map((tick) => drawValueTick(tick, y, panel.heat ? { left, right: left } : { left, right })),
    ...(panel.heat ? drawHeat(chart, panel.heat, { x, top, bottom, edge: right }) : []),
    ...panel.bands.map((band) => drawBand(band, colorOf(BANDS, of("band", band.name)), scales)),
    `<path d="M${round(left)},${round(bottom)}H${round(right)}" stroke="${PALE_INK}"/>`,
    ...places.map((tick) => drawPlaceTick(tick, scales, { edge: box.width, bottom })),
    ...panel.lines.map((given) => drawLine(given, of("line", given.name), scales)),
    ...panel.marks.flatMap((marks) => drawMarks(marks, colorOf(MARKS, of("marks", marks.name)), scales)),
    "</g>",
  ];
}

function drawValueTick({ at, text }: Tick, y: Scales["y"], { left, right }: { left: number; right: number }) {
  const place = round(y(at));
  return `<path d="M${round(left)},${place}H${round(right)}" stroke="${GRID}"/><text x="${round(left - 8)}" y="${round(place + 4)}" text-anchor="end" fill="${PALE_INK}">${escapeXml(text)}</text>`;
}

/** A label below its place; one at the edge is moved so that all of it is seen. */
function drawPlaceTick(
  { at, text }: Tick,
  { x }: Scales,
  { edge, bottom }: { edge: number; bottom: number },
): string {
  const place = x(at);
  const half = measure(text, FONT_SIZE) / 2 + 4;
  const middle = Math.max(half, Math.min(edge - half, place));
  return `<path d="M${round(place)},${round(bottom)}v5" stroke="${PALE_INK}"/><text x="${round(middle)}" y="${round(bottom + 19)}" text-anchor="middle" fill="${PALE_INK}">${escapeXml(text)}</text>`;
}

function drawLine({ name, x, y, dashed }: ChartLine, number: number, scales: Scales): string {
  const path = line<number>()
    .defined((at) => Number.isFinite(y[at]))
    .x((at) => scales.x(x[at] as number))
    .y((at) => scales.y(y[at] as number))
    .digits(2)(thinned(x, [y], scales.pixels));
  return `<path data-line="${escapeXml(name)}" d="${path ?? ""}" ${stroke(number, dashed)}/>`;
}

function drawBand({ name, x, low, high }: ChartBand, color: string, scales: Scales): string {
  const path = area<number>()
    .defined((at) => Number.isFinite(low[at]) && Number.isFinite(high[at]))
    .x((at) => scales.x(x[at] as number))
    .y0((at) => scales.y(low[at] as number))
    .y1((at) => scales.y(high[at] as number))
    .digits(2)(thinned(x, [low, high], scales.pixels));
  return `<path data-band="${escapeXml(name)}" d="${path ?? ""}" fill="${color}"/>`;
}

function drawMarks({ name, x, y }: ChartMarks, color: string, scales: Scales): string[] {
  const dots = x.flatMap((place, at) =>
    Number.isFinite(y[at]) ? [dot(scales.x(place), scales.y(y[at] as number), color)] : [],
  );
  return [`<g data-marks="${escapeXml(name)}">`, ...dots, "</g>"];
}
