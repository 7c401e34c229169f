/** A backend that compiles programs for a target and runs them on a machine. */

import { checker } from "../compiler/check.ts";
import { rewriteAndLower } from "../compiler/pipeline.ts";
import type { Target } from "../compiler/target.ts";
import { checkGraph } from "../graph/check.ts";
import { type Backend, computedNodes } from "./backend.ts";
import type { SettledExecution } from "./execution-options.ts";
import { CompiledExecutable } from "./runtime/executable.ts";
import type { Machine } from "./runtime/machine.ts";

/** `prepare` is asked at each compilation: an engine may gain instructions meanwhile. */
export function compiledBackend(
  name: string,
  { without, threads, minimumWork, check }: SettledExecution,
  prepare: () => { readonly target: Target; readonly machine: Machine },
): Backend {
  return {
    name,
    target: () => prepare().target,
    compile(program) {
      const { target, machine } = prepare();
      if (check) checkGraph(computedNodes(program));
      const lowered = rewriteAndLower(program, target, { without, threads }, check ? checker : {});
      return new CompiledExecutable(program, lowered, { machine, threads, minimumWork });
    },
  };
}
