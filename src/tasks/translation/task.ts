/** The translator as a task: what the command can do with pairs of texts. */

import type { BackendChoice } from "../../backends/choice.ts";
import { UsageError } from "../../errors.ts";
import { completeOptions } from "../../options/table.ts";
import { epochsOnward } from "../../training/options.ts";
import { compileUpdate } from "../../training/update.ts";
import { taskFile } from "../file.ts";
import { requireSameData } from "../identity.ts";
import { count, measure, perplexity, share } from "../measures.ts";
import { type GivenFile, required, type Task, type TaskModel, type TaskTraining } from "../task.ts";
import { auditPairs } from "./audit.ts";
import { type Begun, beginTranslator } from "./begin.ts";
import { completePrediction, evaluationOptions, predictionOptions } from "./decoding-options.ts";
import { describeRows } from "./describe.ts";
import { evaluatePairs } from "./evaluation.ts";
import { drawAlignments } from "./explanation.ts";
import { modelOf, openTranslator, recordOf, type TranslatorRecord } from "./file.ts";
import { guessed } from "./guess.ts";
import { identifyPairs, locationsOf } from "./identity.ts";
import { inspected, inspectionSignature } from "./inspection.ts";
import type { TranslationModel } from "./model.ts";
import { checkTranslationOptions, TRANSLATE, translationOptions } from "./options.ts";
import {
  type Corpus,
  evaluationFiles,
  evaluationPairs,
  heldOutPairs,
  predictionFiles,
  readPairs,
  readSources,
  trainingFiles,
  trainingPairs,
} from "./pairs.ts";
import { partsOf } from "./parts.ts";
import { trainingOf, updateOf } from "./training.ts";
import { predictionOf, translations } from "./translation.ts";

export const translationTask: Task = {
  name: TRANSLATE,
  summary: "a translator on pairs of texts",
  training: { files: trainingFiles, options: translationOptions },
  evaluation: { files: evaluationFiles, options: evaluationOptions },
  evaluatesRows: true,
  prediction: { files: predictionFiles, options: predictionOptions },
  inspection: inspectionSignature,
  measures: {
    pairs: count("pairs"),
    loss: { ...measure("nats per token", 4), brief: (value) => `${value.toFixed(4)} nats` },
    perplexity,
    tokenAccuracy: share("tokens likeliest"),
    bleu: measure("BLEU", 2),
    chrf: measure("chrF", 2),
    exactMatch: { ...share("exactly right"), brief: undefined },
    unknownTokens: count("source tokens that are not known"),
    unfinished: count("translations that came to no end"),
    cut: count("sources cut to the longest"),
    empty: count("pairs with an empty text"),
  },

  guess: guessed,

  async begin(files, options, { backend }) {
    const [own, held] = [trainingPairs(files), heldOutPairs(files)];
    const reading = checkTranslationOptions(options, held !== undefined);
    const corpus = await readPairs(own, reading);
    const heldOut = held && (await readPairs(held, reading));
    const begun = beginTranslator(corpus, heldOut, options, {
      data: identifyPairs(corpus, own),
      validationData: heldOut ? identifyPairs(heldOut, held) : null,
      ...{ reading, backend },
    });
    const { sides, form } = begun.model;
    const audit = auditPairs({ corpus, held: heldOut, sides, parts: begun.parts, longest: form.longest });
    return { ...asTask(begun, corpus, heldOut, backend), audit };
  },

  locations(checkpoint) {
    const { data, validationData } = recordOf(taskFile(checkpoint.file, checkpoint.where));
    return locationsOf(data, validationData);
  },

  async resume(checkpoint, files, { epochs }, { backend }) {
    const { where, progress } = checkpoint;
    const described = taskFile(checkpoint.file, where);
    const before = recordOf(described);
    const model = modelOf(described, backend);
    const [own, held] = [trainingPairs(files), heldOutPairs(files)];
    const corpus = await readPairs(own, before.reading);
    const data = identifyPairs(corpus, own);
    const same = { where, what: "file", counts: "rows" } as const;
    requireSameData(corpus.name, data, before.data, same);
    const heldOut = held && (await readPairs(held, before.reading));
    if ((heldOut === undefined) !== (before.validationData === null)) {
      throw new UsageError(
        `${where} was trained ${heldOut ? "without" : "with"} pairs of their own to validate on`,
      );
    }
    if (heldOut && before.validationData) {
      requireSameData(heldOut.name, identifyPairs(heldOut, held), before.validationData, same);
    }
    const { settings } = before;
    const onward = epochsOnward(epochs, { before: settings.epochs, done: progress.epoch, where });
    const { longest } = model.form;
    const { parts } = partsOf(corpus, heldOut, { ...settings, longest }, model.sides);
    // Files may have other names by now: what is written stays what it was.
    const record = { ...before, settings: { ...settings, epochs: onward } };
    const task = asTask({ model, parts, record }, corpus, heldOut, backend);
    task.training.restore(checkpoint);
    return task;
  },

  open(file, { backend }) {
    const { model, record } = openTranslator(file, backend);
    return taskModel(model, record, backend);
  },
};

const WHAT = "file of texts";

function asTask(
  { model, parts, record }: Begun,
  { name }: Corpus,
  held: Corpus | undefined,
  backend: BackendChoice | undefined,
) {
  const { training, validation } = parts;
  const { form, sides } = model;
  const where = held ? ` in ${held.name}` : "";
  const attention =
    form.attention === "none" ? "" : `, which attends to what the ${form.encoder} read (${form.attention})`;
  return {
    training: trainingOf(model, parts, record, backend),
    plan: `${name}: ${training.length.toLocaleString("en")} pairs to train on, ${validation.length.toLocaleString("en")} held out${where}; ${form.decoder} of ${form.hidden} units${attention}`,
    data: {
      pairs: { training: training.length, validation: validation.length },
      tokens: { source: sides.source.size, target: sides.target.size },
    },
    unit: "tokens",
    async summary(best) {
      if (validation.length === 0) return undefined;
      const { model: found } = openTranslator(best, backend);
      const pairs = validation.map(({ pair }) => pair);
      const options = completeOptions(TRANSLATE, evaluationOptions, { beam: 1 });
      return evaluatePairs(found, { name: held?.name ?? name, pairs }, options, { backend });
    },
  } satisfies TaskTraining;
}

function taskModel(
  model: TranslationModel,
  record: TranslatorRecord,
  backend: BackendChoice | undefined,
): TaskModel {
  const { settings } = record;
  const sourcesOf = (input: GivenFile | undefined, { sourceColumn }: { sourceColumn?: string | undefined }) =>
    readSources(required(input, WHAT), { ...record.reading, ...(sourceColumn && { sourceColumn }) });
  return {
    network: model.network,
    inputs: model.pictured.inputs,
    forward: model.pictured.forward,
    describe: () => describeRows(model, record),
    async evaluate(files, given, told) {
      const options = completeOptions(TRANSLATE, evaluationOptions, given);
      const { sourceColumn, targetColumn } = options;
      const reading = {
        ...record.reading,
        ...(sourceColumn && { sourceColumn }),
        ...(targetColumn && { targetColumn }),
      };
      return evaluatePairs(model, await readPairs(evaluationPairs(files), reading), options, {
        ...{ told, backend },
      });
    },
    async *predict({ input }, given) {
      const options = completePrediction(given);
      for await (const one of translations(model, sourcesOf(input, options), options)) {
        yield predictionOf(one);
      }
    },
    async *follow(input, given) {
      const options = completePrediction({ ...given, batch: 1 });
      for await (const one of translations(model, sourcesOf(input, options), options)) {
        yield predictionOf(one);
      }
    },
    ...(model.form.attention !== "none" && {
      explain({ input }, given) {
        const options = completePrediction(given);
        return drawAlignments(translations(model, sourcesOf(input, options), options));
      },
    }),
    inspected: (files, options) => inspected(model, record, files, options),
    programs: {
      batch: settings.batch,
      window: 16,
      sizes: { S: 16 },
      training: (backend) => compileUpdate({ ...updateOf(model, settings), backend }),
    },
  };
}
