/** Merges of byte-pair encoding, and the tokens that they make: numbers, bytes and names. */

import { BYTES, byteName, joinBytes } from "../bytes.ts";
import { firstInvalidByte } from "../text.ts";

/** Two tokens that become one. The first 256 tokens are the bytes; merge m makes token 256 + m of two that are lower. */
export type Merge = [left: number, right: number];

export function singleBytes(): Uint8Array[] {
  return Array.from({ length: BYTES }, (_, byte) => Uint8Array.of(byte));
}

/** The bytes of every token. */
export function bytesOf(merges: readonly Merge[]): Uint8Array[] {
  const tokens = singleBytes();
  for (const merge of merges) tokens.push(joined(tokens, merge));
  return tokens;
}

/** The bytes of the token that a merge makes. */
export function joined(tokens: readonly Uint8Array[], [left, right]: Merge): Uint8Array {
  return joinBytes([tokens[left] as Uint8Array, tokens[right] as Uint8Array]);
}

/** The text of bytes, or the name of each where they are no whole characters. */
export function nameOf(bytes: Uint8Array): string {
  if (firstInvalidByte(bytes) === undefined)
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  return Array.from(bytes, byteName).join("");
}
