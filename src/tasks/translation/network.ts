/** The network of a translator: an encoder reads the source, and a decoder, which may attend to what was read, writes the target. */

import {
  bridge,
  cells,
  coverageLoss,
  crossEntropy,
  dropout,
  embedding,
  type Memory,
  recurrent,
  type Scheme,
  type SequenceLayer,
  type Shown,
  stacked,
  tokenDecoder,
  withAttention,
} from "../../nn/index.ts";
import { float32 } from "../../program/compile.ts";
import { concat } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { trainingTypes } from "./batches.ts";
import { mechanismOf } from "./mechanism.ts";
import { encoderOf, type Form, type TranslationSettings } from "./options.ts";

/** Layers without values: `initialize` or a file gives them. */
export function createNetwork(form: Form, sizes: Sizes, scheme: Scheme) {
  const { hidden, layers, embedding: width } = form;
  const { cell, bidirectional } = encoderOf(form.encoder);
  const between = layers > 1 ? form.dropout : 0;
  const encoder = recurrent(cells[cell], width, hidden, {
    ...{ layers, dropout: between, direction: bidirectional ? "both" : "forward", initialize: scheme },
  });
  const context = readsContext(form) ? encoder.outputSize : 0;
  const rnn = decoderLayers(form, width + context, encoder.outputSize, scheme);
  const source = embedding(sizes.source, width, { initialize: "uniform" });
  const decoder = tokenDecoder(sizes.target, rnn, {
    ...{ context, readout: width, dropout: form.dropout, initialize: scheme },
    embedding: sizes.isShared ? source : embedding(sizes.target, width, { initialize: "uniform" }),
  });
  return { source, encoder, bridge: bridge(encoder, rnn, { initialize: scheme }), decoder };
}

/** How many tokens the vocabularies have, and whether they are one. */
export interface Sizes {
  readonly source: number;
  readonly target: number;
  readonly isShared: boolean;
}

export type Network = ReturnType<typeof createNetwork>;

/** Whether the decoder is given the encoder's last state at every step. */
const readsContext = ({ attention, context }: Form) => attention === "none" && context === "every-step";

/** The recurrent layers of the decoder: of several the last one attends. */
function decoderLayers(form: Form, input: number, memory: number, scheme: Scheme): SequenceLayer<unknown> {
  const { hidden, layers } = form;
  const cell = cells[form.decoder];
  const mechanism = mechanismOf(form);
  const initialize = scheme;
  const dropout = layers > 1 ? form.dropout : 0;
  if (!mechanism) return recurrent(cell, input, hidden, { layers, dropout, initialize });
  const attending = withAttention(cell, mechanism, { query: form.attend });
  if (layers === 1) return recurrent(attending, input, hidden, { memory, initialize });
  return stacked(
    recurrent(cell, input, hidden, {
      ...{ layers: layers - 1, dropout: layers > 2 ? dropout : 0, initialize },
    }),
    recurrent(attending, hidden, hidden, { memory, initialize }),
    { dropout },
  ) as SequenceLayer<unknown>;
}

/** As `trainingTypes`, with how probably the decoder reads what it wrote itself. */
export const updateTypes = { ...trainingTypes, sampling: float32() };

/** Without lengths all sources have as many tokens, as in pictures. */
type GivenSource = { readonly source: Tensor; readonly sourceLengths?: Tensor | undefined };
type GivenPairs = { readonly [Name in keyof typeof trainingTypes]: Tensor };

/** What a decoder is given of a source. */
export interface Read {
  readonly state: unknown;
  readonly memory?: Memory | undefined;
  readonly context?: Tensor | undefined;
}

/** The encoder: what a decoder is given of a source. */
export function read(
  { source: vectors, encoder, bridge }: Network,
  form: Form,
  { source, sourceLengths: lengths }: GivenSource,
): Read {
  const drop = dropout(form.dropout);
  const { output, state } = encoder.apply(drop.apply(vectors.apply(source)), { lengths });
  const context = readsContext(form) && lastOutputs(state, form);
  return {
    state: bridge.apply(state, source.size(0)),
    ...(form.attention !== "none" && { memory: { values: drop.apply(output), lengths } }),
    ...(context && { context }),
  };
}

/** What the last layer ended with in its directions, (B, M): the context of the lecture. */
function lastOutputs(state: Readonly<Record<string, Tensor>>, { layers, encoder }: Form): Tensor {
  const h = Object.values(state)[0] as Tensor;
  const directions = encoderOf(encoder).bidirectional ? 2 : 1;
  return concat(...Array.from({ length: directions }, (_, at) => h.at(0, (layers - 1) * directions + at)));
}

/** The nats of all tokens of a batch, and how many of them are found likeliest, after those that are right. */
export function scoredOf(network: Network, form: Form, given: GivenPairs) {
  const { inputs, targets } = given;
  const { logits } = network.decoder.apply(inputs, read(network, form, given));
  return {
    loss: crossEntropy(logits, targets, { reduction: "sum" }),
    right: logits.argmax().equal(targets).convert("float32").sum(),
  };
}

/** What a training makes small: nats a token, smoothed, and what attending twice costs. */
export function trainingLossOf(
  network: Network,
  form: Form,
  { labelSmoothing, scheduledSampling }: Pick<TranslationSettings, "labelSmoothing" | "scheduledSampling">,
  { sampling, ...given }: GivenPairs & { readonly sampling: Tensor },
) {
  const { decoder } = network;
  const call = read(network, form, given);
  const { logits, shown } =
    scheduledSampling === "none"
      ? decoder.apply(given.inputs, call)
      : decoder.sample(given.inputs, sampling, call);
  const nats = crossEntropy(logits, given.targets, { labelSmoothing });
  if (form.coverage === 0) return nats;
  const twice = coverageLoss(attentionOf(shown) as Tensor, given.targetLengths);
  return { loss: nats.add(twice.mul(form.coverage)), measures: { nats, coverage: twice } };
}

/** What was attended to, (T, S, B), or (S, B) at one step; undefined where nothing attends. */
export const attentionOf = (shown: Shown): Tensor | undefined => shown.attention?.[0];
