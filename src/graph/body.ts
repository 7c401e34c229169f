/**
 * The body of a scan: one step as a closed graph over its arguments, in this order: states, sequence slices, captures,
 * inboxes. Bodies are interned like nodes, so two scans of a program that step alike share one body.
 */

import { known, remember } from "./interning.ts";
import type { Node, TensorType } from "./node.ts";

/** At the end of a step, add `value` to row b of inbox `inbox` of the step `index[b]`, which runs later; -1 adds nowhere. */
export interface Send {
  readonly inbox: number;
  readonly index: Node;
  readonly value: Node;
}

export interface BodyParts {
  readonly states: readonly TensorType[];
  readonly sequences: readonly TensorType[];
  readonly captures: readonly TensorType[];
  /** What later steps receive from earlier ones: the adjoint of reading the past by index. Starts as zeros. */
  readonly inboxes: readonly TensorType[];
  /** The next states. */
  readonly next: readonly Node[];
  /** What the step puts out; becomes sequences. */
  readonly outputs: readonly Node[];
  readonly sends: readonly Send[];
}

export interface Body extends BodyParts {
  readonly id: number;
}

let count = 0;

const typeKey = ({ shape, dtype }: TensorType) => `${dtype}(${shape.join(",")})`;
const idKey = (nodes: readonly Node[]) => nodes.map(({ id }) => id).join(",");

/** The one body with these parts. */
export function body(parts: BodyParts): Body {
  const key = [
    "body",
    ...[parts.states, parts.sequences, parts.captures, parts.inboxes].map((types) =>
      types.map(typeKey).join(";"),
    ),
    idKey(parts.next),
    idKey(parts.outputs),
    parts.sends.map((send) => `${send.inbox}:${send.index.id}:${send.value.id}`).join(","),
  ].join("|");
  const equal = known(key);
  if (equal) return equal as Body;
  count += 1;
  const made = Object.freeze({ ...parts, id: count });
  remember(key, made);
  return made;
}

/** The types of all arguments, in order. */
export function argumentTypes(parts: BodyParts): TensorType[] {
  return [...parts.states, ...parts.sequences, ...parts.captures, ...parts.inboxes];
}

/** Every node that a step must compute, in order. */
export function bodyResults(parts: BodyParts): Node[] {
  return [...parts.next, ...parts.outputs, ...parts.sends.flatMap(({ index, value }) => [index, value])];
}

/** A list in the order of the arguments, in its parts. The inputs of a scan are such a list, without inboxes. */
export function splitArguments<Item>(
  { states, sequences, captures }: Pick<BodyParts, "states" | "sequences" | "captures">,
  list: readonly Item[],
) {
  const left = [...list];
  const take = ({ length }: readonly unknown[]) => left.splice(0, length);
  return { states: take(states), sequences: take(sequences), captures: take(captures), inboxes: left };
}

/** A list in the order of the results, in its parts. */
export function splitResults<Item>(
  { next, outputs, sends }: Pick<BodyParts, "next" | "outputs" | "sends">,
  list: readonly Item[],
) {
  const left = [...list];
  const take = (count: number) => left.splice(0, count);
  return {
    next: take(next.length),
    outputs: take(outputs.length),
    sends: sends.map(({ inbox }) => {
      const [index, value] = take(2) as [Item, Item];
      return { inbox, index, value };
    }),
  };
}

/** The body with other results over the same arguments. `map` is given all results and returns as many. */
export function mapBody(original: BodyParts, map: (results: readonly Node[]) => readonly Node[]): Body {
  return body({ ...original, ...splitResults(original, map(bodyResults(original))) });
}
