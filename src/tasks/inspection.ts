/** What `inspect` looks at: one example of what a model of a task reads, with the loss of its training and names for its steps. */

import type { NamedSteps } from "../draw/report/named-steps.ts";
import { DataError } from "../errors.ts";
import { whole } from "../options/kinds.ts";
import { option } from "../options/table.ts";

export interface InspectedExample {
  /** Which one it is, in a line: "row 3 of reviews.jsonl: The film was good". */
  readonly title: string;
  /** What the loss is, and of what: "nats a token, of the tokens that come next in the text". */
  readonly target: string;
  /** The types of what the loss reads. */
  readonly inputs: unknown;
  readonly values: unknown;
  /** The loss of the training, as a `Training` takes it; without a key nothing is dropped. */
  loss(given: never, update: undefined, key: undefined): unknown;
  /**
   * The same values with a target at the last step alone, so that the gradient tells how far back one step's error reaches; undefined where
   * the loss is of one thing anyway, or cannot be of less.
   */
  readonly last?: unknown;
  /** What the steps of the layers are. */
  readonly steps: readonly NamedSteps[];
}

/** Which example of a file is looked at; `what` an example is: "row", "sentence". */
export function rowOption(what: string) {
  return option(whole({ from: 1 }), {
    default: 1,
    argument: "number",
    help: `which ${what} of the file is looked at, from 1`,
  });
}

/** How many steps are looked at; `which` of them: "the first of the row". */
export function stepsOption(which: string, usually: string) {
  return option(whole({ from: 2 }), {
    argument: "count",
    help: `how many steps are looked at, at most: ${which}`,
    usually,
  });
}

/** The steps of a long example that are looked at unless told. */
export const USUAL_STEPS = 500;

/** Item `number` of those of a file, from 1. Throws DataError where it has fewer. `what` they are: "rows". */
export async function pickRow<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  number: number,
  { name, what }: { readonly name: string; readonly what: string },
): Promise<Item> {
  let count = 0;
  for await (const item of items) {
    count += 1;
    if (count === number) return item;
  }
  throw new DataError(`${name}: row ${number} asked for, it has ${count} ${what}`);
}

/** What is made of a file with targets; where it has none, what is made of it without. */
export async function withTargets<Made>(
  targets: () => Promise<Made>,
  without: () => Promise<Made>,
): Promise<Made> {
  try {
    return await targets();
  } catch (error) {
    if (error instanceof DataError) return without();
    throw error;
  }
}

/** The target of a file, or what the model makes of it where there is none: how reports say it. */
export const OWN = "the model's own, as the file has none that it knows";
