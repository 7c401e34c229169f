/** The mean loss of held-out batches: the loss of a training, with nothing dropped and nothing changed. */

import type { Value } from "../backends/backend.ts";
import { breather, type StopSignal } from "../long-work.ts";
import { type CompileOptions, compile } from "../program/compile.ts";
import { withKey } from "../trace/randomness.ts";
import { checkBatch, countTargets } from "./session-checks.ts";
import type { Batches, BatchOf, TrainingOptions } from "./training.ts";
import { lossParts } from "./update.ts";

/**
 * A function from held-out batches to their mean loss, each weighted by how many targets it has; undefined once the signal
 * is aborted. What is carried on starts as at the start of an epoch.
 */
export function meanLoss<Inputs, Carried, Batch extends BatchOf<Inputs, Carried>>(
  options: Pick<
    TrainingOptions<Inputs, Carried, never, Batch>,
    "inputs" | "loss" | "carried" | "targets" | "backend"
  >,
): (batches: Batches<Batch>, signal: StopSignal | undefined) => Promise<number | undefined> {
  const { inputs, loss, carried, targets, backend } = options;
  const program = compile(
    (tensors: never) => {
      const parts = lossParts(withKey(null, () => loss(tensors, undefined, undefined)));
      return { loss: parts.loss, carried: parts.carried };
    },
    { inputs, ...(backend && { backend }) } as CompileOptions<unknown> & { inputs: unknown },
  ) as unknown as (values: unknown) => { loss: Value; carried: Carried | undefined };
  return async (batches, signal) => {
    const breathe = breather();
    let [sum, weight] = [0, 0];
    let state = carried;
    for (let batch = 0; batch < batches.count; batch++) {
      await breathe();
      if (signal?.aborted) return undefined;
      const values = await batches.at(batch, 0);
      checkBatch("validation", values, batch, 0);
      const found = program(carried === undefined ? values : { ...(values as object), ...state });
      state = found.carried ?? state;
      const count = countTargets(targets, values);
      sum += count * Number(found.loss.data[0]);
      weight += count;
    }
    return sum / weight;
  };
}
