/** A figure as SVG, each panel drawn by Observable Plot, which is loaded when the first figure is drawn: nobody else pays for it. */

import { checkOptions, printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import { belowTitle, EDGE, FONT_SIZE, INK, svgPage, textWidth } from "../charts/page.ts";
import { escapeXml } from "../text.ts";
import { checkFigure, type Figure } from "./figure.ts";
import { drawGraph } from "./graph.ts";
import { type Colours, plotPanel } from "./panel.ts";

export interface FigureSvgOptions {
  /** Of the whole picture in pixels, from 240; default 960. */
  readonly width?: number | undefined;
}

/** Of lines, dots and bars by their names, in the order in which these come: told apart by people of any colour vision. */
const PALETTE = [
  "#2f6fb5",
  "#d38413",
  "#3f8f4f",
  "#bd4f85",
  "#7d62b8",
  "#2b8c96",
  "#8a6d3b",
  "#5b6470",
  "#c8452f",
  "#17365d",
  "#a3a12a",
  "#e0869c",
];
const LEGEND_ROW = 20;
const GAP = 12;
const PANEL_HEIGHT = 280;
/** The height of a panel's own title. */
const PANEL_TITLE = 24;
const PANEL_TITLE_SIZE = 13;

/**
 * The picture of a figure. It brings its own ground, so that it reads the same on a light and on a dark page. Throws UsageError for a
 * width that is too small, and for a figure without panels.
 */
export async function figureSvg(figure: Figure, options: FigureSvgOptions = {}): Promise<string> {
  checkFigure("figureSvg", figure);
  checkOptions("figureSvg", options, { width: true });
  const { width = 960 } = options;
  if (!(width >= 240 && width < Number.POSITIVE_INFINITY)) {
    throw new UsageError(`figureSvg: width ${printGiven(width)} given, 240 or more expected`);
  }
  const { title, graph, panels, columns = Math.min(2, panels.length) } = figure;
  if (panels.length === 0 && !graph)
    throw new UsageError(`figureSvg: ${title}: no panels given, one or more expected`);
  const begin = belowTitle(figure);
  const above = graph && drawGraph(graph, { x: EDGE, y: begin, width: width - 2 * EDGE });
  const start = begin + (above ? above.height + GAP : 0);
  const colours = coloursOf(figure);
  const legend = legendRows(colours, width, start);
  const top = start + legend.length * LEGEND_ROW + (legend.length > 0 ? 8 : 0);
  const panelWidth = (width - 2 * EDGE - (columns - 1) * GAP) / columns;
  const drawn = await Promise.all(
    panels.map((panel) => plotPanel(panel, { width: panelWidth, height: PANEL_HEIGHT, colours })),
  );
  const heading = panels.some((panel) => panel.title !== undefined) ? PANEL_TITLE : 0;
  const taken = heading + PANEL_HEIGHT + GAP;
  const placed = drawn.flatMap((svg, at) => {
    const x = EDGE + (at % columns) * (panelWidth + GAP);
    const y = top + Math.floor(at / columns) * taken;
    const text = escapeXml(panels[at]?.title ?? "");
    return [
      `<text x="${x}" y="${y + 14}" font-size="${PANEL_TITLE_SIZE}" font-weight="600">${text}</text>`,
      svg.replace(/^<svg /, `<svg aria-hidden="true" x="${x}" y="${y + heading}" `),
    ];
  });
  const rows = panels.length === 0 ? 0 : Math.ceil(panels.length / columns);
  const height = top + rows * taken - GAP + EDGE;
  return svgPage({ title, width, height }, [...(above?.parts ?? []), ...legend.flat(), ...placed]);
}

/** A colour for each name that the legend tells. */
function coloursOf({ panels }: Figure): Colours {
  const names = panels.flatMap(({ lines = [], dots = [], bars = [] }) =>
    [...lines, ...dots, ...bars].flatMap(({ name }) => (name === undefined ? [] : [name])),
  );
  return new Map([...new Set(names)].map((name, at) => [name, PALETTE[at % PALETTE.length] as string]));
}

/** The names one after the other, in as many rows as they need, the first at `top`. */
function legendRows(colours: Colours, width: number, top: number): string[][] {
  const rows: string[][] = [];
  let x = Number.POSITIVE_INFINITY;
  for (const [name, colour] of colours) {
    const taken = 18 + textWidth(name, FONT_SIZE) + 20;
    if (x + taken > width - EDGE) {
      rows.push([]);
      x = EDGE;
    }
    const y = top + (rows.length - 1) * LEGEND_ROW + 8;
    const swatch = `<rect x="${x}" y="${y - 5}" width="12" height="10" rx="2" fill="${colour}"/>`;
    const text = `<text x="${x + 18}" y="${y + 4}" fill="${INK}">${escapeXml(name)}</text>`;
    rows.at(-1)?.push(swatch, text);
    x += taken;
  }
  return rows;
}
