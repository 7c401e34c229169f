/** Convolution along time: each step of the output sees a window of steps of the input. */

import { checkOptions } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import type { Dimension } from "../../graph/dimension.ts";
import { join, range } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";
import type { Variable } from "../../trace/variable.ts";
import { withinLengths } from "../lengths.ts";
import { memoryOf } from "../memory.ts";
import { spanOf, tapsAlong } from "../taps.ts";
import { rowsAt } from "./history.ts";
import { type KernelOptions, kernelOptionNames, kernels } from "./kernels.ts";
import { checkChoice, checkInput, checkSize } from "./layer.ts";
import {
  checkLengths,
  checkState,
  type SequenceLayer,
  sequenceCallNames,
  stepCallNames,
} from "./sequence-layer.ts";

/** Where the steps stand that a window sees: up to its own, or around it. */
export const paddings = ["causal", "same"] as const;
export type Padding = (typeof paddings)[number];

export interface ConvolutionOptions extends KernelOptions {
  /** From a step of a window to its next; default 1, steps side by side. */
  readonly dilation?: number | undefined;
  /**
   * "causal", the default: a window ends at its own step, and nothing sees what comes later. "same": its own step is in the
   * middle, of an even width the last of the first half, as in PyTorch.
   */
  readonly padding?: Padding | undefined;
}

/** The last steps of the input that later windows see, the oldest first: (steps, B, input). Nothing where none see any. */
export type ConvolutionState = Readonly<Record<"past", Tensor>>;

export interface Convolution extends SequenceLayer<ConvolutionState> {
  /** `weight` (output, input / groups, width) and `bias` (output): those of torch.nn.Conv1d. */
  readonly weights: { readonly weight: Variable; readonly bias?: Variable };
}

/**
 * y_t = b + sum over k of W_k x_(t + k dilation - before), with `weight` W (output, input / groups, width) and `bias` b
 * (output), for x (T, B, input): torch.nn.Conv1d, with zeros before the first step and after the last. `before` is (width - 1)
 * dilation of a causal convolution, else half of it. It has as many steps as x, zeros after a row's length, and is a layer
 * along time as recurrent ones are: a causal one takes single steps, and stacked ones see 1 + the sum of their (width - 1)
 * dilation steps.
 *
 *     const wide = stacked(
 *       convolution(64, 64, 3, { activation: relu }),
 *       residual(convolution(64, 64, 3, { dilation: 2, activation: relu })),
 *       residual(convolution(64, 64, 3, { dilation: 4, activation: relu })),
 *     );
 *
 * Waibel et al., "Phoneme recognition using time-delay neural networks", 1989; dilated and causal: van den Oord et al.,
 * "WaveNet", 2016; Bai, Kolter and Koltun, "An empirical evaluation of generic convolutional and recurrent networks for sequence
 * modeling", 2018. Throws UsageError for sizes that are no positive integers, and groups that do not divide both sizes.
 */
export function convolution(
  input: number,
  output: number,
  width: number,
  options: ConvolutionOptions = {},
): Convolution {
  const where = `convolution(${input}, ${output}, ${width})`;
  checkOptions(where, options, { ...kernelOptionNames, dilation: true, padding: true });
  const { padding = "causal", dilation = 1 } = options;
  checkSize(where, "width", width);
  checkSize(where, "dilation", dilation);
  checkChoice(where, "padding", padding, paddings);
  const { weights, apply: product } = kernels(where, [input, output], [width], options);
  const windows = { width, dilation };
  const others = spanOf(windows) - 1;
  const after = padding === "causal" ? 0 : Math.ceil(others / 2);
  const before = others - after;
  /** A state with its only part, if it has that. */
  const stateWith = <Part>(past: () => Part) => (before > 0 ? { past: past() } : {}) as Record<"past", Part>;
  const stateShapes = <Batch extends Dimension>(batch: Batch) =>
    stateWith(() => [before, batch, input] as const);

  /** The outputs of steps that follow on others, and the last steps before those that come. */
  const run = (x: Tensor, past: Tensor | undefined, lengths: Tensor | undefined) => {
    const own = withinLengths(x, lengths);
    const joined = past ? join([past, own], 0) : own.pad(0, before);
    const output = product(tapsAlong(where, joined.pad(0, 0, after), 0, windows));
    const last = () =>
      lengths ? rowsAt(joined, range(before).reshape([before, 1]).add(lengths)) : joined.slice(0, x.size(0));
    return { output: withinLengths(output, lengths), state: stateWith(last) };
  };

  return {
    name: where,
    weights,
    inputSize: input,
    outputSize: output,
    stateShapes,
    apply(x, call = {}) {
      checkInput(where, x, input, 3);
      checkOptions(where, call, sequenceCallNames);
      const { state, lengths, memory } = call;
      memoryOf(where, memory, { size: undefined, batch: x.size(1) });
      if (lengths !== undefined) checkLengths(where, lengths, x);
      if (state !== undefined) checkState(where, state, stateShapes(x.size(1)));
      return run(x, state?.past, lengths);
    },
    step(x, state, call = {}) {
      if (after > 0) {
        throw new UsageError(
          `${where}: a convolution that sees ${after} steps ahead cannot take single steps, a causal one expected`,
        );
      }
      checkInput(where, x, input, 2);
      checkOptions(where, call, stepCallNames);
      memoryOf(where, call.memory, { size: undefined, batch: x.size(0) });
      checkState(where, state, stateShapes(x.size(0)));
      const { output, state: next } = run(x.reshape([1, ...x.shape]), state.past, undefined);
      return { output: output.at(0, 0), state: next };
    },
  };
}
