/** What is told of a training while it runs: how its gradients get along layers and time, and how far updates go. */

import type { Inspection } from "../../inspect/inspection.ts";

/** Numbers that are not finite stand as null. */
export interface Diagnosis {
  /** The share of the updates since the last look whose gradients were scaled by `clipNorm`; null where nothing is. */
  readonly clipped: number | null;
  /** By layer, or pass of a recurrent one, such as "rnn.l0". */
  readonly layers: Readonly<Record<string, LayerDiagnosis>>;
  /** By pass of a recurrent layer. */
  readonly passes: Readonly<Record<string, PassDiagnosis>>;
}

export interface LayerDiagnosis {
  /** The norm of the gradient of its weights, before clipping. */
  readonly gradient: number | null;
  /** The norm of what the update added to its weights, over the norm of these. */
  readonly update: number | null;
}

export interface PassDiagnosis {
  /** The steps from the end of a row, 0 for its last step: all, or at most 33 of them, the first and the last among them. */
  readonly lags: readonly number[];
  /** Of dL/dh there, over all parts of the state, rows and units: total derivatives. */
  readonly gradient: readonly (number | null)[];
  /** The share of what sigmoid and tanh give that lies where they are flat, by name in the cell. */
  readonly saturation: Readonly<Record<string, number>>;
}

const MOST_LAGS = 33;

/** What a look found, without what is known only after the update. */
export type Found = Pick<Inspection, "gradients" | "saturation" | "weights">;

/** The norms of dL/dh over all parts of the state of each pass, by lag. */
export function lagsOfPasses({ gradients }: Found): Readonly<Record<string, readonly number[]>> {
  const passes: Record<string, number[]> = {};
  for (const [name, { lags }] of Object.entries(gradients)) {
    const pass = passOf(name);
    passes[pass] = lags.map((norm, lag) => Math.hypot(norm, passes[pass]?.[lag] ?? 0));
  }
  return passes;
}

/** What is saturated of each pass, by name in the cell. */
export function saturationOfPasses({ saturation }: Found): Readonly<Record<string, Record<string, number>>> {
  const passes: Record<string, Record<string, number>> = {};
  for (const [name, { share }] of Object.entries(saturation)) {
    const pass = passOf(name);
    passes[pass] = { ...passes[pass], [name.slice(pass.length + 1)]: share };
  }
  return passes;
}

/** A diagnosis from a look, the relative lengths of the update by layer, and the share of clipped updates. */
export function diagnosisOf(
  found: Found,
  updates: Readonly<Record<string, number>>,
  clipped: number | null,
): Diagnosis {
  const saturation = saturationOfPasses(found);
  return {
    clipped,
    layers: Object.fromEntries(
      Object.entries(found.weights).map(([name, { gradient }]) => [
        name,
        { gradient: finite(gradient), update: finite(updates[name] ?? 0) },
      ]),
    ),
    passes: Object.fromEntries(
      Object.entries(lagsOfPasses(found)).map(([pass, norms]) => {
        const lags = thinned(norms.length);
        return [
          pass,
          {
            lags,
            gradient: lags.map((lag) => finite(norms[lag] as number)),
            saturation: saturation[pass] ?? {},
          },
        ];
      }),
    ),
  };
}

const passOf = (name: string) => name.slice(0, name.lastIndexOf("."));
const finite = (value: number) => (Number.isFinite(value) ? value : null);

/** The numbers below `count`, or as many of them as are shown, evenly. */
function thinned(count: number): number[] {
  const shown = Math.min(count, MOST_LAGS);
  return Array.from({ length: shown }, (_, at) =>
    shown === 1 ? 0 : Math.round((at * (count - 1)) / (shown - 1)),
  );
}
