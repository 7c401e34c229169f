/** A picture as SVG. It brings its own background, so that it reads the same on a light and on a dark page. */

import type { VertexKind } from "./diagram.ts";
import type { Point } from "./layout.ts";
import type { Label, Line, Picture, PlacedVertex } from "./picture.ts";
import { FONT_SIZE, LINE, NAME_HEIGHT, SMALL_SIZE, shapeBox } from "./shapes.ts";
import { escapeXml, plain, round, textSpans } from "./text.ts";

const INK = "#2b303b";
const FONT = "'STIX Two Text', 'Cambria Math', Cambria, 'Times New Roman', 'Liberation Serif', serif";
const CORNER = 7;

interface Paint {
  readonly fill: string;
  readonly stroke: string;
}

const paints: Partial<Record<VertexKind, Paint>> = {
  product: { fill: "#e4eefb", stroke: "#4f83c4" },
  layer: { fill: "#e4eefb", stroke: "#4f83c4" },
  function: { fill: "#fdeccd", stroke: "#d39527" },
  operation: { fill: "#fbe0e2", stroke: "#cc5f6b" },
  join: { fill: INK, stroke: INK },
};

/** Layers with weights of their own have colours of their own. */
const layerPaints: readonly Paint[] = [
  { fill: "#d9ecd9", stroke: "#4c9a58" },
  { fill: "#e6dff5", stroke: "#7d62b8" },
  { fill: "#d8eef0", stroke: "#3a939c" },
  { fill: "#f8dfeb", stroke: "#bd5c8c" },
  { fill: "#efe9cf", stroke: "#9c8a2e" },
  { fill: "#dde4ea", stroke: "#5f7488" },
];

export function svg({ title, width, height, frame, vertices, lines, labels }: Picture): string {
  const [w, h] = [Math.ceil(width), Math.ceil(height)];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" role="img" font-family="${FONT}" font-size="${FONT_SIZE}" fill="${INK}">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${w}" height="${h}" rx="10" fill="#ffffff"/>`,
    ...(frame
      ? [`<rect ${rectangle(frame)} rx="16" fill="#f6f7f9" stroke="#b9c0cb" stroke-width="1.5"/>`]
      : []),
    `<g fill="none" stroke="${INK}" stroke-linejoin="round">`,
    ...lines.map(drawLine),
    "</g>",
    ...lines.flatMap(drawArrow),
    ...junctions(lines),
    ...vertices.map(drawVertex),
    ...labels.map(drawLabel),
    "</svg>",
    "",
  ].join("\n");
}

function rectangle({ x, y, width, height }: { x: number; y: number; width: number; height: number }): string {
  return `x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"`;
}

const named = (name: string, value: string) => `${name}="${escapeXml(value)}"`;

/** A line with rounded corners. */
function drawLine({ from, to, points, state }: Line): string {
  const path = points.map((point, index) => {
    const [before, after] = [points[index - 1], points[index + 1]];
    if (!before) return `M${at(point)}`;
    if (!after) return `L${at(point)}`;
    const radius = Math.min(CORNER, distance(before, point) / 2, distance(point, after) / 2);
    return `L${at(towards(point, before, radius))}Q${at(point)} ${at(towards(point, after, radius))}`;
  });
  const ends = `${named("data-from", from)} ${named("data-to", to)}`;
  return `<path d="${path.join("")}" stroke-width="${state ? 2.2 : 1.3}" ${ends}${state ? ' data-state=""' : ""}/>`;
}

const at = ({ x, y }: Point) => `${round(x)},${round(y)}`;
const distance = (a: Point, b: Point) => Math.hypot(a.x - b.x, a.y - b.y);

function towards(from: Point, to: Point, by: number): Point {
  const length = distance(from, to) || 1;
  return { x: from.x + ((to.x - from.x) * by) / length, y: from.y + ((to.y - from.y) * by) / length };
}

/** The head of an arrow at the end of a line that is long enough. */
function drawArrow({ points }: Line): string[] {
  const [end, before] = points.toReversed();
  if (!end || !before || distance(end, before) < 9) return [];
  const base = towards(end, before, 7);
  const [dx, dy] = [((end.y - base.y) / 7) * 3.4, ((base.x - end.x) / 7) * 3.4];
  const corners = [end, { x: base.x + dx, y: base.y + dy }, { x: base.x - dx, y: base.y - dy }];
  return [`<path d="M${corners.map(at).join("L")}Z"/>`];
}

/** A dot wherever a line parts in several. */
function junctions(lines: readonly Line[]): string[] {
  const dots = new Set(lines.flatMap(({ junctions = [] }) => junctions.map(at)));
  return [...dots].map((dot) => {
    const [x, y] = dot.split(",");
    return `<circle cx="${x}" cy="${y}" r="2.6"/>`;
  });
}

function drawVertex({ vertex, box, color }: PlacedVertex): string {
  const { id, kind, text, name, title } = vertex;
  const shape = shapeBox(vertex, box);
  const [x, y] = [shape.x + shape.width / 2, shape.y + shape.height / 2];
  const paint = color === undefined ? paints[kind] : (layerPaints[color % layerPaints.length] as Paint);
  const look = paint ? `fill="${paint.fill}" stroke="${paint.stroke}" stroke-width="1.4"` : 'fill="none"';
  const isRound = kind === "operation" || kind === "join";
  return [
    `<g ${named("data-id", id)} data-kind="${kind}">`,
    ...(title === undefined ? [] : [`<title>${escapeXml(plain(title))}</title>`]),
    isRound
      ? `<circle cx="${round(x)}" cy="${round(y)}" r="${round(shape.width / 2)}" ${look}/>`
      : `<rect ${rectangle(shape)} rx="${kind === "layer" ? 10 : 7}" ${look}/>`,
    ...text.map((line, index) => {
      const size = kind === "layer" && index > 0 ? SMALL_SIZE : FONT_SIZE;
      const baseline = y + (index - (text.length - 1) / 2) * LINE + size * 0.32;
      return `<text x="${round(x)}" y="${round(baseline)}" font-size="${size}" text-anchor="middle">${textSpans(line, size)}</text>`;
    }),
    ...(name === undefined
      ? []
      : [
          `<text x="${round(x)}" y="${round(shape.y - NAME_HEIGHT + 10)}" font-size="${FONT_SIZE}" text-anchor="middle">${textSpans(name, FONT_SIZE)}</text>`,
        ]),
    "</g>",
  ].join("");
}

function drawLabel({ x, y, text, anchor, small }: Label): string {
  const size = small ? SMALL_SIZE : FONT_SIZE + 1;
  return `<text x="${round(x)}" y="${round(y)}" font-size="${size}" text-anchor="${anchor}">${textSpans(text, size)}</text>`;
}
