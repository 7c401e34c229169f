/** A tree whose nodes are told something: what tree-svg.ts and tree-text.ts beside it draw. */

import { UsageError } from "../../errors.ts";
import { shownWord } from "./alignment.ts";

export interface DrawnNode {
  /** Its word, operator or atom, where it has one. */
  readonly token?: string | undefined;
  /** Its label; undefined for a node that has none. */
  readonly label?: string | undefined;
  /** How probable the label is, where it was told. */
  readonly probability?: number | undefined;
  /** The label that it has in truth, where that is another one. */
  readonly given?: string | undefined;
  /** Its children, as places in `nodes`, in their order; each stands before it. */
  readonly children: readonly number[];
}

export interface LabelledTree {
  readonly title: string;
  /** Every node after its children; the root is the last one. */
  readonly nodes: readonly DrawnNode[];
}

/** More nodes are no picture that anybody reads. */
export const MOST_DRAWN = 1000;

/** Throws UsageError for a tree of no nodes or of too many, and for a probability that is none. */
export function checkLabelledTree(where: string, { nodes }: LabelledTree): void {
  if (nodes.length === 0 || nodes.length > MOST_DRAWN) {
    throw new UsageError(`${where}: a tree of ${nodes.length} nodes given, 1 to ${MOST_DRAWN} expected`);
  }
  const wrong = nodes.findIndex(
    ({ probability }) => probability !== undefined && !(probability >= 0 && probability <= 1.001),
  );
  if (wrong < 0) return;
  const given = nodes[wrong]?.probability;
  throw new UsageError(
    `${where}: the probability ${given} given for node ${wrong}, a number from 0 to 1 expected`,
  );
}

/** What a node is told: "4 0.93", and the label that it has in truth where that is another one: "4 0.93 (3)". */
export function toldOf({ label, probability, given }: DrawnNode): string {
  const parts = [
    label === undefined ? [] : [shownWord(label)],
    probability === undefined ? [] : [probability.toFixed(2)],
    given === undefined ? [] : [`(${shownWord(given)})`],
  ];
  return parts.flat().join(" ");
}
