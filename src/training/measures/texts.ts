/** The texts that measures are given, and the words and n-grams of them, as sacreBLEU takes them apart. */

import { printGiven } from "../../checks.ts";
import { DataError } from "../../errors.ts";

/** What Python takes for space between words: neither more nor less than Unicode's, and a few control characters. */
const space =
  "[\\t-\\r\\u001c-\\u0020\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const spaces = new RegExp(`${space}+`, "u");
const spacesAtEnd = new RegExp(`${space}+$`, "u");

export const wordsOf = (text: string) => text.split(spaces).filter((word) => word !== "");
export const withoutSpaces = (text: string) => text.split(spaces).join("");
export const withoutSpacesAtEnd = (text: string) => text.replace(spacesAtEnd, "");

/** How often each n-gram of these units occurs. */
export function ngramsOf(units: readonly string[], order: number, joint: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (let at = 0; at + order <= units.length; at++) {
    const ngram = units.slice(at, at + order).join(joint);
    counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
  }
  return counts;
}

/** A reference, or several, as a list. Throws DataError for what is no text, and for no reference. */
export function referencesOf(
  where: string,
  prediction: string,
  references: string | readonly string[],
): readonly string[] {
  checkText(where, "prediction", prediction);
  const list = typeof references === "string" ? [references] : references;
  if (!Array.isArray(list) || list.length === 0) {
    throw new DataError(`${where}: references ${printGiven(list)} given, a text or a list of texts expected`);
  }
  for (const reference of list) checkText(where, "reference", reference);
  return list;
}

/** Throws DataError for what is no text. */
export function checkText(where: string, name: string, given: unknown): asserts given is string {
  if (typeof given === "string") return;
  throw new DataError(`${where}: ${name} ${printGiven(given)} given, a text expected`);
}

/** How many references there are, if it is always as many. */
export class ReferenceCount {
  #count: number | "var" | undefined;

  add(references: number): void {
    this.#count = this.#count === undefined || this.#count === references ? references : "var";
  }

  toString(): string {
    return `${this.#count ?? 0}`;
  }
}

/**
 * The fields of a signature in the form of sacreBLEU's. The version is not of the package but of these figures: it changes when
 * one of them does.
 */
export function signatureOf(fields: Readonly<Record<string, string | number>>): string {
  const all = { ...fields, version: "rondo.1" };
  return Object.entries(all)
    .map(([name, value]) => `${name}:${value}`)
    .join("|");
}
