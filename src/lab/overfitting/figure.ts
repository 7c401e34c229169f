/** The picture of overfitting: how the loss of new sequences leaves that of the sequences trained on, and what remedies make of it. */

import type { Figure } from "../../draw/figures/figure.ts";
import { mean } from "../seeds.ts";
import type { Figures, Trained } from "./measure.ts";

/** The mean over seeds after each epoch that all of them measured at. */
function byEpoch(found: readonly Trained[], of: (one: Trained) => readonly Figures[]) {
  const x = (found[0]?.at ?? []).filter((_, at) => found.every((one) => at < one.at.length));
  return { x, y: x.map((_, at) => mean(found.map((one) => (of(one)[at] as Figures).loss))) };
}

/** Both losses without a remedy, and the loss of new sequences with each. */
export function overfittingFigure(
  remedies: readonly { readonly name: string; readonly found: readonly Trained[] }[],
  none: string,
): Figure {
  const there = remedies.filter(({ found }) => found.length > 0);
  const plain = there.find(({ name }) => name === none)?.found ?? [];
  return {
    title: "Learning by heart",
    panels: [
      {
        title: "Nothing against it",
        x: { label: "epoch" },
        y: { label: "loss", scale: "linear" },
        lines:
          plain.length === 0
            ? []
            : [
                { name: "trained on", ...byEpoch(plain, ({ training }) => training) },
                { name: "new", ...byEpoch(plain, ({ test }) => test) },
              ],
      },
      {
        title: "New sequences",
        x: { label: "epoch" },
        y: { label: "loss" },
        lines: there.map(({ name, found }) => ({ name, ...byEpoch(found, ({ test }) => test) })),
      },
    ],
  };
}
