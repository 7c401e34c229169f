/** A report of an inspection as one page of HTML: tables, pictures within it, a sentence or two to each. It needs no network and no script. */

import { figureSvg } from "../figures/svg.ts";
import { escapeXml } from "../text.ts";
import { alignmentsOf, attentionSvg } from "./attention-svg.ts";
import { type InspectedLayer, layersOf } from "./inspected-layer.ts";
import { type InspectionReport, lagLines, powerOf, reachOf } from "./report.ts";
import { stepsSvg } from "./steps-svg.ts";

/** A part of a page; `lines` are HTML. */
interface Section {
  readonly id: string;
  readonly title: string;
  readonly lines: readonly string[];
}

/** The page. Its pictures are SVG, with a ground of their own. */
export async function reportPage(report: InspectionReport): Promise<string> {
  const { title, about } = report;
  const parts = [
    await gradients(report),
    saturation(report),
    radii(report),
    weights(report),
    attention(report),
    ...layers(report),
  ];
  const sections = parts.filter((section) => section !== undefined);
  const links = sections.map((one) => `<a href="#${one.id}">${escapeXml(one.title)}</a>`);
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeXml(title)}</title>`,
    `<style>${STYLE}</style>`,
    "</head>",
    "<body>",
    "<main>",
    `<h1>${escapeXml(title)}</h1>`,
    table(["", ""], about, "about"),
    `<nav aria-label="Parts of this page">${links.join(" ")}</nav>`,
    ...sections.flatMap(({ id, title: heading, lines }) => [
      `<section id="${id}">`,
      `<h2>${escapeXml(heading)}</h2>`,
      ...lines,
      "</section>",
    ]),
    "</main>",
    "</body>",
    "</html>",
    "",
  ].join("\n");
}

async function gradients(report: InspectionReport): Promise<Section | undefined> {
  const lines = lagLines(report);
  if (lines.length === 0) return undefined;
  const drawn = lines.filter(({ y }) => y.some(Number.isFinite));
  const of = report.last ? "of the error of the last step alone" : "of the loss";
  const figure = {
    title: "Norm of the gradient by steps back",
    panels: [
      {
        x: { label: "steps back" },
        y: { label: "norm of the gradient", scale: "log" as const },
        lines: drawn,
      },
    ],
  };
  return {
    id: "gradients",
    title: "How far back the error reaches",
    lines: [
      said(
        `Each line is the norm of the gradient ${of} with respect to one part of the state, so many steps earlier: what backpropagation through time learns from of what was read there. The scale is one of powers of ten, on which a constant factor a step is a straight line.${report.last ? "" : " Where the loss reads every step, as a mean over them does, the error enters at every step, too."}`,
        "Look for a line that falls steeply: the gradient vanishes, and what lies farther back can hardly be learnt. One that rises explodes, which clipping keeps in bounds. A line that stays level is what gates are for.",
      ),
      ...(drawn.length === 0
        ? []
        : [picture(await figureSvg(figure, { width: 960 }), "Norms of gradients by steps back")]),
      list(lines.map(reachOf)),
    ],
  };
}

function saturation({ found }: InspectionReport): Section | undefined {
  const entries = Object.entries(found.saturation);
  if (entries.length === 0) return undefined;
  const rows = entries.map(([name, { share, kind }]) => [
    escapeXml(name),
    kind,
    `<span class="bar" style="width:${(100 * share).toFixed(1)}px"></span> ${(100 * share).toFixed(1)} %`,
  ]);
  return {
    id: "saturation",
    title: "Saturated units",
    lines: [
      said(
        "The share of all values, over units and steps, where the slope of the function nearly vanishes: a sigmoid below 0.01 or above 0.99, a tanh beyond -0.99 and 0.99. Hardly any gradient passes there.",
        "A gate that is saturated in part does its work: it keeps, or it forgets. Look for one that is saturated nearly everywhere, or a tanh that is: inputs or weights are too large, and the unit can no longer learn.",
      ),
      htmlTable(["of", "function", "saturated"], rows),
    ],
  };
}

function radii({ found }: InspectionReport): Section | undefined {
  const entries = Object.entries(found.radius);
  if (entries.length === 0) return undefined;
  const rows = entries.map(([name, values]) => [name, values.map((one) => one.toFixed(3)).join(", ")]);
  return {
    id: "radius",
    title: "Spectral radius",
    lines: [
      said(
        "The largest absolute eigenvalue of each square matrix that multiplies the state: one for each gate, in the order in which the cell's weight has them.",
        "Without gates, a gradient is multiplied by this matrix at every step back: below 1 it vanishes, above 1 it may explode, as far as the slopes of tanh let it. Of a gated cell the matrices tell less: there the way along the memory does not lead through them.",
      ),
      table(["matrix", "spectral radius"], rows),
    ],
  };
}

function weights({ found }: InspectionReport): Section | undefined {
  const entries = Object.entries(found.weights);
  if (entries.length === 0) return undefined;
  const rows = entries.map(([name, { gradient, value }]) => [
    name,
    powerOf(gradient),
    powerOf(value),
    value === 0 ? "" : powerOf(gradient / value),
  ]);
  return {
    id: "weights",
    title: "Weights and their gradients",
    lines: [
      said(
        "Euclidean norms of all weights of a layer and of the loss's gradient with respect to them, for this example alone.",
        "Look for a layer whose gradient is many powers of ten smaller than that of the others, for its size: the error does not get there.",
      ),
      table(["layer", "gradient", "weights", "gradient / weights"], rows),
    ],
  };
}

function attention({ found, steps }: InspectionReport): Section | undefined {
  const alignments = alignmentsOf(found, steps).filter(({ target }) => target.length > 0);
  if (alignments.length === 0) return undefined;
  return {
    id: "attention",
    title: "Attention",
    lines: [
      said(
        "A row for each step, a column for each place that it may look at; the darker a square, the more of that place is in what the step reads. A row sums to 1.",
        "In a translation between related languages look for a dark diagonal, which leaves it where word orders differ. Rows that are pale all along say that the network does not choose.",
      ),
      ...alignments.map((one) => picture(attentionSvg(one), one.title)),
    ],
  };
}

function layers({ found, steps }: InspectionReport): Section[] {
  return layersOf(found, steps).map((layer, at) => ({
    id: `layer-${at + 1}`,
    title: `${layer.name}: ${kindsOf(layer)}`,
    lines: [
      ...(at === 0
        ? [
            said(
              "A column for each step, a row for each unit; the names are those of the cell's equations. l0 is the first layer, l1 the one above it, and what ends in reverse reads from the end. Of what has a sign blue is above 0 and orange below. What a sigmoid gives, as most gates, is drawn on a scale from 0 to 1: of a gate white is 0, closed, and dark blue is 1, open. All else reaches from its least number in white to its greatest in dark blue, which stand beside its name; a number that is not finite is left blank. Strips at the top tell how strongly the loss hangs on what is read, and on the state, at each step.",
              "Look for units that change where the input does, rows that stay as they are for long, which remember, and gates that open or close at certain words or times. A column at which everything changes is a border that the network knows.",
            ),
          ]
        : []),
      picture(stepsSvg(layer), `${layer.name}: ${kindsOf(layer)}`),
    ],
  }));
}

const kindsOf = ({ parts }: InspectedLayer) =>
  parts.some(({ kind }) => kind !== "state") ? "states and gates" : "states";

const said = (what: string, lookFor: string) => `<p>${escapeXml(what)} <em>${escapeXml(lookFor)}</em></p>`;

const list = (items: readonly string[]) =>
  `<ul>${items.map((one) => `<li>${escapeXml(one)}</li>`).join("")}</ul>`;

/** A picture for those who see it, and what it is for those who do not. */
function picture(svg: string, label: string): string {
  return `<figure>${svg.trim().replace('role="img"', `role="img" aria-label="${escapeXml(label)}"`)}</figure>`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[], kind = "data"): string {
  return htmlTable(
    head,
    rows.map((cells) => cells.map(escapeXml)),
    kind,
  );
}

/** A table whose cells are HTML; a head of empty cells is none. */
function htmlTable(head: readonly string[], rows: readonly (readonly string[])[], kind = "data"): string {
  const hasHead = head.some((cell) => cell !== "");
  return [
    `<table class="${kind}">`,
    ...(hasHead
      ? [`<thead><tr>${head.map((cell) => `<th scope="col">${escapeXml(cell)}</th>`).join("")}</tr></thead>`]
      : []),
    "<tbody>",
    ...rows.map(
      ([first, ...cells]) =>
        `<tr><th scope="row">${first}</th>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`,
    ),
    "</tbody>",
    "</table>",
  ].join("\n");
}

const STYLE = `
:root { color-scheme: light; }
body { margin: 0; background: #f4f5f7; color: #2b303b; font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", sans-serif; }
main { max-width: 1000px; margin: 0 auto; padding: 24px 20px 60px; }
h1 { font-size: 26px; margin: 8px 0 16px; overflow-wrap: anywhere; }
h2 { font-size: 20px; margin: 0 0 8px; overflow-wrap: anywhere; }
section { background: #fff; border: 1px solid #e1e4ea; border-radius: 10px; padding: 18px 20px; margin: 18px 0; }
p { margin: 0 0 12px; max-width: 75ch; }
em { font-style: normal; color: #4a5160; }
ul { margin: 8px 0 0; padding-left: 20px; }
nav { margin: 16px 0; } nav a { display: inline-block; margin: 0 14px 4px 0; color: #1f5a99; }
figure { margin: 12px 0 0; overflow-x: auto; } figure svg { max-width: 100%; height: auto; display: block; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 3px 18px 3px 0; vertical-align: top; font-weight: 400; }
thead th { color: #6b7280; border-bottom: 1px solid #d5d9e0; } .data tbody th { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 14px; }
.about th { color: #6b7280; white-space: nowrap; } .about td { overflow-wrap: anywhere; white-space: pre-line; }
.bar { display: inline-block; height: 10px; background: #2f6fb5; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
@media print { body { background: #fff; font-size: 12px; } main { max-width: none; padding: 0; } nav { display: none; } section { border: 0; padding: 0; } figure, table { break-inside: avoid; } h2 { break-after: avoid; } }
`.trim();
