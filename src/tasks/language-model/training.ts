/** Training a language model on a text: truncated backpropagation through time with the state carried over windows. */

import type { BackendChoice } from "../../backends/choice.ts";
import { checkOptions, type OptionNames, printGiven } from "../../checks.ts";
import { splitForValidation } from "../../data/split.ts";
import { Vocabulary } from "../../data/vocabulary.ts";
import { FormatError, UsageError } from "../../errors.ts";
import type { Metadata } from "../../formats/model.ts";
import type { StopSignal } from "../../long-work.ts";
import { zeroState } from "../../nn/index.ts";
import { namedCell } from "../../options/network.ts";
import { value } from "../../program/compile.ts";
import { asCheckpoint, type Checkpoint } from "../../training/checkpoint.ts";
import type { TrainingEnd, TrainingEvent, Validation } from "../../training/loop.ts";
import type { Optimizer } from "../../training/optimizer.ts";
import { scheduleOf } from "../../training/options.ts";
import type { TrainingProgress } from "../../training/progress.ts";
import { type RunOptions, Training } from "../../training/training.ts";
import { requireTask, taskFile } from "../file.ts";
import { requireSameData } from "../identity.ts";
import {
  describeModel,
  identityOfText,
  LANGUAGE_MODEL,
  modelOf,
  type OwnParts,
  readLanguageModel,
  settingsOfJson,
} from "./file.ts";
import { type Evaluation, LanguageModel } from "./model.ts";
import {
  checkTokens,
  completeArchitecture,
  completeSettings,
  DEFAULT_VOCABULARY,
  type LanguageModelOptions,
  languageModelNames,
  type TrainingSettings,
} from "./options.ts";
import { updateOf } from "./step.ts";
import {
  type HeldOut,
  identify,
  naming,
  type TextIdentity,
  type TrainingData,
  trainingData,
} from "./text.ts";

export type LanguageModelEvent = TrainingEvent<Evaluation & Validation>;

export interface TextOptions {
  /** The text's name, for messages and records; default "text". */
  readonly name?: string | undefined;
  /**
   * The name of the end of the text that is held out, where it was a text of its own before it was joined to the first;
   * `validation` says how many characters it has.
   */
  readonly heldOut?: string | undefined;
  /** Where the text is to be found again, such as the paths of its parts in order; checkpoints remember it. */
  readonly sources?: readonly string[] | undefined;
  readonly backend?: BackendChoice | undefined;
}

const textNames: OptionNames<TextOptions> = { name: true, heldOut: true, sources: true, backend: true };

/** What a training is made of, whether it starts or goes on. */
interface Parts {
  readonly model: LanguageModel;
  readonly settings: TrainingSettings;
  readonly text: TextIdentity;
  readonly sources: readonly string[];
  readonly data: TrainingData;
  /** The optimiser, where it is one of one's own. */
  readonly optimizer?: Optimizer | undefined;
}

/** A training that can be run, stopped, written down and gone on with. */
export class LanguageModelTraining {
  readonly model: LanguageModel;
  readonly settings: TrainingSettings;
  readonly text: TextIdentity;
  readonly sources: readonly string[];
  /** Tokens to train on, and held out. */
  readonly tokens: { readonly training: number; readonly validation: number };
  /** What runs; the same as everybody's. */
  readonly training: ReturnType<typeof trainingOf>;
  readonly #data: TrainingData;

  private constructor(parts: Parts) {
    const { model, settings, text, sources, data } = parts;
    this.model = model;
    this.settings = settings;
    this.text = text;
    this.sources = sources;
    this.tokens = data.tokens;
    this.#data = data;
    this.training = trainingOf(parts, {
      model: (found, progress) => describeModel(model, { text, settings, ...recordOf(progress, found) }),
      checkpoint: () => describeModel(model, { text, sources, settings }),
    });
  }

  /**
   * A new training on a text. The vocabulary of characters comes from all of it, others from what is trained on.
   * Throws UsageError for options that do not exist or fit, DataError for a text that is too short or has nothing to learn.
   */
  static start(text: string, options: LanguageModelOptions & TextOptions = {}): LanguageModelTraining {
    checkOptions("language model", options, { ...languageModelNames, ...textNames });
    const { name = "text", heldOut, sources = [name], backend, tokens: kind = "characters" } = options;
    requireText(name, text);
    return naming(name, () => {
      checkTokens(options);
      const { name: cellName, own } = namedCell(options.cell ?? "lstm");
      const architecture = completeArchitecture({ ...options, cell: cellName }, own);
      // Settings are checked before the text is read: what they have to do with its size comes after.
      const { validation } = completeSettings(options, { tokens: Number.MAX_SAFE_INTEGER });
      const parts = splitForValidation(text, validation);
      const size = options.vocabulary ?? DEFAULT_VOCABULARY[kind];
      const vocabulary = Vocabulary.build(kind, kind === "characters" ? text : parts.training, { size });
      const training = vocabulary.encode(parts.training, name);
      const settings = completeSettings(options, { tokens: training.length });
      const form = { ...architecture, cell: own ?? cellName };
      return new LanguageModelTraining({
        // What is too large for memory fails here, before anything else is made for it.
        model: new LanguageModel(vocabulary, form, { scheme: settings.initialize, backend }).initialize(
          settings.seed,
        ),
        settings,
        text: identify(text, name, heldOut),
        sources,
        data: trainingData(training, parts.validation, { vocabulary, size: settings, name, heldOut }),
        optimizer: typeof options.optimizer === "object" ? options.optimizer : undefined,
      });
    });
  }

  /**
   * Go on from a checkpoint, with the same text; `epochs` may differ from before. A cell and an optimiser of one's own are
   * given again.
   * Throws FormatError for a damaged checkpoint, DataError for another text.
   */
  static resume(
    bytes: Uint8Array | Checkpoint,
    text: string,
    options: ResumeOptions = {},
  ): LanguageModelTraining {
    checkOptions("resume", options, { ...textNames, where: true, epochs: true, cell: true, optimizer: true });
    const { name = "text", backend, cell, optimizer } = options;
    requireText(name, text);
    const checkpoint = asCheckpoint(bytes, options.where);
    const { where } = checkpoint;
    const { text: trained, sources, settings: before } = readTrainingMetadata(checkpoint, { optimizer });
    const settings = { ...before, epochs: checkEpochs(options.epochs ?? before.epochs) };
    const found = identify(text, name);
    requireSameData(name, found, trained, { where, what: "text", counts: "characters" });
    const model = modelOf(taskFile(checkpoint.file, where), { cell, backend });
    const parts = splitForValidation(text, settings.validation);
    const { vocabulary } = model;
    const training = vocabulary.encode(parts.training, name);
    const { heldOut } = trained;
    const data = trainingData(training, parts.validation, { vocabulary, size: settings, name, heldOut });
    const resumed = new LanguageModelTraining({
      model,
      settings,
      text: trained,
      sources: options.sources ?? sources,
      data,
      optimizer,
    });
    resumed.training.restore(checkpoint);
    return resumed;
  }

  /** How far it has come; it changes as the training runs. */
  get progress(): TrainingProgress {
    return this.training.progress;
  }

  /** Tokens that a character of the text takes, on average. */
  get tokensPerCharacter(): number {
    return (this.tokens.training + this.tokens.validation) / this.text.characters;
  }

  /** Updates in an epoch. */
  get windows(): number {
    return this.#data.windows.count;
  }

  /** Train until the end, or until the signal says stop. Throws TrainingError when training diverges. */
  run(options: RunOptions<Evaluation & Validation> = {}): Promise<TrainingEnd> {
    return this.training.run(options);
  }

  /** Everything needed to go on from here, as the bytes of a file. Throws TrainingError when training has diverged. */
  checkpoint(): Uint8Array {
    return this.training.checkpoint();
  }
}

/** The training of a language model on its data, as anybody's. */
function trainingOf(
  { model, settings, data: { windows, validation: held }, optimizer }: Parts,
  metadata: FileMetadata,
) {
  const { epochs, patience, batch, window } = settings;
  const validate = async (signal: StopSignal | undefined) => {
    const { tokens, characters } = held as HeldOut;
    const found = await model.evaluateTokens(tokens, characters, { batch, window, signal });
    return found && { loss: found.nats, ...found };
  };
  return new Training({
    ...updateOf(model, settings, optimizer),
    model: model.network,
    carried: { state: zeroState(model.network.rnn, batch) },
    batches: {
      count: windows.count,
      at(index) {
        const { inputs, targets, steps } = windows.at(index);
        const shape = [steps, batch];
        return { tokens: value(inputs, shape), targets: value(targets, shape) };
      },
    },
    targets: ({ tokens }) => tokens.data.length,
    validation: held && validate,
    epochs,
    patience,
    learningRate: scheduleOf(settings, windows.count),
    metadata,
    backend: model.backend,
  });
}

interface FileMetadata {
  readonly model: (found: Evaluation | undefined, progress: TrainingProgress) => Metadata;
  readonly checkpoint: () => Metadata;
}

/** How far a model had come when it was written. */
function recordOf({ step, epoch, tokens }: TrainingProgress, found: Evaluation | undefined) {
  const validation = found && {
    nats: found.nats,
    bitsPerCharacter: found.bitsPerCharacter,
    tokens: found.tokens,
  };
  return { step, epoch: epoch + 1, tokens, validation: validation ?? null };
}

export interface ResumeOptions extends TextOptions, OwnParts {
  /** The checkpoint's name, for messages. */
  readonly where?: string | undefined;
  readonly epochs?: number | undefined;
}

/** Throws UsageError for what is no string, such as the bytes of a file. */
function requireText(name: string, text: unknown): void {
  if (typeof text === "string") return;
  throw new UsageError(`${name}: ${printGiven(text)} given, a string expected`);
}

/** Throws UsageError for what is no number of epochs. */
function checkEpochs(epochs: number): number {
  return completeSettings({ epochs }, { tokens: 1 }).epochs;
}

/** Train on a text from start to end; the model that did best on the held-out part, or the last where there is none. */
export async function trainLanguageModel(
  text: string,
  options: LanguageModelOptions &
    TextOptions &
    Pick<RunOptions<Evaluation & Validation>, "onEvent" | "signal"> = {},
): Promise<LanguageModel> {
  const { onEvent, signal, ...rest } = options;
  const training = LanguageModelTraining.start(text, rest);
  let best: Uint8Array | undefined;
  await training.run({ onEvent, signal, onModel: (bytes) => (best = bytes) });
  const { backend, cell, optimizer } = options;
  const own = {
    ...(typeof cell === "object" && { cell }),
    ...(typeof optimizer === "object" && { optimizer }),
  };
  return best ? readLanguageModel(best, "model", { backend, ...own }).model : training.model;
}

/** What a checkpoint of a language model says of its training. Throws FormatError where that is damaged. */
export function readTrainingMetadata(
  { file, where }: Checkpoint,
  own: OwnParts = {},
): Pick<Parts, "text" | "sources" | "settings"> {
  const described = taskFile(file, where);
  requireTask(described, LANGUAGE_MODEL);
  const { text, sources, settings } = described.json("training");
  if (!isStrings(sources)) {
    throw new FormatError(
      `${where}: training: sources ${JSON.stringify(sources)}, expected a list of strings`,
    );
  }
  return { text: identityOfText(text, where), sources, settings: settingsOfJson(settings, where, own) };
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string");
}
