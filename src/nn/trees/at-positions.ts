/** From a sequence of words to the nodes of trees over them. */

import { ShapeError } from "../../errors.ts";
import { type Dimension, printShape, subtractDimensions } from "../../graph/dimension.ts";
import { expectWithin } from "../../trace/expectation.ts";
import { expectTensors, located, type Tensor } from "../../trace/tensor.ts";
import { rowsAt } from "../layers/history.ts";

/**
 * What stands in a sequence (S, B, M) at a position for each node, int32 (T, B), from 0 to S - 1: (T, B, M). A node at -1 has zeros,
 * as one without a word. So a layer over trees reads what a layer along time puts out. Throws ShapeError for other shapes.
 */
export function atPositions(sequence: Tensor, positions: Tensor): Tensor {
  expectTensors("atPositions", sequence, positions);
  const [steps, batch] = sequence.shape;
  const { dtype, shape } = positions;
  if (sequence.shape.length < 2 || shape.length !== 2 || dtype !== "int32" || shape[1] !== batch) {
    located(() => {
      const given = `${printShape(sequence.shape)} and ${dtype} ${printShape(shape)}`;
      throw new ShapeError(`atPositions: ${given} given, (S, B, ...) and int32 (T, B) expected`);
    });
  }
  expectWithin(positions, 0, subtractDimensions(steps as Dimension, 1), -1);
  return rowsAt(sequence, positions);
}
