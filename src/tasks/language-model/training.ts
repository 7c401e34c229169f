/** Training a language model on a text: truncated backpropagation through time with the state carried over windows. */

import type { Backend, Value } from "../../backends/backend.ts";
import { checkOptions, type OptionNames, printGiven } from "../../checks.ts";
import { splitForValidation } from "../../data/split.ts";
import { Vocabulary } from "../../data/vocabulary.ts";
import { DataError, FormatError, UsageError } from "../../errors.ts";
import { value } from "../../program/compile.ts";
import {
  type Checkpoint,
  metadataJson,
  readCheckpoint,
  restoreCheckpoint,
  writeCheckpoint,
} from "../../training/checkpoint.ts";
import { runTraining, type StopSignal, type TrainingEnd, type TrainingEvent } from "../../training/loop.ts";
import { startOfTraining, type TrainingProgress } from "../../training/progress.ts";
import { createSchedule } from "../../training/schedules.ts";
import {
  checkIdentity,
  describeModel,
  modelOfMetadata,
  readLanguageModel,
  settingsOfJson,
  type TrainingRecord,
  writeLanguageModel,
} from "./file.ts";
import { type Evaluation, LanguageModel } from "./model.ts";
import { zeroState } from "./network.ts";
import {
  checkTokens,
  completeArchitecture,
  completeSettings,
  DEFAULT_WORDS,
  type LanguageModelOptions,
  languageModelNames,
  type TrainingSettings,
} from "./options.ts";
import { compileStep } from "./step.ts";
import { identify, naming, type TextIdentity, type TrainingData, trainingData } from "./text.ts";

export type LanguageModelEvent = TrainingEvent<Evaluation>;

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
  readonly backend?: Backend | undefined;
}

const textNames: OptionNames<TextOptions> = { name: true, heldOut: true, sources: true, backend: true };

export interface RunOptions {
  readonly onEvent?: ((event: LanguageModelEvent) => void) | undefined;
  /** Stop soon, with a checkpoint. */
  readonly signal?: StopSignal | undefined;
  /** Gets the file of the best model so far (the newest where there is no validation) after an epoch. */
  readonly onModel?: ((bytes: Uint8Array) => void) | undefined;
  /** Gets a checkpoint every so often, after each epoch, and when stopped. */
  readonly onCheckpoint?: ((bytes: Uint8Array) => void) | undefined;
  /** Seconds between checkpoints; default 15. */
  readonly checkpointEvery?: number | undefined;
}

/** What a training is made of, whether it starts or goes on. */
interface Parts {
  readonly model: LanguageModel;
  readonly settings: TrainingSettings;
  readonly text: TextIdentity;
  readonly sources: readonly string[];
  readonly data: TrainingData;
}

/** A training that can be run, stopped, written down and gone on with. */
export class LanguageModelTraining {
  readonly model: LanguageModel;
  readonly settings: TrainingSettings;
  readonly text: TextIdentity;
  readonly sources: readonly string[];
  readonly progress: TrainingProgress;
  /** Tokens to train on, and held out. */
  readonly tokens: { readonly training: number; readonly validation: number };
  readonly #data: TrainingData;
  readonly #step: ReturnType<typeof compileStep>;
  #recurrent: Record<string, Value>;

  private constructor({ model, settings, text, sources, data }: Parts, checkpoint?: Checkpoint) {
    this.model = model;
    this.settings = settings;
    this.text = text;
    this.sources = sources;
    this.tokens = data.tokens;
    this.#data = data;
    this.#step = compileStep(model, settings);
    this.progress = checkpoint?.progress ?? startOfTraining();
    this.#recurrent = zeroState(model.network, settings.batch);
    if (checkpoint) {
      requireConsistent(checkpoint, data.windows.count);
      const { parameters } = model;
      const shapes = model.network.rnn.stateShapes(settings.batch);
      this.#recurrent = restoreCheckpoint(checkpoint, { parameters, optimizer: this.#step.state }, shapes);
    }
  }

  /**
   * A new training on a text. The vocabulary of characters comes from all of it, that of words from what is trained on.
   * Throws UsageError for options that do not exist or fit, DataError for a text that is too short or has nothing to learn.
   */
  static start(text: string, options: LanguageModelOptions & TextOptions = {}): LanguageModelTraining {
    checkOptions("language model", options, { ...languageModelNames, ...textNames });
    const { name = "text", heldOut, sources = [name], backend, tokens: kind = "characters" } = options;
    requireText(name, text);
    return naming(name, () => {
      checkTokens(options);
      const architecture = completeArchitecture(options);
      // Settings are checked before the text is read: what they have to do with its size comes after.
      const { validation } = completeSettings(options, { tokens: Number.MAX_SAFE_INTEGER });
      const parts = splitForValidation(text, validation);
      const size = kind === "words" ? (options.vocabulary ?? DEFAULT_WORDS) : undefined;
      const vocabulary = Vocabulary.build(kind, kind === "words" ? parts.training : text, { size });
      const training = vocabulary.encode(parts.training, name);
      const settings = completeSettings(options, { tokens: training.length });
      const model = new LanguageModel(vocabulary, architecture, { scheme: settings.initialize, backend });
      const made = new LanguageModelTraining({
        model,
        settings,
        text: identify(text, name, heldOut),
        sources,
        data: trainingData(training, parts.validation, { vocabulary, size: settings, name, heldOut }),
      });
      model.initialize(settings.seed);
      return made;
    });
  }

  /**
   * Go on from a checkpoint, with the same text; `epochs` may differ from before.
   * Throws FormatError for a damaged checkpoint, DataError for another text.
   */
  static resume(
    bytes: Uint8Array,
    text: string,
    options: TextOptions & { where?: string | undefined; epochs?: number | undefined } = {},
  ): LanguageModelTraining {
    checkOptions("resume", options, { ...textNames, where: true, epochs: true });
    const { where = "checkpoint", name = "text", backend } = options;
    requireText(name, text);
    const checkpoint = readCheckpoint(bytes, where);
    const { text: trained, sources, settings: before } = readTrainingMetadata(checkpoint);
    const settings = completeSettings({ ...before, epochs: options.epochs ?? before.epochs }, { tokens: 1 });
    const found = identify(text, name);
    if (found.fingerprint !== trained.fingerprint || found.characters !== trained.characters) {
      throw new DataError(
        `${name} (${found.characters} characters) is not the text that ${where} was trained on (${trained.name}, ${trained.characters} characters)`,
      );
    }
    const model = modelOfMetadata(checkpoint.file, where, { backend });
    const parts = splitForValidation(text, settings.validation);
    const { vocabulary } = model;
    const training = vocabulary.encode(parts.training, name);
    const { heldOut } = trained;
    const data = trainingData(training, parts.validation, { vocabulary, size: settings, name, heldOut });
    return new LanguageModelTraining(
      { model, settings, text: trained, sources: options.sources ?? sources, data },
      checkpoint,
    );
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
  run(options: RunOptions = {}): Promise<TrainingEnd> {
    checkOptions("run", options, {
      onEvent: true,
      signal: true,
      onModel: true,
      onCheckpoint: true,
      checkpointEvery: true,
    });
    const { signal, onEvent, onModel, onCheckpoint, checkpointEvery = 15 } = options;
    const { epochs, learningRate, schedule, patience, batch, window } = this.settings;
    const held = this.#data.validation;
    return runTraining<Evaluation>({
      progress: this.progress,
      epochs,
      batches: this.#data.windows.count,
      schedule: createSchedule(schedule, { learningRate, steps: epochs * this.#data.windows.count }),
      patience,
      checkpointEvery,
      signal,
      onEvent,
      task: {
        startEpoch: () => {
          this.#recurrent = zeroState(this.model.network, batch);
        },
        step: (index, rate) => {
          const { inputs, targets, steps } = this.#data.windows.at(index);
          const shape = [steps, batch];
          const data = {
            tokens: value(inputs, shape),
            targets: value(targets, shape),
            state: this.#recurrent,
          };
          const { loss, gradientNorm, outputs } = this.#step.run(data, rate);
          this.#recurrent = rounded(outputs);
          return { loss, gradientNorm, tokens: inputs.length };
        },
        validate:
          held &&
          (async (stop) => {
            const found = await this.model.evaluateTokens(held.tokens, held.characters, {
              batch,
              window,
              signal: stop,
            });
            return found && { loss: found.nats, measures: found };
          }),
        keep: (validation) => onModel?.(writeLanguageModel(this.model, this.#record(validation))),
        checkpoint: () => onCheckpoint?.(this.checkpoint()),
      },
    });
  }

  /** Everything needed to go on from here, as the bytes of a file. Throws TrainingError when training has diverged. */
  checkpoint(): Uint8Array {
    const { settings, text, sources } = this;
    return writeCheckpoint(
      { parameters: this.model.parameters, optimizer: this.#step.state, recurrent: this.#recurrent },
      this.progress,
      { ...describeModel(this.model), training: JSON.stringify({ text, sources, settings }) },
    );
  }

  #record(validation: Evaluation | undefined): TrainingRecord {
    const { step, epoch, tokens } = this.progress;
    const { text, settings } = this;
    const measured = validation
      ? { nats: validation.nats, bitsPerCharacter: validation.bitsPerCharacter, tokens: validation.tokens }
      : null;
    return { text, settings, step, epoch: epoch + 1, tokens, validation: measured };
  }
}

/** Throws UsageError for what is no string, such as the bytes of a file. */
function requireText(name: string, text: unknown): void {
  if (typeof text === "string") return;
  throw new UsageError(`${name}: ${printGiven(text)} given, a string expected`);
}

/** A state as a checkpoint holds it, whatever the backend computes in: going on from either must be the same. */
function rounded(state: Record<string, Value>): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(state).map(([name, { data, shape }]) => [name, { data: Float32Array.from(data), shape }]),
  );
}

/** Throws FormatError where the progress does not add up: `windows` are an epoch's. */
function requireConsistent({ progress, where }: Checkpoint, windows: number): void {
  const { step, epoch, batch } = progress;
  if (batch <= windows && step === epoch * windows + batch) return;
  throw new FormatError(
    `${where}: progress: step ${step} in epoch ${epoch} with ${batch} of ${windows} windows done does not add up`,
  );
}

/** Train on a text from start to end; the model that did best on the held-out part, or the last where there is none. */
export async function trainLanguageModel(
  text: string,
  options: LanguageModelOptions & TextOptions & Pick<RunOptions, "onEvent" | "signal"> = {},
): Promise<LanguageModel> {
  const { onEvent, signal, ...rest } = options;
  const training = LanguageModelTraining.start(text, rest);
  let best: Uint8Array | undefined;
  await training.run({ onEvent, signal, onModel: (bytes) => (best = bytes) });
  return best ? readLanguageModel(best, "model", { backend: options.backend }).model : training.model;
}

/** What a checkpoint of a language model says of its training. Throws FormatError where that is damaged. */
export function readTrainingMetadata({
  file,
  where,
}: Checkpoint): Pick<Parts, "text" | "sources" | "settings"> {
  const { text, sources, settings } = metadataJson(file, "training", where);
  if (!isStrings(sources)) {
    throw new FormatError(
      `${where}: training: sources ${JSON.stringify(sources)}, expected a list of strings`,
    );
  }
  return { text: checkIdentity(text, where), sources, settings: settingsOfJson(settings, where) };
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string");
}
