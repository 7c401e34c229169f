/** Skip connections through time: a cell that also reads states from further back. */

import { printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import { concat } from "../../trace/functions.ts";
import { type Cell, checkCell, firstSize } from "../cell.ts";

/**
 * The cell with input [x_t, h_(t-d), ...] for each distance d, where h is the first part of its state. So
 * withSkips(rnn, [3]) is h_t = tanh(W_ih [x_t, h_(t-3)] + b_ih + W_hh h_(t-1) + b_hh): the matrices that read the input
 * have that many more columns, those of the states after those of x. States before the start are 0.
 *
 * El Hihi and Bengio, "Hierarchical recurrent neural networks for long-term dependencies", 1995; Lin et al., "Learning
 * long-term dependencies in NARX recurrent neural networks", 1996.
 * Throws UsageError for distances that are not different integers from 2: the state one step back is what a cell reads anyway.
 */
export function withSkips<State extends string, Weight extends string>(
  cell: Cell<State, Weight>,
  distances: readonly number[],
): Cell<State, Weight> {
  checkCell("withSkips", cell);
  const fits =
    Array.isArray(distances) && distances.every((distance) => Number.isInteger(distance) && distance >= 2);
  if (!fits || distances.length === 0 || new Set(distances).size !== distances.length) {
    throw new UsageError(
      `withSkips(${cell.name}): distances ${Array.isArray(distances) ? `[${distances.join(", ")}]` : printGiven(distances)} given, different integers from 2 expected`,
    );
  }
  const shownOf = (state: object) => Object.keys(state)[0] as State;
  return {
    ...cell,
    name: `${cell.name} with skips ${distances.join(", ")}`,
    parts(input, hidden, memory) {
      const { state } = cell.parts(input, hidden, memory);
      return cell.parts(input + distances.length * firstSize(cell.name, state), hidden, memory);
    },
    step(weights, state, x, context) {
      const shown = shownOf(state);
      const earlier = distances.map((distance) => context.past(distance)[shown]);
      return cell.step(weights, state, concat(x, ...earlier), context);
    },
  };
}
