/** How often tokens occur, which of them a vocabulary keeps, and in which order. */
import { printGiven } from "../checks.ts";
import { DataError } from "../errors.ts";

export const TOKEN_ORDERS = ["frequency", "sorted", "seen"] as const;
/**
 * The order of a vocabulary's tokens: by falling frequency, ties in code point order; all in code point order; or as they
 * were first seen.
 */
export type TokenOrder = (typeof TOKEN_ORDERS)[number];

/** How often each token occurs, in the order in which they are first seen. */
export function countTokens(tokens: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
  return counts;
}

/** The tokens that occur `leastCount` times or more, the `most` most frequent of these, in an order. */
export function keptTokens(
  counts: ReadonlyMap<string, number>,
  {
    leastCount = 1,
    most,
    order = "frequency",
  }: {
    leastCount?: number | undefined;
    most?: number | undefined;
    order?: TokenOrder | undefined;
  },
): string[] {
  const frequent = [...counts]
    .filter(([, count]) => count >= leastCount)
    .sort(([a, m], [b, n]) => n - m || byCodePoints(a, b))
    .map(([token]) => token)
    .slice(0, most);
  if (order === "frequency") return frequent;
  if (order === "sorted") return frequent.sort(byCodePoints);
  const kept = new Set(frequent);
  return [...counts.keys()].filter((token) => kept.has(token));
}

/**
 * The tokens of lists of tokens, or of one list, one after the other.
 *
 * @throws DataError for what is no list, and for what is no string in one
 */
export function* tokensOfLists(where: string, lists: Iterable<string | Iterable<string>>): Generator<string> {
  if (typeof lists === "string" || typeof lists?.[Symbol.iterator] !== "function") {
    throw new DataError(`${where}: ${printGiven(lists)} given, lists of tokens expected`);
  }
  let at = 0;
  for (const list of lists) {
    if (typeof list === "string") yield list;
    else if (typeof list?.[Symbol.iterator] === "function")
      yield* checkedTokens(`${where}: list ${at}`, list);
    else
      throw new DataError(`${where}: ${printGiven(list)} given at ${at}, a token or a list of them expected`);
    at++;
  }
}

/** The tokens of one list. Throws DataError for what is no string. */
export function* checkedTokens(where: string, tokens: Iterable<string>): Generator<string> {
  let at = 0;
  for (const token of tokens) {
    if (typeof token !== "string") {
      throw new DataError(`${where}: ${printGiven(token)} given at ${at}, a string expected`);
    }
    yield token;
    at++;
  }
}

/** Code point order, which differs from JavaScript's own for characters beyond U+FFFF. */
export function byCodePoints(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  const shared = Math.min(left.length, right.length);
  for (let at = 0; at < shared; at++) {
    const difference = (left[at]?.codePointAt(0) as number) - (right[at]?.codePointAt(0) as number);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
