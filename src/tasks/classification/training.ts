/** Training a classifier on rows with labels. */

import type { Value } from "../../backends/backend.ts";
import type { BackendChoice } from "../../backends/choice.ts";
import type { StopSignal } from "../../long-work.ts";
import { value } from "../../program/compile.ts";
import { scheduleOf, updateSettings } from "../../training/options.ts";
import { Training } from "../../training/training.ts";
import { type ClassifierRecord, describeClassifier, type ValidationMeasures } from "./file.ts";
import { calibrationErrorOf, measureScores, scoreRows, targetsOf, temperatureOf } from "./measures.ts";
import type { ClassifierModel } from "./model.ts";
import { type LabelWeights, lossOf, trainingTypes } from "./network.ts";
import type { ClassifierSettings } from "./options.ts";
import type { LabelledRow, Parts } from "./split.ts";
import { forgettingOf } from "./unknown.ts";
import { balancedOrder, labelWeights, shuffledOrder } from "./weights.ts";

/** What an update is, for a training and for `explain`. */
export function updateOf(model: ClassifierModel, settings: ClassifierSettings, weights?: LabelWeights) {
  const { input, labels, several, network, form } = model;
  return {
    ...updateSettings(settings),
    model: network,
    inputs: trainingTypes(input.reads, labels.length, several),
    loss: (given: Parameters<typeof lossOf>[3]) => lossOf(network, form, weights, given),
  };
}

/** The training of a classifier on its rows, as anybody's. */
export function trainingOf(
  model: ClassifierModel,
  { training, validation }: Parts,
  record: ClassifierRecord,
  backend: BackendChoice | undefined,
) {
  const { settings } = record;
  const { batch, seed, epochs, patience } = settings;
  const sequences = training.map(({ content }) => model.encode(content));
  const lengths = sequences.map((sequence) => model.stepsOf(sequence));
  const order =
    settings.batches === "balanced"
      ? balancedOrder(lengths, training, { batch, seed })
      : shuffledOrder(lengths, { batch, seed });
  const forget = forgettingOf(model, sequences, settings);
  const validate = (signal: StopSignal | undefined) => validated(model, validation, record, signal);
  return new Training({
    ...updateOf(model, settings, labelWeights(settings.classWeights, training, model)),
    batches: {
      count: order.count,
      at(batch, epoch) {
        const rows = [...order.at(batch, epoch)];
        const own = rows.map((row) => sequences[row] as (typeof sequences)[number]);
        return {
          ...model.batchOf(forget(own, batch, epoch)),
          targets: targetValues(
            model,
            rows.map((row) => training[row] as LabelledRow),
          ),
        };
      },
    },
    targets: ({ lengths }) => lengths.data.length,
    validation: validation.length > 0 ? validate : undefined,
    epochs,
    patience,
    learningRate: scheduleOf(settings, order.count),
    metadata: {
      model: (found, { step, epoch }) =>
        describeClassifier(model, { ...record, step, epoch: epoch + 1, validation: found ?? null }),
      checkpoint: () => describeClassifier(model, record),
    },
    backend,
  });
}

/** What is right for rows, as a program takes it. */
function targetValues(model: ClassifierModel, rows: readonly LabelledRow[]): Value {
  const targets = targetsOf(model, rows);
  return model.several
    ? value(Float32Array.from(targets), [rows.length, model.labels.length])
    : value(targets, [rows.length]);
}

/** How well a model does on held-out rows, and the temperature for it; undefined once the signal is aborted. */
async function validated(
  model: ClassifierModel,
  rows: readonly LabelledRow[],
  { commonest }: ClassifierRecord,
  signal: StopSignal | undefined,
): Promise<ValidationMeasures | undefined> {
  const scores = await scoreRows(model, rows, signal);
  if (!scores) return undefined;
  const { labels, several } = model;
  const measured = measureScores({ labels, several, temperature: 1 }, rows, scores, commonest);
  const temperature = temperatureOf(model, rows, scores);
  const calibratedError = calibrationErrorOf({ labels, several, temperature }, rows, scores);
  return { ...measured, temperature, calibratedError };
}
