/** Drift: what is learnt of a stream that changes takes the place of what was learnt before; replay and elastic weights keep it. */

import { real, whole } from "../../options/kinds.ts";
import { option } from "../../options/table.ts";
import { above, below } from "../bounds.ts";
import { experiment, type MeasuredTrial } from "../experiment.ts";
import { listed, mean, ofTrial } from "../seeds.ts";
import { driftFigure } from "./figure.ts";
import { type Learnt, type Mode, measure } from "./measure.ts";

const plain = "SGD";
const replayed = "SGD, replay";
const elastic = "SGD, elastic weights";
const frozen = "SGD, frozen after phase 1";

const modes: readonly Mode[] = [
  { name: plain, optimizer: "sgd" },
  { name: "Adam", optimizer: "adam" },
  { name: replayed, optimizer: "sgd", remedy: "replay" },
  { name: elastic, optimizer: "sgd", remedy: "elastic weights" },
];

export const drift = experiment({
  name: "drift",
  title: "A stream that drifts",
  claim:
    "A network that goes on learning forgets: what is new takes the place of what was; replay of old rows keeps both.",
  seconds: 10,
  options: {
    classes: option(whole({ from: 2 }), { default: 6, help: "classes, a prototype each" }),
    steps: option(whole({ from: 1 }), { default: 8, help: "steps of a sequence" }),
    features: option(whole({ from: 2 }), { default: 16, help: "features of a step" }),
    noise: option(real({ from: 0 }), { default: 1, help: "standard deviation of the noise" }),
    hidden: option(whole({ from: 1 }), { default: 48, help: "units of the GRU", argument: "units" }),
    phases: option(whole({ from: 2 }), {
      default: 4,
      help: "phases; each but the first has its features in an order of its own",
    }),
    updates: option(whole({ from: 1 }), { default: 200, help: "updates of each phase" }),
    batch: option(whole({ from: 1 }), { default: 10, help: "new rows of an update", argument: "rows" }),
    sgdRate: option(real({ above: 0 }), { default: 0.1, help: "learning rate of SGD", argument: "rate" }),
    adamRate: option(real({ above: 0 }), { default: 0.003, help: "learning rate of Adam", argument: "rate" }),
    reservoir: option(whole({ from: 1 }), { default: 200, help: "rows that replay keeps", argument: "rows" }),
    replayed: option(whole({ from: 0 }), { default: 10, help: "old rows of an update", argument: "rows" }),
    strength: option(real({ from: 0 }), { default: 10, help: "lambda of elastic weights" }),
    fisherRows: option(whole({ from: 1 }), {
      default: 200,
      help: "rows of each phase that tell which weights matter",
      argument: "rows",
    }),
    tests: option(whole({ from: 1 }), {
      default: 500,
      help: "rows of each phase to measure on",
      argument: "rows",
    }),
    every: option(whole({ from: 1 }), { default: 20, help: "updates between measurements" }),
  },
  trials: (settings, seed) =>
    modes.map((mode) => ({
      name: mode.name,
      run: (context) => measure(mode, settings, seed, context),
    })),
  conclude(measured: readonly MeasuredTrial<Learnt>[], settings) {
    const at = (name: string, update: number) =>
      ofTrial(measured, name, ({ at, accuracies }) => accuracies[at.indexOf(update)] as readonly number[]);
    const end = settings.phases * settings.updates;
    const rows = [
      ...modes.map(({ name }) => ({ name, phases: at(name, end) })),
      { name: frozen, phases: at(plain, settings.updates) },
    ];
    const of = (wanted: string) => rows.find(({ name }) => name === wanted)?.phases ?? [];
    const first = (wanted: string) => of(wanted).map(([one = 0]) => one);
    const means = (wanted: string) => of(wanted).map(mean);
    const gained = first(elastic).map((one, seed) => one - (first(plain)[seed] ?? Number.NaN));
    const later = of(frozen).flatMap((phases) => phases.slice(1));
    const names = Array.from({ length: settings.phases }, (_, phase) => `phase ${phase + 1}`);
    return {
      tables: [
        {
          title: "Accuracy at the end of the stream",
          columns: ["learning by", ...names, "mean"],
          rows: rows.map(({ name, phases }) => [
            name,
            ...names.map((_, phase) => listed(phases.map((one) => one[phase] ?? null))),
            listed(phases.map(mean)),
          ]),
        },
      ],
      checks: [
        below("SGD forgets: its accuracy on phase 1 at the end", first(plain), 0.75),
        above("with replay, mean accuracy on all phases", means(replayed), 0.87),
        above("elastic weights: accuracy on phase 1 above that of SGD alone", gained, 0.15),
        below(
          "who stops learning after phase 1 does not know the later phases: accuracy on each",
          later,
          0.55,
        ),
      ],
      notShown: [
        {
          claim: "elastic weights, which keep no data, are as good as replay",
          found: `mean accuracy ${listed(means(elastic))}, with replay ${listed(means(replayed))}: old phases are held, new ones learnt less`,
        },
      ],
      figure: driftFigure(
        modes.map(({ name }) => ({ name, found: ofTrial(measured, name, (one) => one) })),
        settings,
      ),
    };
  },
});
