/** Optimisers and normalisation: the same networks get there soon, late or never, by how they are trained and how what they read is scaled. */

import type { FigurePanel } from "../../draw/figures/figure.ts";
import { real, whole } from "../../options/kinds.ts";
import { option } from "../../options/table.ts";
import type { Optimizer } from "../../training/optimizer.ts";
import { adagrad, adam, rmsprop, sgd } from "../../training/optimizers.ts";
import { above, below } from "../bounds.ts";
import { type Check, experiment, type MeasuredTrial, type TrialContext } from "../experiment.ts";
import { ofTrial } from "../seeds.ts";
import { networks, prototypesOf, type Reached, recallOf, updatesTo } from "./trials.ts";

interface Way {
  readonly name: string;
  readonly optimizer: Optimizer;
  readonly rate: number;
}

const way = (name: string, optimizer: Optimizer, ...rates: readonly number[]): Way[] =>
  rates.map((rate) => ({ name: `${name}, rate ${rate}`, optimizer, rate }));

const [plain, heavy] = ["SGD", "SGD with momentum"];
const momentum = sgd({ momentum: 0.9 });
const adaptive = [
  ...way("RMSProp", rmsprop(), 0.01),
  ...way("Adagrad", adagrad(), 0.1),
  ...way("Adam", adam(), 0.01),
];

const adamWay = adaptive.at(-1) as Way;

/** The two delays of recall: for how many updates each goes on, and how it is trained. */
const recalls = [
  { delay: 5, ways: [...way(plain, sgd(), 0.1, 1), ...way(heavy, momentum, 0.3), ...adaptive] },
  {
    delay: 15,
    ways: [...way(plain, sgd(), 0.1, 0.3, 1, 3), ...way(heavy, momentum, 0.03, 0.1, 0.3, 1), ...adaptive],
  },
] as const;
const [near, far] = recalls;
const wild = far.ways.find(({ name }) => name === `${heavy}, rate 1`) as Way;

interface Normalised {
  readonly network: "lstm" | "rnns";
  readonly norm: string;
  readonly scale: "good" | "bad";
  readonly optimizer: Optimizer;
  readonly by: string;
  readonly rate: number;
  readonly every: number;
}

/** Networks with and without normalisation. */
const normalised: readonly [Normalised, Normalised, Normalised, Normalised] = [
  {
    network: "lstm",
    norm: "layer norm",
    ...{ scale: "bad", optimizer: sgd(), by: "SGD", rate: 0.5, every: 20 },
  },
  {
    network: "lstm",
    norm: "layer norm",
    ...{ scale: "bad", optimizer: adam(), by: "Adam", rate: 0.003, every: 20 },
  },
  {
    network: "rnns",
    norm: "batch norm",
    ...{ scale: "bad", optimizer: sgd(), by: "SGD", rate: 0.1, every: 10 },
  },
  {
    network: "rnns",
    norm: "batch norm",
    ...{ scale: "good", optimizer: sgd(), by: "SGD", rate: 0.1, every: 10 },
  },
];
const [layerNorm, layerNormAdam, batchNorm, batchNormGood] = normalised;

const recallName = (delay: number, { name }: Way) => `delay ${delay}, ${name}`;
const normName = ({ norm, scale, by }: Normalised, isNormalised: boolean) =>
  `${scale} scale, ${by}, ${isNormalised ? "with" : "without"} ${norm}`;

export const optimisers = experiment({
  name: "optimisers",
  title: "Optimisers and normalisation",
  claim:
    "Adaptive optimisers train recurrent networks that plain SGD does not; normalisation makes up for features on a bad scale.",
  seconds: 15,
  options: {
    hidden: option(whole({ from: 1 }), { default: 32, help: "units of each layer", argument: "units" }),
    batch: option(whole({ from: 1 }), { default: 32, help: "sequences of an update", argument: "rows" }),
    nearUpdates: option(whole({ from: 1 }), { default: 1200, help: "most updates with the delay 5" }),
    farUpdates: option(whole({ from: 1 }), {
      default: 800,
      help: "most updates with the delay 15, and of normalisation",
    }),
    recallGoal: option(real({ above: 0, to: 1 }), { default: 0.95, help: "accuracy to reach in recall" }),
    prototypeGoal: option(real({ above: 0, to: 1 }), {
      default: 0.9,
      help: "accuracy to reach with prototypes",
    }),
  },
  trials({ hidden, batch, nearUpdates, farUpdates, recallGoal, prototypeGoal }, seed) {
    return [
      ...recalls.flatMap(({ delay, ways }) =>
        ways.map((one) => ({
          name: recallName(delay, one),
          run: (context: TrialContext) =>
            updatesTo(
              {
                problem: recallOf(delay, seed),
                network: networks.recall(hidden),
                optimizer: one.optimizer,
                learningRate: one.rate,
                ...{
                  goal: recallGoal,
                  every: 20,
                  batch,
                  atMost: delay === near.delay ? nearUpdates : farUpdates,
                },
              },
              seed,
              context,
            ),
        })),
      ),
      ...normalised.flatMap((one) =>
        [true, false].map((isNormalised) => ({
          name: normName(one, isNormalised),
          run: (context: TrialContext) =>
            updatesTo(
              {
                problem: prototypesOf(seed, one.scale),
                network: networks[one.network](hidden, isNormalised),
                optimizer: one.optimizer,
                learningRate: one.rate,
                ...{ goal: prototypeGoal, every: one.every, batch, atMost: farUpdates },
              },
              seed,
              context,
            ),
        })),
      ),
    ];
  },
  conclude(measured: readonly MeasuredTrial<Reached>[], { nearUpdates, farUpdates }) {
    const reached = (name: string) => ofTrial(measured, name, ({ updates }) => updates);
    const told = (name: string) =>
      reached(name)
        .map((updates) => updates ?? "never")
        .join(", ");
    const ofRecall = (delay: number, ways: readonly Way[]) =>
      ways.flatMap((one) => reached(recallName(delay, one)));
    /** All but momentum with a rate so high that only clipping keeps it in bounds. */
    const slow = far.ways.filter((one) => !adaptive.includes(one) && one !== wild);
    const notAdaptive = near.ways.filter((one) => !adaptive.includes(one));
    const never = (claim: string, names: readonly string[]): Check => {
      const found = names.flatMap(reached);
      const sooner = found.filter((updates) => updates !== null);
      return {
        claim,
        found:
          sooner.length === 0
            ? `never in ${found.length} trainings`
            : `after ${sooner.join(", ")} in ${sooner.length} of ${found.length}`,
        holds: found.length > 0 && sooner.length === 0,
      };
    };
    /** How long it takes with normalisation, as a part of how long it takes without. */
    const part = (one: Normalised) => {
      const without = reached(normName(one, false));
      return reached(normName(one, true)).map((updates, at) =>
        updates === null ? null : updates / (without[at] ?? Number.POSITIVE_INFINITY),
      );
    };
    return {
      tables: [
        ...recalls.map(({ delay, ways }) => ({
          title: `Recall after ${delay} steps, at most ${delay === near.delay ? nearUpdates : farUpdates} updates`,
          columns: ["optimiser", "updates to the goal"],
          rows: ways.map((one) => [one.name, told(recallName(delay, one))]),
        })),
        {
          title: `Four prototypes in noise, at most ${farUpdates} updates`,
          columns: ["network and features", "with", "without"],
          rows: normalised.map((one) => [
            `${one.norm}, ${one.network === "lstm" ? "LSTM" : "two vanilla layers"}, ${one.scale} scale, ${one.by} ${one.rate}`,
            told(normName(one, true)),
            told(normName(one, false)),
          ]),
        },
      ],
      checks: [
        below(
          "over 5 steps adaptive optimisers get there soon: updates",
          ofRecall(near.delay, adaptive),
          61,
          0,
        ),
        above(
          "over 5 steps SGD takes longer, with momentum too: updates",
          ofRecall(near.delay, notAdaptive),
          61,
          0,
        ),
        below("over 15 steps Adam gets there: updates", reached(recallName(far.delay, adamWay)), 200, 0),
        never(
          "over 15 steps SGD does not at any rate, nor with momentum up to 0.3",
          slow.map((one) => recallName(far.delay, one)),
        ),
        below(
          "features on a bad scale: with layer norm an LSTM learns by SGD: updates",
          reached(normName(layerNorm, true)),
          500,
          0,
        ),
        never("features on a bad scale: without it does not", [normName(layerNorm, false)]),
        below("features on a bad scale: batch norm takes this part of the updates", part(batchNorm), 0.6),
      ],
      notShown: [
        {
          claim: "adaptive optimisers are all alike",
          found: `over ${far.delay} steps ${adaptive.map((one) => `${one.name} takes ${told(recallName(far.delay, one))}`).join("; ")} updates`,
        },
        {
          claim: "SGD cannot learn it",
          found: `with momentum and the rate 1, which only clipping keeps in bounds, it takes ${told(recallName(far.delay, wild))} updates over ${far.delay} steps`,
        },
        {
          claim: "layer norm is faster whatever the optimiser",
          found: `under Adam the LSTM takes ${told(normName(layerNormAdam, true))} updates with it, ${told(normName(layerNormAdam, false))} without`,
        },
        {
          claim: "batch norm gains as much on a good scale",
          found: `there the vanilla layers take ${told(normName(batchNormGood, true))} updates with it, ${told(normName(batchNormGood, false))} without`,
        },
      ],
      figure: {
        title: "Accuracy while networks learn, by optimiser and by normalisation",
        panels: [
          ...recalls.map(({ delay }) =>
            panelOf(
              `recall after ${delay} steps`,
              20,
              near.ways.map((one) => ({
                name: one.name,
                curves: curvesOf(measured, recallName(delay, one)),
              })),
            ),
          ),
          ...[layerNorm, batchNorm].map((one) =>
            panelOf(
              `${one.norm}, features on a ${one.scale} scale, ${one.by} ${one.rate}`,
              one.every,
              [true, false].map((isNormalised) => ({
                name: `${isNormalised ? "with" : "without"} normalisation`,
                curves: curvesOf(measured, normName(one, isNormalised)),
              })),
            ),
          ),
        ],
      },
    };
  },
});

const curvesOf = (measured: readonly MeasuredTrial<Reached>[], name: string) =>
  ofTrial(measured, name, ({ accuracies }) => accuracies);

/** Accuracies over updates, a line for each seed, with a dot at its end. */
function panelOf(
  title: string,
  every: number,
  cases: readonly { readonly name: string; readonly curves: readonly (readonly number[])[] }[],
): FigurePanel {
  return {
    title,
    x: { label: "updates" },
    y: { label: "accuracy", domain: [0, 1] },
    lines: cases.flatMap(({ name, curves }) =>
      curves.map((y) => ({ name, x: y.map((_, at) => every * (at + 1)), y })),
    ),
    dots: cases.map(({ name, curves }) => ({
      name,
      x: curves.map(({ length }) => every * length),
      y: curves.map((curve) => curve.at(-1) ?? Number.NaN),
    })),
  };
}
