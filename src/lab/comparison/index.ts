/** The vanilla network, LSTM and GRU on the same three problems, and what each costs. */

import { numbers, real, whole } from "../../options/kinds.ts";
import { type CompletedOptions, option } from "../../options/table.ts";
import { above, below } from "../bounds.ts";
import { type Check, experiment, type MeasuredTrial, type TrialContext } from "../experiment.ts";
import { listed, ofTrial } from "../seeds.ts";
import { comparisonFigure } from "./figure.ts";
import { type Costs, type LearningSettings, type Learnt, learn, timeUpdates } from "./measure.ts";
import {
  addingProblem,
  copyProblem,
  type Family,
  familyNames,
  holdingProblem,
  type Problem,
} from "./models.ts";

const options = {
  hidden: option(whole({ from: 1 }), { default: 48, help: "units of each network", argument: "units" }),
  batch: option(whole({ from: 1 }), { default: 32, help: "sequences of an update", argument: "rows" }),
  learningRate: option(real({ above: 0 }), { default: 0.005, help: "learning rate", argument: "rate" }),
  updates: option(whole({ from: 1 }), { default: 1000, help: "updates of adding and of holding" }),
  testEvery: option(whole({ from: 1 }), { default: 50, help: "updates between their tests" }),
  addingLength: option(whole({ from: 2 }), {
    default: 40,
    help: "steps of the adding problem",
    argument: "steps",
  }),
  holdingLength: option(whole({ from: 1 }), {
    default: 50,
    help: "steps over which values are held",
    argument: "steps",
  }),
  probability: option(real({ from: 0, to: 1 }), {
    default: 0.05,
    help: "how likely a step brings a value to hold",
  }),
  copyLength: option(whole({ from: 1 }), {
    default: 50,
    help: "steps of the delayed copy",
    argument: "steps",
  }),
  delay: option(whole({ from: 1 }), { default: 8, help: "steps of its delay", argument: "steps" }),
  copyUpdates: option(whole({ from: 1 }), { default: 500, help: "updates of the delayed copy at most" }),
  sizes: option(numbers({ from: 1, whole: true }), {
    default: [48, 128, 256],
    help: "units for which the time of an update is measured",
    argument: "units",
  }),
};
export type ComparisonSettings = CompletedOptions<typeof options>;

type ProblemName = "adding" | "holding" | "copy";
const trialOf = (problem: ProblemName, family: Family) => `${problem}, ${family}`;
const costOf = (size: number) => `time, ${size} units`;

/** Updates between two tests of the delayed copy, and the error that counts as learnt. */
const COPY = { every: 10, until: 0.05 };
/** Updates of one family whose time is taken, for sizes of 48 units; fewer for larger ones. */
const TIMED = 40;

export const comparison = experiment({
  name: "comparison",
  title: "RNN, LSTM and GRU",
  claim:
    "LSTM and GRU keep what a vanilla network loses; the GRU does about as well as the LSTM, with fewer weights and in less time.",
  seconds: 35,
  options,
  trials(settings, seed) {
    const { hidden, batch, learningRate: rate, updates, testEvery: every, sizes } = settings;
    const shared = { hidden, batch, rate };
    const learning = { ...shared, updates, every };
    const problems: readonly (readonly [ProblemName, Problem, LearningSettings])[] = [
      ["adding", addingProblem(settings.addingLength), learning],
      ["holding", holdingProblem(settings.holdingLength, settings.probability), learning],
      [
        "copy",
        copyProblem(settings.copyLength, settings.delay),
        { ...shared, updates: settings.copyUpdates, ...COPY },
      ],
    ];
    return [
      ...problems.flatMap(([name, problem, how]) =>
        familyNames.map((family) => ({
          name: trialOf(name, family),
          run: (context: TrialContext) => learn(family, problem, how, seed, context),
        })),
      ),
      ...sizes.map((size) => ({
        name: costOf(size),
        run: (context: TrialContext) => {
          const times = Math.max(5, Math.ceil((TIMED * 48) / size));
          return timeUpdates({ hidden: size, batch, length: settings.addingLength, times }, seed, context);
        },
      })),
    ];
  },
  conclude(measured: readonly MeasuredTrial<Learnt | Costs>[], settings) {
    const { updates, testEvery, sizes, copyUpdates } = settings;
    const errors = (problem: ProblemName, family: Family) =>
      ofTrial(measured, trialOf(problem, family), (one) => (one as Learnt).errors);
    const after = (problem: ProblemName, family: Family, share: number) =>
      errors(problem, family).map((all) => all[Math.max(1, Math.round(share * all.length)) - 1] ?? null);
    const last = (problem: ProblemName, family: Family) => after(problem, family, 1);
    /** Updates until the copy was learnt; null where it was not. */
    const copied = (family: Family) =>
      errors("copy", family).map((all) => ((all.at(-1) ?? 1) < COPY.until ? all.length * COPY.every : null));
    const costs = (size: number) => ofTrial(measured, costOf(size), (one) => one as Costs);
    const time = (size: number, family: Family) =>
      costs(size).map(({ milliseconds }) => milliseconds[family] as number);
    const ratios = (size: number) => costs(size).map(({ milliseconds: { GRU = 0, LSTM = 1 } }) => GRU / LSTM);
    const [anyCosts] = sizes.flatMap(costs);
    const weights = sizes.flatMap((size) =>
      costs(size).map(({ recurrent: { GRU = 0, LSTM = 1 } }) => GRU / LSTM),
    );
    const early = Math.max(1, Math.round((0.6 * updates) / testEvery)) * testEvery;
    const printed = (values: readonly (number | null)[]) =>
      values.map((value) => value ?? `not in ${copyUpdates}`).join(", ");
    const checks: Check[] = [
      ...(["LSTM", "GRU"] as const).flatMap((family) => [
        below(`adding: the ${family} learns it`, last("adding", family), 0.02, 4),
        below(`holding: the ${family} learns it`, last("holding", family), 0.02, 4),
      ]),
      above("adding: the RNN does not", last("adding", "RNN"), 0.1, 4),
      above("holding: the RNN does not", last("holding", "RNN"), 0.1, 4),
      {
        claim: "recurrent weights of the GRU for each of the LSTM",
        found: `${[...new Set(weights)].join(", ")} (3 : 4)`,
        holds: weights.length > 0 && weights.every((ratio) => ratio === 0.75),
      },
      ...sizes.map((size) => below(`time of an update, GRU / LSTM, ${size} units`, ratios(size), 1)),
    ];
    return {
      tables: [
        ...(["adding", "holding"] as const).map((problem) => ({
          title: `${problem === "adding" ? "Adding two marked numbers" : "Holding a value"}: mean squared error on fresh sequences`,
          columns: ["network", `after ${early} updates`, `after ${updates}`],
          rows: familyNames.map((family) => [
            family,
            listed(after(problem, family, 0.6), 4),
            listed(last(problem, family), 4),
          ]),
        })),
        {
          title: `A copy ${settings.delay} steps late: updates until 95 % of the bits are right`,
          columns: ["network", "updates"],
          rows: familyNames.map((family) => [family, printed(copied(family))]),
        },
        {
          title: "Milliseconds an update",
          columns: ["units", ...familyNames, "GRU / LSTM"],
          rows: sizes.map((size) => [
            String(size),
            ...familyNames.map((family) => listed(time(size, family), 1)),
            listed(ratios(size)),
          ]),
        },
        ...(anyCosts
          ? [
              {
                title: `Weights of a layer of ${sizes[0]} units that reads 2 numbers`,
                columns: ["network", "all", "recurrent"],
                rows: familyNames.map((family) => [
                  family,
                  String(anyCosts.weights[family]),
                  String(anyCosts.recurrent[family]),
                ]),
              },
            ]
          : []),
      ],
      checks,
      notShown: [
        {
          claim: "the vanilla network is always the worst",
          found: `it learns the copy ${settings.delay} steps late in ${printed(copied("RNN"))} updates, the LSTM in ${printed(copied("LSTM"))}, the GRU in ${printed(copied("GRU"))}`,
        },
        {
          claim: "LSTM and GRU learn equally fast",
          found: `adding after ${early} updates: LSTM ${listed(after("adding", "LSTM", 0.6), 4)}, GRU ${listed(after("adding", "GRU", 0.6), 4)}`,
        },
      ],
      figure: comparisonFigure(settings, { errors, copied, time }),
    };
  },
});
