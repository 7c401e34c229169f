/** Gradients along time: how much of them arrives at steps long ago, for vanilla networks, LSTM and GRU as they start. */

import type { FigurePanel } from "../../draw/figures/figure.ts";
import { whole } from "../../options/kinds.ts";
import { option } from "../../options/table.ts";
import { above, below } from "../bounds.ts";
import { type Check, experiment, type MeasuredTrial } from "../experiment.ts";
import { listed, ofTrial } from "../seeds.ts";
import { cases } from "./cases.ts";
import { type Followed, follow } from "./measure.ts";

export const vanishing = experiment({
  name: "vanishing",
  title: "Gradients along time",
  claim:
    "On its way back through time the gradient of a vanilla network vanishes or explodes; gates keep it alive.",
  seconds: 3,
  options: {
    steps: option(whole({ from: 2 }), { default: 100, help: "steps of a sequence" }),
    hidden: option(whole({ from: 1 }), { default: 64, help: "units of the networks", argument: "units" }),
    batch: option(whole({ from: 1 }), { default: 32, help: "sequences", argument: "rows" }),
    input: option(whole({ from: 1 }), {
      default: 8,
      help: "numbers that are read at a step",
      argument: "numbers",
    }),
  },
  trials: (settings, seed) =>
    cases.map((one) => ({ name: one.name, run: (context) => follow(one, settings, seed, context) })),
  conclude(measured: readonly MeasuredTrial<Followed>[], { steps, hidden }) {
    const of = (name: string, part = "h") =>
      ofTrial(measured, name, (found) => found[part]?.at(-1) ?? Number.NaN);
    const within = (claim: string, name: string, [least, most]: readonly [number, number]): Check => {
      const values = of(name);
      return {
        claim,
        found: `${listed(values, 1)} (from ${least} to ${most})`,
        holds: values.length > 0 && values.every((value) => value >= least && value <= most),
      };
    };
    const panel = (title: string, families: readonly string[], y: string): FigurePanel => ({
      title,
      x: { label: "steps back" },
      y: { label: y },
      lines: cases
        .filter(({ family }) => families.includes(family))
        .flatMap(({ name }) =>
          ofTrial(measured, name, ({ h = [] }) => ({ name, x: h.map((_, back) => back), y: h })),
        ),
    });
    return {
      tables: [
        {
          title: `log10 of |dL/dh_1| over |dL/dh_${steps}|, ${hidden} units`,
          columns: ["network", "h", "c"],
          rows: cases.map(({ name, cell }) => [
            name,
            listed(of(name), 1),
            "c" in cell.parts(1, 1).state ? listed(of(name, "c"), 1) : "",
          ]),
        },
      ],
      checks: [
        below("tanh, default start: vanishes", of("tanh, default"), -15, 1),
        within("tanh, orthogonal: vanishes far slower", "tanh, orthogonal", [-9, -3]),
        below("tanh, spectral radius 0.5: vanishes", of("tanh, radius 0.5"), -25, 1),
        within("tanh, spectral radius 1: vanishes slowly", "tanh, radius 1", [-10, -3]),
        above("tanh, spectral radius 1.5: grows", of("tanh, radius 1.5"), 0, 1),
        below("relu, default start: vanishes", of("relu, default"), -25, 1),
        below("relu, orthogonal: vanishes, for half of the units are off", of("relu, orthogonal"), -8, 1),
        above("relu, identity: stays", of("relu, identity"), -1, 2),
        below("LSTM, default start: vanishes too", of("LSTM, default"), -14, 1),
        within("LSTM, forget gate at 0.73: vanishes slower", "LSTM, forget bias 1", [-12, -5]),
        above("LSTM, forget gate at 0.993: stays", of("LSTM, forget bias 5"), -1.5, 2),
        below("GRU, default start: vanishes too", of("GRU, default"), -14, 1),
      ],
      notShown: [
        {
          claim: "gradients of LSTM and GRU do not vanish",
          found: `as they usually start they do, as much as a vanilla network's: LSTM ${listed(of("LSTM, default"), 1)}, GRU ${listed(of("GRU, default"), 1)}, tanh ${listed(of("tanh, default"), 1)}`,
        },
        {
          claim: "a spectral radius of 1 keeps gradients as they are",
          found: `the slope of tanh is below 1, and what is left is 10 to the ${listed(of("tanh, radius 1"), 1)}`,
        },
        {
          claim: `a spectral radius of 1.5 makes them grow as 1.5^${steps}, 10 to the ${(steps * Math.log10(1.5)).toFixed(1)}`,
          found: `saturated units hold them back: 10 to the ${listed(of("tanh, radius 1.5"), 1)}`,
        },
      ],
      figure: {
        title: "How much of the gradient arrives",
        panels: [
          panel("vanilla networks", ["tanh", "relu"], "log10 of the norm, relative to the last step"),
          panel("LSTM and GRU", ["gated"], "log10 of the norm, relative to the last step"),
        ],
      },
    };
  },
});
