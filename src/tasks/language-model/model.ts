/** A language model: weights and a vocabulary, which score texts and write new ones. Training lies in training.ts. */

import type { BackendChoice } from "../../backends/choice.ts";
import { checkOptions, type OptionNames, printGiven } from "../../checks.ts";
import { piecesOf } from "../../data/pieces.ts";
import { codePoints } from "../../data/text.ts";
import type { Vocabulary } from "../../data/vocabulary.ts";
import { evaluationWindows } from "../../data/windows.ts";
import { checkLength, tokenGenerator } from "../../decoding/generate.ts";
import { type SamplingOptions, samplingNames } from "../../decoding/sampling.ts";
import { piecesBefore, Writing } from "../../decoding/writing.ts";
import { TrainingError, UsageError } from "../../errors.ts";
import { breather, checkSignal, type StopSignal } from "../../long-work.ts";
import type { Cell } from "../../nn/cell.ts";
import { crossEntropy, initialize, parameters, stateTypes, zeroState } from "../../nn/index.ts";
import type { Scheme } from "../../nn/initializers.ts";
import { cellOf, namedCell } from "../../options/network.ts";
import { compile, int32, value } from "../../program/compile.ts";
import { stream } from "../../program/stream.ts";
import type { Tensor } from "../../trace/tensor.ts";
import type { Variable } from "../../trace/variable.ts";
import { createNetwork, forward, type Network } from "./network.ts";
import { type Architecture, architectureNames, completeArchitecture } from "./options.ts";
import { type Prompt, readPrompt, withoutStart } from "./prompt.ts";
import { naming } from "./text.ts";

/** How well a model predicts a text. */
export interface Evaluation {
  /** Tokens predicted: all but the first. */
  readonly tokens: number;
  /** Mean negative log-likelihood of a token. */
  readonly nats: number;
  /** e^nats. */
  readonly perplexity: number;
  /** The same likelihood in bits for each character (code point) of the text, whatever the tokens are. */
  readonly bitsPerCharacter: number;
}

export interface EvaluateOptions {
  /** The text is read in so many rows side by side; default 32, less for a short text. */
  readonly batch?: number | undefined;
  /** Steps of a call; the state is carried on from one to the next. Default 64. */
  readonly window?: number | undefined;
  readonly signal?: StopSignal | undefined;
  /** The text's name, for messages. */
  readonly where?: string | undefined;
}

export interface GenerateOptions extends SamplingOptions {
  /** Tokens to add to the prompt; default 400. */
  readonly length?: number | undefined;
  /** 0 to 2^53 - 1; default 1. */
  readonly seed?: number | undefined;
  /** The text ends before this one, wherever it stands in what is written. */
  readonly stop?: string | undefined;
}

export interface WriteOptions extends GenerateOptions {
  readonly signal?: StopSignal | undefined;
}

export interface ModelOptions {
  /** How weights start; default "default", as PyTorch's do. */
  readonly scheme?: Scheme | undefined;
  readonly backend?: BackendChoice | undefined;
}

export interface ModelStreamOptions {
  /** How many texts go on side by side; default 1. */
  readonly rows?: number | undefined;
  /** Default: the model's. */
  readonly backend?: BackendChoice | undefined;
}

/** The form of a model; the cell by name, or one of your own. */
export interface GivenArchitecture extends Partial<Omit<Architecture, "cell">> {
  readonly cell?: string | Cell<string, string> | undefined;
}

const generateNames: OptionNames<GenerateOptions> = {
  length: true,
  seed: true,
  stop: true,
  ...samplingNames,
};
const evaluateNames: OptionNames<EvaluateOptions> = { batch: true, window: true, signal: true, where: true };

export class LanguageModel {
  readonly vocabulary: Vocabulary;
  readonly architecture: Architecture;
  readonly network: Network;
  readonly backend: BackendChoice | undefined;
  #scoreProgram: ReturnType<typeof compileScore> | undefined;
  /** A stream to write texts with, while none is being written; compiled when it is first needed. */
  #idleStream: ReturnType<LanguageModel["stream"]> | undefined;

  /** A model whose weights have no values yet. */
  constructor(vocabulary: Vocabulary, architecture: GivenArchitecture, options: ModelOptions = {}) {
    checkOptions<object>("LanguageModel", architecture, architectureNames);
    checkOptions("LanguageModel", options, { scheme: true, backend: true });
    const { scheme = "default", backend } = options;
    const { cell = "lstm", ...sizes } = architecture;
    const { name, own } = namedCell(cell);
    this.vocabulary = vocabulary;
    this.architecture = completeArchitecture({ ...sizes, cell: name }, own);
    this.backend = backend;
    this.network = createNetwork(this.architecture, cellOf(name, own), vocabulary.size, scheme);
    for (const [name, variable] of Object.entries(this.parameters)) variable.name = name;
  }

  /** Gives the weights that have no values yet their starting values. */
  initialize(seed: number): this {
    initialize(this.network, { seed });
    return this;
  }

  // Compiled when it is first needed.
  get #score() {
    this.#scoreProgram ??= compileScore(this.network, this.backend);
    return this.#scoreProgram;
  }

  /** The weights by name, in PyTorch's names and layout. */
  get parameters(): Record<string, Variable> {
    return parameters(this.network);
  }

  /**
   * How well the model predicts each token of a text from those before it.
   * Throws DataError for a text of fewer than two tokens, or with characters that the vocabulary does not have,
   * TrainingError for a model whose predictions are no numbers.
   */
  async evaluate(text: string, options: EvaluateOptions = {}): Promise<Evaluation> {
    const { where = "text" } = options;
    const tokens = this.vocabulary.encode(text, where);
    const found = (await this.evaluateTokens(tokens, codePoints(text), options)) as Evaluation;
    if (found === undefined || Number.isFinite(found.nats)) return found;
    throw new TrainingError(
      `${where}: ${found.nats} nats per token, a number expected: the model's weights are too large to predict with`,
    );
  }

  /** As `evaluate`, of tokens that stand for so many characters; undefined when the signal was aborted. */
  async evaluateTokens(
    tokens: Int32Array,
    characters: number,
    options: EvaluateOptions = {},
  ): Promise<Evaluation | undefined> {
    checkOptions("evaluate", options, evaluateNames);
    const { batch = 32, window = 64, signal, where = "text" } = options;
    const windows = naming(where, () => evaluationWindows(tokens, { batch, window }));
    const breathe = breather();
    let state = zeroState(this.network.rnn, windows.batch);
    let total = 0;
    for (let k = 0; k < windows.count; k++) {
      await breathe();
      if (signal?.aborted) return undefined;
      const { inputs, targets, steps } = windows.at(k);
      const shape = [steps, windows.batch];
      const result = this.#score({ tokens: value(inputs, shape), targets: value(targets, shape), state });
      total += Number(result.nats.data[0]);
      state = result.state;
    }
    const predicted = tokens.length - 1;
    const nats = total / predicted;
    const predictedCharacters = (characters * predicted) / tokens.length;
    const bitsPerCharacter = total / Math.LN2 / predictedCharacters;
    return { tokens: predicted, nats, perplexity: Math.exp(nats), bitsPerCharacter };
  }

  /**
   * The prompt as it was given, and a text that goes on from it. An empty prompt starts like a new line. Words that the
   * vocabulary does not have can stand in a prompt but are never written. `write` does the same piece by piece.
   * Throws UsageError for options out of range, DataError for a character of the prompt that is not in the vocabulary.
   */
  generate(prompt: string, options: GenerateOptions = {}): string {
    checkOptions("generate", options, generateNames);
    const pieces = this.#continuation(prompt, options);
    return prompt + [...pieces()].join("");
  }

  /**
   * The text of `generate` while it is written: it can be iterated piece by piece, or awaited as a whole, and hands the
   * thread back now and then. Several texts can be written side by side.
   *
   *     for await (const piece of model.write("The ", { length: 1000, signal })) process.stdout.write(piece);
   *     const text = await model.write("The ").text();
   *
   * Throws as `generate` does.
   */
  write(prompt: string, options: WriteOptions = {}): Writing {
    checkOptions("write", options, { signal: true, ...generateNames });
    const { signal, ...others } = options;
    checkSignal("write", signal);
    return new Writing(prompt, this.#continuation(prompt, others), signal);
  }

  /** Checks all that is given; then what goes on from the prompt can be had, from its start each time. */
  #continuation(prompt: string, options: GenerateOptions): () => Iterable<string> {
    const { length = 400, stop, ...drawn } = options;
    checkLength(length);
    if (stop !== undefined && (typeof stop !== "string" || stop === "")) {
      throw new UsageError(`stop ${printGiven(stop)}: expected a text that is not empty`);
    }
    const generate = tokenGenerator({ length, ...drawn });
    const read = readPrompt(this.vocabulary, prompt);
    return () => this.#pieces(read, generate, stop);
  }

  /** What goes on from a prompt; an empty piece for each of its tokens but the last. */
  *#pieces(
    { text, tokens, barred, barredFirst, repeated }: Prompt,
    generate: ReturnType<typeof tokenGenerator>,
    stop: string | undefined,
  ): Generator<string> {
    const live = this.#idleStream ?? this.stream();
    this.#idleStream = undefined;
    live.reset();
    let never = barredFirst;
    const step = (token: number) => {
      const logits = live.next(token);
      for (const id of never) logits[id] = Number.NEGATIVE_INFINITY;
      never = barred;
      return logits;
    };
    try {
      for (const token of tokens.subarray(0, -1)) {
        live.next(token);
        yield "";
      }
      const written = piecesOf(this.vocabulary, generate(step, tokens.subarray(-1)), text);
      const pieces = withoutStart(written, repeated);
      yield* stop === undefined ? pieces : piecesBefore(stop, pieces);
    } finally {
      this.#idleStream = live;
    }
  }

  /**
   * The model as a stream: `next(token)` gives the logits (V) of the token after it. For so many rows at once, tokens are
   * int32 (rows) and logits (rows, V).
   */
  stream(options: ModelStreamOptions = {}) {
    checkOptions("stream", options, { rows: true, backend: true });
    const { rows = 1, backend = this.backend } = options;
    const { embedding, rnn, head } = this.network;
    return stream(
      (token, before: Record<string, Tensor>) => {
        const { output, state } = rnn.step(embedding.apply(token), before);
        return [state, head.apply(output)];
      },
      { inputs: int32(rows), state: rnn.stateShapes(rows), rows: 1, ...(backend && { backend }) },
    );
  }
}

/** The sum of the nats of a window's targets. */
function compileScore(network: Network, backend: BackendChoice | undefined) {
  return compile(
    ({ tokens, targets, state }) => {
      const result = forward(network, tokens, state);
      return { nats: crossEntropy(result.logits, targets, { reduction: "sum" }), state: result.state };
    },
    {
      inputs: { tokens: int32("T", "B"), targets: int32("T", "B"), state: stateTypes(network.rnn) },
      ...(backend && { backend }),
    },
  );
}
