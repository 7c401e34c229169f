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
export function real(range: Range = {}): Kind<number> {
  return kind<number>(within(range, `a number${rangeText(range)}`));
}

export interface Range {
  readonly from?: number;
  readonly above?: number;
  readonly to?: number;
  readonly below?: number;
  readonly remark?: string;
}

function rangeText({ from, above, to, below, remark = "" }: Range): string {
  const start = from !== undefined ? ` from ${from}` : above !== undefined ? ` above ${above}` : "";
  const end = to !== undefined ? ` to ${to}` : below !== undefined ? ` to below ${below}` : "";
  return `${start}${end}${remark}`;
}

function within({ from, above, to, below }: Range, words: string) {
  return v.pipe(
    v.number(words),
    v.finite(words),
    v.minValue(from ?? Number.NEGATIVE_INFINITY, words),
    v.gtValue(above ?? Number.NEGATIVE_INFINITY, words),
    v.maxValue(to ?? Number.POSITIVE_INFINITY, words),
    v.ltValue(below ?? Number.POSITIVE_INFINITY, words),
  );
}

/** A seed of random numbers. */
export const seed = (): Kind<number> => whole({ from: 0, to: MOST });

/** One of some words. */
export function choice<const Choices extends readonly string[]>(choices: Choices): Kind<Choices[number]> {
  return kind(v.picklist(choices, choices.join(", ")));
}

export const text = (): Kind<string> => kind(v.string("a text"));

/** A text of one character or more. */
export function filledText(): Kind<string> {
  const words = "a text of one character or more";
  return kind(v.pipe(v.string(words), v.nonEmpty(words)));
}

/** A list of numbers in a range, each once unless they may repeat; whole ones alone with `whole`. A list may be empty. */
export function numbers({
  repeat = false,
  whole = false,
  ...range
}: NumbersRange = {}): Kind<readonly number[]> {
  const words = `${whole ? "whole numbers" : "numbers"}${rangeText(range)}${repeat ? "" : ", each once"}`;
  const item = within(range, words);
  const list = v.array(whole ? v.pipe(item, v.safeInteger(words)) : item, words);
  return kind(repeat ? list : v.pipe(list, v.checkItems(isFirst, words)));
}

export interface NumbersRange extends Range {
  readonly repeat?: boolean;
  readonly whole?: boolean;
}

/** A list of names, each once, none of them empty: a list may be empty. */
export function names(): Kind<readonly string[]> {
  const words = "names, each once";
  const name = v.pipe(v.string(words), v.nonEmpty(words));
  return kind(v.pipe(v.array(name, words), v.checkItems(isFirst, words)));
}

const isFirst = <Item>(item: Item, at: number, all: readonly Item[]) => all.indexOf(item) === at;

export const yes = (): Kind<boolean> => kind(v.boolean("true or false"));
