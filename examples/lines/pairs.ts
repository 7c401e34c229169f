// What the kinds of pairs in this folder share: what a kind is, the draws that it makes lines by, and the parts that they are for.
import { randomSource, UsageError } from "rondo";

/** A line to read, and the line to write for it. */
export interface Pair {
  readonly source: string;
  readonly target: string;
}

/** In the order in which they are drawn: what the test has is in no other part. */
export const parts = ["test", "validation", "training"] as const;
export type Part = (typeof parts)[number];

/** Pairs that are made up, and how they are learnt. */
export interface Kind {
  readonly about: string;
  pair(draw: Draw, part: Part): Pair;
  /** What a pair has that no other part may have: its source where nothing is said. */
  contents?(pair: Pair): readonly string[];
  readonly counts: Readonly<Record<Part, number>>;
  /** Words of `rondo train`, for each model that is compared by its name. */
  readonly models: Readonly<Record<string, readonly string[]>>;
}

/** Random choices, the same for the same seed and purpose. */
export class Draw {
  readonly #random: ReturnType<typeof randomSource>;

  constructor(seed: number, purpose: string) {
    this.#random = randomSource(seed, purpose);
  }

  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.#random.uniform() * (most - least + 1));
  }

  one<Item>(items: readonly Item[]): Item {
    return items[this.whole(0, items.length - 1)] as Item;
  }

  /** True in so many of all cases, from 0 to 1. */
  chance(share: number): boolean {
    return this.#random.uniform() < share;
  }

  /** Different items, in random order. */
  some<Item>(items: readonly Item[], count: number = items.length): Item[] {
    const left = [...items];
    return Array.from({ length: count }, () => left.splice(this.whole(0, left.length - 1), 1)[0] as Item);
  }
}

/** Different pairs for each part. Throws UsageError if a kind does not have so many. */
export function makePairs(
  kind: Kind,
  seed: number,
  counts: Kind["counts"] = kind.counts,
): Record<Part, Pair[]> {
  const owners = new Map<string, Part>();
  const sources = new Set<string>();
  const made: Record<Part, Pair[]> = { test: [], validation: [], training: [] };
  for (const part of parts) {
    const draw = new Draw(seed, part);
    for (let tries = 0; made[part].length < counts[part]; tries++) {
      if (tries > 20 * counts[part] + 1000) {
        throw new UsageError(
          `${counts[part]} pairs for the ${part} wanted, not so many different ones found`,
        );
      }
      const pair = kind.pair(draw, part);
      const contents = kind.contents?.(pair) ?? [pair.source];
      if (sources.has(pair.source) || contents.some((one) => (owners.get(one) ?? part) !== part)) continue;
      sources.add(pair.source);
      for (const one of contents) owners.set(one, part);
      made[part].push(pair);
    }
  }
  return made;
}

/** Words of `rondo train` for lines without noise, of which a small network can learn all there is. */
export function exactly(
  tokens: "characters" | "words",
  {
    hidden,
    epochs,
    embedding = 32,
    batch = 64,
  }: { hidden: number; epochs: number; embedding?: number; batch?: number },
): string[] {
  return [
    ...["--tokens", tokens, "--embedding", String(embedding), "--hidden", String(hidden)],
    ...["--dropout", "0", "--label-smoothing", "0", "--learning-rate", "0.003"],
    ...["--epochs", String(epochs), "--batch", String(batch)],
  ];
}
