/** The places of an image: where each stands, for layers that see a window alone, and all of them as a sequence, for what attends to them. */

import { addDimensions, type Dimension, multiplyDimensions } from "../../graph/dimension.ts";
import { concat, range } from "../../trace/functions.ts";
import { sizeTensor, type Tensor } from "../../trace/tensor.ts";
import { checkImage } from "./image.ts";

/**
 * An image with two channels more, (..., rows, columns, C) to (..., rows, columns, C + 2): how far down and how far across each
 * place is, from -1 at the first row or column to 1 at the last one, 0 where there is one alone. A convolution, which is the same
 * everywhere, can tell with them where it is. Liu, Lehman, Molino, Petroski Such, Frank, Sergeev and Yosinski, "An intriguing failing
 * of convolutional neural networks and the CoordConv solution", 2018. Throws ShapeError for another shape.
 */
export function withCoordinates(x: Tensor): Tensor {
  checkImage("withCoordinates", x);
  const around = x.shape.slice(0, -1);
  const [rows, columns] = around.slice(-2) as [Dimension, Dimension];
  const down = along(rows)
    .reshape([rows, 1, 1])
    .broadcastTo([...around, 1]);
  const across = along(columns)
    .reshape([columns, 1])
    .broadcastTo([...around, 1]);
  return concat(x, down, across);
}

/** From -1 to 1 in steps of one size: (size). */
function along(size: Dimension): Tensor {
  const last = sizeTensor(addDimensions(size, -1));
  return range(size).convert("float32").mul(2).sub(last).div(last.maximum(1));
}

/**
 * The places of images as steps of a sequence, row by row: (B, rows, columns, C) to (rows * columns, B, C). What a decoder has as its
 * memory that attends to a picture: Xu, Ba, Kiros, Cho, Courville, Salakhutdinov, Zemel and Bengio, "Show, attend and tell: neural
 * image caption generation with visual attention", 2015. Other axes before
 * the rows stay in their order. Throws ShapeError for another shape.
 */
export function placesOf(x: Tensor): Tensor {
  checkImage("placesOf", x);
  const rank = x.shape.length;
  const [rows, columns, channels] = x.shape.slice(-3) as [Dimension, Dimension, Dimension];
  const before = x.shape.slice(0, -3);
  const others = before.map((_, axis) => axis);
  return x
    .reshape([...before, multiplyDimensions(rows, columns), channels])
    .transpose([rank - 3, ...others, rank - 2]);
}
