/** How a text is cut into the pieces that subwords are parts of: no subword goes beyond one of them. */

/** A piece has at most so many characters, and one space before them: so no text takes long, whatever is in it. */
const MOST = 64;
/** UTF-8 takes at most four bytes for a character. */
export const MOST_BYTES = 1 + 4 * MOST;

const most = `{1,${MOST}}`;
/**
 * Letters (with `'` between, as in `don't`), digits, or other marks, each with the space before it; or white space, without
 * the last space where a piece follows that takes it. All together they are the text.
 */
const PIECE = new RegExp(
  [
    ` ?\\p{L}(?:[\\p{L}\\p{M}]|['’](?=\\p{L})){0,${MOST - 1}}`,
    ` ?\\p{N}${most}`,
    ` ?[^\\s\\p{L}\\p{N}]${most}`,
    `\\s${most}(?= \\S)`,
    `\\s${most}`,
  ].join("|"),
  "gu",
);

/** The pieces of a well-formed text in order: joined, they are the text. */
export function* cut(text: string): Generator<string> {
  for (const [piece] of text.matchAll(PIECE)) yield piece;
}
