/** How many threads run programs, and why: what a page or a log shows. */

import { startedPool } from "./pool.ts";
import { threadObstacle } from "./workers.ts";

export interface ThreadReport {
  /** Threads that take part in a program with enough work for them. */
  readonly threads: number;
  /** Why so many, in plain words. */
  readonly reason: string;
}

/** How many threads run programs that this thread calls, and why not more: to print, or to show on a page. */
export function threadReport(): ThreadReport {
  const obstacle = threadObstacle();
  if (obstacle !== undefined) return { threads: 1, reason: obstacle };
  const pool = startedPool();
  if (!pool) return { threads: 1, reason: "no program asked for more: wasmBackend({ threads }) does" };
  const { threads, started, failure } = pool;
  if (failure !== undefined) return { threads: 1, reason: `workers do not run here: ${failure}` };
  if (started < threads - 1) {
    return { threads: 1, reason: `the workers are still starting: ${started} of ${threads - 1} so far` };
  }
  return { threads, reason: "as many as were asked for" };
}
