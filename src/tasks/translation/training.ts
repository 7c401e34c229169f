/** Training a translator on pairs: what an update is, and what is measured after each epoch. */

import type { BackendChoice } from "../../backends/choice.ts";
import { breather, type StopSignal } from "../../long-work.ts";
import { compile, value } from "../../program/compile.ts";
import { scheduleOf, updateSettings } from "../../training/options.ts";
import { Training } from "../../training/training.ts";
import { batchesByLength } from "../batches.ts";
import { batchOf, orderOf, tokensIn, trainingTypes } from "./batches.ts";
import { describeTranslator, type TranslatorRecord } from "./file.ts";
import type { TranslationModel } from "./model.ts";
import { scoredOf, trainingLossOf, updateTypes } from "./network.ts";
import type { TranslationSettings } from "./options.ts";
import type { TranslationParts } from "./parts.ts";
import type { Example } from "./prepare.ts";
import { ownProbability } from "./scheduled-sampling.ts";

/** How well a model foretells the tokens of targets after those that are right. */
export interface TranslationValidation {
  /** Nats a token. */
  readonly loss: number;
  /** The part of the tokens that are found likeliest. */
  readonly tokenAccuracy: number;
}

/** What an update is, for a training and for `explain`. */
export function updateOf({ network, form }: TranslationModel, settings: TranslationSettings) {
  return {
    ...updateSettings(settings),
    model: network,
    // Without scheduled sampling, or a coverage loss, some are no inputs of the loss, but they are given all the same.
    inputs: updateTypes,
    loss: (given: Parameters<typeof trainingLossOf>[3]) => trainingLossOf(network, form, settings, given),
  };
}

/** The training of a translator, as anybody's. */
export function trainingOf(
  model: TranslationModel,
  parts: TranslationParts,
  record: TranslatorRecord,
  backend: BackendChoice | undefined,
) {
  const { settings } = record;
  const { epochs, patience } = settings;
  const order = orderOf(parts.training, settings);
  const sampling = ownProbability(settings, epochs * order.count);
  const measure = measureOf(model, backend);
  return new Training({
    ...updateOf(model, settings),
    batches: {
      count: order.count,
      at(number, epoch) {
        const examples = Array.from(order.at(number, epoch), (at) => parts.training[at] as Example);
        return { ...batchOf(examples), sampling: value([sampling(epoch * order.count + number)], []) };
      },
    },
    targets: tokensIn,
    validation:
      parts.validation.length > 0
        ? (signal: StopSignal | undefined) => measure(parts.validation, signal)
        : undefined,
    ...{ epochs, patience },
    learningRate: scheduleOf(settings, order.count),
    metadata: {
      model: (found, { step, epoch }) =>
        describeTranslator(model, { ...record, step, epoch: epoch + 1, validation: found ?? null }),
      checkpoint: () => describeTranslator(model, record),
    },
    backend,
  });
}

/** Measures a model on pairs; undefined once the signal is aborted. */
export function measureOf({ network, form }: TranslationModel, backend: BackendChoice | undefined) {
  const program = lazily(() =>
    compile((given) => scoredOf(network, form, given), {
      inputs: trainingTypes,
      ...(backend && { backend }),
    }),
  );
  return async (
    examples: readonly Example[],
    signal?: StopSignal | undefined,
  ): Promise<TranslationValidation | undefined> => {
    const breathe = breather();
    let [loss, right, tokens] = [0, 0, 0];
    for (const batch of batchesByLength(examples, ({ source, target }) => source.length + target.length)) {
      await breathe();
      if (signal?.aborted) return undefined;
      const values = batchOf(batch);
      const scored = program()(values);
      loss += Number(scored.loss.data[0]);
      right += Number(scored.right.data[0]);
      tokens += tokensIn(values);
    }
    return { loss: loss / tokens, tokenAccuracy: right / tokens };
  };
}

/** What is made when it is first asked for. */
function lazily<Made>(make: () => Made): () => Made {
  let made: Made | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
