/** The language model as a task: what the command can do with one. */

import { readSourceText, type Source, sourceLines } from "../../data/source.ts";
import { codePoints, joinTexts } from "../../data/text.ts";
import { DataError, TrainingError, UsageError } from "../../errors.ts";
import { text, whole } from "../../options/kinds.ts";
import { samplingOptions, temperatureFacts } from "../../options/sampling.ts";
import { completeOptions, option } from "../../options/table.ts";
import { int32 } from "../../program/compile.ts";
import { epochsOnward } from "../../training/options.ts";
import { compileUpdate } from "../../training/update.ts";
import { hasEnding, isTable, isTagged, isTrees } from "../head.ts";
import { count, measure, perplexity, perplexityText } from "../measures.ts";
import { type Prediction, required, type Task, type TaskModel, type TaskTraining } from "../task.ts";
import { describeModelOf } from "./describe.ts";
import { LANGUAGE_MODEL, openLanguageModel, type TrainingRecord } from "./file.ts";
import { inspected, inspectionSignature } from "./inspection.ts";
import type { GenerateOptions, LanguageModel } from "./model.ts";
import { completeSettings, type LanguageModelOptions, languageModelOptions } from "./options.ts";
import { updateOf } from "./step.ts";
import { naming } from "./text.ts";
import { LanguageModelTraining, readTrainingMetadata } from "./training.ts";

const predictionOptions = {
  prompt: option(text(), { default: "", argument: "text", help: "what the text begins with" }),
  length: option(whole({ from: 0 }), {
    default: 400,
    argument: "tokens",
    help: "how many tokens to add",
  }),
  temperature: option(temperatureFacts.kind, { default: 1, help: temperatureFacts.help }),
  ...samplingOptions,
};

const evaluationOptions = {
  batch: option(whole({ from: 1 }), {
    argument: "rows",
    help: "read the text in so many rows side by side",
    usually: "as in training",
  }),
};

/** Files that hold rows of data, not a text that somebody wrote. */
const DATA_ENDINGS = [
  "json",
  "jsonl",
  "ndjson",
  "xls",
  "xlsx",
  "parquet",
  "safetensors",
  "npy",
  "npz",
  "zip",
  "gz",
];

export const languageModelTask: Task = {
  name: LANGUAGE_MODEL,
  summary: "a language model on a text",
  training: {
    files: {
      text: { help: "the text to learn from, UTF-8", required: true },
      validationText: {
        flag: "validation-text",
        option: "validation",
        help: "the text to validate on, instead of the end of the first",
      },
    },
    options: languageModelOptions,
  },
  evaluation: {
    files: { text: { help: "the text to predict", required: true } },
    options: evaluationOptions,
  },
  prediction: {
    files: { input: { help: "a file of prompts, one a line, in place of one prompt" } },
    options: predictionOptions,
  },
  inspection: inspectionSignature,
  measures: {
    tokens: count("tokens"),
    nats: { ...measure("nats per token", 4), brief: (value) => `${value.toFixed(4)} nats` },
    bitsPerCharacter: {
      ...measure("bits per character", 4),
      brief: (value) => `${value.toFixed(3)} bits/character`,
    },
    perplexity,
  },

  guess(head) {
    const isOther =
      isTable(head) ||
      isTagged(head) ||
      isTrees(head) ||
      hasEnding(head, ...DATA_ENDINGS) ||
      /^__label__\S/.test(head.lines[0] ?? "");
    return isOther ? undefined : `${head.name} is a text`;
  },

  async begin({ text: first, validationText }, options, { backend }) {
    const given = options as LanguageModelOptions;
    const files = [required(first, WHAT), ...(validationText ? [validationText] : [])];
    if (validationText && given.validation !== undefined) {
      throw new UsageError("validation and a text to validate on given: expected one of them");
    }
    const parts = await readAll(files);
    const [name, heldOut] = namesOf(files);
    return asTask(
      LanguageModelTraining.start(joinTexts(parts, namesOf(files)), {
        ...given,
        ...(parts[1] !== undefined && { validation: codePoints(parts[1]) }),
        name,
        heldOut,
        sources: files.map(({ location, name }) => location ?? name),
        backend,
      }),
    );
  },

  locations(checkpoint) {
    const [first, validationText] = readTrainingMetadata(checkpoint).sources;
    return { text: first as string, ...(validationText !== undefined && { validationText }) };
  },

  async resume(checkpoint, { text: first, validationText }, { epochs }, { backend }) {
    const { sources, settings } = readTrainingMetadata(checkpoint);
    const { where, progress } = checkpoint;
    if (validationText && sources.length < 2) {
      throw new UsageError(
        `a text to validate on given, but the training of ${where} validates on the end of its own text`,
      );
    }
    const onward = epochsOnward(epochs, { before: settings.epochs, done: progress.epoch, where });
    const files = [required(first, WHAT), ...(sources.length > 1 ? [required(validationText, WHAT)] : [])];
    const parts = await readAll(files);
    const [, heldOut] = parts;
    if (heldOut !== undefined && codePoints(heldOut) !== settings.validation) {
      const wanted = `the text that ${where} is validated on (${settings.validation} characters)`;
      throw new DataError(`${files[1]?.name} (${codePoints(heldOut)} characters) is not ${wanted}`);
    }
    return asTask(
      LanguageModelTraining.resume(
        checkpoint,
        joinTexts(
          parts,
          files.map(({ name }) => name),
        ),
        {
          name: files.map(({ name }) => name).join(" with "),
          sources: files.map(({ location, name }) => location ?? name),
          epochs: onward,
          backend,
        },
      ),
    );
  },

  open(file, { backend }) {
    const { model, training } = openLanguageModel(file, { backend });
    return taskModel(model, training);
  },
};

const WHAT = "text";

function taskModel(model: LanguageModel, record: TrainingRecord | undefined): TaskModel {
  const settings = record?.settings ?? completeSettings({}, { tokens: Number.MAX_SAFE_INTEGER });
  return {
    network: model.network,
    inputs: int32("T", "B"),
    describe: () => describeModelOf(model, record),
    async evaluate({ text: file }, options) {
      const { batch } = completeOptions("evaluate", evaluationOptions, options);
      const { name } = required(file, WHAT);
      const found = await model.evaluate(await readSourceText(required(file, WHAT)), {
        batch: batch ?? record?.settings.batch,
        window: record?.settings.window,
        where: name,
      });
      if (Number.isFinite(found.perplexity)) return { measures: { ...found } };
      throw new TrainingError(
        `${name}: ${found.nats.toFixed(4)} nats per token, a perplexity ${perplexityText(found.perplexity)}: the model predicts nothing of it`,
      );
    },
    predict: ({ input }, options) => predictions(model, input, options),
    follow: (input, options) => predictions(model, input, options),
    inspected: ({ input }, options) => inspected(model, settings, input, options),
    programs: {
      batch: settings.batch,
      window: settings.window,
      training: (backend) => compileUpdate({ ...updateOf(model, settings), model: model.network, backend }),
      stream: (backend) => model.stream({ backend }),
    },
  };
}

async function* predictions(
  model: LanguageModel,
  input: Source | undefined,
  options: object,
): AsyncGenerator<Prediction> {
  const { prompt, ...choices } = completeOptions("predict", predictionOptions, options);
  if (input && prompt !== "")
    throw new UsageError("a prompt and a file of prompts given: expected one of them");
  requireEffect(choices);
  if (!input) {
    yield writtenOn(model, prompt, choices);
    return;
  }
  for await (const { number, text } of sourceLines(input)) {
    const { json } = naming(`${input.name}: line ${number}`, () => writtenOn(model, text, choices));
    // One line for each prompt: a line end within is told as JSON tells it.
    yield { text: json.text.replaceAll("\n", "\\n"), json };
  }
}

function writtenOn(model: LanguageModel, prompt: string, choices: GenerateOptions) {
  const written = model.generate(prompt, choices);
  return { text: written, json: { text: written } };
}

/** Throws UsageError for a choice among tokens where there is none. */
function requireEffect({ temperature, topK, topP }: GenerateOptions): void {
  const name = topK !== 0 ? "top k" : topP !== 1 ? "top p" : undefined;
  if (temperature !== 0 || name === undefined) return;
  throw new UsageError(`${name} changes nothing at temperature 0, which always takes the likeliest token`);
}

/** Nats above those of a guess from which on a model has learnt nothing but to be wrong. */
const WORSE_THAN_CHANCE = 1;

/** A training as whoever knows tasks alone sees it. */
export function asTask(training: LanguageModelTraining): TaskTraining {
  const { model, tokens, text: identity, tokensPerCharacter } = training;
  const plan = `${identity.name}: ${tokens.training.toLocaleString("en")} tokens to train on, ${tokens.validation.toLocaleString("en")} held out`;
  return {
    training: training.training,
    plan,
    data: { tokens },
    unit: "tokens",
    lossText: (loss) => `${((loss / Math.LN2) * tokensPerCharacter).toFixed(2)} bits/character`,
    warning(loss) {
      const chance = Math.log(model.vocabulary.size);
      if (!(loss > chance + WORSE_THAN_CHANCE)) return undefined;
      const found = `${loss.toFixed(2)} nats per token, a guess among ${model.vocabulary.size} has ${chance.toFixed(2)}`;
      return `the model predicts worse than chance: ${found}; try a lower learning rate`;
    },
  };
}

async function readAll(files: readonly Source[]): Promise<string[]> {
  const texts: string[] = [];
  for (const file of files) texts.push(await readSourceText(file));
  return texts;
}

/** What files are called: by their names alone, without folders, where these differ. */
function namesOf(files: readonly Source[]): string[] {
  const names = files.map(({ name }) => name.split(/[\\/]/).at(-1) || name);
  return new Set(names).size === names.length ? names : files.map(({ name }) => name);
}
