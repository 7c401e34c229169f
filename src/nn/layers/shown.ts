/** What the steps of a layer show beside its output: gates, or what they attended to. */

import type { Dimension } from "../../graph/dimension.ts";
import { zeros } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { mapRecord, type Tensors } from "../cell.ts";
import { MEMORY_STEPS } from "../memory.ts";
import type { SizedCell } from "../sized-cell.ts";

/**
 * What steps showed, by name: a tensor for each layer and direction that shows it, layer by layer, forward first. Along time
 * each is (T, ...), such as "attention" (T, S, B), and zeros beyond a row's length.
 */
export type Shown = Readonly<Record<string, readonly Tensor[]>>;

/** What several layers show. */
export function joinShown(parts: readonly (Shown | Tensors<string> | undefined)[]): Shown {
  const all: Record<string, Tensor[]> = {};
  for (const part of parts) {
    for (const [name, tensors] of Object.entries<Tensor | readonly Tensor[]>(part ?? {})) {
      all[name] = [...(all[name] ?? []), ...[tensors].flat()] as Tensor[];
    }
  }
  return all;
}

type Showing = Pick<SizedCell<string, string>, "shown">;

/** What a step shows with the batch as the first axis, as a scan takes it. */
export function rowsFirst(cell: Showing, shown: Tensors<string>): Tensors<string> {
  return mapRecord(shown, (tensor, name) => moveAxis(tensor, cell.shown[name]?.batchAxis ?? 0, 0));
}

/** What the steps of a scan showed, (T, B, ...), with the batch where it was. */
export function asShown(cell: Showing, sequences: Tensors<string>): Tensors<string> {
  return mapRecord(sequences, (tensor, name) => moveAxis(tensor, 1, 1 + (cell.shown[name]?.batchAxis ?? 0)));
}

/** Zeros like what a step shows, with the batch as the first axis. */
export function shownBefore(
  { shown }: Showing,
  batch: Dimension,
  memorySteps: Dimension | undefined,
): Tensors<string> {
  return mapRecord(shown, ({ dtype, shape, batchAxis }) => {
    const rest = shape.filter((_, axis) => axis !== batchAxis);
    const sizes = rest.map((size) => (size === MEMORY_STEPS ? (memorySteps ?? size) : size));
    return zeros([batch, ...sizes], dtype);
  });
}

function moveAxis(tensor: Tensor, from: number, to: number): Tensor {
  if (from === to) return tensor;
  const order = tensor.shape.map((_, axis) => axis).filter((axis) => axis !== from);
  return tensor.transpose([...order.slice(0, to), from, ...order.slice(to)]);
}
