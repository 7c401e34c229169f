/** Manners of work that takes long: it hands the thread back now and then, and stops when it is told to. */

import { printGiven } from "./checks.ts";
import { UsageError } from "./errors.ts";

/** Says when to stop: an AbortSignal does. */
export interface StopSignal {
  readonly aborted: boolean;
}

/** Throws UsageError for a signal that is none. */
export function checkSignal(where: string, signal: StopSignal | undefined): void {
  if (signal === undefined || typeof (signal as StopSignal | null)?.aborted === "boolean") return;
  throw new UsageError(`${where}: signal ${printGiven(signal)} given, an AbortSignal expected`);
}

const BREATH_MILLISECONDS = 100;

/** Hands the thread back when it was held for a while. */
export function breather(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < BREATH_MILLISECONDS) return;
    await new Promise((resume) => setTimeout(resume, 0));
    last = performance.now();
  };
}
