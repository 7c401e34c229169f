/**
 * How a text is cut into words and put together again. Knows no vocabulary and changes no letter (no lower-casing).
 *
 * Two splits, because texts come in two forms:
 *
 * - `punctuation`, for text as people write it. A token is a run of letters, digits and `_` (with `'` before and between,
 *   as in `'tis` and `don't`, `-` between, as in `well-known`, and `.` or `,` between digits, as in `3.14`), a name in
 *   angle brackets (`<unk>`), or any other single character that is not white space.
 * - `spaces`, for text that was cut into tokens before and is written with spaces between them, as the Penn Treebank
 *   is (`it is n't mr. <unk> 's N points`): tokens are what white space separates, nothing else.
 *
 * In both every line end is the token `<eos>`. Other white space carries nothing but the limits of tokens.
 */

export const WORD_SPLITS = ["spaces", "punctuation"] as const;
export type WordSplit = (typeof WORD_SPLITS)[number];

/** The token of a line end. */
export const END_OF_LINE = "<eos>";
/** The token of every word that is not in a vocabulary. */
export const UNKNOWN = "<unk>";

const SPACED_TOKEN = /\n|\S+/gu;
/** What a token of a text as people write it is; a line end is one, too. */
export const PUNCTUATED_TOKEN =
  /\n|<[\p{L}\p{N}_]+>|(?:['’](?=\p{L}))?[\p{L}\p{M}\p{N}_]+(?:(?:['’-]|(?<=\p{N})[.,](?=\p{N}))[\p{L}\p{M}\p{N}_]+)*|\S/gu;

/** Pieces that only a tokeniser leaves between spaces: marks alone, `<unk>`, `n't`, `'s`. */
const STANDING_ALONE = /^(?:[^\p{L}\p{M}\p{N}]+|<[\p{L}\p{N}_]+>|n't|['’]\p{L}+)$/u;
/** Words with a mark attached that a tokeniser would have cut off, as in `end,` or `(see`. */
const ATTACHED = /[,;:!?)\]}"”]$|^["“[({]/u;

/**
 * The split that suits a text: `spaces` when pieces that stand alone outnumber words with a mark attached ten to one and
 * words with a period, which may be abbreviations, two to one. (Penn Treebank: 77, 0 and 16 of 1000 pieces; tokenised
 * captions: 84, 1, 0; plays: 3, 188, 39; source code: 200, 310, 12.)
 */
export function detectSplit(text: string): WordSplit {
  let alone = 0;
  let attached = 0;
  let periods = 0;
  for (const [piece] of text.matchAll(/\S+/gu)) {
    if (STANDING_ALONE.test(piece)) alone++;
    else if (ATTACHED.test(piece)) attached++;
    else if (piece.endsWith(".")) periods++;
  }
  return alone > 10 * attached + 2 * periods ? "spaces" : "punctuation";
}

/** The tokens of `text` in order. */
export function* wordsOf(text: string, split: WordSplit): Generator<string> {
  for (const [token] of text.matchAll(split === "spaces" ? SPACED_TOKEN : PUNCTUATED_TOKEN)) {
    yield token === "\n" ? END_OF_LINE : token;
  }
}

/** Marks before which prose has no space, and marks after which it has none. */
const CLOSING = /^[.,;:!?)\]}%…»”’'/]$/u;
const OPENING = /^[([{«“‘$£€#@/]$/u;
/** Marks that open and close alike: the first of a line opens, the next closes. */
const QUOTES = ['"', "`"];

/**
 * A text that reads naturally from tokens: for `spaces` one space between tokens (splitting it again gives the same
 * tokens), for `punctuation` marks attached as prose has them. `<eos>` is a line end. Where `before` is given, the text of
 * the tokens as it goes on from that.
 */
export function joinWords(tokens: Iterable<string>, split: WordSplit, before = ""): string {
  return Array.from(tokens, wordJoiner(split, before)).join("");
}

/** `joinWords` token by token: the text of each, with the space before it where there is one. */
export function wordJoiner(split: WordSplit, before = ""): (token: string) => string {
  let glued = true;
  let previous = "";
  const openQuotes = new Set<string>();
  const add = (token: string): string => {
    let isJoined = glued;
    if (token === END_OF_LINE) {
      glued = true;
      openQuotes.clear();
    } else if (split === "spaces") {
      glued = false;
    } else {
      isJoined ||= CLOSING.test(token) || openQuotes.has(token) || (token === "-" && previous === "-");
      glued = OPENING.test(token);
      if (QUOTES.includes(token)) {
        glued = !openQuotes.delete(token);
        if (glued) openQuotes.add(token);
      }
    }
    previous = token;
    if (token === END_OF_LINE) return "\n";
    return isJoined ? token : ` ${token}`;
  };
  for (const token of wordsOf(before, split)) add(token);
  if (/\s$/u.test(before)) glued = true;
  return add;
}
