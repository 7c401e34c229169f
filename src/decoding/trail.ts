/** What was decoded so far: of each step the tokens, the rows that they follow, and where the step looked. */

import { printGiven } from "../checks.ts";
import { ShapeError } from "../errors.ts";
import { isArray } from "../numbers.ts";

/** Attention (steps, S) of a row that was decoded. */
export interface Alignment {
  readonly data: Float32Array;
  readonly shape: readonly [steps: number, memory: number];
}

export class Trail {
  readonly #where: string;
  readonly #rows: number;
  readonly #tokens: Int32Array;
  readonly #parents: Int32Array;
  /** (steps, S, N), as far as there are steps: it grows to twice its size. */
  #attention: Float32Array | undefined;
  #memory = 0;
  /** How many steps are written. */
  #length = 0;

  /** For `rows` rows and at most so many steps. */
  constructor(where: string, rows: number, most: number) {
    this.#where = where;
    this.#rows = rows;
    this.#tokens = new Int32Array(rows * most);
    this.#parents = new Int32Array(rows * most);
  }

  /** The attention (S, N) of the step that comes next, if there is any. Throws ShapeError for another size than before. */
  look(attention: ArrayLike<number> | undefined): void {
    const rows = this.#rows;
    const length = this.#length;
    if (attention === undefined && this.#attention === undefined) return;
    const memory = isArray(attention) ? attention.length / rows : 0;
    if (!Number.isInteger(memory) || memory === 0 || (length > 0 && memory !== this.#memory)) {
      const given = isArray(attention) ? `attention of ${attention.length}` : printGiven(attention);
      const steps = length > 0 ? `${this.#memory}` : "S";
      throw new ShapeError(`${this.#where}: the step gives ${given}, (${steps}, ${rows}) expected`);
    }
    this.#memory = memory;
    const size = memory * rows;
    const before = this.#attention ?? new Float32Array(16 * size);
    const isFull = before.length < (length + 1) * size;
    const room = isFull ? new Float32Array(2 * before.length) : before;
    if (isFull) room.set(before);
    room.set(attention as ArrayLike<number>, length * size);
    this.#attention = room;
  }

  /** A step: each row's token, and which row it was before. */
  write(tokens: Int32Array, parents: Int32Array): void {
    const start = this.#length * this.#rows;
    this.#tokens.set(tokens, start);
    this.#parents.set(parents, start);
    this.#length += 1;
  }

  /** The tokens of a row as it is now, the first ones of `into`. */
  read(row: number, into: Int32Array): void {
    for (let step = this.#length - 1, at = row; step >= 0; step--) {
      into[step] = this.#tokens[step * this.#rows + at] as number;
      at = this.#parents[step * this.#rows + at] as number;
    }
  }

  /**
   * Where each step of a row looked, at the first `memory` steps of the memory: also the step that comes next, if that has looked for
   * its last time. Undefined without attention.
   */
  alignment(row: number, steps: number, memory = this.#memory): Alignment | undefined {
    const attention = this.#attention;
    if (!attention) return undefined;
    const kept = Math.min(memory, this.#memory);
    const data = new Float32Array(steps * kept);
    for (let step = steps - 1, at = row; step >= 0; step--) {
      if (step < this.#length) at = this.#parents[step * this.#rows + at] as number;
      for (let s = 0; s < kept; s++)
        data[step * kept + s] = attention[(step * this.#memory + s) * this.#rows + at] as number;
    }
    return { data, shape: [steps, kept] };
  }
}
