/**
 * Which sequences of a scan with lengths are the rows', (T, B, ...), and which are shared by all rows, (T, ...). Symbols tell;
 * a number does not, where a shared sequence happens to have as many features as there are rows. Then the step itself
 * tells: it is tried on placeholders whose rows are a symbol, which fits the features of nothing.
 */

import type { Dimension } from "../graph/dimension.ts";
import { node } from "../graph/node.ts";
import { traced } from "./current.ts";
import { isTensor, type Past, refill, tensorsOf } from "./step.ts";
import { Tensor } from "./tensor.ts";
import { mapTree } from "./tree.ts";

/** The symbol for the rows of a step on trial. */
const rows = "rows_on_trial";

interface Parts<State, Inputs, Output> {
  readonly init: State;
  readonly inputs: Inputs;
  readonly history?: Output | undefined;
}

/** For each sequence whether it is the rows', of which there are `batch`. */
export function areOfRows<State, Inputs, Output>(
  step: (state: State, input: Inputs, past: Past<Output>) => readonly [State, Output],
  parts: Parts<State, Inputs, Output>,
  batch: Dimension | undefined,
): boolean[] {
  const likely = tensorsOf(parts.inputs).map(({ shape }) => batch !== undefined && shape[1] === batch);
  if (typeof batch !== "number" || runs(step, parts, likely)) return likely;
  const without = likely.flatMap((is, index) =>
    is ? [likely.map((other, at) => other && at !== index)] : [],
  );
  return without.find((guess) => runs(step, parts, guess)) ?? likely;
}

/** Whether the step runs where these sequences are the rows'. */
function runs<State, Inputs, Output>(
  step: (state: State, input: Inputs, past: Past<Output>) => readonly [State, Output],
  { init, inputs, history }: Parts<State, Inputs, Output>,
  areRows: readonly boolean[],
): boolean {
  try {
    const [fits] = traced(({ id }) => {
      let count = 0;
      const ofRows = ({ shape, dtype }: Tensor, from: number, isRow = true) => {
        const own = isRow ? [rows, ...shape.slice(from + 1)] : shape.slice(from);
        return new Tensor(node("input", [], { name: `trial ${count++}`, dtype, shape: own, scope: id }));
      };
      const states = tensorsOf(init).map((state) => ofRows(state, 0));
      const slices = tensorsOf(inputs).map((sequence, index) => ofRows(sequence, 1, areRows[index]));
      const earlier = mapTree(history, isTensor, (tensor: Tensor) => ofRows(tensor, 0)) as Output;
      const past: Past<Output> = { back: () => earlier, at: () => earlier };
      const [next] = step(refill(init, states), refill(inputs, slices), past);
      return tensorsOf(next).every(({ shape }) => shape[0] === rows);
    });
    return fits;
  } catch {
    return false;
  }
}
