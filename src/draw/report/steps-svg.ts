/** One layer along its steps as SVG: what each step is, above it a heat map of every state and gate, a row for each unit. */

import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { shownWord } from "../charts/alignment.ts";
import type { ChartHeat } from "../charts/chart.ts";
import { heatScale, printScale } from "../charts/heat.ts";
import { drawCells, heatSwatch } from "../charts/heat-svg.ts";
import type { Channel } from "../charts/moments.ts";
import { EDGE, FONT_SIZE, INK, PALE_INK, svgPage, textWidth } from "../charts/page.ts";
import { cut } from "../charts/width.ts";
import { escapeXml, round } from "../text.ts";
import type { InspectedLayer, LayerPart } from "./inspected-layer.ts";

/** Pixels of a step at most, and between two names of steps at least. */
const WIDEST = 48;
const BETWEEN = 15;
const ANGLE = 55;
/** Pixels of a unit at most, and of all units of a heat map. */
const TALLEST_UNIT = 9;
const TALLEST = 132;
const STRIP = 12;
const HEADING = 20;
const GAP = 10;
const CHANNEL = 54;
/** More channels than these are a heat map. */
const MOST_LINES = 4;

/** The picture, so many pixels wide. */
export function stepsSvg({ name, steps, parts, gradients }: InspectedLayer, width = 960): string {
  const { names, unit, channels = [] } = steps;
  const count = Math.max(1, names.length);
  const strips = gradients.map((one) => ({ ...one, heat: stripOf(one) }));
  const left = EDGE + Math.max(70, ...strips.map(({ name }) => textWidth(stripLabel(name), FONT_SIZE))) + 8;
  const labels = shownNames(names, Math.min(WIDEST, (width - left - EDGE) / count));
  const overhang = labels.turned
    ? Math.max(0, ...labels.all.map(({ text, at }) => turnedWidth(text) - (count - 1 - at) * labels.cell))
    : 0;
  const cell = Math.min(WIDEST, (width - left - EDGE - Math.min(overhang, width / 4)) / count);
  const right = left + cell * count;
  const place = { left, right, width };
  let y = EDGE + (labels.turned ? Math.max(0, ...labels.all.map(({ text }) => turnedHeight(text))) : 0) + 14;
  const drawn = [
    ...labels.all.map(({ text, at }) => stepName(text, left + cell * (at + 0.5), y - 6, labels.turned)),
  ];
  const add = (height: number, draw: (top: number) => string[]) => {
    drawn.push(...draw(y));
    y += height;
  };
  for (const channel of channels.length > MOST_LINES ? [] : channels) {
    add(CHANNEL + GAP, (top) => drawChannel(channel, top, place));
  }
  if (channels.length > MOST_LINES) {
    const rows = channels.map(({ values }) => values.slice(0, count));
    const heat = { name: "input", rows, signed: rows.some((row) => row.some((one) => one < 0)) };
    const part = { name: "input", kind: "what is read", heat };
    const height = heightOf(heat);
    add(HEADING + height + GAP, (top) => drawPart(part, top, height, place));
  }
  for (const { name: of, heat } of strips) {
    add(STRIP + 4, (top) => [
      `<text x="${left - 8}" y="${top + STRIP - 2}" text-anchor="end" fill="${PALE_INK}">${escapeXml(stripLabel(of))}</text>`,
      ...drawHeatOf(heat, top, STRIP, place),
    ]);
  }
  if (strips.length > 0) y += GAP;
  for (const part of parts) {
    const height = heightOf(part.heat);
    add(HEADING + height + GAP, (top) => drawPart(part, top, height, place));
  }
  const title = `${name}, ${names.length} ${unit}`;
  const page = svgPage({ title: "", width, height: Math.ceil(y + EDGE / 2) }, drawn);
  return page.replace("<title></title>", `<title>${escapeXml(title)}</title>`);
}

interface Place {
  readonly left: number;
  readonly right: number;
  readonly width: number;
}

const stripLabel = (name: string) => `|dL/d${name}|`;

/** Norms as a strip, from 0. */
function stripOf({ name, steps }: InspectedLayer["gradients"][number]): ChartHeat {
  return {
    name: `gradient of ${name}`,
    rows: [steps.map((one) => (Number.isFinite(one) ? one : Number.NaN))],
    reach: [0, 0],
  };
}

function heightOf({ rows }: ChartHeat): number {
  return Math.min(TALLEST, Math.max(STRIP, TALLEST_UNIT * rows.length));
}

function drawHeatOf(heat: ChartHeat, top: number, height: number, { left, right }: Place): string[] {
  const panel = { title: "", lines: [], bands: [], marks: [], heat };
  const scale = heatScale({ title: "", panels: [panel] }, heat.name);
  return [
    ...drawCells(heat, scale, { left, right, top, bottom: top + height }),
    `<rect x="${round(left)}" y="${round(top)}" width="${round(right - left)}" height="${round(height)}" fill="none" stroke="#d5d9e0"/>`,
  ];
}

/** A heading with the scale of the colours, and the heat map below it; how many units there are stands beside it. */
function drawPart({ name, kind, heat }: LayerPart, top: number, height: number, place: Place): string[] {
  const { left } = place;
  const scale = heatScale(
    { title: "", panels: [{ title: "", lines: [], bands: [], marks: [], heat }] },
    heat.name,
  );
  const heading = `${name}`;
  const told = `${kind}, ${printScale(scale)}`;
  const after = left + textWidth(heading, 13) + 14;
  const units = heat.rows.length === 1 ? "1 unit" : `${heat.rows.length} units`;
  return [
    `<g data-part="${escapeXml(heat.name)}">`,
    `<text x="${round(left)}" y="${round(top + 13)}" font-size="13" font-weight="600">${escapeXml(heading)}</text>`,
    heatSwatch(round(after), round(top + 3), scale.signed),
    `<text x="${round(after + 30)}" y="${round(top + 13)}" fill="${PALE_INK}">${escapeXml(told)}</text>`,
    `<text x="${round(left - 8)}" y="${round(top + HEADING + Math.min(height - 2, height / 2 + 4))}" text-anchor="end" fill="${PALE_INK}">${units}</text>`,
    ...drawHeatOf(heat, top + HEADING, height, place),
    "</g>",
  ];
}

/** What is read, as a line over the steps. */
function drawChannel({ name, values }: Channel, top: number, { left, right }: Place): string[] {
  const finite = values.filter(Number.isFinite);
  const [least, greatest] = [Math.min(...finite), Math.max(...finite)];
  const y = scaleLinear()
    .domain(least < greatest ? [least, greatest] : [least - 1, least + 1])
    .range([top + CHANNEL - 4, top + 4]);
  const x = scaleLinear()
    .domain([-0.5, values.length - 0.5])
    .range([left, right]);
  const path = line<number>()
    .defined(Number.isFinite)
    .x((_, at) => x(at))
    .y((value) => y(value))
    .digits(1)([...values]);
  const ends = finite.length === 0 ? [] : [least, greatest];
  return [
    `<text x="${round(left - 8)}" y="${round(top + CHANNEL / 2 + 4)}" text-anchor="end" font-weight="600">${escapeXml(cut(shownWord(name), 12))}</text>`,
    ...ends.map(
      (value) =>
        `<text x="${round(left - 8)}" y="${round(y(value) + 4)}" font-size="10" text-anchor="end" fill="${PALE_INK}">${Number(value.toPrecision(4))}</text>`,
    ),
    `<path data-line="${escapeXml(name)}" d="${path ?? ""}" fill="none" stroke="${INK}" stroke-width="1.4"/>`,
  ];
}

const pixels = (text: string) => textWidth(text, FONT_SIZE);
const slope = (ANGLE * Math.PI) / 180;
const turnedWidth = (text: string) => Math.cos(slope) * pixels(text);
const turnedHeight = (text: string) => Math.sin(slope) * pixels(text) + FONT_SIZE / 2;

/** The names of steps for which there is room: all, or each so many; turned where they are wider than their steps. */
function shownNames(names: readonly string[], cell: number) {
  const shown = names.map(shownWord);
  const turned = shown.some((text) => pixels(text) + 3 > cell);
  // Single characters stand beside each other where they have the room.
  const isNarrow = shown.every((text) => pixels(text) <= FONT_SIZE);
  if (isNarrow && cell >= FONT_SIZE - 2) {
    return { all: shown.map((text, at) => ({ text, at })), turned: false, cell };
  }
  const every = Math.max(1, Math.ceil(BETWEEN / cell));
  // Of characters those stand together that share a name.
  const text = (at: number) => (isNarrow ? shown.slice(at, at + every).join("") : (shown[at] as string));
  const all = shown.flatMap((_, at) => (at % every === 0 ? [{ text: text(at), at }] : []));
  return { all, turned: turned || isNarrow, cell };
}

function stepName(text: string, x: number, y: number, turned: boolean): string {
  const [left, bottom] = [round(turned ? x + 4 : x), round(y)];
  const way = turned ? ` transform="rotate(-${ANGLE} ${left} ${bottom})"` : ' text-anchor="middle"';
  return `<text x="${left}" y="${bottom}"${way}>${escapeXml(text)}</text>`;
}
