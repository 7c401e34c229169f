/** An inspection in the terminal, for people, and as JSON, for machines. */

import type { Chart } from "../draw/charts/chart.ts";
import { chartText } from "../draw/charts/text.ts";
import { cut } from "../draw/charts/width.ts";
import { type InspectionReport, lagLines, powerOf, reachOf } from "../draw/report/report.ts";
import { withNulls } from "../formats/json.ts";
import type { Steps } from "../inspect/inspection.ts";
import { alignedRows, inLine } from "../tasks/text-table.ts";

/** What was found in figures: how far gradients reach back, what is saturated, spectral radii, norms; and where the rest is. */
export function inspectionText(
  report: InspectionReport,
  { columns, color }: { readonly columns: number; readonly color: boolean },
): string {
  const { about, found } = report;
  const { saturation, radius, weights } = found;
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const blocks = [
    alignedRows(about.map(([name, text]) => [name, inLine(text.replaceAll("\n", "↵"))])).map((line) =>
      cut(line, columns),
    ),
    gradientLines(report, { columns, color }),
    tableOf(["saturated", "", ""], Object.entries(saturation), ({ kind, share }) => [kind, percent(share)]),
    tableOf(["spectral radius", "", ""], Object.entries(radius), (values) => [
      "",
      values.map((one) => one.toFixed(3)).join(", "),
    ]),
    tableOf(["norms", "gradient", "weights"], Object.entries(weights), ({ gradient, value }) => [
      powerOf(gradient),
      powerOf(value),
    ]),
    drawnElsewhere(report),
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => `${line}\n`).join(""))
    .join("\n");
}

/** Where numbers are that a terminal has no room for. */
function drawnElsewhere({ found }: InspectionReport): string[] {
  const { states, gates, outputs, attention } = found;
  const names = [states, gates, outputs, attention].flatMap((all) => Object.keys(all));
  return names.length === 0
    ? []
    : ["States, gates, attention: drawn with --out FILE.html, as numbers with --json."];
}

function tableOf<Value>(
  head: readonly string[],
  entries: readonly (readonly [string, Value])[],
  cells: (value: Value) => readonly string[],
): string[] {
  if (entries.length === 0) return [];
  return alignedRows([head, ...entries.map(([name, value]) => [name, ...cells(value)])]);
}

function gradientLines(
  report: InspectionReport,
  options: { readonly columns: number; readonly color: boolean },
): string[] {
  const lines = lagLines(report);
  const drawn = lines.filter(({ y }) => y.some(Number.isFinite));
  if (drawn.length === 0) return lines.map(reachOf);
  const of = report.last ? "the error of the last step" : "the loss";
  const chart: Chart = {
    title: "",
    panels: [
      {
        title: `gradient of ${of} by steps back, as a power of ten`,
        label: String,
        lines: drawn.map(({ name, x, y }) => ({ name, x, y: y.map(Math.log10) })),
        bands: [],
        marks: [],
      },
    ],
  };
  return [
    ...chartText(chart, { ...options, rows: 9 })
      .trim()
      .split("\n"),
    "",
    ...lines.map(reachOf),
  ];
}

/** All numbers; null stands where a row has ended, and for a number that is not finite. */
export function inspectionJson({ title, about, found, last, steps }: InspectionReport): object {
  const { loss, states, gates, outputs, attention, ...others } = found;
  const nested = (all: Readonly<Record<string, Steps>>) =>
    Object.fromEntries(Object.entries(all).map(([name, values]) => [name, nestedList(values)]));
  return withNulls({
    title,
    about: Object.fromEntries(about),
    steps: steps.map(({ path, unit, names, memory }) => ({ path, unit, names, memory })),
    loss,
    ...(last && { last: { gradients: last.gradients } }),
    ...others,
    states: nested(states),
    gates: nested(gates),
    outputs: nested(outputs),
    attention: nested(attention),
  }) as object;
}

function nestedList({ shape, data }: Steps): unknown {
  const [size = 0, ...rest] = shape;
  // Seven digits tell a float32 apart from others.
  if (rest.length === 0) return Array.from(data, (one) => Number(one.toPrecision(7)));
  const each = data.length / (size || 1);
  return Array.from({ length: size }, (_, at) =>
    nestedList({ shape: rest, data: data.subarray(at * each, (at + 1) * each) }),
  );
}
