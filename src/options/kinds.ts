/** Kinds of option values: schemas whose message says what is expected, in words. */

import * as v from "valibot";
import { type Kind, kind } from "./kind.ts";

export type { Kind } from "./kind.ts";

/** The largest seed, and any other number that counts exactly. */
const MOST = Number.MAX_SAFE_INTEGER;

/** A whole number from `from` on, up to `to`. `remark` goes on in the message: ", which never stops early". */
export function whole({
  from,
  to,
  remark = "",
}: {
  from: number;
  to?: number;
  remark?: string;
}): Kind<number> {
  const end = to === undefined ? "" : ` to ${to === MOST ? "2^53 - 1" : to}`;
  const words = `a whole number from ${from}${end}${remark}`;
  return kind<number>(
    v.pipe(v.number(words), v.safeInteger(words), v.minValue(from, words), v.maxValue(to ?? MOST, words)),
  );
}

/** A finite number: from `from` on or above `above`, up to `to` or below `below`. */
export function real({
  from = Number.NEGATIVE_INFINITY,
  above = Number.NEGATIVE_INFINITY,
  to = Number.POSITIVE_INFINITY,
  below = Number.POSITIVE_INFINITY,
  remark = "",
}: {
  from?: number;
  above?: number;
  to?: number;
  below?: number;
  remark?: string;
} = {}) {
  const start = Number.isFinite(from) ? ` from ${from}` : Number.isFinite(above) ? ` above ${above}` : "";
  const end = Number.isFinite(to) ? ` to ${to}` : Number.isFinite(below) ? ` to below ${below}` : "";
  const words = `a number${start}${end}${remark}`;
  return kind<number>(
    v.pipe(
      v.number(words),
      v.finite(words),
      v.minValue(from, words),
      v.gtValue(above, words),
      v.maxValue(to, words),
      v.ltValue(below, words),
    ),
  );
}

/** A seed of random numbers. */
export const seed = (): Kind<number> => whole({ from: 0, to: MOST });

/** One of some words. */
export function choice<const Choices extends readonly string[]>(choices: Choices): Kind<Choices[number]> {
  return kind(v.picklist(choices, choices.join(", ")));
}

export const text = (): Kind<string> => kind(v.string("a text"));
export const yes = (): Kind<boolean> => kind(v.boolean("true or false"));
