// A decoder: a recurrent network that starts from a state and a START token, writes one token a step, reads what it wrote,
// and stops when it writes END.
import {
  compileSteps,
  crossEntropy,
  embedding,
  greedySearch,
  gru,
  IGNORED_TARGET,
  int32,
  linear,
  padTokens,
  recurrent,
  type StateOf,
  stateTypes,
  type Tensor,
  type Value,
} from "rondo";

export const START = 0;
export const END = 1;

/** Letters as tokens from 2 on: 0 and 1 are START and END. */
export class Alphabet {
  readonly letters: string;

  constructor(letters: string) {
    this.letters = letters;
  }

  /** The number of tokens. */
  get size(): number {
    return this.letters.length + 2;
  }

  encode(text: string): number[] {
    return Array.from(text, (letter) => this.letters.indexOf(letter) + 2);
  }

  decode(tokens: readonly number[]): string {
    return tokens.map((token) => this.letters.charAt(token - 2)).join("");
  }
}

export type Decoder = ReturnType<typeof decoder>;

export function decoder(tokens: number, hidden: number) {
  return {
    embed: embedding(tokens, 32),
    rnn: recurrent(gru, 32, hidden),
    head: linear(hidden, tokens),
  };
}

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
export function forcedLoss(
  { embed, rnn, head }: Decoder,
  h: Tensor,
  { inputs, targets }: { inputs: Tensor; targets: Tensor },
): Tensor {
  const { output } = rnn.apply(embed.apply(inputs), { state: { h } });
  return crossEntropy(head.apply(output), targets);
}

/** A function from states h (1, B, hidden) to what the decoder writes: the likeliest token at every step, up to `limit` of them. */
export function greedy({ embed, rnn, head }: Decoder, limit: number) {
  const decoder = compileSteps(
    (token, before: StateOf<typeof rnn>) => {
      const { output, state } = rnn.step(embed.apply(token), before);
      return [state, { logits: head.apply(output) }];
    },
    { inputs: int32("B"), state: stateTypes(rnn) },
  );
  return (h: Value): number[][] =>
    greedySearch(decoder.begin({ state: { h } }), { start: START, end: END, limit }).map(({ tokens }) => [
      ...tokens,
    ]);
}
