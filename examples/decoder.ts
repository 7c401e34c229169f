// What examples share whose networks write: tokens of letters or words, and a decoder that starts from a state and a START token, writes
// one token a step, reads what it wrote, and stops when it writes END.
import {
  compileSteps,
  crossEntropy,
  DataError,
  type Decoded,
  greedySearch,
  gru,
  IGNORED_TARGET,
  int32,
  padTokens,
  recurrent,
  type StateOf,
  stateTypes,
  type Tensor,
  tokenDecoder,
  type Value,
} from "rondo";

export const START = 0;
export const END = 1;

/** Symbols, such as letters or words, as tokens from 2 on: 0 and 1 are START and END. A text is symbols with `separator` between them. */
export class Alphabet {
  readonly symbols: readonly string[];
  readonly separator: string;

  constructor(symbols: Iterable<string>, separator = "") {
    this.symbols = [...symbols];
    this.separator = separator;
  }

  /** The number of tokens. */
  get size(): number {
    return this.symbols.length + 2;
  }

  /** Throws DataError for a symbol that there is not. */
  encode(text: string): number[] {
    return text.split(this.separator).map((symbol) => {
      const at = this.symbols.indexOf(symbol);
      if (at >= 0) return at + 2;
      throw new DataError(`"${symbol}" in "${text}" given, one of ${this.symbols.join(", ")} expected`);
    });
  }

  decode(tokens: ArrayLike<number>): string {
    return Array.from(tokens, (token) => this.symbols[token - 2]).join(this.separator);
  }
}

export type Decoder = ReturnType<typeof decoder>;

/** Vectors of 32 for tokens, a GRU, and a score for each token. */
export const decoder = (tokens: number, hidden: number) => tokenDecoder(tokens, recurrent(gru, 32, hidden));

/** What a decoder reads and shall write: for "ab" START a b, and a b END. */
export function teacherForcing(rows: readonly number[][]) {
  const read = padTokens(rows.map((row) => [START, ...row]));
  const write = padTokens(
    rows.map((row) => [...row, END]),
    { padding: IGNORED_TARGET },
  );
  return { inputs: read.values, targets: write.values };
}

export const forcedTypes = { inputs: int32("T", "B"), targets: int32("T", "B") };

/** How far a decoder that reads the true tokens is from writing them: nats a token. h is (1, B, hidden). */
export const forcedLoss = (
  decoder: Decoder,
  h: Tensor,
  { inputs, targets }: { inputs: Tensor; targets: Tensor },
) => crossEntropy(decoder.apply(inputs, { state: { h } }).logits, targets);

/** A function from states h (1, B, hidden) to what the decoder writes: the likeliest token at every step, up to `limit` of them. */
export function greedy(decoder: Decoder, limit: number): (h: Value) => Decoded[] {
  const steps = compileSteps(
    (token, before: StateOf<typeof decoder.rnn>) => {
      const { logits, state } = decoder.step(token, { state: before });
      return [state, { logits }];
    },
    { inputs: int32("B"), state: stateTypes(decoder.rnn) },
  );
  return (h) => greedySearch(steps.begin({ state: { h } }), { start: START, end: END, limit });
}
