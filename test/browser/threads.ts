/** Makes it certain how many threads run: programs, which do without workers that are not ready, wait for them instead. */

import { pool } from "../../src/backends/runtime/pool.ts";
import { threadObstacle } from "../../src/backends/runtime/workers.ts";
import { compile, float32, wasmBackend } from "../../src/index.ts";

/** The longest wait for a worker, in milliseconds. */
const patience = 20_000;

/** How many threads ran a program, at the most. */
export interface Tally {
  threads: number;
}

let tally: Tally = { threads: 1 };
let isWatched = false;
/** A browser starts a worker only once the thread that made it is back in its event loop: waiting before is in vain. */
let mayWait = false;

/** Start the workers for so many threads, where the platform has them; counts from now on. */
export async function startWorkers(threads: number): Promise<Tally> {
  if (threads > 1 && threadObstacle() === undefined) {
    if (!isWatched) watch();
    mayWait = false;
    await firstRun(threads);
    mayWait = true;
  }
  tally = { threads: 1 };
  return tally;
}

/** Run a small program until all its threads take part. */
async function firstRun(threads: number): Promise<void> {
  const backend = wasmBackend({ threads, minimumWork: 0 });
  const program = compile((x) => x.add(1), { inputs: float32(1), backend });
  const deadline = performance.now() + patience;
  for (tally = { threads: 1 }; tally.threads < threads; program([1])) {
    requireTime(deadline);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function watch(): void {
  isWatched = true;
  const workers = pool();
  const start = workers.start.bind(workers);
  const isReady = workers.isReady.bind(workers);
  workers.start = (program, threads) => {
    tally.threads = Math.max(tally.threads, threads);
    start(program, threads);
  };
  const never = new Int32Array(new SharedArrayBuffer(4));
  workers.isReady = (memory, threads) => {
    const deadline = performance.now() + patience;
    while (!isReady(memory, threads)) {
      if (!mayWait) return false;
      requireTime(deadline);
      Atomics.wait(never, 0, 0, 1);
    }
    return true;
  };
}

function requireTime(deadline: number): void {
  if (performance.now() > deadline) throw new Error(`the workers are not ready after ${patience / 1000} s`);
}
