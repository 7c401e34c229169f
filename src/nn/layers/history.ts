/**
 * The states before a window, for cells that read further back than one step. A layer carries them from window to window as a
 * part of its state: (B, size), where the states 2, 3, ..., `reach` steps back stand one after the other.
 */

import {
  addDimensions,
  type Dimension,
  multiplyDimensions,
  subtractDimensions,
} from "../../graph/dimension.ts";
import { concat, join, range, stack, where } from "../../trace/functions.ts";
import { sizeTensor, type Tensor } from "../../trace/tensor.ts";
import { mapRecord, type Tensors } from "../cell.ts";

/** The sizes of a cell's state, and how far back it reads. */
export interface Reach<State extends string> {
  readonly state: Readonly<Record<State, Dimension>>;
  readonly distances: readonly number[];
}

const reachOf = ({ distances }: Reach<string>) => distances.at(-1) ?? 1;
const widthOf = ({ state }: Reach<string>) => Object.values(state).reduce<Dimension>(addDimensions, 0);

/** The numbers of a row that are carried besides the state. */
export function pastSize(cell: Reach<string>): Dimension {
  return multiplyDimensions(reachOf(cell) - 1, widthOf(cell));
}

/** The state `distance` >= 2 steps back, from the carried part. */
export function stateBack<State extends string>(
  cell: Reach<State>,
  past: Tensor,
  distance: number,
): Record<State, Tensor> {
  let at = multiplyDimensions(distance - 2, widthOf(cell));
  return mapRecord(cell.state, (size) => {
    const start = at;
    at = addDimensions(at, size);
    return past.slice(1, start, at);
  });
}

/** The carried part after one step that started from `before`. */
export function pastAfterStep<State extends string>(
  cell: Reach<State>,
  before: Tensors<State>,
  past: Tensor,
): Tensor {
  const kept = subtractDimensions(past.size(1), widthOf(cell));
  return concat(...Object.values<Tensor>(before), ...(reachOf(cell) > 2 ? [past.slice(1, 0, kept)] : []));
}

/** The states of the last `reach` steps before a window, the oldest first: (reach, B, size). */
export function statesBefore<State extends string>(
  cell: Reach<State>,
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
  cell: Reach<State>,
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

/** A sequence (T, B, ...) from each row's last step to its first; what stands after a row's length stays there. */
export function readBackwards(sequence: Tensor, lengths: Tensor | undefined): Tensor {
  if (!lengths) return sequence.flip(0);
  const step = range(sequence.size(0)).reshape([sequence.size(0), 1]);
  return rowsAt(sequence, where(step.less(lengths), lengths.sub(step).sub(1), step));
}

/** Steps of a sequence (T, B, ...), chosen for each row: int32 (B) to (B, ...), or (T, B) to (T, B, ...). */
export function rowsAt(sequence: Tensor, step: Tensor): Tensor {
  const [length, batch, ...rest] = sequence.shape as [Dimension, Dimension];
  const rows = sequence.reshape([multiplyDimensions(length, batch), ...rest]);
  return rows.gather(step.mul(sizeTensor(batch).convert("int32")).add(range(batch)));
}
