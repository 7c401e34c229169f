/** The picture of drift: how well each phase is known along the stream, a panel for each way of learning. */

import type { Figure } from "../../draw/figures/figure.ts";
import { mean } from "../seeds.ts";
import type { Learnt } from "./measure.ts";

/** Accuracies on each phase, in the mean over seeds. */
export function driftFigure(
  modes: readonly { readonly name: string; readonly found: readonly Learnt[] }[],
  { phases, updates }: { readonly phases: number; readonly updates: number },
): Figure {
  return {
    title: "A stream of phases: what is known of each",
    panels: modes
      .filter(({ found }) => found.length > 0)
      .map(({ name, found }) => {
        const x = found[0]?.at ?? [];
        return {
          title: name,
          x: { label: "updates" },
          y: { label: "accuracy", domain: [0, 1] },
          lines: Array.from({ length: phases }, (_, phase) => ({
            name: `phase ${phase + 1}`,
            x,
            y: x.map((_, at) => mean(found.map(({ accuracies }) => accuracies[at]?.[phase] as number))),
          })),
          rules: Array.from({ length: phases - 1 }, (_, phase) => ({
            axis: "x" as const,
            at: (phase + 1) * updates,
          })),
        };
      }),
  };
}
