/** A network that learns phase after phase of a stream, whose features change places from one to the next. */

import { sampleToken } from "../../decoding/sampling.ts";
import { gru } from "../../nn/cells/gru.ts";
import { recurrent } from "../../nn/layers/recurrent.ts";
import { crossEntropy } from "../../nn/losses/cross-entropy.ts";
import { parameters } from "../../nn/model.ts";
import { randomSource } from "../../nn/random.ts";
import { compile } from "../../program/compile.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { ElasticWeights } from "../../training/elastic-weights.ts";
import { accuracy } from "../../training/measures/classes.ts";
import { adam, sgd } from "../../training/optimizers.ts";
import { Replay } from "../../training/replay.ts";
import { classifier } from "../classifier.ts";
import type { TrialContext } from "../experiment.ts";
import { prototypes, type SeenFeature } from "../problems/prototypes.ts";
import { train } from "../train.ts";

/** How a network learns along the stream. */
export interface Mode {
  readonly name: string;
  readonly optimizer: "sgd" | "adam";
  readonly remedy?: "replay" | "elastic weights";
}

export interface Settings {
  readonly classes: number;
  readonly steps: number;
  readonly features: number;
  readonly noise: number;
  readonly hidden: number;
  readonly phases: number;
  readonly updates: number;
  readonly batch: number;
  readonly sgdRate: number;
  readonly adamRate: number;
  readonly reservoir: number;
  readonly replayed: number;
  readonly strength: number;
  readonly fisherRows: number;
  readonly tests: number;
  readonly every: number;
}

export type Learnt = {
  /** The updates after which accuracies were measured, from 0. */
  readonly at: readonly number[];
  /** The accuracy on each phase, then. */
  readonly accuracies: readonly (readonly number[])[];
};

/** Which feature stands where in each phase: as they are in the first, in an order of its own in every other. */
function views({ phases, features }: Settings, seed: number): SeenFeature[][] {
  return Array.from({ length: phases }, (_, phase) => {
    const random = randomSource(seed, `order of phase ${phase}`);
    const keys = Array.from({ length: features }, (_, of) => ({
      of,
      key: phase === 0 ? of : random.uniform(),
    }));
    return keys.sort((one, other) => one.key - other.key).map(({ of }) => ({ of }));
  });
}

/** Trains along all phases, and measures on each of them all the while. */
export async function measure(
  { optimizer, remedy }: Mode,
  settings: Settings,
  seed: number,
  context: TrialContext,
): Promise<Learnt> {
  const { features, hidden, classes, phases, updates, batch, tests, every, fisherRows } = settings;
  const problem = prototypes({ ...settings, seed });
  const seen = views(settings, seed);
  const { inputs } = problem;
  const { model, logits: scores } = classifier(recurrent(gru, features, hidden), classes);
  const loss = ({ x, y }: { x: Tensor; y: Tensor }) => crossEntropy(scores(x), y);
  const { backend } = context;
  const memory = remedy === "replay" ? new Replay({ inputs, capacity: settings.reservoir, seed }) : undefined;
  const elastic =
    remedy === "elastic weights"
      ? new ElasticWeights({
          ...{ parameters: parameters(model), inputs, loss, strength: settings.strength, backend },
        })
      : undefined;
  const held = seen.map((view, phase) =>
    problem.draw(randomSource(seed, `test of phase ${phase}`), tests, view),
  );
  const predict = compile(({ x }: { x: Tensor }) => ({ scores: scores(x), guesses: scores(x).argmax() }), {
    inputs: { x: inputs.x },
    ...(backend && { backend }),
  });
  const found: { at: number[]; accuracies: number[][] } = { at: [], accuracies: [] };
  const test = (at: number) => {
    found.at.push(at);
    found.accuracies.push(held.map(({ x, y }) => accuracy(predict({ x }).guesses.data, y.data)));
  };
  const phaseOf = (update: number) => Math.floor(update / updates);
  await train({
    ...{ model, inputs, seed, context },
    loss: (given) => (elastic ? loss(given).add(elastic.penalty()) : loss(given)),
    batch(update) {
      if (update === 0) test(0);
      const view = seen[phaseOf(update)];
      const rows = problem.draw(randomSource(seed, `batch ${update}`), batch, view);
      const mixed = memory ? memory.mix(rows, settings.replayed) : rows;
      memory?.add(rows);
      return mixed;
    },
    updates: phases * updates,
    learningRate: optimizer === "sgd" ? settings.sgdRate : settings.adamRate,
    optimizer: optimizer === "sgd" ? sgd() : adam(),
    after(update) {
      if (update % every === 0 || update % updates === 0) test(update);
      if (!elastic || update % updates > 0 || update === phases * updates) return;
      const phase = phaseOf(update - 1);
      const random = randomSource(seed, `Fisher of phase ${phase}`);
      const { x } = problem.draw(random, fisherRows, seen[phase]);
      // Classes as the network would give them make its loss the one that the Fisher information is of.
      const { data } = predict({ x }).scores;
      const draw = (_: unknown, row: number) =>
        sampleToken(data.slice(row * classes, (row + 1) * classes), {}, random.uniform());
      elastic.anchor({ x, y: Array.from({ length: fisherRows }, draw) });
    },
  });
  return found;
}
