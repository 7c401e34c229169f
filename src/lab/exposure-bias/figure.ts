/** The picture of exposure bias: the error at each step of a free run, and one window of it. */

import type { Figure, FigurePanel } from "../../draw/figures/figure.ts";
import { mean } from "../seeds.ts";
import type { Foretold } from "./measure.ts";

interface Found {
  readonly problem: string;
  readonly modes: readonly { readonly name: string; readonly found: readonly Foretold[] }[];
}

/** For each problem the errors, the root of the mean square over seeds, and the first window of the first seed in two modes. */
export function exposureFigure(
  found: readonly Found[],
  { context, shown }: { readonly context: number; readonly shown: readonly string[] },
): Figure {
  return {
    title: "Running freely: each output is the next input",
    panels: found.flatMap(({ problem, modes }): FigurePanel[] => {
      const measured = modes.filter((mode) => mode.found.length > 0);
      const first = measured.filter(({ name }) => shown.includes(name));
      const truth = first[0]?.found[0]?.truth ?? [];
      const positions = truth.map((_, at) => at + 1 - context);
      return [
        {
          title: `${problem}: the error grows`,
          x: { label: "step of the free run" },
          y: { label: "root mean square error", scale: "log" },
          lines: measured.map(({ name, found: seeds }) => {
            const steps = seeds[0]?.byStep ?? [];
            return {
              name,
              x: steps.map((_, at) => at + 1),
              y: steps.map((_, at) =>
                Math.sqrt(mean(seeds.map(({ byStep }) => (byStep[at] as number) ** 2))),
              ),
            };
          }),
        },
        {
          title: `${problem}: one window`,
          x: { label: "step of the free run" },
          y: { label: "value" },
          lines: [
            { name: "truth", x: positions, y: truth, dashed: true },
            ...first.map(({ name, found: [one] }) => ({ name, x: positions, y: one?.run ?? [] })),
          ],
          rules: [{ axis: "x", at: 0, label: "from here on alone" }],
        },
      ];
    }),
  };
}
