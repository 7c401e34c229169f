/** Subwords of byte-pair encoding: any text as their numbers. */

import { cut } from "./cut.ts";
import { bytesOf, type Merge, nameOf } from "./merges.ts";

/** So many pieces are remembered, then all are forgotten: texts of any size take little memory. */
const MOST_REMEMBERED = 2 ** 16;

export class Subwords {
  readonly merges: readonly Merge[];
  /** The bytes of each token. */
  readonly bytes: readonly Uint8Array[];
  readonly #made = new Map<number, number>();
  readonly #known = new Map<string, readonly number[]>();

  constructor(merges: readonly Merge[]) {
    this.merges = merges;
    this.bytes = bytesOf(merges);
    const size = this.bytes.length;
    for (const [at, [left, right]] of merges.entries()) {
      this.#made.set(left * size + right, size - merges.length + at);
    }
  }

  /** What the tokens are called: their texts. */
  get names(): string[] {
    return this.bytes.map(nameOf);
  }

  /** The tokens of a well-formed text, each number raised by `first`. */
  encode(text: string, first: number): Int32Array {
    const tokens: number[] = [];
    for (const piece of cut(text)) for (const token of this.#tokensOf(piece)) tokens.push(first + token);
    return Int32Array.from(tokens);
  }

  #tokensOf(piece: string): readonly number[] {
    const known = this.#known.get(piece);
    if (known !== undefined) return known;
    const tokens = this.#merged(Array.from(new TextEncoder().encode(piece)));
    if (this.#known.size >= MOST_REMEMBERED) this.#known.clear();
    this.#known.set(piece, tokens);
    return tokens;
  }

  /** Merges as they were learnt: what came first first, from left to right. */
  #merged(tokens: number[]): number[] {
    const made = tokens.map((_, at) => this.#pairAt(tokens, at));
    for (;;) {
      let first = 0;
      for (let at = 1; at < made.length; at++) if ((made[at] as number) < (made[first] as number)) first = at;
      const token = made[first] as number;
      if (token === Number.POSITIVE_INFINITY) return tokens;
      tokens.splice(first, 2, token);
      made.splice(first, 1);
      made[first] = this.#pairAt(tokens, first);
      if (first > 0) made[first - 1] = this.#pairAt(tokens, first - 1);
    }
  }

  /** The token that one makes with the next; Infinity where there is none. */
  #pairAt(tokens: readonly number[], at: number): number {
    const [left, right] = [tokens[at] as number, tokens[at + 1]];
    if (right === undefined) return Number.POSITIVE_INFINITY;
    return this.#made.get(left * this.bytes.length + right) ?? Number.POSITIVE_INFINITY;
  }
}
