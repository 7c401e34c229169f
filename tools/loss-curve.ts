// Draws the loss of a training run from its metrics.jsonl as an SVG picture: training loss (each step and its moving
// average), validation loss, and a level to compare with if one is given.
// Usage: tsx tools/loss-curve.ts RUN_DIR OUT.svg [--reference NATS] [--reference-label TEXT]
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

type Event =
  | { event: "step"; tokens: number; loss: number }
  | { event: "validation"; tokens: number; nats: number };

interface Point {
  tokens: number;
  nats: number;
}

const usage = "usage: tsx tools/loss-curve.ts RUN_DIR OUT.svg [--reference NATS] [--reference-label TEXT]";
const blue = "#2f6db5";
const red = "#c8452f";
const grey = "#666666";
const lineHeight = 18;
const height = 400;
const top = 36;
const bottom = 45;

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

function readPoints(file: string): { training: Point[]; validation: Point[] } {
  const training: Point[] = [];
  const validation: Point[] = [];
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (line === "") continue;
    const event = JSON.parse(line) as Event;
    if (event.event === "step") training.push({ tokens: event.tokens, nats: event.loss });
    if (event.event === "validation") validation.push({ tokens: event.tokens, nats: event.nats });
  }
  if (training.length < 2) fail(`${file} holds ${training.length} training steps, at least 2 are needed`);
  return { training, validation };
}

/** Names right of the lines' ends, in the lines' colours, moved apart where they would overlap. */
function lineNames(
  names: { nats: number; text: string; fill: string }[],
  y: (nats: number) => number,
): Plot.Markish {
  let above = Number.NEGATIVE_INFINITY;
  const placed = [...names]
    .sort((a, b) => b.nats - a.nats)
    .map((name) => {
      above = Math.max(y(name.nats), above + lineHeight);
      return { ...name, dy: above - y(name.nats) };
    });
  return placed.map(({ nats, text, fill, dy }) =>
    Plot.text([`${text} ${nats.toFixed(2)}`], {
      y: [nats],
      frameAnchor: "right",
      textAnchor: "start",
      dx: 10,
      dy,
      fill,
      fontWeight: "bold",
    }),
  );
}

function draw(training: Point[], validation: Point[], reference: number | undefined, label: string): string {
  const all = [
    ...training,
    ...validation,
    ...(reference === undefined ? [] : [{ tokens: 0, nats: reference }]),
  ];
  const low = Math.floor(2 * Math.min(...all.map((point) => point.nats))) / 2;
  const high = Math.ceil(2 * Math.max(...all.map((point) => point.nats))) / 2;
  const y = (nats: number) => top + ((high - nats) / (high - low)) * (height - top - bottom);
  const window = Math.max(1, Math.round(training.length / 50));
  const average = training.slice(-window).reduce((sum, point) => sum + point.nats, 0) / window;
  const line = { x: "tokens", y: "nats", strokeWidth: 2 };
  const names = [{ nats: average, text: "training", fill: blue }];
  const marks: Plot.Markish[] = [
    Plot.gridY({ stroke: "#e4e4e4", strokeOpacity: 1 }),
    Plot.lineY(training, { ...line, stroke: blue, strokeOpacity: 0.3, strokeWidth: 1 }),
    Plot.lineY(training, Plot.windowY(window, { ...line, stroke: blue })),
  ];
  if (reference !== undefined) {
    marks.push(Plot.ruleY([reference], { stroke: grey, strokeDasharray: "5 4", strokeWidth: 1.5 }));
    names.push({ nats: reference, text: label, fill: grey });
  }
  const last = validation.at(-1);
  if (last !== undefined) {
    marks.push(Plot.lineY(validation, { ...line, stroke: red }));
    marks.push(Plot.dot(validation, { x: "tokens", y: "nats", fill: red, r: 3.5 }));
    names.push({ nats: last.nats, text: "validation", fill: red });
  }
  marks.push(lineNames(names, y));
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const picture = Plot.plot({
    document: document as unknown as Document,
    width: 800,
    height,
    marginTop: top,
    marginBottom: bottom,
    marginLeft: 50,
    marginRight: 170,
    style: { background: "white", color: "#333333", fontSize: "13px", fontFamily: "system-ui, sans-serif" },
    x: {
      domain: [0, Math.max(...all.map((point) => point.tokens))],
      label: "tokens seen",
      tickFormat: "~s",
      labelAnchor: "center",
      labelArrow: "none",
    },
    y: { domain: [low, high], label: "loss, nats per token", labelArrow: "none" },
    marks,
  });
  picture.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return `${picture.outerHTML}\n`;
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { reference: { type: "string" }, "reference-label": { type: "string", default: "reference" } },
});
const [runDirectory, output] = positionals;
const reference = options.reference === undefined ? undefined : Number(options.reference);
if (runDirectory === undefined || output === undefined || Number.isNaN(reference)) {
  fail(usage);
}
const { training, validation } = readPoints(join(runDirectory, "metrics.jsonl"));
writeFileSync(output, draw(training, validation, reference, options["reference-label"]));
console.log(`${output}: ${training.length} training steps, ${validation.length} validations`);
