/** The block of a Transformer's encoder: attention of a sequence to itself, and a feedforward network for each step. */

import { checkOptions, printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import { relu } from "../../trace/functions.ts";
import { foldKey } from "../../trace/randomness.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { dropout as dropoutLayer } from "../layers/dropout.ts";
import { checkChoice, checkInput, checkSize } from "../layers/layer.ts";
import { type LayerNorm, layerNorm } from "../layers/layer-norm.ts";
import { type Linear, linear } from "../layers/linear.ts";
import {
  checkLengths,
  checkState,
  type SequenceCall,
  type SequenceLayer,
  type ShowingResult,
  sequenceCallNames,
} from "../layers/sequence-layer.ts";
import { withinLengths } from "../lengths.ts";
import { memoryOf } from "../memory.ts";
import { type MultiHeadAttention, multiHeadAttention } from "./multi-head-attention.ts";

const places = ["before", "after"] as const;
/** Whether the layers are normalised in what they read, or in the sum of what they read and put out. */
export type NormPlace = (typeof places)[number];

export interface TransformerBlockOptions {
  /** How many; `size` is a multiple of them. */
  readonly heads: number;
  /** The units of the feedforward network; default 4 size. */
  readonly hidden?: number | undefined;
  /** Where the layers are normalised; default "before". */
  readonly norm?: NormPlace | undefined;
  /** Whether a step reads itself and earlier ones only. Default false. */
  readonly causal?: boolean | undefined;
  /** What becomes of the feedforward network's units; default `relu`. */
  readonly activation?: ((x: Tensor) => Tensor) | undefined;
  /** Probability of dropout on these units, and on what each of the two parts adds; default 0. */
  readonly dropout?: number | undefined;
}

/** It carries nothing from sequence to sequence. */
export type TransformerBlockState = Readonly<Record<never, never>>;

export interface TransformerBlock extends SequenceLayer<TransformerBlockState> {
  /** Those of torch.nn.TransformerEncoderLayer. */
  readonly weights: {
    readonly self_attn: MultiHeadAttention;
    readonly linear1: Linear;
    readonly linear2: Linear;
    readonly norm1: LayerNorm;
    readonly norm2: LayerNorm;
  };
  /** x (T, B, size) to the outputs (T, B, size). It shows `attention` (T, T, B): the mean over the heads of what each step read of each. */
  apply(x: Tensor, call?: SequenceCall<TransformerBlockState>): ShowingResult<TransformerBlockState>;
}

/**
 * With norm "before":  a = x + attention(norm1(x));  y = a + feed(norm2(a)).
 * With norm "after":   a = norm1(x + attention(x));  y = norm2(a + feed(a)).
 * attention is that of `multiHeadAttention`, of the sequence to itself; feed(x) = linear2(activation(linear1(x))), for each step:
 * torch.nn.TransformerEncoderLayer, with norm_first = true and false. Of itself it sees no order but that of a causal one's mask:
 * `sinusoidalPositions` say where a step stands.
 *
 * It is a layer along time that sees the whole sequence: it does not take single steps, for which it would have to carry the keys and
 * values of all steps before, which are more with each step, and a layer's state has one size. In the same way each window stands
 * for itself.
 *
 * Vaswani et al., "Attention is all you need", 2017 (after); Xiong et al., "On layer normalization in the Transformer architecture",
 * 2020 (before). Throws UsageError for sizes that are no positive integers, a size that is no multiple of the heads, and a probability
 * out of range.
 */
export function transformerBlock(size: number, options: TransformerBlockOptions): TransformerBlock {
  const name = `transformerBlock(${size})`;
  checkOptions("transformerBlock", options, {
    heads: "a positive integer",
    hidden: true,
    norm: true,
    causal: true,
    activation: true,
    dropout: true,
  });
  const { heads, hidden = 4 * size, norm = "before", causal = false } = options;
  const { activation = relu, dropout = 0 } = options;
  checkSize("transformerBlock", "size", size);
  checkSize("transformerBlock", "hidden", hidden);
  checkChoice("transformerBlock", "norm", norm, places);
  if (typeof activation !== "function") {
    throw new UsageError(`transformerBlock: activation ${printGiven(activation)} given, a function expected`);
  }
  const drop = dropoutLayer(dropout);
  const self_attn = multiHeadAttention(size, { heads });
  const [linear1, linear2] = [linear(size, hidden), linear(hidden, size)];
  const [norm1, norm2] = [layerNorm(size), layerNorm(size)];

  return {
    name,
    weights: { self_attn, linear1, linear2, norm1, norm2 },
    inputSize: size,
    outputSize: size,
    stateShapes: () => ({}),
    apply(x, call = {}) {
      checkInput(name, x, size, 3);
      checkOptions(name, call, sequenceCallNames);
      const { state, lengths, memory, key } = call;
      memoryOf(name, memory, { size: undefined, batch: x.size(1) });
      if (lengths !== undefined) checkLengths(name, lengths, x);
      if (state !== undefined) checkState(name, state, {});
      const dropped = (x: Tensor, use: number) => drop.apply(x, key && foldKey(key, use));
      const read = (x: Tensor) => self_attn.apply(x, x, x, { lengths, causal });
      const feed = (x: Tensor) => dropped(linear2.apply(dropped(activation(linear1.apply(x)), 1)), 2);
      const own = withinLengths(x, lengths);
      const { output: found, weights } = read(norm === "before" ? norm1.apply(own) : own);
      const sum = own.add(dropped(found, 0));
      const a = norm === "before" ? sum : norm1.apply(sum);
      const output = norm === "before" ? a.add(feed(norm2.apply(a))) : norm2.apply(a.add(feed(a)));
      const attention = withinLengths(weights.mean(1).transpose([1, 0, 2]), lengths).transpose([0, 2, 1]);
      return { output: withinLengths(output, lengths), state: {}, shown: { attention: [attention] } };
    },
    step() {
      throw new UsageError(
        `${name}: a Transformer's block reads all steps of a sequence and cannot take single ones, apply expected`,
      );
    },
  };
}
