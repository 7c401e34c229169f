/** The picture of the families: a panel for each task, a bar for each network, and how long an update takes. */

import type { Figure } from "../../draw/figures/figure.ts";
import type { Learnt, Task } from "./measure.ts";
import { type Family, families } from "./models.ts";

interface Found {
  learnt(task: Task, family: Family): readonly Learnt[];
  time(family: Family): readonly (number | null)[];
}

export function familiesFigure(tasks: readonly Task[], { learnt, time }: Found): Figure {
  return {
    title: "Nine families of networks of about as many weights",
    columns: 1,
    panels: [
      ...tasks.map((task) => ({
        title: task.name,
        x: { label: "network" },
        y: { label: "share that is right", domain: [0, 1] as const },
        bars: families.map((family) => ({
          group: family,
          values: learnt(task, family).map(({ accuracy }) => accuracy),
        })),
      })),
      {
        title: "Time of an update",
        x: { label: "network" },
        y: { label: "ms" },
        bars: families.map((family) => ({
          group: family,
          values: time(family).map((one) => one ?? Number.NaN),
        })),
      },
    ],
  };
}
