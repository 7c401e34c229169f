/** The matrices that multiply a cell's state, found in its weights: their eigenvalues say what becomes of a state along time. */

import type { StateMatrix } from "../trace/observation.ts";
import type { Tensors } from "./cell.ts";
import { type SizedCell, stateAxis } from "./sized-cell.ts";

/**
 * The square blocks (hidden, hidden) of the weights of a cell that multiply its state: of matrices that say so (`reads`), and of
 * those that have a row or a column for each number of [state, input]. Their first `hidden` rows or columns there are the state's.
 */
export function stateMatrices<Weight extends string>(
  cell: SizedCell<string, Weight>,
  variables: Tensors<Weight>,
): StateMatrix[] {
  const { hidden, weights } = cell;
  return (Object.keys(weights) as Weight[]).flatMap((name) => {
    const { shape, reads } = weights[name];
    const [rows, columns] = shape;
    if (reads === "input" || rows === undefined || columns === undefined) return [];
    const ofState =
      reads === "state" ? (columns === hidden ? 1 : rows === hidden ? 0 : undefined) : stateAxis(shape, cell);
    if (ofState === undefined) return [];
    const axis = ofState === 1 ? 0 : 1;
    const count = (shape[axis] as number) / hidden;
    return Number.isInteger(count) ? [{ name, weight: variables[name], size: hidden, count, axis }] : [];
  });
}
