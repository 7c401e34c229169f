/** Text from tokens that come one by one: what each adds to it. */

import type { Vocabulary } from "./vocabulary.ts";
import { type WordSplit, wordJoiner } from "./words.ts";

/**
 * The pieces of the text of tokens, one for each token and one at the end: joined, they are what `vocabulary.decode` gives.
 * Those of bytes and subwords are whole characters, so that a byte within one adds an empty piece.
 *
 * @param before as for `decode`
 */
export function* piecesOf(
  vocabulary: Vocabulary,
  tokens: Iterable<number>,
  before = "",
): Generator<string, void, undefined> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const join =
    vocabulary.kind === "words"
      ? wordJoiner(vocabulary.split as WordSplit, before)
      : (token: string) => token;
  for (const token of tokens) {
    const bytes = vocabulary.bytes(token);
    yield bytes ? decoder.decode(bytes, { stream: true }) : join(vocabulary.token(token));
  }
  yield decoder.decode();
}
