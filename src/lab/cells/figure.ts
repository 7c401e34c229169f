/** The picture of what each cell is good for: parity step by step, recall, the time of an update. */

import type { Figure } from "../../draw/figures/figure.ts";
import { RECALL_CUES } from "../problems/recall.ts";
import { mean } from "../seeds.ts";

interface Found {
  /** Steps of the sequences that were learnt from. */
  readonly steps: number;
  readonly cells: readonly {
    readonly name: string;
    /** For each seed the share of right answers at each step. */
    readonly parity: readonly (readonly number[])[];
    readonly recall: readonly { readonly start: string; readonly shares: readonly number[] }[];
    readonly cost: readonly { readonly size: number; readonly times: readonly number[] }[];
  }[];
}

/** Lines of the mean over seeds, and bars with a dot for each seed. */
export function cellsFigure({ steps, cells }: Found): Figure {
  return {
    title: "What each cell is good for",
    columns: 1,
    panels: [
      {
        title: "Parity",
        x: { label: "step" },
        y: { label: "right answers", domain: [0.4, 1] },
        lines: cells
          .filter(({ parity }) => parity.length > 0)
          .map(({ name, parity: [first = [], ...rest] }) => ({
            name,
            x: first.map((_, at) => at + 1),
            y: first.map((share, at) => mean([share, ...rest.map((shares) => shares[at] as number)])),
          })),
        rules: [{ axis: "x", at: steps, label: "learnt up to here" }],
      },
      {
        title: "Recall",
        x: { label: "" },
        y: { label: "right answers", domain: [0, 1] },
        bars: cells.flatMap(({ name, recall }) =>
          recall
            .filter(({ shares }) => shares.length > 0)
            .map(({ start, shares }) => ({ group: name, name: start, values: shares })),
        ),
        rules: [{ axis: "y", at: 1 / RECALL_CUES, label: "guessing" }],
      },
      {
        title: "An update",
        x: { label: "" },
        y: { label: "milliseconds" },
        bars: cells.flatMap(({ name, cost }) =>
          cost
            .filter(({ times }) => times.length > 0)
            .map(({ size, times }) => ({ group: name, name: `${size} units`, values: times })),
        ),
      },
    ],
  };
}
