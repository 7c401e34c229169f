/** What was seen of one layer along its steps: the numbers of one row, unit by unit. */

import type { Inspection, Steps } from "../../inspect/inspection.ts";
import type { ChartHeat } from "../charts/chart.ts";
import { type NamedSteps, stepsOf } from "./named-steps.ts";

/** Something that a layer computes at each step. */
export interface LayerPart {
  /** Its name in the layer: "h". */
  readonly name: string;
  /** "state", "gate", "output"; of a gate by sigmoid or tanh that. */
  readonly kind: string;
  readonly heat: ChartHeat;
}

/** A pass of a recurrent layer, such as "rnn.l0". */
export interface InspectedLayer {
  readonly name: string;
  readonly steps: NamedSteps;
  readonly parts: readonly LayerPart[];
  /** How strongly the loss hangs on each step: norms of its gradient by name, such as "input". */
  readonly gradients: readonly { readonly name: string; readonly steps: readonly number[] }[];
}

/** The layers of which states, gates or outputs were seen, in their order; `named` says what their steps are. */
export function layersOf(found: Inspection, named: readonly NamedSteps[]): InspectedLayer[] {
  const { states, gates, outputs } = found;
  const kinds = [
    { kind: "state", all: states },
    { kind: "gate", all: gates },
    { kind: "output", all: outputs },
  ];
  const layers = new Map<string, LayerPart[]>();
  for (const { kind, all } of kinds) {
    for (const [full, values] of Object.entries(all)) {
      const { layer, name } = parted(full);
      const rows = rowsOf(values, rowOf(layer, named));
      if ((rows[0]?.length ?? 0) === 0) continue;
      const { squashing } = values;
      const heat = { name: full, rows, ...rangeOf(rows, squashing) };
      const part = { name, kind: squashing && kind === "gate" ? squashing : kind, heat };
      layers.set(layer, [...(layers.get(layer) ?? []), part]);
    }
  }
  return [...layers].map(([name, parts]) => {
    const count = parts[0]?.heat.rows[0]?.length ?? 0;
    const steps = stepsOf(named, name) ?? { path: "", unit: "steps", names: [] };
    return {
      name,
      parts,
      steps: { ...steps, names: Array.from({ length: count }, (_, at) => steps.names[at] ?? String(at + 1)) },
      gradients: gradientsOf(found, name, count),
    };
  });
}

const rowOf = (layer: string, named: readonly NamedSteps[]) => stepsOf(named, layer)?.row ?? 0;

/** "rnn.l0.h" is h of rnn.l0. */
export function parted(full: string): { readonly layer: string; readonly name: string } {
  const dot = full.lastIndexOf(".");
  return { layer: full.slice(0, Math.max(0, dot)), name: full.slice(dot + 1) };
}

function gradientsOf({ gradients }: Inspection, layer: string, count: number) {
  return Object.entries(gradients)
    .map(([full, { steps }]) => ({ ...parted(full), steps: steps.slice(0, count) }))
    .filter((one) => one.layer === layer && one.steps.length === count)
    .map(({ name, steps }) => ({ name, steps }));
}

/** Row `b` of values (T, B, size) as (size, T), up to where it ends. */
export function rowsOf({ shape, data }: Steps, b: number): number[][] {
  const [steps = 0, batch = 1, ...rest] = shape;
  const size = rest.reduce((product, one) => product * one, 1);
  const at = (step: number, unit: number) => data[(step * batch + b) * size + unit] as number;
  let count = steps;
  while (count > 0 && isEnded(data, ((count - 1) * batch + b) * size, size)) count -= 1;
  return Array.from({ length: size }, (_, unit) =>
    Array.from({ length: count }, (_, step) => at(step, unit)),
  );
}

function isEnded(data: Float32Array, from: number, size: number): boolean {
  for (let at = from; at < from + size; at++) if (!Number.isNaN(data[at])) return false;
  return true;
}

/** How far colours reach: what sigmoid gives from 0 to 1, what has a sign as far on both sides, all else as far as it does itself. */
function rangeOf(rows: readonly (readonly number[])[], kind: string | undefined) {
  const signed = kind === "tanh" || (kind === undefined && rows.some((row) => row.some((one) => one < 0)));
  if (signed) return { signed };
  return kind === "sigmoid" ? { reach: [0, 1] as const } : {};
}
