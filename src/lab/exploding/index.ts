/** Gradients that explode: a network that adds up its inputs, trained by plain gradient descent with clipping and without. */

import { randomSource } from "../../nn/random.ts";
import { real, whole } from "../../options/kinds.ts";
import { option } from "../../options/table.ts";
import { below } from "../bounds.ts";
import { experiment, type MeasuredTrial } from "../experiment.ts";
import { listed, ofTrial } from "../seeds.ts";
import { type Learnt, learnSum } from "./measure.ts";

const clipped = "clipped";
const unclipped = "not clipped";

export const exploding = experiment({
  name: "exploding",
  title: "Exploding gradients",
  claim:
    "One step along an exploding gradient ruins a network; clipping the norm of the gradient keeps it on its way.",
  seconds: 3,
  options: {
    steps: option(whole({ from: 2 }), { default: 50, help: "numbers to add up" }),
    hidden: option(whole({ from: 1 }), { default: 32, help: "units of the network", argument: "units" }),
    batch: option(whole({ from: 1 }), { default: 32, help: "rows of an update", argument: "rows" }),
    updates: option(whole({ from: 1 }), { default: 600, help: "updates of each training" }),
    learningRate: option(real({ above: 0 }), { default: 0.01, help: "learning rate", argument: "rate" }),
    clip: option(real({ above: 0 }), {
      default: 1,
      help: "largest norm of the gradients where they are clipped",
      argument: "norm",
    }),
  },
  trials: (settings, seed) =>
    [[clipped, settings.clip] as const, [unclipped, 0] as const].map(([name, clip]) => ({
      name,
      run: (context) =>
        learnSum({ ...settings, clip, seed, context, random: randomSource(seed, "numbers to add up") }),
    })),
  conclude(measured: readonly MeasuredTrial<Learnt>[], { updates, clip }) {
    const of = (name: string) => ofTrial(measured, name, ({ last }) => last);
    const ends = of(unclipped);
    return {
      tables: [
        {
          title: `mean square error, mean of the last tenth of ${updates} updates (1 by chance)`,
          columns: ["gradients", "error"],
          rows: [clipped, unclipped].map((name) => [
            name === clipped ? `clipped to a norm of ${clip}` : name,
            listed(of(name), 3),
          ]),
        },
      ],
      checks: [
        below("clipped: it learns to add", of(clipped), 0.15, 3),
        {
          claim: "not clipped: it fails",
          found: `${listed(ends, 3)} (not finite, or above 0.5)`,
          holds: ends.length > 0 && ends.every((end) => end === null || end > 0.5),
        },
      ],
      notShown: [],
      figure: {
        title: "A network that adds up, trained by gradient descent",
        panels: [
          {
            x: { label: "update" },
            y: { label: "mean square error", scale: "log" },
            lines: [clipped, unclipped].flatMap((name) =>
              ofTrial(measured, name, ({ losses }) => ({
                name,
                x: losses.map((_, at) => at + 1),
                y: losses,
              })),
            ),
            rules: [{ axis: "y", at: 1, label: "by chance" }],
          },
        ],
      },
    };
  },
});
