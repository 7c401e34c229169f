/** The options of every training, whatever its task: one table, and what follows from it and from the data. */

import { UsageError } from "../errors.ts";
import { isObject } from "../formats/json.ts";
import { choice, real, seed, whole, yes } from "../options/kinds.ts";
import {
  type CompletedOptions,
  completeOptions,
  group,
  type OptionsOf,
  option,
  optionsOfJson,
} from "../options/table.ts";
import { OPTIMIZER_NAMES, type Optimizer, type OptimizerSettings } from "./optimizer.ts";
import { createOptimizer, DEFAULT_LEARNING_RATES } from "./optimizers.ts";
import {
  completeSchedule,
  createSchedule,
  SCHEDULE_KINDS,
  type Schedule,
  type ScheduleDescription,
  type ScheduleKind,
} from "./schedules.ts";

/** The learning rate, and in words what it is for the usual optimiser where it is not given. */
export function learningRateOption(usually: string) {
  return option(real({ above: 0 }), {
    argument: "rate",
    help: "of the first update that has all of it",
    usually,
  });
}

/** The schedule of the learning rate, and which kind it is where none is given. */
export function scheduleOptions(usually: string) {
  return group({
    kind: option(choice(SCHEDULE_KINDS), {
      flag: "schedule",
      argument: "kind",
      help: "of the learning rate",
      usually,
    }),
    every: option(whole({ from: 1 }), {
      flag: "decay-every",
      argument: "epochs",
      help: "schedule step: epochs between reductions",
      usually: "1",
    }),
    hold: option(whole({ from: 0 }), {
      flag: "decay-hold",
      argument: "epochs",
      help: "schedule step: epochs before the first that counts",
      usually: "0",
    }),
    factor: option(real({ above: 0 }), {
      flag: "decay-factor",
      help: "schedules step and plateau: the reduction",
      usually: "0.1",
    }),
    minimum: option(real({ from: 0 }), {
      flag: "minimum-learning-rate",
      argument: "rate",
      help: "schedules linear, cosine and plateau",
      usually: "0",
    }),
    patience: option(whole({ from: 0 }), {
      flag: "plateau-patience",
      argument: "epochs",
      help: "schedule plateau: epochs without improvement",
      usually: "10",
    }),
    warmUp: option(whole({ from: 0 }), {
      flag: "warmup",
      argument: "steps",
      help: "updates until the full learning rate",
      usually: "0",
    }),
  });
}

/** The settings of optimisers, and in words what the decay of weights is where it is not given. */
export function optimizerSettingsOptions(weightDecay: string) {
  return group({
    momentum: option(real({ from: 0, below: 1 }), { help: "of sgd and rmsprop", usually: "0" }),
    dampening: option(real({ from: 0 }), { help: "sgd: of the momentum", usually: "0" }),
    nesterov: option(yes(), { help: "sgd: Nesterov's momentum" }),
    weightDecay: option(real({ from: 0 }), { help: "of every optimiser", usually: weightDecay }),
    beta1: option(real({ from: 0, below: 1 }), { help: "of adam and adamw", usually: "0.9" }),
    beta2: option(real({ from: 0, below: 1 }), { help: "of adam and adamw", usually: "0.999" }),
    alpha: option(real({ from: 0, below: 1 }), { help: "rmsprop: of the moving average", usually: "0.99" }),
    centered: option(yes(), { help: "rmsprop: divide by the deviation" }),
    rho: option(real({ from: 0, below: 1 }), { help: "adadelta: of the moving averages", usually: "0.9" }),
    rateDecay: option(real({ from: 0 }), { help: "adagrad: of the learning rate", usually: "0" }),
    initialAccumulator: option(real({ from: 0 }), { help: "adagrad: where the sum starts", usually: "0" }),
    epsilon: option(real({ from: 0 }), { help: "what keeps a division from 0", usually: "1e-8" }),
  });
}

export const trainingOptions = {
  batch: option(whole({ from: 1 }), {
    argument: "rows",
    help: "rows of an update, side by side",
    usually: "32, less for little data",
  }),
  epochs: option(whole({ from: 1 }), {
    argument: "count",
    help: "times through the data",
    usually: "6, more for little data",
  }),
  optimizer: option(choice(OPTIMIZER_NAMES), {
    default: "adam",
    argument: "name",
    help: "the rule by which weights change",
  }),
  optimizerSettings: optimizerSettingsOptions("0; adamw: 0.01"),
  learningRate: learningRateOption("0.002 for adam"),
  schedule: scheduleOptions("constant"),
  clip: option(real({ from: 0, remark: ", which is no clipping" }), {
    default: 1,
    argument: "norm",
    help: "largest global norm of the gradients",
  }),
  clipLayer: option(real({ from: 0, remark: ", which is no clipping" }), {
    default: 0,
    argument: "norm",
    help: "largest norm of the gradients of each layer",
  }),
  clipValue: option(real({ from: 0, remark: ", which is no clipping" }), {
    default: 0,
    help: "largest element of the gradients",
  }),
  patience: option(whole({ from: 0, remark: ", which never stops early" }), {
    default: 0,
    argument: "epochs",
    help: "stop after so many epochs without improvement",
  }),
  seed: option(seed(), { default: 1, help: "of all random numbers" }),
};

/** How a model is trained, as it stands in files: every default filled in, 0 for what is off. */
export interface SharedSettings extends Omit<SettledOptions, "optimizer" | "optimizerSettings" | "schedule"> {
  /** One of `OPTIMIZER_NAMES`, or the name of an optimiser of one's own. */
  readonly optimizer: string;
  readonly optimizerSettings: OptimizerSettings;
  readonly schedule: ScheduleDescription;
}

/** Every option of a training, with a value. */
export type SettledOptions = {
  readonly [Name in keyof typeof trainingOptions]: NonNullable<
    CompletedOptions<typeof trainingOptions>[Name]
  >;
};

/** What options that came later are in a file that was written before: off. */
const BEFORE = { clipLayer: 0 };

/** The settings of a training out of a file's JSON: as `optionsOfJson`, and files from before an option was there are read too. */
export function trainingOfJson<Settings extends object>(
  where: string,
  json: unknown,
  complete: (given: Partial<Settings>) => Settings,
): Settings {
  return optionsOfJson<Settings>(where, isObject(json) ? { ...BEFORE, ...json } : json, complete);
}

/** Options of a training; the optimiser may be one of one's own. */
export type GivenTraining = Omit<
  OptionsOf<typeof trainingOptions>,
  "optimizer" | "optimizerSettings" | "schedule"
> & {
  readonly optimizer?: string | Optimizer | undefined;
  readonly optimizerSettings?: OptimizerSettings | undefined;
  readonly schedule?: ScheduleDescription | undefined;
};

/** What the data decide where it is not given. */
export interface Suited {
  /** Rows of an update. */
  readonly batch: number;
  /** Updates of an epoch in batches of so many rows. */
  updates(batch: number): number;
  /** Learning rates by optimiser, where they are not PyTorch's. */
  readonly learningRates?: Readonly<Record<string, number>> | undefined;
  /** The kind of schedule, where it is not constant. */
  readonly schedule?: ScheduleKind | undefined;
}

/** Little data are gone through more often, for so many updates altogether, but not more often than this. */
const ENOUGH_UPDATES = 1000;
const LEAST_EPOCHS = 6;
const MOST_EPOCHS = 100;

/** The settings that follow from completed options and the data. Throws UsageError for what contradicts itself. */
export function settle(
  completed: Omit<CompletedOptions<typeof trainingOptions>, "optimizer" | "optimizerSettings" | "schedule">,
  given: Pick<GivenTraining, "optimizer" | "optimizerSettings" | "schedule">,
  { batch: suited, updates, learningRates, schedule: usualSchedule }: Suited,
): SharedSettings {
  const optimizer = optimizerOf(given);
  const { batch = suited, clip, clipLayer, clipValue, patience, seed } = completed;
  const least = Math.ceil(ENOUGH_UPDATES / Math.max(1, updates(batch)));
  const { epochs = Math.max(LEAST_EPOCHS, Math.min(MOST_EPOCHS, least)) } = completed;
  const usual: Readonly<Record<string, number>> = { ...DEFAULT_LEARNING_RATES, ...learningRates };
  const learningRate = completed.learningRate ?? usual[optimizer.name];
  if (learningRate === undefined) {
    throw new UsageError(
      `learning rate: none given, which the optimizer ${optimizer.name} has no default for`,
    );
  }
  const schedule = completeSchedule(given.schedule ?? {}, usualSchedule);
  const settings = {
    ...{ batch, epochs, optimizer: optimizer.name, optimizerSettings: optimizer.settings, learningRate },
    ...{ schedule, clip, clipLayer, clipValue, patience, seed },
  };
  scheduleOf(settings, updates(batch));
  return settings;
}

/** The optimiser of options or settings; `own` is that of a name that is not Rondo's. */
export function optimizerOf(
  { optimizer = "adam", optimizerSettings }: Pick<GivenTraining, "optimizer" | "optimizerSettings">,
  own?: Optimizer | undefined,
): Optimizer {
  if (typeof optimizer === "object") return optimizer;
  if (own?.name === optimizer) return own;
  return createOptimizer(optimizer, optimizerSettings);
}

/** Throws UsageError for an optimiser of one's own, where a file is to be read again that knows it by its name. */
export function requireNamedOptimizer({ optimizer }: Pick<GivenTraining, "optimizer">): void {
  if (typeof optimizer !== "object") return;
  throw new UsageError(`optimizer: one of your own given, a name expected: ${OPTIMIZER_NAMES.join(", ")}`);
}

/** The schedule of settings, for a training with so many updates an epoch. */
export function scheduleOf(
  { schedule, learningRate, epochs }: Pick<SharedSettings, "schedule" | "learningRate" | "epochs">,
  updates: number,
): Schedule {
  return createSchedule(schedule, { learningRate, steps: epochs * Math.max(1, updates) });
}

/** Settings of an update as `trainingStep` takes them, where 0 is what is off. */
export function updateSettings(settings: SharedSettings, own?: Optimizer | undefined) {
  const { clip, clipLayer, clipValue, seed } = settings;
  return {
    optimizer: optimizerOf(settings, own),
    clipNorm: clip === 0 ? undefined : clip,
    clipLayerNorm: clipLayer === 0 ? undefined : clipLayer,
    clipValue: clipValue === 0 ? undefined : clipValue,
    seed,
  };
}

/** Throws UsageError for settings that wait for validations where nothing is held out. */
export function checkValidates(
  { patience, schedule }: Pick<SharedSettings, "patience" | "schedule">,
  validation: number,
): void {
  if (validation > 0 || (patience === 0 && schedule.kind !== "plateau")) return;
  const option = patience > 0 ? "patience" : "schedule plateau";
  throw new UsageError(`${option} needs a validation loss, but validation is 0`);
}

/** The epochs of a training that goes on. Throws UsageError for what is no number of epochs, or fewer than are done. */
export function epochsOnward(
  epochs: number | undefined,
  { before, done, where }: { readonly before: number; readonly done: number; readonly where: string },
): number {
  const { epochs: wanted = before } = completeOptions(
    "train",
    { epochs: trainingOptions.epochs },
    { epochs },
  );
  if (wanted >= done || epochs === undefined) return wanted;
  throw new UsageError(`epochs ${epochs}: ${where} has been trained for ${done} already`);
}
