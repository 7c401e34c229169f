/** What a report of an inspection is made of, and what can be said of its gradients in words. */

import type { Inspection } from "../../inspect/inspection.ts";
import type { FigureLine } from "../figures/figure.ts";
import type { NamedSteps } from "./named-steps.ts";

export interface InspectionReport {
  /** "Inside runs/shakespeare". */
  readonly title: string;
  /** What the model is and what was looked at, in lines of two cells. */
  readonly about: readonly (readonly [name: string, text: string])[];
  readonly found: Inspection;
  /** The same where only the last step's error counts: its gradients tell how far back that reaches. Default `found`. */
  readonly last?: Pick<Inspection, "gradients"> | undefined;
  readonly steps: readonly NamedSteps[];
}

/** Gradients of states by how many steps lie between; of numbers that a logarithm does not take NaN. */
export function lagLines({ found, last }: InspectionReport): FigureLine[] {
  const { gradients } = last ?? found;
  const entries = Object.entries(gradients).filter(([name]) => !name.endsWith(".input"));
  return entries.map(([name, { lags }]) => ({
    name,
    x: lags.map((_, lag) => lag),
    y: lags.map((norm) => (norm > 0 && Number.isFinite(norm) ? norm : Number.NaN)),
  }));
}

/** Below this part of the largest a gradient has vanished, and above its inverse it has exploded, as reports say it. */
const FAINT = 0.01;

/** How far back an error reaches, in a sentence for each part of the state. */
export function reachOf({ name, y }: FigureLine): string {
  const largest = y.reduce((most, one) => (one > most ? one : most), 0);
  if (largest === 0) return `${name}: no error reaches it.`;
  const farthest = y.findLastIndex((one) => one >= FAINT * largest);
  const first = y.find((one) => one > 0) as number;
  const end = y.at(-1) as number;
  if (end > first / FAINT) {
    return `${name}: the gradient grows to ${powerOf(end / first)} times as much ${back(y.length - 1)}.`;
  }
  if (farthest === y.length - 1) {
    return `${name}: still ${percent(end / largest)} of the largest ${back(y.length - 1)}, the farthest.`;
  }
  const left = Number.isNaN(end) ? "nothing" : `${powerOf(end / largest)} of it`;
  return `${name}: below 1 % of the largest from ${back(farthest + 1)} on; ${left} is left ${back(y.length - 1)}, the farthest.`;
}

const back = (steps: number) => `${steps} step${steps === 1 ? "" : "s"} back`;
const percent = (part: number) => `${Number((100 * part).toPrecision(2))} %`;
/** "0.013", "1.2e-9". */
export const powerOf = (value: number) =>
  value === 0 || (value >= 1e-3 && value < 1e5)
    ? String(Number(value.toPrecision(3)))
    : value.toExponential(1);
