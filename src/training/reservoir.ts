/** A sample of fixed size of a stream: each item that ever came is in it with the same probability. */

import { checkOptions, printGiven } from "../checks.ts";
import { DataError, UsageError } from "../errors.ts";
import { isObject } from "../formats/json.ts";
import { checkSeed, randomSource } from "../nn/random.ts";

export interface ReservoirOptions {
  /** How many items are kept at most. */
  readonly capacity: number;
  /** Of what is kept and drawn: 0 to 2^53 - 1; default 1. */
  readonly seed?: number | undefined;
}

/** What a reservoir holds, as plain JSON where its items are. */
export interface ReservoirState<Item> {
  readonly items: readonly Item[];
  /** How many came. */
  readonly seen: number;
  /** How many draws there were. */
  readonly draws: number;
}

/**
 * A reservoir: Vitter, "Random sampling with a reservoir", 1985, algorithm R. The first `capacity` items stay; item n after them
 * takes the place of one of those kept, each equally likely, with probability capacity / n. What happens depends on the seed and
 * on how many came before alone. Throws UsageError for a capacity that is no whole number from 1.
 */
export class Reservoir<Item> {
  readonly capacity: number;
  readonly #seed: number;
  #items: Item[] = [];
  #seen = 0;
  #draws = 0;

  constructor(options: ReservoirOptions) {
    checkOptions("Reservoir", options, { capacity: "a whole number from 1", seed: true });
    const { capacity, seed = 1 } = options;
    if (!Number.isSafeInteger(capacity) || capacity < 1) {
      throw new UsageError(
        `Reservoir: capacity ${printGiven(capacity)} given, a whole number from 1 expected`,
      );
    }
    checkSeed(seed, "Reservoir: ");
    this.capacity = capacity;
    this.#seed = seed;
  }

  /** What is kept, in no order that means anything. */
  get items(): readonly Item[] {
    return this.#items;
  }

  /** How many came. */
  get seen(): number {
    return this.#seen;
  }

  add(item: Item): void {
    this.#seen += 1;
    if (this.#items.length < this.capacity) {
      this.#items.push(item);
      return;
    }
    const place = below(this.#seen, randomSource(this.#seed, `item ${this.#seen}`));
    if (place < this.capacity) this.#items[place] = item;
  }

  /** So many of the items kept, each at most once and equally likely; all of them where there are fewer. */
  draw(count: number): Item[] {
    if (!Number.isSafeInteger(count) || count < 0) {
      throw new UsageError(`Reservoir: draw ${printGiven(count)}: a whole number from 0 expected`);
    }
    this.#draws += 1;
    const random = randomSource(this.#seed, `draw ${this.#draws}`);
    const order = Array.from(this.#items, (_, place) => place);
    return Array.from({ length: Math.min(count, order.length) }, (_, at) => {
      const chosen = at + below(order.length - at, random);
      [order[at], order[chosen]] = [order[chosen] as number, order[at] as number];
      return this.#items[order[at] as number] as Item;
    });
  }

  save(): ReservoirState<Item> {
    return { items: [...this.#items], seen: this.#seen, draws: this.#draws };
  }

  /** Goes on from what `save` gave, to the same items and draws. Throws DataError, before anything changes, for what does not fit. */
  restore(state: ReservoirState<Item>): void {
    const given: Partial<ReservoirState<Item>> = isObject(state) ? state : {};
    const { items, seen = -1, draws = -1 } = given;
    const isCount = (count: unknown) => Number.isSafeInteger(count) && (count as number) >= 0;
    const fits = Array.isArray(items) && isCount(draws) && isCount(seen);
    if (!fits || items.length !== Math.min(seen, this.capacity)) {
      throw new DataError(
        `Reservoir: ${printGiven(state)} given, a state of a reservoir of ${this.capacity} items expected`,
      );
    }
    this.#items = [...items];
    this.#seen = seen;
    this.#draws = draws;
  }
}

/** A whole number from 0 to below a limit, each equally likely as far as 48 bits tell. */
function below(limit: number, random: { uniform(): number }): number {
  return Math.floor(limit * (random.uniform() + random.uniform() * 2 ** -24));
}
