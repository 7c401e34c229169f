/** What an update of a recurrent network takes in memory and in time, with all states kept for the way back or with only some. */

import type { BackendChoice } from "../../backends/choice.ts";
import { lstm } from "../../nn/cells/lstm.ts";
import { linear } from "../../nn/layers/linear.ts";
import { recurrent } from "../../nn/layers/recurrent.ts";
import { meanSquaredError } from "../../nn/losses/regression.ts";
import { initialize, parameters } from "../../nn/model.ts";
import { randomSource } from "../../nn/random.ts";
import { float32 } from "../../program/compile.ts";
import { explain } from "../../program/explain.ts";
import { adam } from "../../training/optimizers.ts";
import { trainingStep } from "../../training/step.ts";
import type { TrialContext } from "../experiment.ts";
import { adding } from "../problems/adding.ts";
import { timeInTurns } from "../time.ts";

export interface StepSettings {
  readonly length: number;
  readonly hidden: number;
  readonly batch: number;
}

/** An update of the adding problem, whose loss reads the last state; every so many steps a state is kept, or all are. */
function updateOf(
  { length, hidden, batch }: StepSettings,
  every: number | undefined,
  backend: BackendChoice | undefined,
) {
  const model = initialize({ rnn: recurrent(lstm, 2, hidden), head: linear(hidden, 1) }, { seed: 1 });
  return trainingStep({
    parameters: parameters(model),
    optimizer: adam(),
    inputs: { x: float32(length, batch, 2), y: float32(batch, 1) },
    loss: ({ x, y }) => {
      const { state } = model.rnn.apply(x, { checkpoint: every });
      return meanSquaredError(model.head.apply(state.h.at(0, 0)), y);
    },
    clipNorm: 1,
    backend,
  });
}

/** The bytes that the program of an update needs for all that it computes, as it is compiled; weights are not among them. */
export function memoryOf(
  settings: StepSettings,
  every: number | undefined,
  backend: BackendChoice | undefined,
): number {
  const [explained] = explain({}, (explaining) => updateOf(settings, every, explaining), { backend });
  return explained?.memory.arena ?? 0;
}

export type Cost = {
  /** After how many steps a state is kept; null where all are. */
  readonly every: number | null;
  readonly bytes: number;
  /** The shortest milliseconds of an update. */
  readonly milliseconds: number;
};

/** The costs of an update for each way to keep states. */
export async function measureCosts(
  settings: StepSettings,
  everies: readonly (number | undefined)[],
  times: number,
  context: TrialContext,
): Promise<Cost[]> {
  const sequences = adding(randomSource(1, "checkpointing"), settings);
  const updates = everies.map((every) => {
    const step = updateOf(settings, every, context.backend);
    return () => step.run(sequences as never, 0.001);
  });
  const milliseconds = await timeInTurns(updates, times, context);
  return everies.map((every, at) => ({
    every: every ?? null,
    bytes: memoryOf(settings, every, context.backend),
    milliseconds: milliseconds[at] as number,
  }));
}
