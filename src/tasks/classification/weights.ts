/** What labels weigh in the loss, and batches in which each label is equally frequent. */

import { keepingNewest, shuffle } from "../../data/epochs.ts";
import { LengthBatches } from "../../data/length-batches.ts";
import { UsageError } from "../../errors.ts";
import { randomSource } from "../../nn/random.ts";
import type { LabelWeights } from "./network.ts";
import { countLabels, type LabelledRow } from "./split.ts";

/**
 * What each label weighs: "none"; "balanced", so that all labels together weigh the same, where a row can have several labels its yes
 * against its no; or numbers by name, such as "spam=5,ham=1", 1 for those that are not named. Throws UsageError.
 */
export function labelWeights(
  given: string,
  rows: readonly LabelledRow[],
  { labels, several }: { readonly labels: readonly string[]; readonly several: boolean },
): LabelWeights {
  if (given === "none") return undefined;
  if (given === "balanced") {
    const counts = new Map(countLabels(rows));
    return labels.map((label) => {
      const count = counts.get(label) ?? 0;
      return several ? (rows.length - count) / Math.max(1, count) : rows.length / (labels.length * count);
    });
  }
  const weights = numbersByLabel(given, labels, {
    what: "class weights",
    expected: "none, balanced, or such as spam=5,ham=1",
  });
  const all = labels.map((label) => weights.get(label) ?? 1);
  if (all.every((weight) => weight === 0) || all.some((weight) => weight > HEAVIEST)) {
    throw new UsageError(
      `class weights ${given}: expected numbers from 0 to ${HEAVIEST}, one of them above 0`,
    );
  }
  return all;
}

/** A loss with heavier ones would not fit into a float32. */
const HEAVIEST = 1e30;

interface Meaning {
  /** What the numbers are: "class weights". */
  readonly what: string;
  /** What else was expected, for messages. */
  readonly expected: string;
}

/** Numbers from 0 by label, such as "spam=5,ham=1". Throws UsageError for what is none, and for labels that are not known. */
export function numbersByLabel(
  given: string,
  labels: readonly string[],
  { what, expected }: Meaning,
): Map<string, number> {
  const pairs = given.split(",").map((part): [string, number] => {
    const at = part.lastIndexOf("=");
    const [label, number] = [part.slice(0, at).trim(), Number(part.slice(at + 1))];
    if (at < 0 || part.slice(at + 1).trim() === "" || !(Number.isFinite(number) && number >= 0)) {
      throw new UsageError(`${what} ${given}: expected ${expected}`);
    }
    if (labels.includes(label)) return [label, number];
    throw new UsageError(`${what} ${given}: no row has the label ${label}: expected ${labels.join(", ")}`);
  });
  return new Map(pairs);
}

export interface RowOrder {
  /** Batches of an epoch. */
  readonly count: number;
  /** The rows of a batch, as places. */
  at(batch: number, epoch: number): Int32Array;
}

interface OrderOptions {
  readonly batch: number;
  readonly seed: number;
}

/** Batches of rows of like lengths, each row once in an epoch. */
export function shuffledOrder(lengths: readonly number[], { batch, seed }: OrderOptions): RowOrder {
  return new LengthBatches(lengths, { batch, seed, pool: 20 });
}

/**
 * Batches of as many rows as there are, in which each label is equally frequent: rows of rare labels come again, of frequent ones a part comes,
 * another one in the next epoch. A row that has several labels is drawn for each.
 */
export function balancedOrder(
  lengths: readonly number[],
  rows: readonly LabelledRow[],
  { batch, seed }: OrderOptions,
): RowOrder {
  const byLabel = new Map<string, number[]>();
  rows.forEach(({ labels }, row) => {
    for (const label of labels.length > 0 ? labels : [""]) {
      const places = byLabel.get(label);
      if (places) places.push(row);
      else byLabel.set(label, [row]);
    }
  });
  const share = Math.ceil(rows.length / byLabel.size);
  const epochOf = keepingNewest((epoch) => {
    const slots = [...byLabel].flatMap(([label, places]) => drawn(label, places, { share, epoch, seed }));
    return {
      slots,
      order: shuffledOrder(
        slots.map((row) => lengths[row] as number),
        { batch, seed },
      ),
    };
  });
  return {
    count: Math.ceil((share * byLabel.size) / batch),
    at(number, epoch) {
      const { slots, order } = epochOf(epoch);
      return order.at(number, epoch).map((slot) => slots[slot] as number);
    },
  };
}

interface Drawing {
  /** How many rows of each label an epoch has. */
  readonly share: number;
  readonly epoch: number;
  readonly seed: number;
}

/** The rows of a label in an epoch: each comes once before one comes again. */
function drawn(label: string, places: readonly number[], { share, epoch, seed }: Drawing): number[] {
  const rows: number[] = [];
  const start = epoch * share;
  let round = Math.floor(start / places.length);
  let from = start % places.length;
  while (rows.length < share) {
    const order = shuffle(Int32Array.from(places), randomSource(seed, `round ${round} of ${label}`));
    rows.push(...order.subarray(from, from + share - rows.length));
    [round, from] = [round + 1, 0];
  }
  return rows;
}
