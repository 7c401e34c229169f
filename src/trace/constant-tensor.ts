/** Tables of numbers that never change. */

import type { Tensor } from "./tensor.ts";
import { Variable } from "./variable.ts";

/**
 * Numbers, row-major, as a float32 tensor that no optimiser changes: one array in the memory of a program. A stack of scalars
 * would be a node, and work, for each of them. `name` is for messages.
 */
export function constantTensor(name: string, values: readonly number[], shape: readonly number[]): Tensor {
  const table = new Variable(name, shape, { trainable: false });
  table.value = values;
  return table;
}
