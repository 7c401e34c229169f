/** A translator: what it is made of, and how it looks for the texts that it writes. */

import type { Value } from "../../backends/backend.ts";
import type { BackendChoice } from "../../backends/choice.ts";
import { beamSearch } from "../../decoding/beam-search.ts";
import { type Decoded, sampleSequences } from "../../decoding/greedy.ts";
import { type Scheme, stateTypes } from "../../nn/index.ts";
import { compile, float32, type InputType, int32 } from "../../program/compile.ts";
import { compileSteps } from "../../program/steps.ts";
import { logSoftmax } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { sourcesOf, sourceTypes } from "./batches.ts";
import { attentionOf, createNetwork, type Network, type Read, read } from "./network.ts";
import type { Form } from "./options.ts";
import type { Sides } from "./prepare.ts";
import { END, PADDING, START, UNKNOWN } from "./side.ts";

/** How texts are looked for. */
export interface Search {
  /** How many beginnings of each text are gone on with. */
  readonly beam: number;
  readonly lengthPenalty: number;
  readonly coveragePenalty: number;
  /** The most tokens of a text. */
  readonly limit: number;
  /** Tokens that each text begins with. */
  readonly prefix: Int32Array;
  /** How many of each are told, the best first. */
  readonly best: number;
  /** Draw at random in place of looking for the best. */
  readonly sampling?:
    | {
        readonly temperature: number;
        readonly topK: number;
        readonly topP: number;
        readonly seed: number;
        /** A number for each source, of which its draws depend. */
        readonly numbers: Int32Array;
      }
    | undefined;
  /** Whether the unknown token may be written. */
  readonly unknown: boolean;
}

/** A text that was found. */
export interface Hypothesis extends Decoded {
  /** By which the best were chosen: undefined for what was drawn. */
  readonly score?: number | undefined;
}

export class TranslationModel {
  readonly form: Form;
  readonly sides: Sides;
  readonly network: Network;
  readonly #backend: BackendChoice | undefined;
  #programs: ReturnType<typeof compilePrograms> | undefined;

  constructor(
    { form, sides }: Pick<TranslationModel, "form" | "sides">,
    options: { readonly initialize?: Scheme | undefined; readonly backend?: BackendChoice | undefined } = {},
  ) {
    const { initialize = "default", backend } = options;
    this.form = form;
    this.sides = sides;
    const sizes = { source: sides.source.size, target: sides.target.size, isShared: sides.isShared };
    this.network = createNetwork(form, sizes, initialize);
    this.#backend = backend;
  }

  /** What pictures show: the scores of the tokens that a target has, after those that are right. */
  readonly pictured = {
    inputs: { source: sourceTypes.source, target: int32("T", "B") },
    forward: ({ source, target }: { source: Tensor; target: Tensor }) =>
      this.network.decoder.apply(target, read(this.network, this.form, { source })).logits,
  };

  /** The texts of sources of one token or more, which are read side by side: of each the best, the best first. */
  search(sources: readonly Int32Array[], search: Search): Hypothesis[][] {
    this.#programs ??= compilePrograms(this.network, this.form, this.#backend);
    const { encode, decoder } = this.#programs;
    const { beam, best, lengthPenalty, coveragePenalty, limit, prefix, sampling, unknown } = search;
    const given = sourcesOf(sources);
    const { state, ...memory } = encode(given);
    const live = decoder.begin({ state, memory, repeat: sampling ? 1 : beam } as never);
    const rules = {
      ...{ start: START, end: END, limit, prefix },
      banned: [PADDING, START, ...(unknown ? [] : [UNKNOWN])],
      memoryLengths: given.sourceLengths.data,
    };
    if (sampling) return sampleSequences(live, { ...rules, ...sampling }).map((found) => [found]);
    return beamSearch(live, { ...rules, beam, best, lengthPenalty, coveragePenalty });
  }
}

/** The encoder for a batch of sources, and the steps of the decoder. */
function compilePrograms(network: Network, form: Form, backend: BackendChoice | undefined) {
  const { decoder, encoder } = network;
  const context = decoder.rnn.inputSize - form.embedding;
  const memory: Record<string, InputType | Record<string, InputType>> = {
    ...(form.attention !== "none" && {
      memory: { values: float32("S", "B", encoder.outputSize), lengths: int32("B") },
    }),
    ...(context > 0 && { context: float32("B", context) }),
  };
  return {
    encode: compile((given) => read(network, form, given), {
      inputs: sourceTypes,
      ...(backend && { backend }),
    }) as (given: Readonly<Record<keyof typeof sourceTypes, Value>>) => Readonly<Record<keyof Read, unknown>>,
    decoder: compileSteps(
      (token, state, told) => {
        const { logits, state: next, shown } = decoder.step(token, { state, ...(told as object) });
        const attention = attentionOf(shown);
        return [next, { logProbabilities: logSoftmax(logits), ...(attention && { attention }) }] as never;
      },
      {
        inputs: int32("B"),
        state: stateTypes(decoder.rnn),
        memory,
        ...(backend && { backend }),
      },
    ),
  };
}
