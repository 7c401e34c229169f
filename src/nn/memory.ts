/** The memory of a layer along time: what it may read at every step beside its input, such as the outputs of an encoder. */

import { ShapeError, UsageError } from "../errors.ts";
import { type Dimension, printShape, sameShape } from "../graph/dimension.ts";
import { expectWithin } from "../trace/expectation.ts";
import { expectTensors, located, Tensor } from "../trace/tensor.ts";
import { withinLengths } from "./lengths.ts";

/** S steps of a source, for each of B rows. */
export interface Memory {
  /** float32 (S, B, M). */
  readonly values: Tensor;
  /** int32 (B), each from 1 to S; without lengths every row has S steps. */
  readonly lengths?: Tensor | undefined;
}

/** As the size of a part of a cell's state: as many numbers as the memory has steps, such as what each of them counted for. */
export const MEMORY_STEPS = "S";

/** The size of a part of a cell's state. */
export type StateSize = number | typeof MEMORY_STEPS;

/** The sizes of a state for a memory of `steps` steps. Throws UsageError where a size needs steps and there are none. */
export function sizesFor<Name extends string>(
  where: string,
  sizes: Readonly<Record<Name, StateSize>>,
  steps: Dimension | undefined,
): Record<Name, Dimension> {
  const entries = Object.entries(sizes) as [Name, StateSize][];
  return Object.fromEntries(
    entries.map(([name, size]) => {
      if (size !== MEMORY_STEPS) return [name, size];
      if (steps !== undefined) return [name, steps];
      throw new UsageError(
        `${where}: the state ${name} has a number for each step of the memory; how many there are expected`,
      );
    }),
  ) as Record<Name, Dimension>;
}

/**
 * The memory that a layer is called with, with zeros beyond the rows' lengths, so that what stands there reaches nothing;
 * undefined of a layer that reads none. `size` is M, or undefined. Throws UsageError for a memory that is missing or that
 * nobody reads, ShapeError, with the line of the user's code, for one of another size or of other rows.
 */
export function memoryOf(
  where: string,
  memory: Memory | undefined,
  { size, batch }: { readonly size: number | undefined; readonly batch: Dimension },
): Memory | undefined {
  if (size === undefined) {
    if (memory === undefined) return undefined;
    throw new UsageError(`${where}: memory given to a layer that reads none`);
  }
  if (typeof memory !== "object" || memory === null || memory instanceof Tensor) {
    throw new UsageError(`${where}: no memory given, { values (S, ${batch}, ${size}), lengths } expected`);
  }
  return checkedMemory(where, memory, size, batch);
}

/** The memory with zeros beyond the rows' lengths, if it has the size M and the rows B. */
function checkedMemory(
  where: string,
  { values, lengths }: Memory,
  size: Dimension,
  batch: Dimension,
): Memory {
  expectTensors(`${where}: memory values`, values);
  const [steps] = values.shape;
  if (steps === undefined || values.dtype !== "float32" || !sameShape(values.shape, [steps, batch, size])) {
    located(() => {
      throw new ShapeError(
        `${where}: memory ${values.dtype} ${printShape(values.shape)} given, float32 (S, ${batch}, ${size}) expected`,
      );
    });
  }
  if (lengths === undefined) return { values };
  expectTensors(`${where}: memory lengths`, lengths);
  if (lengths.dtype !== "int32" || !sameShape(lengths.shape, [batch])) {
    located(() => {
      const given = `${lengths.dtype} ${printShape(lengths.shape)}`;
      throw new ShapeError(`${where}: memory lengths ${given} given, int32 (${batch}) expected`);
    });
  }
  expectWithin(lengths, 1, steps as Dimension);
  return { values: withinLengths(values, lengths), lengths };
}
