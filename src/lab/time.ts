/** How long things take beside each other, on a machine that may do other things meanwhile. */

import { breather } from "../long-work.ts";
import { stopIf, type TrialContext } from "./experiment.ts";

/**
 * The shortest time of each of several functions in milliseconds, of `times` calls after a first one. They take turns, so that whatever
 * else the machine does meets all alike.
 */
export async function timeInTurns(
  runs: readonly (() => unknown)[],
  times: number,
  context: TrialContext,
): Promise<readonly number[]> {
  const breathe = breather();
  const prepare = async () => {
    await breathe();
    stopIf(context.signal);
  };
  for (const run of runs) {
    await prepare();
    run();
  }
  const shortest = runs.map(() => Number.POSITIVE_INFINITY);
  for (let time = 0; time < times; time++) {
    for (const [at, run] of runs.entries()) {
      await prepare();
      const before = performance.now();
      run();
      shortest[at] = Math.min(shortest[at] as number, performance.now() - before);
    }
    context.progress((time + 1) / times);
  }
  return shortest;
}
