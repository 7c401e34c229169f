/** Convolution over images: each place of the output sees a window of rows and columns of the input. */

import { checkOptions } from "../../checks.ts";
import type { Tensor } from "../../trace/tensor.ts";
import type { Variable } from "../../trace/variable.ts";
import { spanOf, tapsAlong } from "../taps.ts";
import { bothOf, checkImage, type Extent2d } from "./image.ts";
import { type KernelOptions, kernelOptionNames, kernels } from "./kernels.ts";
import { checkChoice, type Layer } from "./layer.ts";

/** What lies beyond the borders of an image: as many zeros as keep its size, or nothing that a window may see. */
export const borders = ["same", "none"] as const;
export type Border = (typeof borders)[number];

export interface Convolution2dOptions extends KernelOptions {
  /** From the start of a window to that of the next, down and across; default 1. */
  readonly stride?: Extent2d | undefined;
  /** From an element of a window to its next, down and across; default 1, elements side by side. */
  readonly dilation?: Extent2d | undefined;
  /**
   * "same", the default: zeros around the image, so that a stride of 1 keeps its size; where their number is odd there is one
   * more below and at the right. "none": only whole windows count.
   */
  readonly padding?: Border | undefined;
}

export interface Convolution2d extends Layer {
  /** `weight` (output, input / groups, height, width) and `bias` (output): those of torch.nn.Conv2d. */
  readonly weights: { readonly weight: Variable; readonly bias?: Variable };
  /** (..., rows, columns, input) to (..., rows, columns, output). */
  apply(x: Tensor): Tensor;
}

/**
 * y at (r, c) = b + sum over i and j of W_ij x at (r stride + i dilation, c stride + j dilation), for images whose channels are
 * last: (B, rows, columns, input), or an image a step, (T, B, rows, columns, input). torch.nn.Conv2d, which has channels
 * before rows. `width` is how many elements a window has, in both directions or as [down, across].
 *
 *     convolution2d(3, 16, 3, { activation: relu })
 *
 * LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", 1998. Throws UsageError for sizes
 * that are no positive integers, and groups that do not divide both sizes.
 */
export function convolution2d(
  input: number,
  output: number,
  width: Extent2d,
  options: Convolution2dOptions = {},
): Convolution2d {
  const where = "convolution2d";
  checkOptions(where, options, { ...kernelOptionNames, dilation: true, stride: true, padding: true });
  const { stride = 1, dilation = 1, padding = "same" } = options;
  const widths = bothOf(where, "width", width);
  const strides = bothOf(where, "stride", stride);
  const dilations = bothOf(where, "dilation", dilation);
  checkChoice(where, "padding", padding, borders);
  const layer = `convolution2d(${input}, ${output}, [${widths.join(", ")}])`;
  const { weights, apply } = kernels(layer, [input, output], widths, options);
  /** What stands at each place of the windows along an axis. */
  const taps = (x: Tensor, axis: -3 | -2) => {
    const at = axis === -3 ? 0 : 1;
    const windows = { width: widths[at], stride: strides[at], dilation: dilations[at] };
    const others = padding === "same" ? spanOf(windows) - 1 : 0;
    const before = Math.floor(others / 2);
    return tapsAlong(layer, x.pad(axis, before, others - before), axis, windows);
  };
  return {
    weights,
    apply(x) {
      checkImage(layer, x, input);
      return apply(taps(x, -3).flatMap((rows) => taps(rows, -2)));
    },
  };
}
