/** Training a classifier of trees: batches, what an update is, and what is measured after each epoch. */

import type { BackendChoice } from "../../backends/choice.ts";
import { forgetting } from "../../data/forgetting.ts";
import { LengthBatches } from "../../data/length-batches.ts";
import type { StopSignal } from "../../long-work.ts";
import { randomSource } from "../../nn/random.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { scheduleOf, updateSettings } from "../../training/options.ts";
import { Training } from "../../training/training.ts";
import { batchOf, type Example, labelsIn } from "./batches.ts";
import { describeTrees, type TreeRecord } from "./file.ts";
import { FigureCounts, type LabelledTree, type TreeFigures, tellTrees } from "./measures.ts";
import { givenTo, type TreeModel } from "./model.ts";
import { type Given, lossOf, trainingTypesOf } from "./network.ts";
import type { TreeSettings } from "./options.ts";
import { countRoles } from "./roles.ts";
import { countWords } from "./words.ts";

/** The trees to learn from, and those that choose the best epoch. */
export interface TreeParts {
  readonly training: readonly LabelledTree[];
  readonly validation: readonly LabelledTree[];
}

/** What an update is, for a training and for `explain`. */
export function updateOf({ network, form }: TreeModel, settings: TreeSettings) {
  return {
    ...updateSettings(settings),
    model: network,
    inputs: trainingTypesOf(network),
    loss: (given: object) => lossOf(network, form, given as Given & { readonly labels: Tensor }),
  };
}

/** The training of a classifier of trees, as anybody's: the lowest loss on what is held out is the best. */
export function trainingOf(
  model: TreeModel,
  parts: TreeParts,
  record: TreeRecord,
  backend: BackendChoice | undefined,
) {
  const { settings } = record;
  const { batch, seed, epochs, patience, unknown } = settings;
  const trees = parts.training.map(({ tree }) => tree);
  const examples = parts.training.map(({ tree, numbers }) => model.exampleOf(tree, numbers));
  const counts = countWords(model.words, trees);
  const roleCounts = model.roles ? countRoles(model.roles, trees) : [];
  const types = trainingTypesOf(model.network);
  const order = new LengthBatches(
    trees.map(({ nodes }) => nodes.length),
    { batch, seed, pool: 20 },
  );
  const validate = async (signal: StopSignal | undefined): Promise<TreeFigures | undefined> => {
    const figures = new FigureCounts(model);
    for await (const { item, told } of tellTrees(model, parts.validation, signal)) figures.add(item, told);
    return signal?.aborted ? undefined : figures.figures();
  };
  return new Training({
    ...updateOf(model, settings),
    batches: {
      count: order.count,
      at(number, epoch) {
        const drawn = Array.from(order.at(number, epoch), (at) => examples[at] as Example);
        const random = randomSource(seed, `unknown words of batch ${number} of epoch ${epoch}`);
        const forgets = {
          word: forgetting(counts, unknown, random),
          role: forgetting(roleCounts, unknown, random),
        };
        return givenTo(types, batchOf(drawn, model, forgets));
      },
    },
    targets: (values) => labelsIn(values as unknown as Parameters<typeof labelsIn>[0]),
    validation: parts.validation.length > 0 ? validate : undefined,
    epochs,
    patience,
    learningRate: scheduleOf(settings, order.count),
    metadata: {
      model: (found, { step, epoch }) =>
        describeTrees(model, { ...record, step, epoch: epoch + 1, validation: found ?? null }),
      checkpoint: () => describeTrees(model, record),
    },
    backend,
  });
}
