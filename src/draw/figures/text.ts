/** A figure as text, for a terminal: lines as charts have them, bars from left to right. */

import { checkOptions } from "../../checks.ts";
import type { ChartPanel } from "../charts/chart.ts";
import { chartText } from "../charts/text.ts";
import { cut, widthOf } from "../charts/width.ts";
import { checkFigure, type Figure, type FigureAxis, type FigureBar, type FigurePanel } from "./figure.ts";

export interface FigureTextOptions {
  /** Characters that a line may have, from 30; default 80. */
  readonly columns?: number | undefined;
  /** Whether there are colours, by escape sequences; default false. */
  readonly color?: boolean | undefined;
}

/** The figure in lines, each with its end: panel under panel. Throws UsageError for too few columns. */
export function figureText(figure: Figure, options: FigureTextOptions = {}): string {
  checkFigure("figureText", figure);
  checkOptions("figureText", options, { columns: true, color: true });
  const { columns = 80 } = options;
  const panels = figure.panels.map((panel) =>
    panel.bars
      ? barLines(panel, panel.bars, columns)
      : chartText({ title: "", panels: [asChartPanel(panel)] }, options),
  );
  return [`${cut(figure.title, columns)}\n`, ...graphLines(figure, columns), ...panels].join("");
}

/** The boxes of a graph, a line each: what it has forwards, and what comes back. */
function graphLines({ graph }: Figure, columns: number): string[] {
  if (!graph) return [];
  const { nodes, key } = graph;
  const plain = nodes.map(({ text, forwards = "", backwards = "" }) => [
    text.replaceAll(/_\{([^}]*)\}/g, "$1"),
    forwards,
    backwards,
  ]);
  const rows = [["", key.forwards, key.backwards], ...plain];
  const widths = [0, 1, 2].map((at) => Math.max(...rows.map((row) => widthOf(row[at] as string))));
  const lines = rows.map((row) =>
    row
      .map((cell, at) => `${cell}${" ".repeat((widths[at] as number) - widthOf(cell))}`)
      .join("  ")
      .trimEnd(),
  );
  return ["\n", ...lines.map((line) => `${cut(line, columns)}\n`)];
}

const BLOCKS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/**
 * A line for each bar: its length is its mean, from 0 or from the least power of ten, and the values stand behind it. What is below
 * 0 is paler.
 */
function barLines(panel: FigurePanel, bars: readonly FigureBar[], columns: number): string {
  const rows = bars.map(({ group, name, values }) => ({
    head: name === undefined ? group : `${group}  ${name}`,
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    told: values.map((value) => (Number.isFinite(value) ? Number(value.toPrecision(3)) : "–")).join(", "),
  }));
  const head = Math.min(Math.floor(columns / 3), Math.max(...rows.map((row) => widthOf(row.head))));
  const told = Math.min(Math.floor(columns / 3), Math.max(...rows.map((row) => widthOf(row.told))));
  const room = columns - head - told - 3;
  const place = placeOn(panel.y);
  const finite = rows.map(({ mean }) => place(mean)).filter(Number.isFinite);
  const [least, most] =
    panel.y.scale === "log"
      ? [Math.floor(Math.min(...finite)), Math.max(...finite)]
      : [0, Math.max(0, ...finite.map(Math.abs))];
  const lines = rows.map((row) => {
    const isBelow = panel.y.scale !== "log" && row.mean < 0;
    const share = (place(Math.abs(row.mean)) - least) / (most - least || 1);
    const eighths = Number.isFinite(share) ? Math.round(8 * room * Math.max(0, share)) : 0;
    const whole = Math.floor(eighths / 8);
    const bar = isBelow ? "▒".repeat(Math.ceil(eighths / 8)) : `${"█".repeat(whole)}${BLOCKS[eighths % 8]}`;
    const name = cut(row.head, head);
    const figures = cut(row.told, told);
    return `${name}${" ".repeat(head - widthOf(name))} │${bar}${" ".repeat(Math.max(0, room - Math.ceil(eighths / 8)))} ${figures}`.trimEnd();
  });
  return ["", cut(titleOf(panel), columns), ...lines].map((line) => `${line}\n`).join("");
}

/** Lines, dots and heat maps over whole numbers, which an axis of charts knows by their labels. */
function asChartPanel(panel: FigurePanel): ChartPanel {
  const { x, lines = [], dots = [], heat, rules = [] } = panel;
  const across = wholePlaces(
    x,
    [...lines, ...dots].flatMap((one) => one.x),
  );
  const up = placeOn(panel.y);
  const placed = ({
    x,
    y,
    name,
  }: {
    readonly x: readonly number[];
    readonly y: readonly number[];
    readonly name: string;
  }) => ({
    name,
    x: x.map(across.place),
    y: y.map(up),
  });
  const reach = across.reach;
  return {
    title: titleOf(panel),
    label: heat ? (at) => heat.columnLabels?.[at] ?? String(at) : across.label,
    lines: [
      ...lines.map((line) => ({ ...placed(line), dashed: line.dashed })),
      ...rules.flatMap(({ axis, at, label = "" }) =>
        axis === "y" && reach ? [{ name: label, x: reach, y: [up(at), up(at)], dashed: true }] : [],
      ),
    ],
    bands: [],
    marks: dots.map(placed),
    ...(heat && {
      lines: [],
      heat: { name: panel.y.label, rows: heat.rows, labels: heat.rowLabels, signed: heat.signed },
    }),
  };
}

function titleOf({ title, y, x }: FigurePanel): string {
  const of = y.scale === "log" ? `${y.label}, as a power of ten` : y.label;
  return [title, `${of}${x.label === "" ? "" : ` by ${x.label}`}`].filter((part) => part).join(": ");
}

/** Where a number stands along an axis; NaN for one that a scale of powers has no place for. */
const placeOn = ({ scale }: FigureAxis) =>
  scale === "log"
    ? (value: number) => (value > 0 ? Math.log10(value) : Number.NaN)
    : (value: number) => value;

/** Places along an axis whose numbers are not whole. */
const FINE_PLACES = 1000;

/** Places that are whole numbers: the numbers themselves where they are, otherwise as many as tell them apart. */
function wholePlaces(axis: FigureAxis, values: readonly number[]) {
  const finite = values.filter(Number.isFinite);
  const placed = finite.filter((value) => Number.isFinite(placeOn(axis)(value)));
  const reach = placed.length === 0 ? undefined : ([Math.min(...placed), Math.max(...placed)] as const);
  if (axis.scale !== "log" && finite.every(Number.isInteger) && (!reach || reach[1] - reach[0] >= 4)) {
    return { place: (value: number) => value, label: String, reach };
  }
  const on = placeOn(axis);
  const [least, most] = reach ? [on(reach[0]), on(reach[1])] : [0, 1];
  const step = (most - least) / FINE_PLACES || 1;
  const back = (at: number) => least + at * step;
  return {
    place: (value: number) => (on(value) - least) / step,
    label: (at: number) => String(Number((axis.scale === "log" ? 10 ** back(at) : back(at)).toPrecision(3))),
    reach: reach && ([0, (most - least) / step] as const),
  };
}
