/** What is asked for by name: full names, or some consecutive parts of them. */

import { nearName, printGiven } from "../checks.ts";
import { UsageError } from "../errors.ts";

/** What can be seen of something that has a name: the last part of its full name. */
export const ASPECTS = ["values", "gradient", "saturation", "radius", "weights"] as const;
export type Aspect = (typeof ASPECTS)[number];

/** What is asked for. */
export interface Asked {
  /** Whether this aspect of what has this name, such as "rnn.l0.h", is asked for. */
  has(name: string, aspect: Aspect): boolean;
  /** Throws where something is asked for that is not there, once all that there is was asked about. */
  check(): void;
}

/** The names that were asked for, or everything; it learns what there is by being asked. */
export class Selection implements Asked {
  readonly #where: string;
  readonly #names: readonly string[] | undefined;
  readonly #known = new Set<string>();

  /** Throws UsageError for what is no list of names. */
  constructor(where: string, names: readonly string[] | undefined) {
    const areNames =
      names === undefined || (Array.isArray(names) && names.every((name) => typeof name === "string"));
    if (!areNames)
      throw new UsageError(`${where}: names ${printGiven(names)} given, a list of names expected`);
    this.#where = where;
    this.#names = names;
  }

  has(name: string, aspect: Aspect): boolean {
    const full = name === "" ? aspect : `${name}.${aspect}`;
    this.#known.add(full);
    return this.#names === undefined || this.#names.some((asked) => isPart(asked, full));
  }

  /** Throws UsageError for a name that nothing has, with the nearest that something has, else with what names may be. */
  check(): void {
    const known = [...this.#known];
    const stray = this.#names?.find((asked) => !known.some((full) => isPart(asked, full)));
    if (stray === undefined) return;
    const near = nearestName(stray, known);
    const expected = near === undefined ? `${whatWorks(known)} expected` : `did you mean ${near}?`;
    throw new UsageError(`${this.#where}: the name ${printGiven(stray)} is unknown: ${expected}`);
  }
}

/** Whether a name is some consecutive parts of a full one. */
function isPart(asked: string, full: string): boolean {
  return `.${full}.`.includes(`.${asked}.`);
}

/** What names may be, with one of those that there are as an example. */
function whatWorks(known: readonly string[]): string {
  const end = ".values";
  const seen = known.flatMap((full) => (full.endsWith(end) ? [full.slice(0, -end.length)] : []));
  const example = seen.find((name) => known.includes(`${name}.gradient`)) ?? seen[0];
  const such = example === undefined ? "" : ` such as ${example}`;
  return `a layer, a state or gate${such}, or one of ${ASPECTS.join(", ")}`;
}

/** What may have been meant by a name of parts: the same name with each part that nothing has replaced by one that is near, or has its place. */
function nearestName(stray: string, known: readonly string[]): string | undefined {
  const parts = [...new Set(known.flatMap((full) => full.split(".")))];
  const repaired = stray.split(".").map((part) => (parts.includes(part) ? part : nearName(part, parts)));
  const name = repaired.join(".");
  if (!repaired.includes(undefined) && known.some((full) => isPart(name, full))) return name;
  return nearName(stray, known) ?? endsLike(stray, known);
}

/** A name of as many parts that differs in one of them, if there are several in letters that are the fewest: "rnn.l0.hh" may be "rnn.l0.h". */
function endsLike(stray: string, known: readonly string[]): string | undefined {
  const asked = stray.split(".");
  if (asked.length < 2) return undefined;
  const alike = known
    .map((full) => full.split(".").slice(0, asked.length))
    .filter((parts) => asked.filter((part, at) => part !== parts[at]).length === 1)
    .map((parts) => parts.join("."));
  return alike.sort((a, b) => slips(stray, a) - slips(stray, b))[0];
}

/** How many letters are wrong, missing or added between two names. Levenshtein 1966. */
function slips(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [row, letter] of [...a].entries()) {
    const next = [row + 1];
    for (let at = 0; at < b.length; at++) {
      const replaced = (above[at] as number) + (letter === b[at] ? 0 : 1);
      next.push(Math.min(replaced, (above[at + 1] as number) + 1, (next[at] as number) + 1));
    }
    above = next;
  }
  return above[b.length] as number;
}
