/** Tells texts apart, so that a training goes on with the same one. */

import { threefry } from "../graph/threefry.ts";

/** 64 bits that differ for different texts, as 16 hexadecimal digits: Threefry over its UTF-16 code units, chained. */
export function fingerprint(text: string): string {
  let [a, b] = [text.length, 0];
  for (let at = 0; at < text.length; at += 2) {
    [a, b] = threefry(a, b, text.charCodeAt(at), text.charCodeAt(at + 1) || 0);
  }
  return [a, b].map((word) => word.toString(16).padStart(8, "0")).join("");
}
