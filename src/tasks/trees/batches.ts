/** Trees side by side, as a network reads them. */

import type { Value } from "../../backends/backend.ts";
import type { Forgets } from "../../data/forgetting.ts";
import type { Tree } from "../../data/trees/tree.ts";
import { treeArrays } from "../../data/trees/tree-arrays.ts";
import type { Vocabulary } from "../../data/vocabulary.ts";
import { IGNORED_TARGET } from "../../data/windows.ts";
import { value } from "../../program/compile.ts";
import type { Form } from "./options.ts";
import { UNKNOWN_ROLE } from "./roles.ts";
import { UNKNOWN_WORD } from "./words.ts";

/** A tree whose words are those of the vocabulary, with the numbers of its labels, -1 for none. */
export interface Example {
  readonly tree: Tree;
  readonly numbers: Int32Array;
}

/** What a batch is made for. */
export interface BatchModel {
  readonly words: Vocabulary;
  readonly roles: Vocabulary | undefined;
  readonly form: Pick<Form, "arity" | "cell" | "direction" | "roles">;
}

/** Which words and roles are read as unknown. */
export interface Forgetting {
  readonly word: Forgets;
  readonly role: Forgets;
}

/** The values of `trainingTypesOf`: those of `inputTypesOf`, and labels. */
export function batchOf(
  examples: readonly Example[],
  { words, roles, form: { arity, cell, direction, roles: use } }: BatchModel,
  forgets?: Forgetting,
): Readonly<Record<string, Value>> & { readonly labels: Value } {
  const isOrdered = direction !== "down" && cell !== "child-sum-tree-lstm";
  const arrays = treeArrays(
    examples.map(({ tree }) => tree),
    { tokens: words, roles, ...(isOrdered && { arity }) },
  );
  const [steps, batch] = arrays.tokens.shape as [number, number];
  const tokens = Int32Array.from(arrays.tokens.data);
  const { data: positions } = arrays.positions;
  positions.forEach((position, at) => {
    if (position >= 0 && forgets?.word(tokens[at] as number)) tokens[at] = UNKNOWN_WORD;
  });
  const forgetRole = (role: number) => (forgets?.role(role) ? UNKNOWN_ROLE : role);
  const labels = new Int32Array(steps * batch).fill(IGNORED_TARGET);
  examples.forEach(({ numbers }, b) => {
    numbers.forEach((number, t) => {
      labels[t * batch + b] = number;
    });
  });
  return {
    ...arrays,
    ...(use === "embedded" && {
      roles: value(Int32Array.from(arrays.types?.data ?? [], forgetRole), [steps, batch]),
    }),
    tokens: value(tokens, [steps, batch]),
    labels: value(labels, [steps, batch]),
    ...sentences(tokens, positions, batch),
  };
}

/** The words (S, B) in the order of the text, and how many each tree has; one without words has an empty one. */
function sentences(tokens: Int32Array, positions: ArrayLike<number>, batch: number) {
  const lengths = new Int32Array(batch).fill(1);
  Array.from(positions).forEach((position, at) => {
    const b = at % batch;
    lengths[b] = Math.max(lengths[b] as number, position + 1);
  });
  const steps = lengths.reduce((most, length) => Math.max(most, length), 1);
  const words = new Int32Array(steps * batch);
  Array.from(positions).forEach((position, at) => {
    if (position >= 0) words[position * batch + (at % batch)] = tokens[at] as number;
  });
  return { words: value(words, [steps, batch]), wordLengths: value(lengths, [batch]) };
}

/** How many labels are learnt of a batch. */
export function labelsIn({ labels }: { readonly labels: unknown }): number {
  return Array.from((labels as Value).data).filter((label) => label !== IGNORED_TARGET).length;
}
