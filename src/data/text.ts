/** From the bytes of a text file to a string: strict UTF-8, never a replacement character in place of an error. */
import { printGiven, tagOf } from "../checks.ts";
import { DataError, UsageError } from "../errors.ts";

/** The longest string that V8 holds, in UTF-16 units; other engines hold more. */
export const LONGEST_TEXT = 2 ** 29 - 24;
/** A UTF-16 unit of a string takes at most so many bytes of UTF-8. */
const MOST_BYTES = 3;

/** Throws DataError for a text of so many UTF-16 units, which take so many bytes in a file, if no string can hold it. */
export function requireHoldable(units: number, bytes: number, where: string): void {
  if (units <= LONGEST_TEXT) return;
  throw new DataError(
    `${where}: a text of ${bytes} bytes, expected at most ${LONGEST_TEXT} characters: JavaScript holds no longer text`,
  );
}

/** Throws DataError for a file of so many bytes if no string can hold its text, whatever it is: before it is read. */
export function requireHoldableFile(bytes: number, where: string): void {
  requireHoldable(bytes / MOST_BYTES, bytes, where);
}

/**
 * Decodes UTF-8; a byte order mark at the start is dropped.
 *
 * @param where the file's name, for messages
 * @throws UsageError for bytes that are no Uint8Array
 * @throws DataError for an empty text, for one that is longer than a string can be, and with byte offset (from 0) and line (from 1) for the first invalid byte
 */
export function decodeText(bytes: Uint8Array, where: string): string {
  if (tagOf(bytes) !== "Uint8Array") {
    throw new UsageError(`${where}: ${printGiven(bytes)} given, a Uint8Array of bytes expected`);
  }
  if (bytes.length > LONGEST_TEXT) requireHoldable(unitsOf(bytes), bytes.length, where);
  const invalid = firstInvalidByte(bytes);
  if (invalid !== undefined) throw invalidByte(bytes, invalid, where);
  const text = new TextDecoder("utf-8").decode(bytes);
  if (text === "") throw new DataError(`${where}: the text is empty`);
  return text;
}

/** The error for a byte that is not valid UTF-8; `before` is where the bytes start in their file, by default at its start. */
export function invalidByte(
  bytes: Uint8Array,
  invalid: number,
  where: string,
  before = { bytes: 0, lines: 0 },
): DataError {
  if (before.bytes === 0 && bytes[0] === 0x1f && bytes[1] === 0x8b) {
    return new DataError(`${where} is compressed (gzip): expected a text file saved as UTF-8`);
  }
  let line = before.lines + 1;
  for (let at = 0; at < invalid; at++) if (bytes[at] === 0x0a) line++;
  const byte = (bytes[invalid] as number).toString(16).toUpperCase().padStart(2, "0");
  const found = `byte ${before.bytes + invalid} (0x${byte}, line ${line}) is not valid UTF-8`;
  return new DataError(`${where}: ${found}: expected a text file saved as UTF-8`);
}

/** Throws DataError for half of a surrogate pair: as UTF-8 it would become another character, without a word. */
export function requireWellFormed(text: string, where: string): void {
  const at = text.search(/\p{Surrogate}/u);
  if (at < 0) return;
  const unit = text.charCodeAt(at).toString(16).toUpperCase();
  throw new DataError(`${where}: half of a surrogate pair (U+${unit}) at ${at}, which UTF-8 cannot hold`);
}

/** How many there are of something, for messages: "1 token", "2 tokens". */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** How many characters (code points) a text has. */
export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** The UTF-16 units of a text in UTF-8: one for each character, two for those of four bytes. */
function unitsOf(bytes: Uint8Array): number {
  let units = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if ((byte & 0xc0) !== 0x80) units += byte < 0xf0 ? 1 : 2;
  }
  return units;
}

/** Where the first sequence of bytes starts that is not well-formed (Unicode, table 3-7). */
export function firstInvalidByte(bytes: Uint8Array): number | undefined {
  for (let at = 0; at < bytes.length; ) {
    const lead = bytes[at] as number;
    if (lead < 0x80) {
      at++;
      continue;
    }
    const following = lead < 0xc2 || lead > 0xf4 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    if (following === 0) return at;
    const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    const second = bytes[at + 1] ?? 0;
    if (second < lowest || second > highest) return at;
    for (let next = 2; next <= following; next++) {
      if (((bytes[at + next] ?? 0) & 0xc0) !== 0x80) return at;
    }
    at += following + 1;
  }
  return undefined;
}

/** Texts one after the other. Throws DataError where that is longer than a string can be. */
export function joinTexts(parts: readonly string[], names: readonly string[]): string {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length <= LONGEST_TEXT) return parts.join("");
  throw new DataError(
    `${names.join(" and ")}: ${length} characters together, expected at most ${LONGEST_TEXT}: JavaScript holds no longer text`,
  );
}
