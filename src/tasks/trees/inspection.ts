/** A classifier of trees looked into: how it goes over the nodes of one tree, and the words of its text. */

import type { Tree } from "../../data/trees/tree.ts";
import { completeOptions } from "../../options/table.ts";
import { type InspectedExample, OWN, pickRow, rowOption, withTargets } from "../inspection.ts";
import { type GivenFile, type GivenOptions, required, type Signature } from "../task.ts";
import { batchOf } from "./batches.ts";
import { isTold, numbersOf, readCorpus, readingLike, requireReadable } from "./corpus.ts";
import { TREE, type TreeRecord } from "./file.ts";
import { givenTo, type Told, type TreeModel } from "./model.ts";
import { trainingTypesOf } from "./network.ts";
import { predictionOptions, readingOptions } from "./options.ts";
import { argmax } from "./prediction.ts";
import { updateOf } from "./training.ts";

const options = { row: rowOption("tree"), ...readingOptions, bare: predictionOptions.bare };

export const inspectionSignature: Signature = {
  files: { input: { help: "trees, with labels or without", required: true } },
  options,
};

/** A tree, its nodes in post-order: children before their parents, the root last. */
export async function inspected(
  model: TreeModel,
  { settings, reading: before }: TreeRecord,
  file: GivenFile | undefined,
  given: GivenOptions,
): Promise<InspectedExample> {
  const { row, bare, ...keys } = completeOptions(TREE, options, given);
  const source = required(file, "file of trees");
  const { name } = source;
  const reading = { ...(await readingLike(source, before, keys)), ...(bare && { labels: false }) };
  const { corpus } = await readCorpus(source, reading);
  const tree = await pickRow(corpus.trees, row, { name, what: "trees" });
  const one = {
    ...corpus,
    trees: [tree],
    placeOf: (_: number, node: number) => corpus.placeOf(row - 1, node),
  };
  requireReadable(one, model.form);
  const { numbers, isOwn } = await withTargets(
    async () => ({ numbers: numbersOf(one, model)[0] as Int32Array, isOwn: false }),
    async () => ({ numbers: ownLabels(model, tree), isOwn: true }),
  );
  const values = givenTo(trainingTypesOf(model.network), batchOf([model.exampleOf(tree, numbers)], model));
  const words = inOrder(tree);
  return {
    title: `tree ${row} of ${name}: ${words.join(" ")}`,
    target: `nats a label, of the labels ${isOwn ? `, ${OWN}` : "of the tree"}`,
    ...updateOf(model, settings),
    values,
    steps: [
      { path: "", unit: "nodes", names: namesOf(tree) },
      { path: "sentence", unit: "words", names: words },
    ],
  };
}

/** Each node by its word, or by the first and the last of the words below it. */
function namesOf({ nodes }: Tree): string[] {
  const ends: { token: string; place: number }[][] = [];
  return nodes.map(({ token, position, children }, at) => {
    const own = token === undefined ? [] : [{ token, place: position ?? at }];
    const all = [...children.flatMap((child) => ends[child] ?? []), ...own].sort((a, b) => a.place - b.place);
    const [first, last] = [all[0], all.at(-1)];
    ends.push(first && last ? [first, last] : []);
    return token ?? (first && last ? `(${first.token}…${last.token})` : "()");
  });
}

/** The words of a tree in the order of its text. */
function inOrder({ nodes }: Tree): string[] {
  return nodes
    .flatMap(({ token, position }, at) => (token === undefined ? [] : [{ token, place: position ?? at }]))
    .sort((a, b) => a.place - b.place)
    .map(({ token }) => token);
}

/** The likeliest label of each node that is told. */
function ownLabels(model: TreeModel, tree: Tree): Int32Array {
  const { logs } = model.tell([tree])[0] as Told;
  const count = model.labels.length;
  return Int32Array.from(tree.nodes, (_, at) =>
    isTold(tree, at, model.form.labels) ? argmax(logs.subarray(at * count, (at + 1) * count)) : -1,
  );
}
