/** The picture of the alternatives: parity beyond the length of the training, the sine's error, memory and time by length. */

import type { Figure, FigureLine } from "../../draw/figures/figure.ts";
import { mean } from "../seeds.ts";
import type { AlternativesSettings } from "./index.ts";
import type { Cost } from "./measure.ts";
import { type NetworkName, networkNames } from "./models.ts";

interface Found {
  odd(name: NetworkName): readonly (readonly number[])[];
  error(name: NetworkName): readonly (readonly number[])[];
  costs(name: NetworkName): readonly Cost[];
}

export function alternativesFigure(
  { parityLength, lengths }: AlternativesSettings,
  { odd, error, costs }: Found,
): Figure {
  /** A line for each seed, over the steps 1, 2, ... */
  const bySeed = (found: Found["odd"]): FigureLine[] =>
    networkNames.flatMap((name) =>
      found(name).map((y) => ({ name, x: y.map((_, at) => at + 1), y: [...y] })),
    );
  /** The mean over seeds, over the lengths. */
  const byLength = (found: (cost: Cost) => readonly (number | null)[]): FigureLine[] =>
    networkNames.flatMap((name) => {
      const all = costs(name).map(found);
      if (all.length === 0) return [];
      return [
        { name, x: [...lengths], y: lengths.map((_, at) => mean(all.map((one) => one[at] ?? Number.NaN))) },
      ];
    });
  return {
    title: "A GRU, a temporal convolutional network and a Transformer",
    panels: [
      {
        title: "Parity: how many are right after so many bits",
        x: { label: "bits" },
        y: { label: "share that is right", domain: [0.4, 1] },
        lines: bySeed(odd),
        rules: [{ axis: "x", at: parityLength, label: "trained up to here" }],
      },
      {
        title: "Noisy sine: error of its next value",
        x: { label: "step" },
        y: { label: "root mean square error", scale: "log" },
        lines: bySeed(error),
      },
      {
        title: "Memory of an update",
        x: { label: "steps", scale: "log" },
        y: { label: "MiB", scale: "log" },
        lines: byLength(({ bytes }) => bytes.map((one) => one && one / 2 ** 20)),
      },
      {
        title: "Time of an update",
        x: { label: "steps", scale: "log" },
        y: { label: "ms", scale: "log" },
        lines: byLength(({ milliseconds }) => milliseconds),
      },
    ],
  };
}
