/** The classifier of trees as a task: what the command can do with trees and their labels. */

import type { BackendChoice } from "../../backends/choice.ts";
import { textSource } from "../../data/source.ts";
import { counted } from "../../data/text.ts";
import type { Tree } from "../../data/trees/tree.ts";
import { UsageError } from "../../errors.ts";
import { completeOptions } from "../../options/table.ts";
import { epochsOnward } from "../../training/options.ts";
import { compileUpdate } from "../../training/update.ts";
import { taskFile } from "../file.ts";
import { isTrees } from "../head.ts";
import { requireSameData } from "../identity.ts";
import { count, type Measure, measure } from "../measures.ts";
import {
  type FileTable,
  type GivenFiles,
  required,
  type Task,
  type TaskModel,
  type TaskTraining,
} from "../task.ts";
import { inLine } from "../text-table.ts";
import { vectorsOfFile } from "../word-vectors.ts";
import { type Begun, beginTrees, checkTreeOptions, partsOf } from "./begin.ts";
import { type Corpus, readCorpus, readingLike, type TreeReading } from "./corpus.ts";
import { describeRows, TOLD } from "./describe.ts";
import { drawTree, readOneTree } from "./drawing.ts";
import { evaluateTrees } from "./evaluation.ts";
import { modelOf, openTrees, recordOf, TREE, type TreeRecord } from "./file.ts";
import { inspected, inspectionSignature } from "./inspection.ts";
import type { TreeModel } from "./model.ts";
import { type Given, inputTypesOf } from "./network.ts";
import { drawingOptions, evaluationOptions, predictionOptions, treeOptions } from "./options.ts";
import { predictions } from "./predictions.ts";
import { trainingOf, updateOf } from "./training.ts";

/** A part of a whole as a percentage, as fine as classifiers of trees are compared. */
function hundredths(label: string, short = label): Measure {
  const print = (value: number) => `${(100 * value).toFixed(2)} %`;
  return { label, print, brief: (value) => `${short} ${print(value)}` };
}

const FORMS = "brackets, JSON Lines, CoNLL-U, expressions or SMILES";

const trainingFiles = {
  trees: { help: `trees with labels: ${FORMS}`, required: true },
  validationFile: {
    flag: "validation-file",
    option: "validation",
    help: "trees that choose the best epoch, instead of a part of the first",
  },
  vectors: { flag: "vectors", help: "vectors for words to start from, as text: GloVe or word2vec" },
} satisfies FileTable;

export const treeTask: Task = {
  name: TREE,
  summary: "a classifier of trees and their nodes, such as parsed sentences",
  training: { files: trainingFiles, options: treeOptions },
  evaluation: {
    files: { input: { help: `trees with labels: ${FORMS}`, required: true } },
    options: evaluationOptions,
  },
  evaluatesRows: true,
  prediction: {
    files: { input: { help: `trees, with labels or without: ${FORMS}`, required: true } },
    options: predictionOptions,
  },
  inspection: inspectionSignature,
  drawing: drawingOptions,
  measures: {
    trees: count("trees"),
    labels: count("labels"),
    loss: { ...measure("nats per label", 4), brief: (value) => `${value.toFixed(4)} nats` },
    accuracy: hundredths("accuracy"),
    rootAccuracy: hundredths("accuracy at roots", "roots"),
    twoClassRoots: count("roots above or below the middle"),
    twoClassAccuracy: hundredths("accuracy of these, two classes", "two classes"),
  },

  guess: (head) => (isTrees(head) ? `${head.name} has trees` : undefined),

  async begin(files, options, { backend }) {
    const source = required(files.trees, WHAT);
    const { validationFile, vectors } = files;
    if (validationFile && options.validation !== undefined) {
      throw new UsageError("validation and a file to validate on given: one of both expected");
    }
    const { corpus, reading, data } = await readCorpus(
      source,
      checkTreeOptions(options, validationFile !== undefined),
    );
    const held =
      validationFile && (await readCorpus(validationFile, await readingLike(validationFile, reading)));
    const begun = await beginTrees(corpus, held?.corpus, options, {
      ...{ data, validationData: held?.data ?? null, reading, backend, vectors: vectorsOfFile(vectors) },
    });
    const found = [corpus, ...(held ? [held.corpus] : [])].map(auditOf);
    return {
      ...asTask(begun, backend),
      audit: {
        lines: found.map(({ name, trees, nodes, largest, children }) =>
          [
            `${name}: ${counted(trees, "tree")}`,
            counted(nodes, "node"),
            `${largest} in the largest`,
            `${children} children of a node at most`,
          ].join(", "),
        ),
        json: { files: found },
      },
    };
  },

  locations(checkpoint) {
    const { data, validationData } = recordOf(taskFile(checkpoint.file, checkpoint.where));
    return { trees: data.name, ...(validationData && { validationFile: validationData.name }) };
  },

  async resume(checkpoint, files, { epochs }, { backend }) {
    const source = required(files.trees, WHAT);
    const { where, progress } = checkpoint;
    const described = taskFile(checkpoint.file, where);
    const before = recordOf(described);
    const model = modelOf(described, backend);
    const same = { where, what: "file", counts: "rows" } as const;
    const { corpus, reading, data } = await readCorpus(source, before.reading ?? {});
    requireSameData(source.name, data, before.data, same);
    const held = before.validationData && (await readHeld(files, reading));
    if (held && before.validationData) {
      requireSameData(held.corpus.name, held.data, before.validationData, same);
    }
    const { settings } = before;
    const onward = epochsOnward(epochs, { before: settings.epochs, done: progress.epoch, where });
    const record = { ...before, data, settings: { ...settings, epochs: onward } };
    const task = asTask({ model, parts: partsOf(corpus, held?.corpus, model, settings), record }, backend);
    task.training.restore(checkpoint);
    return task;
  },

  open(file, { backend }) {
    const { model, record } = openTrees(file, backend);
    return taskModel(model, record);
  },
};

const WHAT = "file of trees";

async function readHeld({ validationFile }: GivenFiles, reading: TreeReading) {
  const file = required(validationFile, "file to validate on");
  return readCorpus(file, await readingLike(file, reading));
}

function auditOf({ name, trees }: Corpus) {
  const most = (of: (tree: Tree) => number) => trees.reduce((all, tree) => Math.max(all, of(tree)), 0);
  return {
    name,
    trees: trees.length,
    nodes: trees.reduce((sum, { nodes }) => sum + nodes.length, 0),
    largest: most(({ nodes }) => nodes.length),
    children: most(({ nodes }) => nodes.reduce((all, one) => Math.max(all, one.children.length), 0)),
  };
}

function asTask({ model, parts, record }: Begun, backend: BackendChoice | undefined) {
  const { training, validation } = parts;
  const { form, labels, words, roles } = model;
  const { data, validationData, vectors } = record;
  const shown = labels.slice(0, 10).map(inLine).join(", ");
  const started = vectors ? `, ${vectors.words} of them from ${vectors.name}` : "";
  const read = roles ? `, ${counted(roles.size, "role")}` : "";
  const more = labels.length > 10 ? `, and ${labels.length - 10} more` : "";
  const held = `${validation.length} held out${validationData ? ` in ${validationData.name}` : ""}`;
  return {
    training: trainingOf(model, parts, record, backend),
    plan: `${data.name}: ${counted(training.length, "tree")} to train on, ${held}; ${labels.length} labels (${shown}${more}) ${TOLD[form.labels]}, ${words.size} words${started}${read}, ${form.cell} of ${form.hidden} units`,
    data: {
      trees: { training: training.length, validation: validation.length },
      ...{ labels, told: form.labels },
    },
    unit: "labels",
    async summary(best) {
      if (validation.length === 0) return undefined;
      const { model: found } = openTrees(best, backend);
      const name = validationData?.name ?? data.name;
      const trees = validation.map(({ tree }) => tree);
      return evaluateTrees(found, { name, trees, placeOf: () => name });
    },
  } satisfies TaskTraining;
}

function taskModel(model: TreeModel, record: TreeRecord): TaskModel {
  const { settings } = record;
  // Where sentences end is none of what a picture shows.
  const { wordLengths: _, ...inputs } = inputTypesOf(model.network);
  return {
    network: model.network,
    inputs,
    forward: (inputs: never) => model.scores(inputs as Given),
    describe: () => describeRows(model, record),
    async evaluate({ input }, options, told) {
      const { classes, ...given } = completeOptions(TREE, evaluationOptions, options);
      const source = required(input, WHAT);
      const { corpus, reading } = await readCorpus(source, await readingLike(source, record.reading, given));
      return evaluateTrees(model, corpus, { classes, told, inBrackets: reading.form === "brackets" });
    },
    async draw(options) {
      const { tree, bare, ...given } = completeOptions(TREE, drawingOptions, options);
      if (tree === undefined)
        throw new UsageError("no tree given to draw, a text such as (3 (2 It) (4 good)) expected");
      const source = textSource("tree", tree);
      const reading = await readingLike(source, record.reading, given);
      return drawTree(model, await readOneTree(source, model, { ...reading, bare }));
    },
    predict: ({ input }, options) => predictions(model, record, required(input, WHAT), options),
    follow: (input, options) => predictions(model, record, input, options, true),
    inspected: ({ input }, options) => inspected(model, record, input, options),
    programs: {
      batch: settings.batch,
      window: 40,
      // As of a sentence of twenty words in a tree of two children a node.
      sizes: { L: 20, N: 20, S: 20 },
      training: (backend) => compileUpdate({ ...updateOf(model, settings), backend }),
    },
  };
}
