/** A graph of boxes on a grid, in each what it has forwards and what comes back, as parts of an SVG. */

import { INK, PALE_INK } from "../charts/page.ts";
import type { Point } from "../layout.ts";
import { escapeXml, measure, round, textSpans } from "../text.ts";
import type { FigureEdge, FigureGraph, FigureNode } from "./figure.ts";

/** What comes back is red. */
const BACK = "#c8452f";
const [FILL, STROKE] = ["#e4eefb", "#4f83c4"];
const SIZE = 14;
const SMALL = 12;
const LINE = 18;
/** Within a box, and between boxes across and down. */
const [PADDING, ACROSS, DOWN] = [12, 104, 40];
const KEY = 26;
const FONT = "'STIX Two Text', 'Cambria Math', Cambria, 'Times New Roman', 'Liberation Serif', serif";

interface Place extends Point {
  readonly width: number;
}

/** The graph, no wider than there is room, in its middle. */
export function drawGraph(
  { nodes, edges, key }: FigureGraph,
  room: Place,
): { readonly height: number; readonly parts: readonly string[] } {
  const places = placesOf(nodes);
  const boxes = [...places.values()];
  const width = Math.max(...boxes.map(({ x, width }) => x + width));
  const height = Math.max(...boxes.map(({ y }) => y + BOX)) + KEY;
  const scale = Math.min(1, room.width / width);
  const left = room.x + (room.width - width * scale) / 2;
  const box = `x="${round(left)}" y="${round(room.y)}" width="${round(width * scale)}" height="${round(height * scale)}"`;
  const keys = `<text x="0" y="${height - 6}" font-size="${SMALL}"><tspan font-weight="600">${escapeXml(key.forwards)}</tspan><tspan fill="${BACK}" dx="18">${escapeXml(key.backwards)}</tspan></text>`;
  return {
    height: height * scale,
    parts: [
      `<svg aria-hidden="true" ${box} viewBox="-1 -1 ${round(width + 2)} ${round(height + 2)}" font-family="${FONT}" data-graph="">`,
      ...edges.flatMap((edge) => drawEdge(edge, places)),
      ...nodes.map((node) => drawNode(node, places.get(node.id) as Place)),
      keys,
      "</svg>",
    ],
  };
}

/** Every box has room for three lines. */
const BOX = 3 * LINE + PADDING;

function placesOf(nodes: readonly FigureNode[]): Map<string, Place> {
  const columns = Math.max(0, ...nodes.map(({ column }) => column)) + 1;
  const rows = Math.max(0, ...nodes.map(({ row }) => row)) + 1;
  const widths = Array.from({ length: columns }, (_, at) =>
    Math.max(0, ...nodes.filter(({ column }) => column === at).map(widthOf)),
  );
  const lefts = widths.map((_, at) => widths.slice(0, at).reduce((sum, width) => sum + width + ACROSS, 0));
  return new Map(
    nodes.map((node) => {
      const { id, column, row } = node;
      const width = widthOf(node);
      const x = (lefts[column] as number) + ((widths[column] as number) - width) / 2;
      return [id, { x, y: (rows - 1 - row) * (BOX + DOWN), width }];
    }),
  );
}

function widthOf({ text, forwards = "", backwards = "" }: FigureNode): number {
  return Math.max(56, ...[text, forwards, backwards].map((line) => measure(line, SIZE) + 2 * PADDING));
}

function drawNode({ id, text, forwards, backwards }: FigureNode, { x, y, width }: Place): string {
  const line = (written: string, at: number, look: string) =>
    `<text x="${round(x + width / 2)}" y="${round(y + PADDING / 2 + at * LINE - 4)}" font-size="${SIZE}" text-anchor="middle" xml:space="preserve" ${look}>${textSpans(written, SIZE)}</text>`;
  return [
    `<g data-id="${escapeXml(id)}">`,
    `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${BOX}" rx="8" fill="${FILL}" stroke="${STROKE}" stroke-width="1.3"/>`,
    line(text, 1, `fill="${INK}"`),
    ...(forwards === undefined ? [] : [line(forwards, 2, `fill="${INK}" font-weight="600"`)]),
    ...(backwards === undefined ? [] : [line(backwards, 3, `fill="${BACK}"`)]),
    "</g>",
  ].join("");
}

function drawEdge({ from, to, label }: FigureEdge, places: ReadonlyMap<string, Place>): string[] {
  const [start, end] = [places.get(from), places.get(to)] as [Place, Place];
  const isUp = Math.abs(start.x + start.width / 2 - end.x - end.width / 2) < 1;
  const points = isUp ? up(start, end) : across(start, end);
  const path = points.map(({ x, y }, at) => `${at === 0 ? "M" : "L"}${round(x)},${round(y)}`).join("");
  const tip = points.at(-1) as Point;
  const head = isUp
    ? `M${round(tip.x)},${round(tip.y)}l-4,8h8Z`
    : `M${round(tip.x)},${round(tip.y)}l-8,-4v8Z`;
  const at = isUp
    ? { x: tip.x + 7, y: tip.y + DOWN / 2 + 4 }
    : { x: start.x + start.width + 6, y: (points[0] as Point).y - 6 };
  return [
    `<path d="${path}" fill="none" stroke="${INK}" stroke-width="1.3" stroke-linejoin="round"/>`,
    `<path d="${head}" fill="${INK}"/>`,
    ...(label === undefined
      ? []
      : [
          `<text x="${round(at.x)}" y="${round(at.y)}" font-size="${SMALL}" fill="${PALE_INK}" xml:space="preserve">${textSpans(label, SMALL)}</text>`,
        ]),
  ];
}

function up(start: Place, end: Place): Point[] {
  const x = start.x + start.width / 2;
  return [
    { x, y: start.y },
    { x, y: end.y + BOX },
  ];
}

/** On to another column: it turns right before its end. */
function across(start: Place, end: Place): Point[] {
  const [first, last] = [start.y + BOX / 2, end.y + BOX / 2];
  const turn = end.x - 16;
  return [
    { x: start.x + start.width, y: first },
    { x: turn, y: first },
    { x: turn, y: last },
    { x: end.x, y: last },
  ];
}
