/** A tree with the labels that it was told: what programs get, and what is written. */

import { writeBracketed } from "../../data/trees/brackets.ts";
import { writeTreeJson } from "../../data/trees/objects.ts";
import type { Tree, TreeNode } from "../../data/trees/tree.ts";
import type { Prediction } from "../task.ts";
import { isTold } from "./corpus.ts";
import type { Told, TreeModel } from "./model.ts";

/** A node; one that is not told keeps the label that it had, if it had one. */
export interface ToldNode extends TreeNode {
  /** How probable each label is, by label. */
  readonly probabilities?: Readonly<Record<string, number>> | undefined;
}

/** A tree like any other, with the labels that it was told. */
export interface ToldTree extends Tree {
  readonly nodes: readonly ToldNode[];
}

export function toldTree({ labels, form }: TreeModel, tree: Tree, { logs }: Told): ToldTree {
  return {
    nodes: tree.nodes.map((node, at) => {
      if (!isTold(tree, at, form.labels)) return node;
      const own = logs.subarray(at * labels.length, (at + 1) * labels.length);
      const probabilities = Object.fromEntries(
        labels.map((label, number) => [label, Math.exp(own[number] as number)]),
      );
      return { ...node, label: labels[argmax(own)] as string, probabilities };
    }),
  };
}

/** A line: in brackets where the tree came so, all its nodes have labels and brackets can hold it, else as JSON. As JSON a list of nodes. */
export function predictionOf(told: ToldTree, inBrackets: boolean, expected?: Tree): Prediction {
  const isHeld = told.nodes.every(({ label }) => label !== undefined);
  return {
    text: inBrackets && isHeld ? writeBracketed(told) : writeTreeJson(told),
    json: {
      nodes: told.nodes.map(({ token, label, role, position, children, probabilities }, at) => ({
        ...{ token, label, ...(expected && { expected: expected.nodes[at]?.label }) },
        ...{ probabilities, role, position, children },
      })),
    },
  };
}

/** The place of the greatest number, the first of several. */
export function argmax(numbers: ArrayLike<number>): number {
  let best = 0;
  for (let at = 1; at < numbers.length; at++) {
    if ((numbers[at] as number) > (numbers[best] as number)) best = at;
  }
  return best;
}
