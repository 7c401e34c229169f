/**
 * The states before a window, for cells that read further back than one step. A layer carries them from window to window as a
 * part of its state: (B, size), where the states 2, 3, ..., `reach` steps back stand one after the other.
 */

import { addDimensions, type Dimension, multiplyDimensions } from "../../graph/dimension.ts";
import { concat, join, range, stack, where } from "../../trace/functions.ts";
import { sizeTensor, type Tensor } from "../../trace/tensor.ts";
import { mapRecord, type SizedCell, type Tensors } from "../cell.ts";

type Sized<State extends string> = Pick<SizedCell<State, string>, "state" | "distances">;

const reachOf = ({ distances }: Sized<string>) => distances.at(-1) ?? 1;
const widthOf = ({ state }: Sized<string>) => Object.values(state).reduce((sum, size) => sum + size, 0);

/** The numbers of a row that are carried besides the state. */
export function pastSize(cell: Sized<string>): number {
  return (reachOf(cell) - 1) * widthOf(cell);
}

/** The state `distance` >= 2 steps back, from the carried part. */
export function stateBack<State extends string>(
  cell: Sized<State>,
  past: Tensor,
  distance: number,
): Record<State, Tensor> {
  let at = (distance - 2) * widthOf(cell);
  return mapRecord(cell.state, (size) => {
    at += size;
    return past.slice(1, at - size, at);
  });
}

/** The carried part after one step that started from `before`. */
export function pastAfterStep<State extends string>(
  cell: Sized<State>,
  before: Tensors<State>,
  past: Tensor,
): Tensor {
  const kept = (past.size(1) as number) - widthOf(cell);
  return concat(...Object.values<Tensor>(before), ...(kept > 0 ? [past.slice(1, 0, kept)] : []));
}

/** The states of the last `reach` steps before a window, the oldest first: (reach, B, size). */
export function statesBefore<State extends string>(
  cell: Sized<State>,
  init: Tensors<State>,
  past: Tensor,
): Record<State, Tensor> {
  const back = Array.from({ length: reachOf(cell) - 1 }, (_, index) => stateBack(cell, past, index + 2));
  return mapRecord(init, (last, name) => stack([last, ...back.map((state) => state[name])].reverse()));
}

/** What the first steps of a window read `distance` steps back, where that lies before it: (T, B, size), zeros after. */
export function readBefore(states: Tensor, distance: number, steps: Dimension): Tensor {
  const start = (states.size(0) as number) - distance;
  return states.pad(0, 0, steps).slice(0, start, addDimensions(start, steps));
}

/** The carried part after a window, from the states before it and after each of its steps, (T, B, size). */
export function pastAfterWindow<State extends string>(
  cell: Sized<State>,
  before: Tensors<State>,
  states: Tensors<State>,
  lengths: Tensor | undefined,
): Tensor {
  const reach = reachOf(cell);
  const all = mapRecord(before, (early, name) => join([early, states[name]], 0));
  const parts: Tensor[] = [];
  for (let distance = 2; distance <= reach; distance++) {
    for (const sequence of Object.values<Tensor>(all)) {
      parts.push(
        lengths
          ? rowsAt(sequence, lengths.add(reach - distance))
          : sequence.at(0, addDimensions(sequence.size(0), -distance)),
      );
    }
  }
  return concat(...parts);
}

/** A sequence (T, B, size) from each row's last step to its first; what stands after a row's length stays there. */
export function readBackwards(sequence: Tensor, lengths: Tensor | undefined): Tensor {
  if (!lengths) return sequence.flip(0);
  const step = range(sequence.size(0)).reshape([sequence.size(0), 1]);
  return rowsAt(sequence, where(step.less(lengths), lengths.sub(step).sub(1), step));
}

/** Steps of a sequence (T, B, size), chosen for each row: int32 (B) to (B, size), or (T, B) to (T, B, size). */
export function rowsAt(sequence: Tensor, step: Tensor): Tensor {
  const [length, batch, size] = sequence.shape as [Dimension, Dimension, Dimension];
  const rows = sequence.reshape([multiplyDimensions(length, batch), size]);
  return rows.gather(step.mul(sizeTensor(batch).convert("int32")).add(range(batch)));
}
