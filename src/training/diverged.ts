/** What is said of a training that has lost its way. */

import { TrainingError } from "../errors.ts";

export const divergedAdvice = "training diverged; try a lower learning rate or stronger clipping";

/** Throws TrainingError unless the loss and the norm of the gradients of update `step` (from 1) are finite; `besides` is said too. */
export function requireFinite(loss: number, gradientNorm: number, step: number, besides = ""): void {
  if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) return;
  const what = Number.isFinite(loss) ? `the norm of the gradients is ${gradientNorm}` : `the loss is ${loss}`;
  throw diverged(what, step, besides);
}

/** Throws TrainingError unless the loss and all measures of a validation are finite: e to the loss may not be where the loss is. */
export function requireFiniteMeasures(measures: { readonly loss: number }, step: number): void {
  if (!Number.isFinite(measures.loss)) throw diverged(`the validation loss is ${measures.loss}`, step);
  const wrong = Object.entries(measures).find(
    ([, value]) => typeof value === "number" && !Number.isFinite(value),
  );
  if (wrong) throw diverged(`the validation loss is ${measures.loss}, its ${wrong[0]} ${wrong[1]},`, step);
}

function diverged(what: string, step: number, besides = ""): TrainingError {
  return new TrainingError(`${what} at step ${step}: ${divergedAdvice}${besides}`);
}
