/** The function that is being traced: what those who build its graph want to know of it, and tell it. */

import { UsageError } from "../errors.ts";
import { atCaller } from "./caller.ts";
import type { Expectation } from "./expectation.ts";
import type { Observer } from "./observation.ts";
import type { Randomness } from "./randomness.ts";

export interface Trace {
  /** Of its own: no two traces have one. */
  readonly id: number;
  /** What the function expects of the numbers in its inputs. */
  readonly expectations: Expectation[];
  readonly random: Randomness;
  /** Who looks at what is computed. */
  observer: Observer | undefined;
}

let traces = 0;
let current: Trace | undefined;

/** The trace in progress, the innermost one; undefined outside of all. */
export function currentTrace(): Trace | undefined {
  return current;
}

/** What `build` returns, run as a trace of its own, and what it told the trace. */
export function traced<Result>(build: (trace: Trace) => Result): [Result, Trace] {
  const outer = current;
  traces += 1;
  const own: Trace = {
    id: traces,
    expectations: [],
    random: { source: undefined, undropped: [] },
    observer: undefined,
  };
  current = own;
  try {
    return [build(own), own];
  } finally {
    current = outer;
  }
}

/** Throws UsageError while a function is traced: `what` runs on arrays, and there are none then. */
export function refuseWhileTracing(what: string, instead: string): void {
  if (!current) return;
  throw new UsageError(
    `${what} is called inside of a function that is traced, where there are no numbers: call ${instead} instead${atCaller()}`,
  );
}
