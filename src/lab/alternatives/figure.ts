/** The picture of the alternatives: parity beyond the length of the training, the sine's error, memory and time by length. */

import type { Figure, FigureLine } from "../../draw/figures/figure.ts";
import type { AlternativesSettings } from "./index.ts";
import { type NetworkName, networkNames } from "./models.ts";

interface Found {
  odd(name: NetworkName): readonly (readonly number[])[];
  error(name: NetworkName): readonly (readonly number[])[];
  /** At each of the lengths. */
  bytes(name: NetworkName): readonly (number | null)[];
  times(name: NetworkName): readonly (number | null)[];
}

export function alternativesFigure(
  { parityLength, lengths }: AlternativesSettings,
  { odd, error, bytes, times }: Found,
): Figure {
  /** A line for each seed, over the steps 1, 2, ... */
  const bySeed = (found: Found["odd"]): FigureLine[] =>
    networkNames.flatMap((name) =>
      found(name).map((y) => ({ name, x: y.map((_, at) => at + 1), y: [...y] })),
    );
  const byLength = (found: (name: NetworkName) => readonly (number | null)[]): FigureLine[] =>
    networkNames.map((name) => ({
      name,
      x: [...lengths],
      y: found(name).map((one) => one ?? Number.NaN),
    }));
  return {
    title: "A GRU, a temporal convolutional network and a Transformer",
    panels: [
      {
        title: "Parity: how many are right after so many bits",
        x: { label: "bits" },
        y: { label: "share that is right", domain: [0.3, 1] },
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
        lines: byLength((name) => bytes(name).map((one) => one && one / 2 ** 20)),
      },
      {
        title: "Time of an update",
        x: { label: "steps", scale: "log" },
        y: { label: "ms", scale: "log" },
        lines: byLength(times),
      },
    ],
  };
}
