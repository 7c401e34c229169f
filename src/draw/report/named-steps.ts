/** What the steps of layers are called where they are shown: the words, characters, times or frames that they read. */

import type { Channel } from "../charts/moments.ts";

export interface NamedSteps {
  /** The layer, or what it is a part of, by its path in the network, such as "encoder"; "" for all that no other one names. */
  readonly path: string;
  /** What a step is, in the plural: "words", "days". */
  readonly unit: string;
  /** Of each step, in order. */
  readonly names: readonly string[];
  /** Which row of the batch is shown. Default 0. */
  readonly row?: number | undefined;
  /** What attention of these layers looks at: its name for each place. */
  readonly memory?: readonly string[] | undefined;
  /** Numbers that are read at the steps, shown above what becomes of them. */
  readonly channels?: readonly Channel[] | undefined;
}

/** The steps of a layer, or of anything within it: those of the longest path that it stands below. */
export function stepsOf(all: readonly NamedSteps[], name: string): NamedSteps | undefined {
  const fitting = all.filter(({ path }) => path === "" || name === path || /^[.#]/.test(rest(name, path)));
  return fitting.reduce<NamedSteps | undefined>(
    (best, one) => (best && best.path.length >= one.path.length ? best : one),
    undefined,
  );
}

const rest = (name: string, path: string) => (name.startsWith(path) ? name.slice(path.length) : "");
