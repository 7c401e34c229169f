/** The forget gate at events: a trained memory cell forgets where something new is to be kept, and holds on everywhere else. */

import type { Figure } from "../../draw/figures/figure.ts";
import { real, whole } from "../../options/kinds.ts";
import { option } from "../../options/table.ts";
import { above, below } from "../bounds.ts";
import { experiment, type MeasuredTrial } from "../experiment.ts";
import { listed, ofTrial } from "../seeds.ts";
import { type Held, measure } from "./measure.ts";

const trial = "LSTM";

export const forgetGate = experiment({
  name: "forget-gate",
  title: "The forget gate at events",
  claim: "A forget gate at 0 forgets, and at 1 keeps: a trained LSTM opens and closes it as the task needs.",
  seconds: 5,
  options: {
    hidden: option(whole({ from: 1 }), { default: 1, help: "memory cells", argument: "units" }),
    steps: option(whole({ from: 2 }), { default: 50, help: "steps of a sequence" }),
    rate: option(real({ above: 0, below: 1 }), {
      default: 0.05,
      help: "how likely a step is an event",
      argument: "probability",
    }),
    forgetBias: option(real(), { default: 1, help: "what the forget gate's bias starts at" }),
    batch: option(whole({ from: 1 }), { default: 32, help: "sequences of an update", argument: "rows" }),
    updates: option(whole({ from: 1 }), { default: 1500, help: "updates of the training" }),
    learningRate: option(real({ above: 0 }), { default: 0.01, help: "of Adam", argument: "rate" }),
    sequences: option(whole({ from: 1 }), { default: 500, help: "sequences to measure on" }),
  },
  trials: (settings, seed) => [{ name: trial, run: (context) => measure(settings, seed, context) }],
  conclude(measured: readonly MeasuredTrial<Held>[]) {
    const of = (found: (held: Held) => number) => ofTrial(measured, trial, found);
    const row = (name: string, found: (held: Held) => number) => [name, listed(of(found), 3)];
    return {
      tables: [
        {
          title: "One memory cell that tells the value of the latest event",
          columns: ["", "found"],
          rows: [
            row("mean squared error", ({ error }) => error),
            row("forget gate at an event", ({ forget }) => forget.store),
            row("forget gate between events", ({ forget }) => forget.hold),
            row("input gate at an event", ({ input }) => input.store),
            row("input gate between events", ({ input }) => input.hold),
          ],
        },
      ],
      checks: [
        below(
          "the cell does its task: mean squared error",
          of(({ error }) => error),
          0.03,
          4,
        ),
        below(
          "it forgets at an event: forget gate",
          of(({ forget }) => forget.store),
          0.4,
        ),
        above(
          "it holds between events: forget gate",
          of(({ forget }) => forget.hold),
          0.8,
        ),
      ],
      notShown: of(({ input }) => input.hold).some((open) => open > 0.5)
        ? [
            {
              claim: "the input gate closes while a value is held",
              found: `between events it is ${listed(of(({ input }) => input.hold))}`,
            },
          ]
        : [],
      figure: figureOf(measured),
    };
  },
});

/** One sequence of the first seed, its gates, and the gates of all seeds. */
function figureOf(measured: readonly MeasuredTrial<Held>[]): Figure {
  const [example] = ofTrial(measured, trial, (held) => held.example);
  const steps = (example?.target ?? []).map((_, t) => t);
  const rules = steps.filter((t) => example?.event[t] === 1).map((at) => ({ axis: "x" as const, at }));
  const line = (name: string, y: readonly number[] = [], dashed = false) => ({ name, x: steps, y, dashed });
  const gates = ["forget", "input"] as const;
  return {
    title: "One memory cell: an event brings a new value, which is told until the next event",
    columns: 1,
    panels: [
      {
        title: "One sequence; dashed lines are events",
        x: { label: "step" },
        y: { label: "value" },
        lines: [line("to be told", example?.target, true), line("told", example?.output)],
        rules,
      },
      {
        title: "Its gates",
        x: { label: "step" },
        y: { label: "gate", domain: [0, 1] },
        lines: [line("forget gate", example?.forget), line("input gate", example?.input)],
        rules,
      },
      {
        title: "All seeds",
        x: { label: "" },
        y: { label: "gate, mean", domain: [0, 1] },
        bars: gates.flatMap((gate) =>
          (["store", "hold"] as const).map((when) => ({
            group: when === "store" ? "at an event" : "between events",
            name: `${gate} gate`,
            values: ofTrial(measured, trial, (held) => held[gate][when]),
          })),
        ),
      },
    ],
  };
}
