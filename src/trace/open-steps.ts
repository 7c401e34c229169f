/**
 * Steps that count as never computed: those after a row's end, and those that fill up the last chunk of a checkpointed
 * scan. A scan runs them too, and throws their results away. But what they run on must be safe: a gradient is 0 times a slope,
 * and if the slope of a logarithm or a quotient is infinite, that is NaN, not 0. No constant is safe for every step. What the
 * row's own first step had is safe: the state before it, its input, and no past. So these steps run on that.
 */

import { ShapeError } from "../errors.ts";
import * as build from "../graph/build.ts";
import { type Dimension, multiplyDimensions, printShape, subtractDimensions } from "../graph/dimension.ts";
import { join, range, scalar, where, zerosLike } from "./functions.ts";
import { isTensor, type Past } from "./step.ts";
import { sizeTensor, Tensor } from "./tensor.ts";
import { mapTree } from "./tree.ts";

/** `value` where the row is open, else `otherwise`; the condition is (B) over tensors (B, ...), or a scalar. */
export function masked(value: Tensor, otherwise: Tensor, open: Tensor | undefined): Tensor {
  if (!open) return value;
  const [batch] = open.shape;
  if (batch !== undefined && value.shape[0] !== batch) {
    throw new ShapeError(
      `scan: lengths ${printShape(open.shape)} given for a state or output ${printShape(value.shape)}`,
    );
  }
  const condition = build.broadcast(
    open.node,
    value.shape,
    open.shape.map((_, axis) => axis),
  );
  return where(new Tensor(condition), value, otherwise);
}

/** The past as an open row sees it; as the first step does, zeros, where a row is not open. Reads by index are told by inputs. */
export function onlyOpen<Output>(past: Past<Output>, open: Tensor | undefined): Past<Output> {
  if (!open) return past;
  return {
    back: (distance) =>
      mapTree(past.back(distance), isTensor, (read: Tensor) => masked(read, zerosLike(read), open)) as Output,
    at: past.at,
  };
}

interface Steps {
  readonly lengths: Tensor | undefined;
  /** T. */
  readonly length: Dimension;
  readonly reverse: boolean;
  /** The steps that run, T or more. */
  readonly padded?: Dimension;
  /** For each sequence whether it is the rows', (T, B, ...). */
  readonly areRows: readonly boolean[];
}

/** Sequences (T, ...) as steps read them, (padded, ...): where a step or a row is not open, the input of the first that is. */
export function openInputs(
  sequences: readonly Tensor[],
  { lengths, length, reverse, padded = length, areRows }: Steps,
): Tensor[] {
  const [batch] = lengths?.shape ?? [];
  const first = lengths && batch !== undefined ? firstInputs(lengths, batch, reverse) : undefined;
  const within = lengths && range(length).reshape([length, 1]).less(lengths);
  return sequences.map((sequence, index) => {
    const open =
      first && within && areRows[index]
        ? masked(sequence, first(sequence).broadcastTo(sequence.shape), within)
        : sequence;
    if (padded === length) return open;
    // A gather, which reads zeros where there is no step at all.
    const place = reverse ? sizeTensor(length).convert("int32").sub(1) : scalar(0, "int32");
    const shape = [subtractDimensions(padded, length), ...sequence.shape.slice(1)];
    return join([open, open.gather(place).stopGradient().broadcastTo(shape)], 0);
  });
}

/**
 * From sequences (T, B, ...) to the inputs of each row's first step, (B, ...). A row of length 0 has none: it gets that of
 * the longest row; where all are of length 0, zeros.
 */
function firstInputs(lengths: Tensor, batch: Dimension, reverse: boolean): (sequence: Tensor) => Tensor {
  const size = sizeTensor(batch).convert("int32");
  const places = (length: Tensor, row: Tensor) =>
    where(length.less(1), -1, reverse ? length.sub(1).mul(size).add(row) : row);
  const longest = lengths.max();
  const longestRow = where(lengths.equal(longest), range(batch), 0).max();
  const first = where(lengths.less(1), places(longest, longestRow), places(lengths, range(batch)));
  return (sequence) => {
    const [steps, rows, ...rest] = sequence.shape as [Dimension, Dimension, ...Dimension[]];
    return sequence
      .reshape([multiplyDimensions(steps, rows), ...rest])
      .gather(first)
      .stopGradient();
  };
}
