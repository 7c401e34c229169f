/**
 * The n-gram language model: the baseline that a recurrent language model has to beat. Counts what follows each context
 * of up to n - 1 tokens; interpolated Witten-Bell smoothing (Witten and Bell 1991; Chen and Goodman 1999, section 2.4):
 *
 *   P(w | h) = (c(h w) + d(h) P(w | h')) / (c(h) + d(h))
 *
 * c(h w) counts how often w follows h, c(h) how often anything does, d(h) how many distinct tokens do; h' is h without
 * its oldest token; below the empty context lies the uniform distribution 1 / V.
 */
import { checkOptions, printGiven } from "../checks.ts";
import { counted } from "../data/text.ts";
import { TokenTrie } from "../decoding/token-trie.ts";
import { DataError, UsageError } from "../errors.ts";
import { checkNumbers } from "../numbers.ts";

export interface NgramOptions {
  /** n: the tokens of an n-gram; 3 predicts from two tokens of context. */
  order?: number;
  /** V: tokens are whole numbers from 0 to below V. */
  vocabulary: number;
}

export interface Ngram {
  /** P(token | context), above 0; sums to 1 over the vocabulary. Only the last n - 1 tokens of the context count. */
  probability(context: ArrayLike<number>, token: number): number;
  /**
   * The mean negative log-likelihood, in nats, of every token but the first, each given the tokens before it.
   *
   * @throws DataError for fewer than two tokens, or a token outside of the vocabulary
   */
  natsPerToken(tokens: Int32Array): number;
}

/**
 * Counts the n-grams of a stream of tokens.
 *
 * @throws UsageError when order or vocabulary is not a whole number from 1
 * @throws DataError when there are no tokens, or one lies outside of the vocabulary
 */
export function trainNgram(tokens: Int32Array, options: NgramOptions): Ngram {
  checkOptions("trainNgram", options, { order: true, vocabulary: "a whole number from 1" });
  const { order = 3, vocabulary } = options;
  for (const [name, value] of Object.entries({ order, vocabulary })) {
    if (!Number.isInteger(value) || value < 1)
      throw new UsageError(`${name} ${printGiven(value)}: expected a whole number from 1`);
  }
  requireTokens(tokens, vocabulary);
  if (tokens.length === 0) throw new DataError("the n-gram model has no tokens to count");
  const trie = new TokenTrie(order);
  for (let start = 0; start < tokens.length; start++) trie.count(tokens, start);

  /** P(tokens[at] | up to `order` - 1 tokens before it). */
  const probabilityAt = (tokens: ArrayLike<number>, at: number): number => {
    const token = tokens[at] as number;
    let probability = 1 / vocabulary;
    for (let length = 0; length < order && length <= at; length++) {
      const context = trie.find(tokens, at - length, at);
      if (context === undefined) break;
      const distinct = trie.distinct(context);
      if (distinct === 0) break;
      probability =
        (trie.occurrences(context, token) + distinct * probability) / (trie.followed(context) + distinct);
    }
    return probability;
  };

  return {
    probability(context, token) {
      const sequence = [...Array.from(context), token];
      requireTokens(sequence, vocabulary);
      return probabilityAt(sequence, context.length);
    },
    natsPerToken(tokens) {
      requireTokens(tokens, vocabulary);
      if (tokens.length < 2) {
        throw new DataError(
          `the text has ${counted(tokens.length, "token")}: expected two or more to evaluate on`,
        );
      }
      let nats = 0;
      for (let at = 1; at < tokens.length; at++) nats -= Math.log(probabilityAt(tokens, at));
      return nats / (tokens.length - 1);
    },
  };
}

function requireTokens(tokens: ArrayLike<number>, vocabulary: number): void {
  checkNumbers("tokens", tokens, "int32");
  const wrong = Array.prototype.findIndex.call(tokens, (token) => token < 0 || token >= vocabulary);
  if (wrong >= 0) {
    throw new DataError(`token ${tokens[wrong]} at ${wrong}: expected a whole number below ${vocabulary}`);
  }
}
