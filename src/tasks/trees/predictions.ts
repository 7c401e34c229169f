/** What is told of the trees of a file, or of an input that goes on. */

import { rereadable } from "../../data/rereadable.ts";
import type { Source } from "../../data/source.ts";
import { readTrees } from "../../data/trees/read.ts";
import { printTreePlace, type Tree } from "../../data/trees/tree.ts";
import { completeOptions } from "../../options/table.ts";
import type { GivenOptions, Prediction } from "../task.ts";
import { readingLike, requireReadable } from "./corpus.ts";
import { TREE, type TreeRecord } from "./file.ts";
import type { Told, TreeModel } from "./model.ts";
import { predictionOptions } from "./options.ts";
import { predictionOf, toldTree } from "./prediction.ts";

/** Trees that are told together. */
const TOGETHER = 256;

/** One for each tree, in order; where the input goes on each is told before more is read. */
export async function* predictions(
  model: TreeModel,
  { reading: before }: Pick<TreeRecord, "reading">,
  input: Source,
  options: GivenOptions,
  goesOn = false,
): AsyncGenerator<Prediction> {
  const { bare, ...given } = completeOptions(TREE, predictionOptions, options);
  const source = rereadable(input);
  // Whether rows are those of CoNLL-U is not seen before many of them have come.
  const form = given.form ?? (goesOn && before?.form === "conllu" ? before.form : undefined);
  const reading = {
    ...(await readingLike(source, before, { ...given, form })),
    ...(bare && { labels: false }),
  };
  const inBrackets = reading.form === "brackets";
  // Labels of the input do not count, wherever they would stand.
  const { column: _, ...own } = reading;
  let waiting: Tree[] = [];
  const tell = () => {
    const some = waiting;
    waiting = [];
    requireReadable(
      {
        name: input.name,
        trees: some,
        placeOf: (tree, node) => printTreePlace(input.name, some[tree]?.nodes[node] ?? {}),
      },
      model.form,
    );
    const told = model.tell(some);
    return some.map((tree, at) => predictionOf(toldTree(model, tree, told[at] as Told), inBrackets));
  };
  for await (const tree of readTrees(source, own)) {
    waiting.push(tree);
    if (goesOn || waiting.length === TOGETHER) yield* tell();
  }
  yield* tell();
}
