/** The decoder of a network that writes tokens: it reads its previous token, its state and what it is told, and scores the next one. */

import { checkOptions } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import { concat, tanh } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";
import type { Scheme } from "../initializers.ts";
import type { Memory } from "../memory.ts";
import { drawClasses, scheduledSampling } from "../scheduled-sampling.ts";
import { dropout as dropoutLayer } from "./dropout.ts";
import { type Embedding, embedding as embeddingLayer } from "./embedding.ts";
import { checkProbability, checkSize, type Layer } from "./layer.ts";
import { type Linear, linear } from "./linear.ts";
import { checkSequenceLayer, type SequenceLayer } from "./sequence-layer.ts";
import type { Shown } from "./shown.ts";

export interface TokenDecoderOptions {
  /** The size C of a context that is read at every step beside the token, as the lecture's decoder does. Default 0, none. */
  readonly context?: number | undefined;
  /**
   * The size R of a layer between the recurrent ones and the scores, tanh(W [output, token's vector, context] + b). Default 0: the scores
   * are made of the output alone.
   */
  readonly readout?: number | undefined;
  /** Probability of dropout on what the recurrent layers and the scores read. Default 0. */
  readonly dropout?: number | undefined;
  /** The vectors of tokens, shared with another layer, such as an encoder of the same vocabulary. Default its own. */
  readonly embedding?: Embedding | undefined;
  /** How weights start. Default "default". */
  readonly initialize?: Scheme | undefined;
}

export interface TokenDecoderCall<State> {
  /** The state before the first token. */
  readonly state: State;
  /** What attending layers read. */
  readonly memory?: Memory | undefined;
  /** (B, C), where the decoder has a context. */
  readonly context?: Tensor | undefined;
}

export interface TokenDecoder<State> extends Layer {
  readonly weights: {
    readonly embedding: Embedding;
    readonly rnn: SequenceLayer<State>;
    readonly readout?: Linear;
    readonly head: Linear;
  };
  readonly rnn: SequenceLayer<State>;
  /** V. */
  readonly vocabulary: number;
  /**
   * Teacher forcing: the tokens that it reads, int32 (T, B), START first, to the scores (T, B, V) of those that come after each. What
   * attending layers show is (T, ...).
   */
  apply(tokens: Tensor, call: TokenDecoderCall<State>): { logits: Tensor; state: State; shown: Shown };
  /**
   * The same, but each token after the first is with `probability` (see `scheduledSampling`) not the one that is right but one that the decoder
   * itself draws from its scores of the step before; no gradient flows through what is drawn.
   */
  sample(
    tokens: Tensor,
    probability: number | Tensor,
    call: TokenDecoderCall<State>,
  ): { logits: Tensor; state: State; shown: Shown };
  /** One step: tokens int32 (B) to the scores (B, V) of the next ones, the next state, and what attending layers show. */
  step(token: Tensor, call: TokenDecoderCall<State>): { logits: Tensor; state: State; shown: Shown };
}

/**
 * A decoder of `vocabulary` tokens around layers along time, which read a token's vector, of size E, and the context:
 *
 *     const decoder = tokenDecoder(vocabulary.size, recurrent(withAttention(gru, additive()), 64, 128, { memory: 256 }), { readout: 64 });
 *     const { logits } = decoder.apply(inputs, { state, memory });
 *
 * E is what is left of the layers' input size without the context. Sutskever, Vinyals and Le, "Sequence to sequence learning with neural
 * networks", 2014; the context at every step: Cho et al., "Learning phrase representations using RNN encoder-decoder", 2014. Throws UsageError for
 * sizes that do not fit and layers that read backwards.
 */
export function tokenDecoder<State>(
  vocabulary: number,
  rnn: SequenceLayer<State>,
  options: TokenDecoderOptions = {},
): TokenDecoder<State> {
  const name = "tokenDecoder";
  checkSize(name, "vocabulary", vocabulary);
  checkSequenceLayer(name, rnn);
  checkOptions(name, options, {
    context: true,
    readout: true,
    dropout: true,
    embedding: true,
    initialize: true,
  });
  const { context: contextSize = 0, readout: readoutSize = 0, dropout = 0, initialize } = options;
  if (contextSize !== 0) checkSize(name, "context", contextSize);
  if (readoutSize !== 0) checkSize(name, "readout", readoutSize);
  checkProbability(name, "dropout", dropout);
  const size = rnn.inputSize - contextSize;
  if (size < 1) {
    throw new UsageError(
      `${name}: ${rnn.name} reads ${rnn.inputSize}, more than the context of ${contextSize} expected`,
    );
  }
  const embedding = options.embedding ?? embeddingLayer(vocabulary, size, { initialize });
  const [tokens, width] = embedding.weights.weight.dimensions;
  if (tokens !== vocabulary || width !== size) {
    throw new UsageError(
      `${name}: an embedding of (${tokens}, ${width}) given, (${vocabulary}, ${size}) expected`,
    );
  }
  const readout =
    readoutSize === 0 ? undefined : linear(rnn.outputSize + rnn.inputSize, readoutSize, { initialize });
  const head = linear(readout ? readoutSize : rnn.outputSize, vocabulary, { initialize });
  const drop = dropoutLayer(dropout);

  /** What the layers read of tokens (..., B): vectors (..., B, E + C). */
  const read = (token: Tensor, context: Tensor | undefined) => {
    const vectors = drop.apply(embedding.apply(token));
    if (contextSize === 0) {
      if (context !== undefined) throw new UsageError(`${name}: a context given, none expected`);
      return vectors;
    }
    if (context === undefined)
      throw new UsageError(`${name}: no context given, (B, ${contextSize}) expected`);
    return concat(vectors, context.broadcastTo([...token.shape, contextSize]));
  };
  const score = (output: Tensor, x: Tensor) =>
    head.apply(drop.apply(readout ? tanh(readout.apply(concat(output, x))) : output));
  const step: TokenDecoder<State>["step"] = (token, { state, memory, context }) => {
    const x = read(token, context);
    const stepped = rnn.step(x, state, { memory });
    return { logits: score(stepped.output, x), state: stepped.state, shown: stepped.shown ?? {} };
  };

  return {
    weights: { embedding, rnn, ...(readout && { readout }), head },
    rnn,
    vocabulary,
    apply(inputs, { state, memory, context }) {
      const x = read(inputs, context);
      const { output, state: final, shown = {} } = rnn.apply(x, { state, memory });
      return { logits: score(output, x), state: final, shown };
    },
    sample(inputs, probability, { state, memory, context }) {
      const { final, outputs } = scheduledSampling(
        (before: State, token) => {
          const { logits, state: next, shown } = step(token, { state: before, memory, context });
          return [next, { logits, shown }];
        },
        { init: state, inputs, probability, own: ({ logits }) => drawClasses(logits) },
      );
      return { logits: outputs.logits, state: final, shown: outputs.shown };
    },
    step,
  };
}
