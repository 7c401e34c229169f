/** Holding a value between events: at each event a value is to be kept, and told until the next one. */

import { float32, value } from "../../program/compile.ts";
import type { RandomSource } from "../../trace/variable.ts";

/** The types of a batch of so many steps. */
export const eventTypes = (steps: number) => ({
  x: float32(steps, "B", 2),
  y: float32(steps, "B", 1),
});

export interface EventSizes {
  readonly steps: number;
  readonly batch: number;
  /** How likely a step is an event; the first is one always. */
  readonly rate: number;
}

/** x (T, B, 2): a value v, uniform in (-1, 1), and s, 1 at an event and else 0; y (T, B, 1): v of the latest event. */
export function events(random: RandomSource, { steps, batch, rate }: EventSizes) {
  const x = new Float32Array(steps * batch * 2);
  const y = new Float32Array(steps * batch);
  for (let row = 0; row < steps * batch; row++) {
    const v = 2 * random.uniform() - 1;
    const isEvent = random.uniform() < rate || row < batch;
    x[2 * row] = v;
    x[2 * row + 1] = Number(isEvent);
    y[row] = isEvent ? v : (y[row - batch] as number);
  }
  return { x: value(x, [steps, batch, 2]), y: value(y, [steps, batch, 1]) };
}
