/**
 * A training of anybody's model: needs a loss, batches and a validation, and gives progress, early stopping, the best
 * model, checkpoints that it goes on from to the same bits, and a stop signal. Every task's training is one of these.
 */

import type { Value } from "../backends/backend.ts";
import type { BackendChoice } from "../backends/choice.ts";
import { checkOptions } from "../checks.ts";
import { TrainingError } from "../errors.ts";
import { type Metadata, writeModel } from "../formats/model.ts";
import type { StopSignal } from "../long-work.ts";
import { initialize } from "../nn/model.ts";
import type { InputType, Update, ValueLike } from "../program/compile.ts";
import { isValue } from "../program/values.ts";
import type { Tensor } from "../trace/tensor.ts";
import { type MapTree, mapTree } from "../trace/tree.ts";
import type { Variable } from "../trace/variable.ts";
import { asCheckpoint, type Checkpoint, restoreCheckpoint, rounded, saveCheckpoint } from "./checkpoint.ts";
import { DiagnosedRun, Diagnoser } from "./diagnosis/diagnose.ts";
import {
  checkDiagnose,
  checkRun,
  type DiagnosisEvent,
  refuseWhileRunning,
  runTraining,
  type StepResult,
  type TrainingEnd,
  type TrainingEvent,
  type Validation,
} from "./loop.ts";
import type { Optimizer } from "./optimizer.ts";
import { adam, defaultLearningRate } from "./optimizers.ts";
import { startOfTraining, type TrainingProgress } from "./progress.ts";
import { constant, type Schedule } from "./schedules.ts";
import {
  checkBatch,
  checkRestored,
  checkTraining,
  checkTrainingSchedule,
  checkValidation,
  countTargets,
  describeSession,
  runNames,
} from "./session-checks.ts";
import { compileUpdate } from "./update.ts";
import { meanLoss } from "./validation.ts";

/** Batches found by their number alone, so that a training goes on from anywhere. */
export interface Batches<Values> {
  /** How many an epoch has. */
  readonly count: number;
  /** The values of batch `batch`, from 0, in epoch `epoch`, from 0: the same ones whenever they are asked for. */
  at(batch: number, epoch: number): Values | Promise<Values>;
}

/** What the loss of a training returns. */
export type TrainingLoss<Carried> =
  | Tensor
  | {
      readonly loss: Tensor;
      /** What the next batch starts from, in the form of the option `carried`. */
      readonly carried?: MapTree<Carried, Value, Tensor>;
      /** Scalars that are shown with each update, such as the parts of a loss. */
      readonly measures?: Readonly<Record<string, Tensor>>;
    };

/** The values of a batch: what the inputs are given, but for what is carried on. */
export type BatchOf<Inputs, Carried> = keyof Carried extends never
  ? MapTree<Inputs, InputType, ValueLike>
  : MapTree<Omit<Inputs, keyof Carried>, InputType, ValueLike>;

export interface TrainingOptions<
  Inputs,
  Carried,
  Found extends Validation,
  Batch extends BatchOf<Inputs, Carried> = BatchOf<Inputs, Carried>,
> {
  /** A nested object of layers. Weights that have no values yet get starting values from the seed. */
  readonly model: object;
  /** The tree of the types of the inputs of the loss, as for `compile`. */
  readonly inputs: Inputs;
  /**
   * The loss of a batch, a float32 scalar, alone or with what is carried on and what is shown. `update` gives new values to
   * variables that are not trained, such as the running statistics of `batchNorm`; `key`, int32 (2), is for what is drawn
   * by hand. Both are undefined in a validation, where nothing is dropped.
   */
  readonly loss: (
    inputs: MapTree<Inputs, InputType, Tensor>,
    update: Update | undefined,
    key: Tensor | undefined,
  ) => TrainingLoss<Carried>;
  readonly batches: Batches<Batch>;
  /** Inputs that go on from batch to batch, such as a recurrent state: a tree of their values where an epoch starts. */
  readonly carried?: Carried | undefined;
  /**
   * What is measured after each epoch: held-out batches, whose mean loss it is, or a function that returns the loss, alone
   * or with other measures (numbers), and may return undefined once the signal is aborted.
   */
  readonly validation?:
    | Batches<NoInfer<Batch>>
    | ((signal: StopSignal | undefined) => ValidationResult<Found> | Promise<ValidationResult<Found>>)
    | undefined;
  /**
   * What is to become small of a validation, default its loss: where it is smallest, the model is best. It is what `patience` waits for,
   * and what a schedule by validations sees. An accuracy is to become large: `({ accuracy }) => 1 - accuracy`.
   */
  readonly criterion?: ((found: NoInfer<Found>) => number) | undefined;
  /** How many targets a batch has, such as tokens: the weight of its loss in a mean, and what speed is measured in; default 1. */
  readonly targets?: ((values: NoInfer<Batch>) => number) | undefined;
  /** Times through the batches. */
  readonly epochs: number;
  /** What is trained: default all trainable parameters of the model; those of a part leave the others as they are. */
  readonly parameters?: Readonly<Record<string, Variable>> | readonly Variable[] | undefined;
  /** Default `adam()`. */
  readonly optimizer?: Optimizer | undefined;
  /**
   * A number, a schedule such as `warmUp(constant(0.001), 100)`, or a function that makes one from how many updates the
   * training has: `(updates) => cosine(0.001, { steps: updates })`. Default the optimiser's usual rate.
   */
  readonly learningRate?: number | Schedule | ((updates: number) => Schedule) | undefined;
  /** The largest global norm of the gradients; default none. */
  readonly clipNorm?: number | undefined;
  /** The largest norm of the gradients of each layer, as in `trainingStep`; default none. */
  readonly clipLayerNorm?: number | undefined;
  /** The largest absolute value of an element of the gradients; default none. */
  readonly clipValue?: number | undefined;
  /** Stop after so many validations without improvement; default 0, never. */
  readonly patience?: number | undefined;
  /** Of starting values and of all that is random in an update: 0 to 2^53 - 1; default 1. */
  readonly seed?: number | undefined;
  /**
   * What files say beside the numbers: a model's, with the validation that it did best in where there is one, and a checkpoint's.
   * A model's may take a while, such as scores on a test part, and is waited for.
   */
  readonly metadata?:
    | {
        readonly model?:
          | ((validation: Found | undefined, progress: TrainingProgress) => Metadata | Promise<Metadata>)
          | undefined;
        readonly checkpoint?: (() => Metadata) | undefined;
      }
    | undefined;
  readonly backend?: BackendChoice | undefined;
}

export type ValidationResult<Found extends Validation> = number | Found | undefined;

/** Updates between two looks inside of a training: they take a little more than a hundredth of its time. */
const DIAGNOSE_EVERY = 100;

export interface RunOptions<Found extends Validation = Validation> {
  readonly onEvent?: ((event: TrainingEvent<Found>) => void) | undefined;
  /** Stop soon, with a checkpoint. */
  readonly signal?: StopSignal | undefined;
  /** Gets the file of the best model so far (the newest where there is no validation) after an epoch. */
  readonly onModel?: ((bytes: Uint8Array) => unknown) | undefined;
  /** Gets a checkpoint every so often, after each epoch, and when stopped. */
  readonly onCheckpoint?: ((bytes: Uint8Array) => unknown) | undefined;
  /** Seconds between checkpoints; default 15. */
  readonly checkpointEvery?: number | undefined;
  /**
   * Gets what is seen inside of the training: a "diagnosis" from time to time, and a "warning" where gradients vanish or explode, or units
   * are saturated, with what to try. The training stays the same to the bit.
   */
  readonly onDiagnosis?: ((event: DiagnosisEvent) => void) | undefined;
  /** Updates between two looks, each of which takes as long as an update or a little more; 0 for none. Default 100 where somebody listens. */
  readonly diagnose?: number | undefined;
}

/**
 * A training that can be run, stopped, written down and gone on with.
 *
 *     const training = new Training({
 *       model,
 *       inputs: { x: float32("T", "B", 3), y: float32("B", 1) },
 *       loss: ({ x, y }) => meanSquaredError(model.head.apply(model.rnn.apply(x).state.h.at(0, 0)), y),
 *       batches: { count: 100, at: (batch, epoch) => drawn(batch, epoch) },
 *       validation: () => error(held).data[0],
 *       epochs: 10,
 *     });
 *     await training.run({ onModel: (bytes) => fs.writeFileSync("model.safetensors", bytes) });
 *
 * Throws UsageError for options that do not exist or fit.
 */
export class Training<
  const Inputs = unknown,
  Carried = NoCarried,
  Found extends Validation = Validation,
  Batch extends BatchOf<Inputs, Carried> = BatchOf<Inputs, Carried>,
> {
  readonly model: object;
  readonly progress: TrainingProgress = startOfTraining();
  /** Updates of the whole training. */
  readonly updates: number;
  readonly epochs: number;
  readonly #options: TrainingOptions<Inputs, Carried, Found, Batch>;
  readonly #step: ReturnType<typeof compileUpdate<Inputs>>;
  readonly #schedule: Schedule;
  readonly #session: ReturnType<typeof describeSession>;
  #carried: Carried;
  #diagnoser: Diagnoser<Inputs> | undefined;
  #heldOut: ReturnType<typeof meanLoss<Inputs, Carried, Batch>> | undefined;

  constructor(options: TrainingOptions<Inputs, Carried, Found, Batch>) {
    checkTraining(options);
    const { model, batches, epochs, seed = 1, optimizer = adam(), validation } = options;
    this.#options = options;
    this.model = model;
    this.epochs = epochs;
    this.updates = epochs * batches.count;
    this.#schedule = scheduleFor(options.learningRate ?? defaultLearningRate(optimizer), this.updates);
    checkTrainingSchedule(this.#schedule, validation !== undefined);
    this.#session = describeSession(options, optimizer);
    this.#carried = startOf(options.carried);
    initialize(model, { seed });
    this.#step = compileUpdate(options);
  }

  /**
   * Go on from a checkpoint of this training: the same options, but for `epochs`, `learningRate` and `patience`, which may
   * be others. With fewer epochs than are done, a run has nothing left to do. `where` is the file's name, for messages.
   * Throws FormatError, before anything is changed, for bytes that are no checkpoint, or one of another training,
   * UsageError while it runs.
   */
  restore(checkpoint: Uint8Array | Checkpoint, where?: string): void {
    refuseWhileRunning(this.progress);
    const read = asCheckpoint(checkpoint, where);
    checkRestored(read, this.#session);
    const { model, progress } = this;
    this.#carried = restoreCheckpoint(read, { model, progress, step: this.#step, carried: this.#carried });
  }

  /** Train until the end, or until the signal says stop. Throws TrainingError when training diverges. */
  run(options: RunOptions<Found> = {}): Promise<TrainingEnd> {
    checkOptions("run", options, runNames);
    const { signal, onEvent, onModel, onCheckpoint, checkpointEvery } = options;
    const { onDiagnosis, diagnose = DIAGNOSE_EVERY } = options;
    checkRun("run", { signal, onEvent, onDiagnosis, onModel, onCheckpoint });
    checkDiagnose("run", diagnose);
    const diagnosed = diagnose === 0 || !onDiagnosis ? undefined : this.#diagnosed(diagnose);
    const { epochs, batches, criterion, patience, validation, metadata } = this.#options;
    return runTraining<Found>({
      progress: this.progress,
      epochs,
      batches: batches.count,
      schedule: this.#schedule,
      criterion,
      patience,
      checkpointEvery,
      signal,
      onEvent,
      onDiagnosis,
      task: {
        startEpoch: () => {
          this.#carried = startOf(this.#options.carried);
        },
        step: (batch, rate, epoch) => this.#update(batch, rate, epoch, { diagnosed, onDiagnosis }),
        validate: validation && ((stop) => this.#validate(stop)),
        keep: async (found) =>
          onModel?.(writeModel(this.model, await metadata?.model?.(found, this.progress))),
        checkpoint: () => onCheckpoint?.(this.checkpoint()),
      },
    });
  }

  /** Everything needed to go on from here, as the bytes of a file. Throws TrainingError when training has diverged. */
  checkpoint(): Uint8Array {
    const { model, progress } = this;
    return saveCheckpoint(
      { model, progress, step: this.#step, carried: this.#carried },
      { session: JSON.stringify(this.#session), ...this.#options.metadata?.checkpoint?.() },
    );
  }

  #diagnosed(every: number): DiagnosedRun<Inputs> {
    this.#diagnoser ??= new Diagnoser(this.#options);
    return new DiagnosedRun(this.#diagnoser, { every, clipNorm: this.#options.clipNorm });
  }

  async #update(
    batch: number,
    rate: number,
    epoch: number,
    { diagnosed, onDiagnosis }: Diagnosing<Inputs>,
  ): Promise<StepResult> {
    const { batches, targets } = this.#options;
    const given = batches.at(batch, epoch);
    // Only what comes later is waited for: a turn of the event loop's queue for each update would be felt by small models.
    const values = given instanceof Promise ? await given : given;
    checkBatch("batches", values, batch, epoch);
    const tokens = countTargets(targets, values);
    const data = this.#options.carried === undefined ? values : { ...(values as object), ...this.#carried };
    diagnosed?.before(data, this.#step.state.step);
    const { loss, gradientNorm, outputs } = this.#runStep(data, rate, { diagnosed, onDiagnosis });
    this.#carried = carriedOn(outputs.carried, this.#carried);
    const measures = Object.entries(outputs.measures as Record<string, Value>);
    return {
      loss,
      gradientNorm,
      tokens,
      ...diagnosed?.after({ loss, gradientNorm }),
      ...(measures.length > 0 && {
        measures: Object.fromEntries(measures.map(([name, { data }]) => [name, Number(data[0])])),
      }),
    };
  }

  /** One update; one that diverges is warned of before it fails. */
  #runStep(data: unknown, rate: number, { diagnosed, onDiagnosis }: Diagnosing<Inputs>) {
    try {
      return this.#step.run(data as never, rate);
    } catch (error) {
      const { step, epoch, tokens, seconds } = this.progress;
      const warnings = error instanceof TrainingError ? (diagnosed?.diverged() ?? []) : [];
      for (const warning of warnings)
        onDiagnosis?.({ event: "warning", step, epoch: epoch + 1, tokens, seconds, ...warning });
      throw error;
    }
  }

  async #validate(signal: StopSignal | undefined): Promise<Found | undefined> {
    const { validation } = this.#options;
    if (typeof validation === "function") return checkValidation(await validation(signal), signal);
    this.#heldOut ??= meanLoss(this.#options);
    return checkValidation<Found>(await this.#heldOut(validation as Batches<Batch>, signal), signal);
  }
}

/** What an update is watched by. */
interface Diagnosing<Inputs> {
  readonly diagnosed: DiagnosedRun<Inputs> | undefined;
  readonly onDiagnosis: RunOptions["onDiagnosis"];
}

/** A learning rate in any of its forms as a schedule of a training of so many updates. */
function scheduleFor(rate: number | Schedule | ((updates: number) => Schedule), updates: number): Schedule {
  if (typeof rate === "function") return rate(updates);
  return typeof rate === "number" ? constant(rate) : rate;
}

/** Of a training whose batches do not hang together. */
export type NoCarried = Readonly<Record<never, never>>;

/** What an epoch starts from: arrays of their own, as a checkpoint holds them. */
function startOf<Carried>(carried: Carried | undefined): Carried {
  return mapTree(carried ?? {}, isValue, ({ data, shape }) => ({ data: rounded(data), shape })) as Carried;
}

/** What the next batch starts from. */
function carriedOn<Carried>(next: unknown, before: Carried): Carried {
  return next === undefined ? before : startOf(next as Carried);
}
