/** Replay: rows of earlier batches beside those of a new one, so that what was learnt from them is not forgotten. */

import type { Value } from "../backends/backend.ts";
import { checkOptions, printGiven } from "../checks.ts";
import { DataError } from "../errors.ts";
import { isObject } from "../formats/json.ts";
import type { InputType, ValueLike } from "../program/compile.ts";
import type { MapTree } from "../trace/tree.ts";
import { Reservoir, type ReservoirState } from "./reservoir.ts";
import { type BatchRow, BatchRows, type PlainRow } from "./rows.ts";

/** What a replay holds, as plain JSON: of each row the numbers of each input, by its path. */
export type ReplayState = ReservoirState<PlainRow>;

export interface ReplayOptions<Inputs> {
  /** The tree of the types of the inputs, as for `trainingStep`; each has an axis "B", of rows. */
  readonly inputs: Inputs;
  /** How many rows are kept at most. */
  readonly capacity: number;
  /** Of what is kept and replayed: 0 to 2^53 - 1; default 1. */
  readonly seed?: number | undefined;
}

/**
 * A memory of rows, a `Reservoir` of all that were added:
 *
 *     const memory = new Replay({ inputs, capacity: 200 });
 *     for (const batch of stream) {
 *       step.run(memory.mix(batch, 10), rate); // with 10 old rows beside the new ones
 *       memory.add(batch);
 *     }
 *
 * All rows have one shape, so batches are of one length. Ratcliff, "Connectionist models of recognition memory", 1990, calls it
 * rehearsal; Rolnick et al., "Experience replay for continual learning", 2019, keep a reservoir. Throws UsageError for inputs
 * without an axis "B".
 */
export class Replay<const Inputs> {
  readonly #rows: BatchRows<Inputs>;
  readonly #kept: Reservoir<BatchRow>;

  constructor(options: ReplayOptions<Inputs>) {
    checkOptions<object>("Replay", options, {
      inputs: 'a tree of types such as { x: float32("T", "B", 1) }',
      capacity: "a whole number from 1",
      seed: true,
    });
    const { inputs, ...reservoir } = options;
    this.#rows = new BatchRows("Replay", inputs);
    this.#kept = new Reservoir(reservoir);
  }

  /** How many rows are kept. */
  get size(): number {
    return this.#kept.items.length;
  }

  /** How many rows were added. */
  get seen(): number {
    return this.#kept.seen;
  }

  /** Adds the rows of a batch. Throws ShapeError for rows of another shape than those kept. */
  add(batch: MapTree<Inputs, InputType, ValueLike>): void {
    for (const row of this.#rows.split(batch)) {
      const [before = row] = this.#kept.items;
      this.#rows.check(row, before);
      this.#kept.add(row);
    }
  }

  /**
   * The rows of a batch, and after them so many of those kept, or as many as there are. Throws ShapeError as `add`
   * does, and UsageError where there are no rows at all.
   */
  mix(batch: MapTree<Inputs, InputType, ValueLike>, count: number): MapTree<Inputs, InputType, Value> {
    return this.#rows.join([...this.#rows.split(batch), ...this.#kept.draw(count)]);
  }

  /** So many of the rows kept as a batch, or as many as there are; undefined where there are none. */
  draw(count: number): MapTree<Inputs, InputType, Value> | undefined {
    const rows = this.#kept.draw(count);
    return rows.length === 0 ? undefined : this.#rows.join(rows);
  }

  save(): ReplayState {
    const { items, ...counts } = this.#kept.save();
    return { ...counts, items: items.map((row) => this.#rows.plain(row)) };
  }

  /** Goes on from what `save` gave, to the same rows. Throws DataError, before anything changes, for what is none of such inputs. */
  restore(state: ReplayState): void {
    const items: unknown = isObject(state) ? (state as Partial<ReplayState>).items : undefined;
    const rows = Array.isArray(items) ? items.map((row) => this.#rows.read(row)) : [undefined];
    if (!rows.every((row) => row !== undefined)) {
      const paths = this.#rows.inputs.map(({ path }) => path || "the input").join(", ");
      throw new DataError(`Replay: ${printGiven(state)} given, a state of a replay of ${paths} expected`);
    }
    this.#kept.restore({ ...state, items: rows });
  }
}
