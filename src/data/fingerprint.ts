/** Tells data apart, so that a training goes on with the same ones. */

import { threefry } from "../graph/threefry.ts";

/** 64 bits that differ for different texts, as 16 hexadecimal digits: Threefry over its UTF-16 code units, chained. */
export function fingerprint(text: string): string {
  return fingerprintOf(text.length, (at) => text.charCodeAt(at));
}

/** The same of numbers, over the words that they are stored in. */
export function fingerprintOfNumbers(numbers: Float64Array): string {
  const words = new Uint16Array(Float64Array.from(numbers, withOneNaN).buffer);
  return fingerprintOf(words.length, (at) => words[at] as number);
}

/** NaN can be stored in many ways. */
const withOneNaN = (number: number) => (Number.isNaN(number) ? Number.NaN : number);

function fingerprintOf(length: number, wordAt: (at: number) => number): string {
  let [a, b] = [length, 0];
  for (let at = 0; at < length; at += 2) {
    [a, b] = threefry(a, b, wordAt(at), at + 1 < length ? wordAt(at + 1) : 0);
  }
  return [a, b].map((word) => word.toString(16).padStart(8, "0")).join("");
}

/** The same of bytes, by faster means, which are good enough to tell apart what nobody chose to be alike: FNV-1a, twice. */
export function fingerprintOfBytes(bytes: Uint8Array): string {
  let [a, b] = [0x811c9dc5 ^ bytes.length, 0x9747b28c];
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b ^ byte, 0x85ebca6b);
    b ^= b >>> 15;
  }
  return [a, b].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}
