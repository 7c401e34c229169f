/** A network that could learn its few sequences by heart, trained with a remedy against it or without one. */

import { pickRows } from "../../data/pick-rows.ts";
import { RowBatches } from "../../data/row-batches.ts";
import { readModel } from "../../formats/model.ts";
import { gru } from "../../nn/cells/gru.ts";
import { dropout } from "../../nn/layers/dropout.ts";
import { linear } from "../../nn/layers/linear.ts";
import { recurrent } from "../../nn/layers/recurrent.ts";
import { crossEntropy } from "../../nn/losses/cross-entropy.ts";
import { parameters } from "../../nn/model.ts";
import { l2Penalty } from "../../nn/penalties.ts";
import { randomSource } from "../../nn/random.ts";
import { compile } from "../../program/compile.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { adam, adamw } from "../../training/optimizers.ts";
import { Training } from "../../training/training.ts";
import { Stopped, type TrialContext } from "../experiment.ts";
import { sumSign, sumSignInputs } from "../problems/sum-sign.ts";

/** What a training has against overfitting: probabilities and strengths, 0 or left out for none. */
export interface Remedy {
  readonly name: string;
  /** Dropout of what the recurrent layer reads, and of its last output. */
  readonly dropout?: number;
  /** Dropout with one mask for all steps, in the products of the gates. */
  readonly variational?: number;
  /** Strength of the L2 penalty in the loss. */
  readonly l2?: number;
  /** Strength of the decay beside the loss, AdamW's. */
  readonly decay?: number;
  /** Validations without improvement that are borne; the best model counts. */
  readonly patience?: number;
}

export interface Settings {
  readonly rows: number;
  readonly steps: number;
  readonly features: number;
  readonly flipped: number;
  readonly hidden: number;
  readonly batch: number;
  readonly epochs: number;
  readonly learningRate: number;
  readonly held: number;
  readonly every: number;
}

/** The loss, and the share of right answers. */
export type Figures = { readonly loss: number; readonly accuracy: number };

export type Trained = {
  /** The epochs after which was measured, from 1. */
  readonly at: readonly number[];
  /** After each of them, of the sequences trained on and of others that nobody chose by. */
  readonly training: readonly Figures[];
  readonly test: readonly Figures[];
  /** Of the model that counts: the last one, or the best by sequences of its own. */
  readonly end: { readonly training: Figures; readonly test: Figures };
};

/** Trains with a remedy, and measures after each epoch. */
export async function measure(
  remedy: Remedy,
  settings: Settings,
  seed: number,
  { backend, signal, progress }: TrialContext,
): Promise<Trained> {
  const { rows, features, hidden, batch, epochs, learningRate, held, every } = settings;
  const drawn = (part: string, count: number) => sumSign(randomSource(seed, part), count, settings);
  const parts = {
    training: drawn("training", rows),
    held: drawn("held out", held),
    test: drawn("test", held),
  };
  const model = {
    rnn: recurrent(gru, features, hidden, { variationalDropout: remedy.variational ?? 0 }),
    drop: dropout(remedy.dropout ?? 0),
    head: linear(hidden, 2),
  };
  const inputs = sumSignInputs(settings);
  const scores = (x: Tensor) => {
    const { h } = model.rnn.apply(model.drop.apply(x)).state;
    return model.head.apply(model.drop.apply(h.at(0, 0)));
  };
  const penalty = () => l2Penalty(parameters(model)).mul((remedy.l2 ?? 0) / 2);
  const evaluate = compile(
    ({ x, y }) => {
      const found = scores(x);
      const right = found.argmax().equal(y);
      return { loss: crossEntropy(found, y), accuracy: right.convert("float32").mean() };
    },
    { inputs, ...(backend && { backend }) },
  );
  const figures = (part: keyof typeof parts): Figures => {
    const { loss, accuracy } = evaluate(parts[part]);
    return { loss: Number(loss.data[0]), accuracy: Number(accuracy.data[0]) };
  };
  const order = new RowBatches(rows, { batch, seed });
  const training = new Training({
    ...{ model, inputs, epochs, learningRate, seed, backend, patience: remedy.patience ?? 0 },
    loss: ({ x, y }) => {
      const loss = crossEntropy(scores(x), y);
      return remedy.l2 === undefined ? loss : loss.add(penalty());
    },
    batches: {
      count: order.count,
      at(number, epoch) {
        const picked = order.at(number, epoch);
        return { x: pickRows(parts.training.x, picked, 1), y: pickRows(parts.training.y, picked) };
      },
    },
    validation: remedy.patience === undefined ? undefined : () => figures("held"),
    optimizer: remedy.decay === undefined ? adam() : adamw({ weightDecay: remedy.decay }),
  });
  const found: { at: number[]; training: Figures[]; test: Figures[] } = { at: [], training: [], test: [] };
  let best: Uint8Array | undefined;
  const end = await training.run({
    signal,
    onModel: (bytes) => (best = bytes),
    onEvent({ event, epoch, step }) {
      if (event !== "step" || step % order.count > 0) return;
      progress(epoch / epochs);
      if (epoch % every > 0) return;
      found.at.push(epoch);
      found.training.push(figures("training"));
      found.test.push(figures("test"));
    },
  });
  if (end === "interrupted") throw new Stopped("the experiment was stopped");
  if (remedy.patience !== undefined) readModel(best as Uint8Array, model);
  return { ...found, end: { training: figures("training"), test: figures("test") } };
}
