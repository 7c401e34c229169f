/** What a scan is given, checked before it is traced. */

import { checkOptions, printGiven } from "../checks.ts";
import { UsageError } from "../errors.ts";
import { atCaller } from "./caller.ts";
import type { ScanOptions } from "./scan.ts";
import { isTensor, type Past } from "./step.ts";
import { expectTensors } from "./tensor.ts";
import { namedLeaves } from "./tree.ts";

type Step<State, Inputs, Output> = (
  state: State,
  input: Inputs,
  past: Past<Output>,
) => readonly [State, Output];

/**
 * The step, which says so when it does not return a pair. Throws UsageError for options that do not exist and for trees of
 * anything else than tensors.
 */
export function checkedStep<State, Inputs, Output>(
  step: Step<State, Inputs, Output>,
  options: ScanOptions<State, Inputs> & { readonly history?: Output },
): Step<State, Inputs, Output> {
  if (typeof step !== "function") {
    throw new UsageError(`scan: ${printGiven(step)} given, a step, which is a function, expected`);
  }
  checkOptions("scan", options, {
    init: "a tree of tensors, the state before the first step,",
    inputs: "a tree of tensors (T, ...)",
    lengths: true,
    length: true,
    reverse: true,
    checkpoint: true,
    history: true,
  });
  for (const part of ["init", "inputs", "history"] as const) {
    if (options[part] !== undefined) namedLeaves(`scan: ${part}`, options[part], isTensor, "tensors");
  }
  if (options.lengths !== undefined) expectTensors("scan: lengths", options.lengths);
  return (state, input, past) => {
    const returned: unknown = step(state, input, past);
    if (Array.isArray(returned) && returned.length === 2) return returned as unknown as [State, Output];
    throw new UsageError(
      `scan: the step returned ${printGiven(returned)}, [state, output] expected${atCaller()}`,
    );
  };
}
