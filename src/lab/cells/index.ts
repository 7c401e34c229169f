/** Cells since the LSTM beside those before: who can count, who remembers, and what an update costs. */

import { real, whole } from "../../options/kinds.ts";
import { option } from "../../options/table.ts";
import { above, below } from "../bounds.ts";
import { experiment, type MeasuredTrial, type TrialContext } from "../experiment.ts";
import { listed, ofTrial } from "../seeds.ts";
import { cellCases } from "./cases.ts";
import { cellsFigure } from "./figure.ts";
import { type Cost, measureCost, measureParity, measureRecall } from "./measure.ts";

const usual = "as it starts";
const held = "starts holding";

/** What a trial measured: of one of the three questions. */
type Measured = {
  /** The share of right parities at each step. */
  readonly parity?: readonly number[];
  /** The share of cues that are recalled. */
  readonly recall?: number;
  /** Of each size. */
  readonly cost?: readonly Cost[];
};

export const cells = experiment({
  name: "cells",
  title: "What each cell is good for",
  claim:
    "Gates that do not read the state make a cell fast and give it a long memory, but it cannot keep track of a state; a matrix remembers at once.",
  seconds: 60,
  options: {
    hidden: option(whole({ from: 1 }), {
      default: 64,
      help: "parity: units of each cell",
      argument: "units",
    }),
    steps: option(whole({ from: 1 }), { default: 16, help: "parity: steps of the sequences to learn from" }),
    factor: option(whole({ from: 1 }), {
      default: 4,
      help: "parity: how many times as long those to measure on are",
    }),
    learningRate: option(real({ above: 0 }), {
      default: 0.002,
      help: "parity: learning rate",
      argument: "rate",
    }),
    recallHidden: option(whole({ from: 1 }), {
      default: 32,
      help: "recall: units of each cell",
      argument: "units",
    }),
    delay: option(whole({ from: 1 }), {
      default: 100,
      help: "recall: steps between the cue and the answer",
      argument: "steps",
    }),
    recallRate: option(real({ above: 0 }), {
      default: 0.003,
      help: "recall: learning rate",
      argument: "rate",
    }),
    bias: option(real(), { default: 5, help: "recall: the bias of gates that start holding" }),
    updates: option(whole({ from: 1 }), { default: 500, help: "updates of each training" }),
    batch: option(whole({ from: 1 }), { default: 32, help: "sequences of an update", argument: "rows" }),
    rows: option(whole({ from: 1 }), { default: 1000, help: "sequences to measure on" }),
    costSteps: option(whole({ from: 1 }), { default: 16, help: "cost: steps of the sequences of an update" }),
    small: option(whole({ from: 1 }), {
      default: 64,
      help: "cost: units and inputs of the smaller layer",
      argument: "units",
    }),
    large: option(whole({ from: 1 }), {
      default: 128,
      help: "cost: units and inputs of the larger layer",
      argument: "units",
    }),
    timed: option(whole({ from: 1 }), { default: 30, help: "cost: updates that are timed" }),
  },
  trials(settings, seed) {
    const { bias, batch, costSteps: steps, small, large, timed: updates } = settings;
    const forRecall = { ...settings, hidden: settings.recallHidden, learningRate: settings.recallRate };
    return cellCases.flatMap(({ name, cell, holding }) => [
      {
        name: `${name}, parity`,
        run: async (context) => ({ parity: await measureParity(cell, settings, seed, context) }),
      },
      {
        name: `${name}, recall, ${usual}`,
        run: async (context) => ({ recall: await measureRecall(cell, forRecall, seed, context) }),
      },
      ...(holding
        ? [
            {
              name: `${name}, recall, ${held}`,
              run: async (context: TrialContext) => ({
                recall: await measureRecall(holding(bias), forRecall, seed, context),
              }),
            },
          ]
        : []),
      {
        name: `${name}, cost`,
        run: async (context) => {
          const cost: Cost[] = [];
          for (const hidden of [small, large]) {
            cost.push(await measureCost(cell, { hidden, batch, steps, updates }, seed, context));
          }
          return { cost };
        },
      },
    ]);
  },
  conclude(measured: readonly MeasuredTrial<Measured>[], settings) {
    const { steps, factor, delay, bias, small, large } = settings;
    const parity = (name: string) => ofTrial(measured, `${name}, parity`, (one) => one.parity ?? []);
    const right = (name: string, step: number) => parity(name).flatMap((shares) => shares[step - 1] ?? []);
    const recall = (name: string, start: string) =>
      ofTrial(measured, `${name}, recall, ${start}`, (one) => one.recall ?? 0);
    const costs = (name: string, size: 0 | 1) =>
      ofTrial(measured, `${name}, cost`, (one) => one.cost?.[size]).flatMap((cost) => cost ?? []);
    const times = (name: string, size: 0 | 1) => costs(name, size).map(({ milliseconds }) => milliseconds);
    const names = cellCases.map(({ name }) => name);
    const long = steps * factor;
    /** As a part of what another cell takes, seed by seed. */
    const part = (name: string, other: string) =>
      times(name, 1).map((time, at) => time / (times(other, 1)[at] as number));
    return {
      tables: [
        {
          title: `Parity, learnt from sequences of ${steps}: right answers at the last step`,
          columns: ["cell", `of ${steps} steps`, `of ${long} steps`],
          rows: names.map((name) => [name, listed(right(name, steps)), listed(right(name, long))]),
        },
        {
          title: `Recall after ${delay} steps: right answers`,
          columns: ["cell", usual, `${held}, bias ${bias}`],
          rows: cellCases.map(({ name, holding }) => [
            name,
            listed(recall(name, usual)),
            holding ? listed(recall(name, held)) : "-",
          ]),
        },
        ...([small, large] as const).map((size, at) => ({
          title: `Cost of a layer of ${size} units with as many inputs`,
          columns: ["cell", "weights", "numbers of a row's state", "ms an update"],
          rows: names.map((name) => {
            const found = costs(name, at as 0 | 1);
            return [
              name,
              `${found[0]?.weights ?? "-"}`,
              `${found[0]?.state ?? "-"}`,
              listed(found.map(({ milliseconds }) => milliseconds)),
            ];
          }),
        })),
      ],
      checks: [
        ...["GRU", "sLSTM"].map((name) =>
          above(
            `parity at ${factor} times the length: ${name}, whose gates read the state`,
            right(name, long),
            0.95,
          ),
        ),
        ...["minGRU", "minLSTM", "mLSTM"].map((name) =>
          below(`parity at ${factor} times the length: ${name}, whose gates do not`, right(name, long), 0.6),
        ),
        above(`recall after ${delay} steps: mLSTM as it starts`, recall("mLSTM", usual), 0.95),
        ...["minGRU", "minLSTM", "sLSTM"].map((name) =>
          above(`recall after ${delay} steps: ${name} that starts holding`, recall(name, held), 0.95),
        ),
        below("an update of minGRU, as a part of one of GRU", part("minGRU", "GRU"), 1),
        above("an update of mLSTM, as a part of one of LSTM", part("mLSTM", "LSTM"), 1),
      ],
      notShown: [
        {
          claim: "gates that do not read the state, or are exponential, remember by themselves",
          found: ["minGRU", "minLSTM", "sLSTM"]
            .map((name) => `${name} as it starts recalls ${listed(recall(name, usual))}`)
            .join("; "),
        },
        {
          claim: "it takes a new cell to remember",
          found: `a GRU and an LSTM that start holding recall ${listed(recall("GRU", held))} and ${listed(recall("LSTM", held))}`,
        },
        {
          claim: "whoever reads the state learns to count",
          found: `the RNN's parity is ${listed(right("RNN", steps))} after as many updates`,
        },
      ],
      figure: cellsFigure({
        steps,
        cells: names.map((name) => ({
          name,
          parity: parity(name),
          recall: [
            { start: usual, shares: recall(name, usual) },
            { start: held, shares: recall(name, held) },
          ],
          cost: [
            { size: small, times: times(name, 0) },
            { size: large, times: times(name, 1) },
          ],
        })),
      }),
    };
  },
});
