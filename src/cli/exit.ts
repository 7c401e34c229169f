/** How the command ends: one line for every error, and the exit code that goes with it. */

import { CommanderError } from "commander";
import { RondoError, UsageError } from "../errors.ts";

/** 2 for a wrong use of the command, 1 for anything else that went wrong. */
const WRONG_USAGE = 2;
const FAILURE = 1;
/** What a shell expects of a program that Ctrl-C ended. */
export const INTERRUPTED = 130;

/** Thrown where somebody stopped the command; the message says how to go on. */
export class Interruption extends Error {}

/** One line for stderr, and the exit code. A defect shows its stack where RONDO_DEBUG is set. */
export function explain(error: unknown): { line: string; code: number } {
  if (error instanceof Interruption) return { line: oneLine(error.message), code: INTERRUPTED };
  if (error instanceof CommanderError) {
    return { line: oneLine(error.message.replace(/^error: /, "")), code: WRONG_USAGE };
  }
  if (error instanceof RondoError) {
    return { line: oneLine(error.message), code: error instanceof UsageError ? WRONG_USAGE : FAILURE };
  }
  const exhausted =
    error instanceof RangeError || error instanceof TypeError || error instanceof WebAssembly.RuntimeError;
  if (exhausted && /\bmemory|alloc|array length|buffer/i.test(error.message)) {
    return { line: `not enough memory for such a model: ${oneLine(error.message)}`, code: FAILURE };
  }
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
  const debug = process.env.RONDO_DEBUG === "1" && stack !== undefined;
  const line = debug ? stack : `unexpected error: ${oneLine(message)} (RONDO_DEBUG=1 shows where)`;
  return { line, code: FAILURE };
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, " ");
}
