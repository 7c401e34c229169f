/** Two sines whose frequencies have no common multiple, so that their sum never repeats itself. */

import type { Value } from "../../backends/backend.ts";
import { value } from "../../program/compile.ts";
import type { RandomSource } from "../../trace/variable.ts";

/**
 * Rows 0.7 sin(0.3 t + a) + 0.5 sin(0.3 (2 sqrt 2) t + b), t from 0, with phases a and b of their own that the source draws: (T, B, 1). Given both
 * phases, and a few values tell them, all that follows is certain.
 */
export function twoSines(
  random: RandomSource,
  { steps, batch }: { readonly steps: number; readonly batch: number },
): Value {
  const phase = () => 2 * Math.PI * random.uniform();
  const phases = Array.from({ length: batch }, () => [phase(), phase()] as const);
  const slow = 0.3;
  const fast = slow * 2 * Math.SQRT2;
  const data = Float32Array.from({ length: steps * batch }, (_, at) => {
    const t = Math.floor(at / batch);
    const [a, b] = phases[at % batch] as readonly [number, number];
    return 0.7 * Math.sin(slow * t + a) + 0.5 * Math.sin(fast * t + b);
  });
  return value(data, [steps, batch, 1]);
}
