/** Bytes that come in pieces, taken in other ones. */

export class Bytes {
  readonly #pieces: AsyncGenerator<Uint8Array, void, undefined>;
  #pending: Uint8Array = new Uint8Array(0);
  #taken = 0;

  constructor(pieces: AsyncGenerator<Uint8Array, void, undefined>) {
    this.#pieces = pieces;
  }

  /** How many bytes have been taken. */
  get taken(): number {
    return this.#taken;
  }

  /** Some bytes, as they come, so many at most; none at the end. */
  async next(most: number): Promise<Uint8Array> {
    if (this.#pending.length === 0) {
      const { value } = await this.#pieces.next();
      if (!value) return this.#pending;
      this.#pending = value;
    }
    const piece = this.#pending.subarray(0, most);
    this.#pending = this.#pending.subarray(piece.length);
    this.#taken += piece.length;
    return piece;
  }

  /** So many bytes; fewer at the end. */
  async take(count: number): Promise<Uint8Array> {
    let all: Uint8Array = new Uint8Array(0);
    while (all.length < count) {
      const piece = await this.next(count - all.length);
      if (piece.length === 0) break;
      all = concat(all, piece);
    }
    return all;
  }

  /** Passes over so many bytes: how many there were. */
  async skip(count: number): Promise<number> {
    let passed = 0;
    while (passed < count) {
      const { length } = await this.next(count - passed);
      if (length === 0) break;
      passed += length;
    }
    return passed;
  }

  async close(): Promise<void> {
    await this.#pieces.return();
  }
}

export function concat(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
