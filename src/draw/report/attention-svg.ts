/** What was attended to in an inspection as SVG: a square for each pair of steps, or where these are many a heat map. */

import type { Inspection, Steps } from "../../inspect/inspection.ts";
import { type Alignment, shownWord } from "../charts/alignment.ts";
import { alignmentSvg } from "../charts/alignment-svg.ts";
import { chartSvg } from "../charts/svg.ts";
import { parted } from "./inspected-layer.ts";
import { type NamedSteps, stepsOf } from "./named-steps.ts";

/** More rows or columns than these are a heat map without a word for each. */
const MOST_WORDS = 60;

/** The alignments of an inspection, one for each head, of the row that is shown. */
export function alignmentsOf({ attention }: Inspection, named: readonly NamedSteps[]): Alignment[] {
  return Object.entries(attention).flatMap(([full, values]) => {
    const { layer } = parted(full);
    const { names = [], memory = names, row = 0 } = stepsOf(named, layer) ?? {};
    const heads = values.shape.length === 4 ? (values.shape[2] as number) : 1;
    return Array.from({ length: heads }, (_, head) => ({
      ...alignmentOf(values, { row, head, heads, names, memory }),
      title: heads === 1 ? full : `${full}, head ${head + 1}`,
    }));
  });
}

function alignmentOf(
  { shape, data }: Steps,
  {
    row,
    head,
    heads,
    names,
    memory,
  }: {
    readonly row: number;
    readonly head: number;
    readonly heads: number;
    readonly names: readonly string[];
    readonly memory: readonly string[];
  },
): Omit<Alignment, "title"> {
  const [steps = 0, batch = 1] = shape;
  const places = shape.at(-1) as number;
  const columns = memory.length === 0 ? places : Math.min(places, memory.length);
  const of = (step: number) => {
    const from = ((step * batch + row) * heads + head) * places;
    return Array.from(data.subarray(from, from + columns));
  };
  const all = Array.from({ length: steps }, (_, step) => ({ step, weights: of(step) }));
  const rows = all.filter(({ weights }) => weights.every((one) => one >= 0));
  return {
    source: Array.from({ length: columns }, (_, at) => memory[at] ?? String(at + 1)),
    target: rows.map(({ step }) => names[step] ?? String(step + 1)),
    weights: rows.map(({ weights }) => weights.map((one) => Math.min(1, one))),
  };
}

/** The picture of an alignment, whatever its size. */
export function attentionSvg(alignment: Alignment): string {
  const { title, source, target, weights } = alignment;
  if (source.length <= MOST_WORDS && target.length <= MOST_WORDS)
    return alignmentSvg(alignment, { width: 960 });
  const heat = {
    name: "attention",
    rows: weights.map((row) => Array.from(row)),
    labels: target.map(shownWord),
  };
  const label = (at: number) => shownWord(source[at] ?? "");
  return chartSvg({
    title,
    panels: [
      {
        title: "",
        label,
        lines: [],
        bands: [],
        marks: [],
        heat,
        height: Math.min(3, Math.max(0.3, target.length / 60)),
      },
    ],
  });
}
