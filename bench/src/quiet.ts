/**
 * Tells whether others use the processors: small products run on two at once, and come to less where somebody else does. On
 * a shared machine a measurement between two quiet looks says more than many that are not.
 */

import { once } from "node:events";
import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { createProductRate } from "./rate.ts";

/** Of each look at the processors, and before it: libraries' own threads go on looking for work for a while. */
const lookMilliseconds = 16;
const pause = 30;
/** What a look must find of the highest rate so far to count as quiet. */
const quietShare = 0.95;
/** Measurements in the hope of a quiet one, and milliseconds after which none is begun. */
const mostTries = 6;
const mostMilliseconds = 2000;

export interface Watch {
  /** Measures, again where it was not quiet before and after; the result is that of the quietest try. */
  quietly<Result>(measure: () => Promise<Result>): Promise<Result>;
  /** How many of all measurements were quiet in the end. */
  readonly quiet: { readonly count: number; readonly of: number };
  close(): void;
}

/** With `fused`, the loops may multiply and add in one instruction. */
export async function startWatch(fused: boolean): Promise<Watch> {
  const rate = createProductRate(fused);
  const worker =
    availableParallelism() > 1
      ? new Worker(new URL("./quiet-worker.js", import.meta.url), { workerData: { fused } })
      : undefined;
  const there = async (other: Worker): Promise<number> => {
    other.postMessage(lookMilliseconds);
    const [found] = await once(other, "message");
    return found as number;
  };
  let highest = 0;
  /** The lower rate of both as a share of the highest. */
  const look = async (): Promise<number> => {
    await sleep(pause);
    const other = worker && there(worker);
    const here = rate(lookMilliseconds);
    const lower = Math.min(here, (await other) ?? here);
    highest = Math.max(highest, lower);
    return lower / highest;
  };
  for (let count = 0; count < 5; count += 1) await look();
  const quiet = { count: 0, of: 0 };
  return {
    async quietly<Result>(measure: () => Promise<Result>) {
      const end = performance.now() + mostMilliseconds;
      const tries: { readonly result: Result; readonly share: number }[] = [];
      let before = await look();
      do {
        const result = await measure();
        const after = await look();
        tries.push({ result, share: Math.min(before, after) });
        before = after;
      } while (
        !tries.some(({ share }) => share >= quietShare) &&
        tries.length < mostTries &&
        performance.now() < end
      );
      const best = tries.reduce((left, right) => (right.share > left.share ? right : left));
      quiet.of += 1;
      if (best.share >= quietShare) quiet.count += 1;
      return best.result;
    },
    quiet,
    close: () => void worker?.terminate(),
  };
}
