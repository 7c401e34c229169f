/** What decoded rows begin with, may go on with, and end by: the options that all ways of decoding share. */

import { type OptionNames, printGiven } from "../checks.ts";
import { ShapeError, UsageError } from "../errors.ts";
import { checkNumbers, isArray } from "../numbers.ts";

export interface DecodingOptions {
  /** The token that the first step reads, START. */
  readonly start: number;
  /** The token that ends a row, END. It is not among the tokens of a result. */
  readonly end: number;
  /** The most tokens, for all rows or for each: a row that has so many ends there. */
  readonly limit: number | ArrayLike<number>;
  /** The fewest tokens before END. Default 0. */
  readonly least?: number | undefined;
  /**
   * Tokens that every row, or each its own, begins with after START. They are the first of its tokens, but nobody chose them: they
   * count neither in its logarithm of probability, nor in the length by which it is normalised.
   */
  readonly prefix?: ArrayLike<number> | readonly ArrayLike<number>[] | undefined;
  /** Tokens that are never chosen, such as <unk>, <pad> and START. */
  readonly banned?: ArrayLike<number> | undefined;
  /** No n tokens in a row stand twice in a result, for this n; default 0, which allows all. */
  readonly noRepeat?: number | undefined;
  /** int32 (rows): how many steps of the memory are each row's own; default all. Attention beyond them is left out. */
  readonly memoryLengths?: ArrayLike<number> | undefined;
}

export const decodingNames: OptionNames<DecodingOptions> = {
  start: "the token that the first step reads",
  end: "the token that ends a row",
  limit: "the most tokens of a row",
  least: true,
  prefix: true,
  banned: true,
  noRepeat: true,
  memoryLengths: true,
};

/** The options for `rows` rows. First it is told where a row stands (`at`), then asked what may follow (`allows`). */
export class DecodingRules {
  readonly start: number;
  readonly end: number;
  readonly limits: Int32Array;
  readonly prefixes: readonly ArrayLike<number>[];
  readonly memoryLengths: ArrayLike<number> | undefined;
  /** Whether what may follow depends on the tokens before. */
  readonly readsTokens: boolean;
  readonly #where: string;
  readonly #least: number;
  readonly #banned: ArrayLike<number>;
  readonly #size: number;
  /** Of each token, the number of the row's turn in which it was refused; never for those that are banned for good. */
  #refused = new Float64Array(0);
  #turn = 0;
  #isShort = false;

  /** Throws UsageError for options out of range, ShapeError for lists of another length, DataError for what is no token. */
  constructor(where: string, rows: number, options: DecodingOptions) {
    const { start, end, limit, least = 0, prefix = [], banned = [], noRepeat = 0, memoryLengths } = options;
    this.#where = where;
    this.start = checkToken(where, "start", start);
    this.end = checkToken(where, "end", end);
    this.#least = checkCount(where, "least", least);
    this.#size = checkCount(where, "noRepeat", noRepeat);
    this.readsTokens = noRepeat > 0;
    this.limits = new Int32Array(rows);
    if (typeof limit === "number") this.limits.fill(checkCount(where, "limit", limit));
    else this.limits.set(readList(where, "limit", limit, rows));
    checkNumbers(`${where}: banned`, banned, "int32");
    this.#banned = banned;
    if (Array.from(banned).includes(end)) {
      throw new UsageError(`${where}: the end ${end} is banned: a token that may be chosen expected`);
    }
    if (!isArray(prefix))
      throw new UsageError(`${where}: prefix ${printGiven(prefix)} given, a list expected`);
    const isEach = prefix.length > 0 && isArray(prefix[0]);
    if (isEach && prefix.length !== rows)
      throw new ShapeError(`${where}: ${prefix.length} prefixes given, ${rows} expected, one for each row`);
    this.prefixes = Array.from({ length: rows }, (_, row) => {
      const own = (isEach ? prefix[row] : prefix) as ArrayLike<number>;
      this.#checkPrefix(own, row);
      return own;
    });
    this.memoryLengths =
      memoryLengths === undefined ? undefined : readList(where, "memoryLengths", memoryLengths, rows);
  }

  #checkPrefix(prefix: ArrayLike<number>, row: number): void {
    const where = `${this.#where}: prefix of row ${row}`;
    checkNumbers(where, prefix, "int32");
    if (Array.from(prefix).includes(this.end))
      throw new UsageError(`${where}: the end ${this.end} given, which no row goes on after`);
    const limit = this.limits[row] as number;
    if (prefix.length <= limit) return;
    throw new UsageError(`${where}: ${prefix.length} tokens given, at most ${limit} expected, the limit`);
  }

  /** Throws UsageError for a token that is none of so many. */
  checkTokens(count: number): void {
    if (this.#refused.length === count) return;
    this.#refused = new Float64Array(count);
    const check = (name: string, tokens: ArrayLike<number>) => {
      for (let at = 0; at < tokens.length; at++) {
        const token = tokens[at] as number;
        if (token >= 0 && token < count) continue;
        throw new UsageError(`${this.#where}: ${name}: the token ${token} given, 0 to ${count - 1} expected`);
      }
    };
    check("end", [this.end]);
    check("banned", this.#banned);
    this.prefixes.forEach((prefix, row) => {
      check(`prefix of row ${row}`, prefix);
    });
    for (let at = 0; at < this.#banned.length; at++)
      this.#refused[this.#banned[at] as number] = Number.POSITIVE_INFINITY;
  }

  /** From now on it is about a row that has these tokens, the first `length` of the array. */
  at(tokens: Int32Array, length: number): void {
    this.#turn += 1;
    this.#isShort = length < this.#least;
    const size = this.#size;
    if (size === 0) return;
    const last = length - size + 1;
    for (let from = 0; from < last; from++) {
      let same = 0;
      while (same < size - 1 && tokens[from + same] === tokens[last + same]) same += 1;
      const next = tokens[from + size - 1] as number;
      if (same === size - 1 && (this.#refused[next] as number) < this.#turn) this.#refused[next] = this.#turn;
    }
  }

  /** Whether a token may follow. */
  allows(token: number): boolean {
    if (token === this.end) return !this.#isShort;
    return (this.#refused[token] as number) < this.#turn;
  }
}

function readList(where: string, name: string, given: unknown, rows: number): ArrayLike<number> {
  checkNumbers(`${where}: ${name}`, given, "int32");
  if (given.length !== rows)
    throw new ShapeError(
      `${where}: ${name}: ${given.length} numbers given, ${rows} expected, one for each row`,
    );
  for (let row = 0; row < rows; row++) checkCount(where, `${name} of row ${row}`, given[row] as number);
  return given;
}

function checkToken(where: string, name: string, token: number): number {
  if (Number.isInteger(token) && token >= 0) return token;
  throw new UsageError(
    `${where}: ${name} ${printGiven(token)} given, a token, which is a whole number from 0, expected`,
  );
}

function checkCount(where: string, name: string, count: number): number {
  if (Number.isInteger(count) && count >= 0) return count;
  throw new UsageError(`${where}: ${name} ${printGiven(count)} given, a whole number from 0 expected`);
}
