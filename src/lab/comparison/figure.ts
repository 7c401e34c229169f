/** The picture of the comparison: how the errors fall, how long the copy takes, what an update costs. */

import type { Figure, FigurePanel } from "../../draw/figures/figure.ts";
import type { ComparisonSettings } from "./index.ts";
import { type Family, familyNames } from "./models.ts";

interface Found {
  errors(problem: "adding" | "holding", family: Family): readonly (readonly number[])[];
  copied(family: Family): readonly (number | null)[];
  time(size: number, family: Family): readonly number[];
}

export function comparisonFigure(
  { testEvery, delay, sizes }: ComparisonSettings,
  { errors, copied, time }: Found,
): Figure {
  const falling = (problem: "adding" | "holding", title: string): FigurePanel => ({
    title,
    x: { label: "updates" },
    y: { label: "mean squared error", scale: "log" },
    lines: familyNames.flatMap((family) =>
      errors(problem, family).map((y) => ({
        name: family,
        x: y.map((_, at) => (at + 1) * testEvery),
        y: [...y],
      })),
    ),
  });
  return {
    title: "Three families of recurrent networks on the same problems, three seeds each",
    panels: [
      falling("adding", "Adding two marked numbers"),
      falling("holding", "Holding a value"),
      {
        title: `A copy ${delay} steps late`,
        x: { label: "network" },
        y: { label: "updates until 95 % are right" },
        bars: familyNames.map((family) => ({
          group: family,
          values: copied(family).map((updates) => updates ?? Number.NaN),
        })),
      },
      {
        title: "What an update costs",
        x: { label: "units" },
        y: { label: "milliseconds", scale: "log" },
        bars: sizes.flatMap((size) =>
          familyNames.map((family) => ({ group: String(size), name: family, values: time(size, family) })),
        ),
      },
    ],
  };
}
