/** What is said of a training that has lost its way. */

import { TrainingError } from "../errors.ts";

/** Throws TrainingError unless the loss and the norm of the gradients of update `step` (from 1) are finite; `besides` is said too. */
export function requireFinite(loss: number, gradientNorm: number, step: number, besides = ""): void {
  if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) return;
  const what = Number.isFinite(loss) ? `the norm of the gradients is ${gradientNorm}` : `the loss is ${loss}`;
  throw new TrainingError(
    `${what} at step ${step}: training diverged; try a lower learning rate or stronger clipping (--learning-rate, --clip)${besides}`,
  );
}
