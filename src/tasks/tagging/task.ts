/** The tagger as a task: what the command can do with sentences and their tags. */

import type { BackendChoice } from "../../backends/choice.ts";
import type { TaggedSentence } from "../../data/tagged/sentence.ts";
import { counted } from "../../data/text.ts";
import { UsageError } from "../../errors.ts";
import { completeOptions } from "../../options/table.ts";
import { epochsOnward } from "../../training/options.ts";
import { compileUpdate } from "../../training/update.ts";
import { taskFile } from "../file.ts";
import { isTagged } from "../head.ts";
import { requireSameData } from "../identity.ts";
import { count, type Measure, measure } from "../measures.ts";
import {
  type FileTable,
  type GivenFiles,
  type Prediction,
  required,
  type Task,
  type TaskModel,
  type TaskTraining,
} from "../task.ts";
import { inLine } from "../text-table.ts";
import { vectorsOfFile } from "../word-vectors.ts";
import { type Begun, beginTagger, checkTaggerOptions, partsOf } from "./begin.ts";
import { auditLines, type Corpus, countRepeated } from "./corpus.ts";
import { describeRows } from "./describe.ts";
import { evaluateCorpus } from "./evaluation.ts";
import { modelOf, openTagger, recordOf, TAG, type TaggerRecord } from "./file.ts";
import { inspected, inspectionSignature } from "./inspection.ts";
import type { TaggerModel } from "./model.ts";
import { inputTypes } from "./network.ts";
import { evaluationOptions, predictionOptions, taggingOptions } from "./options.ts";
import { followSentences, readCorpus, readingLike, readUntagged } from "./read.ts";
import { predictionOf, taggings } from "./tagging.ts";
import { trainingOf, updateOf } from "./training.ts";

/** A part of a whole as a percentage, as fine as taggers are compared. */
function hundredths(label: string, short = label): Measure {
  const print = (value: number) => `${(100 * value).toFixed(2)} %`;
  return { label, print, brief: (value) => `${short} ${print(value)}` };
}

const FORMS = "CoNLL-U, columns, or JSON Lines";

const trainingFiles = {
  sentences: { help: `sentences with tags: ${FORMS}`, required: true },
  validationFile: {
    flag: "validation-file",
    option: "validation",
    help: "sentences that choose the best epoch, instead of a part of the first",
  },
  vectors: { flag: "vectors", help: "vectors for words to start from, as text: GloVe or word2vec" },
} satisfies FileTable;

export const taggingTask: Task = {
  name: TAG,
  summary: "a tagger on sentences whose words have tags",
  training: { files: trainingFiles, options: taggingOptions },
  evaluation: {
    files: { input: { help: `sentences with tags: ${FORMS}`, required: true } },
    options: evaluationOptions,
  },
  evaluatesRows: true,
  prediction: {
    files: { input: { help: "sentences, one a line, or in any form of the training's", required: true } },
    options: predictionOptions,
  },
  inspection: inspectionSignature,
  measures: {
    sentences: count("sentences"),
    words: count("words"),
    loss: { ...measure("nats per word", 4), brief: (value) => `${value.toFixed(4)} nats` },
    accuracy: hundredths("accuracy"),
    unknownAccuracy: { ...hundredths("accuracy of words new to it"), brief: undefined },
    precision: { ...hundredths("precision of spans"), brief: undefined },
    recall: { ...hundredths("recall of spans"), brief: undefined },
    f1: hundredths("F1 of spans, strict", "F1"),
    conlleval: { ...hundredths("F1 of spans as conlleval reads them"), brief: undefined },
    unknownWords: count("words new to it"),
    unknownTags: count("tags that are not known"),
    broken: count("tags that broke their scheme"),
    misaligned: count("spans widened to whole words"),
    leftOut: count("spans left out"),
    empty: count("sentences without words"),
  },

  guess: (head) => (isTagged(head) ? `${head.name} has words with tags` : undefined),

  async begin(files, options, { backend }) {
    const source = required(files.sentences, WHAT);
    const { validationFile, vectors } = files;
    if (validationFile && options.validation !== undefined) {
      throw new UsageError("validation and a file to validate on given: one of both expected");
    }
    const { form, column, scheme, repair } = checkTaggerOptions(options, validationFile !== undefined);
    const { corpus, reading, data } = await readCorpus(source, { form, column, scheme, repair });
    const held = await readHeld(files, { corpus, reading, repair });
    const begun = await beginTagger(corpus, held?.corpus, options, {
      ...{ data, validationData: held?.data ?? null, reading, repair, backend },
      vectors: vectorsOfFile(vectors),
    });
    const found = [corpus, ...(held ? [held.corpus] : [])];
    const { training, validation } = begun.parts;
    const repeated = countRepeated(validation, training);
    return {
      ...asTask(begun, backend),
      audit: {
        lines: [
          ...found.flatMap((one) => auditLines(one, repair)),
          ...(repeated > 0 ? [`${counted(repeated, "held-out sentence")} to train on too`] : []),
        ],
        json: {
          files: found.map(({ name, scheme: own, counts }) => ({ name, scheme: own ?? null, ...counts })),
          repeated,
        },
      },
    };
  },

  locations(checkpoint) {
    const { data, validationData } = recordOf(taskFile(checkpoint.file, checkpoint.where));
    return { sentences: data.name, ...(validationData && { validationFile: validationData.name }) };
  },

  async resume(checkpoint, files, { epochs }, { backend }) {
    const source = required(files.sentences, WHAT);
    const { where, progress } = checkpoint;
    const described = taskFile(checkpoint.file, where);
    const before = recordOf(described);
    const model = modelOf(described, backend);
    const { repair, settings } = before;
    const own = { ...before.reading, scheme: model.tags.scheme, like: model.tags.scheme ?? null };
    const { corpus, reading, data } = await readCorpus(source, { ...own, repair });
    requireSameData(source.name, data, before.data, { where, what: "file", counts: "rows" });
    const held = before.validationData
      ? await readHeld(
          { ...files, validationFile: required(files.validationFile, "file to validate on") },
          { corpus, reading, repair },
        )
      : undefined;
    if (held && before.validationData) {
      requireSameData(held.corpus.name, held.data, before.validationData, {
        ...{ where, what: "file", counts: "rows" },
      });
    }
    const onward = epochsOnward(epochs, { before: settings.epochs, done: progress.epoch, where });
    const record = { ...before, data, settings: { ...settings, epochs: onward } };
    const task = asTask({ model, parts: partsOf(corpus, held?.corpus, settings), record }, backend);
    task.training.restore(checkpoint);
    return task;
  },

  open(file, { backend }) {
    const { model, record } = openTagger(file, backend);
    return taskModel(model, record, backend);
  },
};

const WHAT = "file of sentences";

/** The file that is held out, read as the one to train on. */
async function readHeld(
  { validationFile }: GivenFiles,
  {
    corpus,
    reading,
    repair,
  }: {
    readonly corpus: Corpus;
    readonly reading: TaggerRecord["reading"];
    readonly repair: TaggerRecord["repair"];
  },
) {
  if (!validationFile) return undefined;
  const own = await readingLike(validationFile, reading, {});
  return readCorpus(validationFile, { ...own, repair, like: corpus.scheme ?? null });
}

function asTask({ model, parts, record }: Begun, backend: BackendChoice | undefined) {
  const { training, validation } = parts;
  const { form, tags, words } = model;
  const { data, validationData, vectors } = record;
  const shown = tags.labels.slice(0, 10).map(inLine).join(", ");
  const more = tags.labels.length > 10 ? `, and ${tags.labels.length - 10} more` : "";
  const held = `${validation.length} held out${validationData ? ` in ${validationData.name}` : ""}`;
  const started = vectors ? `, ${vectors.words} of them from ${vectors.name}` : "";
  const chain = form.crf === "yes" ? ", told as a chain (CRF)" : "";
  const scheme = tags.scheme === undefined ? "tags" : `labels of ${tags.scheme}`;
  return {
    training: trainingOf(model, parts, record, backend),
    plan: `${data.name}: ${counted(training.length, "sentence")} to train on, ${held}; ${tags.labels.length} ${scheme} (${shown}${more}), ${words.words.size} words${started}, ${form.cell} of ${form.hidden} units both ways${chain}`,
    data: {
      sentences: { training: training.length, validation: validation.length },
      tags: tags.labels,
      scheme: tags.scheme ?? null,
    },
    unit: "words",
    async summary(best) {
      if (validation.length === 0) return undefined;
      const { model: found } = openTagger(best, backend);
      const counts = { empty: 0, broken: 0, misaligned: 0, leftOut: 0 };
      const name = validationData?.name ?? data.name;
      const held = { name, scheme: parts.scheme, examples: validation, counts, firstBroken: undefined };
      return evaluateCorpus(found, held, { backend });
    },
  } satisfies TaskTraining;
}

function taskModel(model: TaggerModel, record: TaggerRecord, backend: BackendChoice | undefined): TaskModel {
  const { settings, reading, repair } = record;
  return {
    network: model.network,
    inputs: inputTypes,
    forward: (inputs: never) => model.emissions(inputs),
    describe: () => describeRows(model, record),
    async evaluate({ input }, options, told) {
      const source = required(input, WHAT);
      const { scheme, ...given } = completeOptions(TAG, evaluationOptions, options);
      const own = await readingLike(source, reading, given);
      const like = model.tags.scheme ?? null;
      const { corpus } = await readCorpus(source, { ...own, scheme, repair, like });
      return evaluateCorpus(model, corpus, { told, backend });
    },
    predict({ input }, options) {
      const { form } = completeOptions(TAG, predictionOptions, options);
      return predictions(model, readUntagged(required(input, WHAT), form), TOGETHER);
    },
    follow(input, options) {
      const { form } = completeOptions(TAG, predictionOptions, options);
      return predictions(model, followSentences(input, form), 1);
    },
    inspected: ({ input }, options) => inspected(model, record, input, options),
    programs: {
      batch: settings.batch,
      window: 32,
      // Half of the words of a batch are different, of twelve characters at most.
      sizes: { C: 12, W: 16 * settings.batch },
      training: (backend) => compileUpdate({ ...updateOf(model, settings), backend }),
    },
  };
}

/** Sentences that are tagged together. */
const TOGETHER = 256;

async function* predictions(
  model: TaggerModel,
  sentences: AsyncIterable<TaggedSentence>,
  together: number,
): AsyncGenerator<Prediction> {
  for await (const tagging of taggings(model, sentences, together)) yield predictionOf(tagging);
}
