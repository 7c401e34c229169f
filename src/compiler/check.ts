/** Checks what each pass of the compiler made, so that a mistake is named with the pass that made it. */

import { GraphError } from "../errors.ts";
import { checkGraph } from "../graph/check.ts";
import { checkLoops } from "./loops/check.ts";
import type { PassName } from "./passes/index.ts";
import type { Watcher } from "./pipeline.ts";

function after(pass: PassName, check: () => void): void {
  try {
    check();
  } catch (cause) {
    if (!(cause instanceof GraphError)) throw cause;
    throw new GraphError(`after ${pass}: ${cause.message}`, { cause });
  }
}

/** Throws GraphError where what a pass made is not legal. */
export const checker: Watcher = {
  graph: (pass, results) => after(pass, () => checkGraph(results)),
  loops: (pass, program) => after(pass, () => checkLoops(program)),
};
