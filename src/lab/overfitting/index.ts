/** Overfitting: a network learns few sequences by heart, wrong labels too; what keeps it from that. */

import { real, whole } from "../../options/kinds.ts";
import { option } from "../../options/table.ts";
import { above, below } from "../bounds.ts";
import { experiment, type MeasuredTrial } from "../experiment.ts";
import { listed, ofTrial } from "../seeds.ts";
import { overfittingFigure } from "./figure.ts";
import { measure, type Remedy, type Trained } from "./measure.ts";

const none = "nothing";
const stopping = "early stopping";
const plain = "dropout";
const variational = "variational dropout";
const penalty = "L2 in the loss";
const decoupled = "decoupled decay";

/** Those that are to help; what decoupled decay does is told beside. */
const remedies = [stopping, plain, variational, penalty] as const;

export const overfitting = experiment({
  name: "overfitting",
  title: "Overfitting",
  claim:
    "A large network and few data: what it learns by heart does not hold elsewhere. Dropout, L2 and early stopping help.",
  seconds: 10,
  options: {
    rows: option(whole({ from: 1 }), { default: 200, help: "sequences to train on", argument: "rows" }),
    steps: option(whole({ from: 1 }), { default: 20, help: "steps of a sequence" }),
    features: option(whole({ from: 2 }), { default: 8, help: "features of a step, of which two count" }),
    flipped: option(real({ from: 0, to: 1 }), {
      default: 0.1,
      help: "share of wrong labels",
      argument: "share",
    }),
    hidden: option(whole({ from: 1 }), { default: 64, help: "units of the GRU", argument: "units" }),
    batch: option(whole({ from: 1 }), { default: 40, help: "sequences of an update", argument: "rows" }),
    epochs: option(whole({ from: 1 }), { default: 40, help: "times through the data" }),
    learningRate: option(real({ above: 0 }), {
      default: 0.003,
      help: "learning rate of Adam",
      argument: "rate",
    }),
    held: option(whole({ from: 1 }), {
      default: 1000,
      help: "sequences to stop by, and as many to report",
      argument: "rows",
    }),
    every: option(whole({ from: 1 }), { default: 2, help: "epochs between measurements" }),
    patience: option(whole({ from: 1 }), {
      default: 10,
      help: "early stopping: epochs without improvement that are borne",
      argument: "epochs",
    }),
    dropout: option(real({ from: 0, below: 1 }), {
      default: 0.5,
      help: "dropout of the inputs and of the last output",
    }),
    variational: option(real({ from: 0, below: 1 }), {
      default: 0.3,
      help: "dropout with one mask for all steps, within the products of the gates",
    }),
    l2: option(real({ from: 0 }), { default: 0.03, help: "L2 in the loss, and decoupled decay" }),
  },
  trials: (settings, seed) =>
    remediesOf(settings).map((remedy) => ({
      name: remedy.name,
      run: (context) => measure(remedy, settings, seed, context),
    })),
  conclude(measured: readonly MeasuredTrial<Trained>[], settings) {
    const of = (name: string, found: (one: Trained) => number) => ofTrial(measured, name, found);
    const testLoss = (name: string) => of(name, ({ end }) => end.test.loss);
    const testAccuracy = (name: string) => of(name, ({ end }) => end.test.accuracy);
    const names = remediesOf(settings).map(({ name }) => name);
    return {
      tables: [
        {
          title: "After training, or where it stopped",
          columns: ["against overfitting", "training accuracy", "test accuracy", "test loss"],
          rows: names.map((name) => [
            name,
            listed(of(name, ({ end }) => end.training.accuracy)),
            listed(testAccuracy(name)),
            listed(testLoss(name)),
          ]),
        },
      ],
      checks: [
        above("with nothing against it: test loss", testLoss(none), 0.9),
        ...remedies.map((name) => below(`with ${name}: test loss`, testLoss(name), 0.7)),
      ],
      notShown: [
        {
          claim: "dropout makes predictions better",
          found: `accuracy ${listed(testAccuracy(plain))} with dropout, ${listed(testAccuracy(none))} without: it is only less sure of what is wrong`,
        },
        {
          claim: "decoupled weight decay is a remedy as L2 is",
          found: `test loss ${listed(testLoss(decoupled))} with AdamW's decay of ${settings.l2}, ${listed(testLoss(penalty))} with L2 of ${settings.l2} in Adam's loss`,
        },
      ],
      figure: overfittingFigure(
        names.map((name) => ({ name, found: ofTrial(measured, name, (one) => one) })),
        none,
      ),
    };
  },
});

type Strengths = Required<Pick<Remedy, "dropout" | "variational" | "l2" | "patience">>;

function remediesOf({ dropout, variational: gates, l2, patience }: Strengths): readonly Remedy[] {
  return [
    { name: none },
    { name: stopping, patience },
    { name: plain, dropout },
    { name: variational, variational: gates },
    { name: penalty, l2 },
    { name: decoupled, decay: l2 },
  ];
}
