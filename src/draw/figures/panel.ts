/** One panel of a figure as the marks of Observable Plot. */

import type * as Plot from "@observablehq/plot";
import { INK, PALE_INK } from "../charts/page.ts";
import type { FigureAxis, FigureBar, FigureHeat, FigurePanel, FigureRule } from "./figure.ts";

/** Colours by name. */
export type Colours = ReadonlyMap<string, string>;

export interface PanelPlace {
  readonly width: number;
  readonly height: number;
  readonly colours: Colours;
}

const GRID = "#e7e9ee";

/** The panel as an SVG element of that size, without its title. */
export async function plotPanel(panel: FigurePanel, { width, height, colours }: PanelPlace): Promise<string> {
  const plot = await import("@observablehq/plot");
  const { bars, heat } = panel;
  const own = heat
    ? heatParts(plot, heat)
    : bars
      ? barParts(plot, bars, panel, colours)
      : lineParts(plot, panel, colours);
  const drawn = plot.plot({
    document: await documentToDrawIn(),
    width,
    height,
    marginLeft: 62,
    marginTop: 26,
    marginBottom: 44,
    style: { fontFamily: "inherit", fontSize: "12px", color: INK },
    ...own.scales,
    marks: [...own.marks],
  });
  // The style is of pages of Observable's.
  return drawn.outerHTML.replace(/<style>[\s\S]*?<\/style>/, "");
}

interface Parts {
  readonly marks: readonly Plot.Markish[];
  readonly scales: Partial<Plot.PlotOptions>;
}

function lineParts(
  plot: typeof Plot,
  { x, y, lines = [], dots = [], rules = [] }: FigurePanel,
  colours: Colours,
): Parts {
  const marks = lines.map(({ name, dashed, ...points }) =>
    plot.line(pointsOf(points), {
      x: "x",
      y: "y",
      stroke: colours.get(name) ?? INK,
      strokeWidth: 1.8,
      strokeOpacity: 0.85,
      ...(dashed && { strokeDasharray: "5 4" }),
    }),
  );
  const points = dots.map(({ name, ...own }) =>
    plot.dot(pointsOf(own), { x: "x", y: "y", r: 3, fill: colours.get(name) ?? INK, fillOpacity: 0.85 }),
  );
  return {
    marks: [
      plot.gridX({ stroke: GRID, strokeOpacity: 1 }),
      plot.gridY({ stroke: GRID, strokeOpacity: 1 }),
      ...rulesOf(plot, rules),
      ...marks,
      ...points,
    ],
    scales: { x: scaleOf(x), y: scaleOf(y) },
  };
}

/** Bars from 0, or from the bottom where the scale is one of powers, as high as the means. */
function barParts(
  plot: typeof Plot,
  bars: readonly FigureBar[],
  { x, y, rules = [] }: FigurePanel,
  colours: Colours,
): Parts {
  const finite = bars.flatMap(({ values }) => values).filter(Number.isFinite);
  const base = y.scale === "log" ? (y.domain?.[0] ?? Math.min(...finite) / 2) : 0;
  const isGrouped = bars.some(({ name }) => name !== undefined);
  const place = (bar: FigureBar) => ({ group: bar.group, name: bar.name ?? bar.group });
  const means = bars.map((bar) => ({
    ...place(bar),
    base,
    mean: bar.values.reduce((sum, value) => sum + value, 0) / bar.values.length,
  }));
  const single = bars.flatMap((bar) => bar.values.map((value) => ({ ...place(bar), value })));
  const colour = ({ name }: { readonly name: string }) => colours.get(name) ?? "#2f6fb5";
  const across = isGrouped ? { fx: "group", x: "name" } : { x: "name" };
  return {
    marks: [
      plot.gridY({ stroke: GRID, strokeOpacity: 1 }),
      plot.barY(means, { ...across, y1: "base", y2: "mean", fill: colour, fillOpacity: 0.75 }),
      plot.dot(single, { ...across, y: "value", r: 2.2, fill: INK }),
      ...rulesOf(plot, rules, isGrouped ? bars.at(-1)?.group : undefined),
    ],
    scales: {
      ...(isGrouped
        ? {
            fx: { label: x.label, domain: unique(bars.map(({ group }) => group)) },
            x: { axis: null, domain: unique(means.map(({ name }) => name)) },
          }
        : { x: { label: x.label, domain: unique(means.map(({ name }) => name)) } }),
      y: { ...scaleOf(y), ...(y.domain === undefined && y.scale !== "log" && { zero: true }) },
    },
  };
}

function heatParts(plot: typeof Plot, { rows, rowLabels, columnLabels, signed = false }: FigureHeat): Parts {
  const cells = rows.flatMap((row, down) =>
    row.flatMap((value, along) => (Number.isFinite(value) ? [{ along, down, value }] : [])),
  );
  const most = Math.max(1e-12, ...cells.map(({ value }) => Math.abs(value)));
  return {
    marks: [plot.cell(cells, { x: "along", y: "down", fill: "value", inset: 0.25 })],
    scales: {
      x: { padding: 0, tickFormat: (at: number) => columnLabels?.[at] ?? String(at), label: null },
      y: { padding: 0, tickFormat: (at: number) => rowLabels?.[at] ?? String(at), label: null },
      color: signed ? { scheme: "RdBu", domain: [-most, most], reverse: true } : { scheme: "Blues" },
    },
  };
}

/** Levels across; where bars stand in groups, the labels stand in one of them. */
function rulesOf(plot: typeof Plot, rules: readonly FigureRule[], group?: string): Plot.Markish[] {
  const look = { stroke: PALE_INK, strokeDasharray: "4 4" };
  return rules.flatMap(({ axis, at, label }) => {
    const text = { fill: PALE_INK, text: [label ?? ""], ...(group !== undefined && { fx: [group] }) };
    return axis === "x"
      ? [
          plot.ruleX([at], look),
          plot.text([at], { ...text, x: [at], frameAnchor: "top", dx: 4, dy: 6, textAnchor: "start" }),
        ]
      : [
          plot.ruleY([at], look),
          plot.text([at], { ...text, y: [at], frameAnchor: "right", dy: -7, dx: -4, textAnchor: "end" }),
        ];
  });
}

function scaleOf({ label, scale = "linear", domain }: FigureAxis): Plot.ScaleOptions {
  return {
    label,
    type: scale,
    ...(domain && { domain: [...domain] }),
    ...(scale === "log" && { tickFormat: printPower, ticks: 6 }),
  };
}

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** Powers of ten, and other numbers that stand on such a scale. */
function printPower(value: number): string {
  if (value >= 0.01 && value < 1e5) return String(value);
  const exponent = Math.round(Math.log10(value));
  if (Math.abs(value / 10 ** exponent - 1) > 1e-6) return "";
  const digits = [...String(Math.abs(exponent))].map((digit) => SUPERSCRIPTS[Number(digit)]).join("");
  return `10${exponent < 0 ? "⁻" : ""}${digits}`;
}

function pointsOf({ x, y }: { readonly x: readonly number[]; readonly y: readonly number[] }) {
  return x.map((at, index) => ({ x: at, y: y[index] as number }));
}

const unique = <Item>(items: readonly Item[]): Item[] => [...new Set(items)];

/** The page's own document, or where there is none, as in Node and in workers, one that holds elements alone. */
async function documentToDrawIn(): Promise<Document> {
  const { document } = globalThis as { document?: Document };
  if (document) return document;
  const { parseHTML } = await import("linkedom/worker");
  return parseHTML("<body></body>").document as unknown as Document;
}
