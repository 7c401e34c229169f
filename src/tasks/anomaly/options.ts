/** The options of a detector of anomalies and of its training: one table, and what contradicts what. */

import { choice, real, text, whole } from "../../options/kinds.ts";
import { cellOption, dropoutOption, initializeOption, networkOptions } from "../../options/network.ts";
import {
  type CompletedOptions,
  completeOptions,
  type OptionsOf,
  option,
  pickOptions,
} from "../../options/table.ts";
import type { OptimizerName } from "../../training/optimizer.ts";
import {
  type GivenTraining,
  learningRateOption,
  requireNamedOptimizer,
  type SharedSettings,
  settle,
  trainingOptions,
} from "../../training/options.ts";
import { seriesOptions } from "../series-options.ts";

export const SIDES = ["both", "above", "below"] as const;
export type Side = (typeof SIDES)[number];

/** The form of the network, of what it reads, and of how its errors are judged. */
const formOptions = {
  side: option(choice(SIDES), {
    default: "both",
    argument: "name",
    help: "side of what is expected on which a value has to lie to be an anomaly",
  }),
  cell: cellOption("gru"),
  hidden: option(whole({ from: 1 }), {
    default: 32,
    argument: "units",
    help: "units of each recurrent layer",
  }),
  layers: networkOptions.layers,
  dropout: dropoutOption(0.1),
  level: option(whole({ from: 2 }), {
    default: 200,
    argument: "rows",
    help: "rows over which the running level and spread of a column are taken",
  }),
  memory: option(whole({ from: 200, to: 100_000 }), {
    default: 2000,
    argument: "rows",
    help: "rows back whose errors a new error is measured against",
  }),
  calendar: option(choice(["yes", "no"]), {
    default: "yes",
    argument: "choice",
    help: "whether the network reads hour, weekday and season of the time, where training rows go through two of each",
  }),
};

/** When a score is an alarm; a trained detector may be asked with others than it was trained with. */
export const alarmOptions = {
  alarms: option(real({ above: 0, below: 1000 }), {
    argument: "rate",
    help: "rows above the threshold per 10,000 rows without anomalies",
    usually: "5, or as in training",
  }),
  run: option(whole({ from: 1 }), {
    argument: "rows",
    help: "rows above the threshold in succession that make an alarm",
    usually: "1, or as in training",
  }),
  merge: option(whole({ from: 0 }), {
    argument: "rows",
    help: "rows that an alarm stays on for after the last one above the threshold",
    usually: "0, or as in training",
  }),
  mute: option(whole({ from: 0 }), {
    argument: "rows",
    help: "rows after the start of an alarm in which no other one starts",
    usually: "0, or as in training",
  }),
};

const labelFacts = {
  argument: "column",
  help: "column of labels: 1 in rows that are anomalies, 0 or empty in others",
};

const learningOptions = {
  label: option(text(), { ...labelFacts, usually: "no labels" }),
  threshold: option(choice(["alarms", "labels"]), {
    default: "alarms",
    argument: "rule",
    help: "where the threshold comes from: the rate of alarms, or the best F1 on the labels of the training file",
  }),
  initialize: initializeOption,
  ...trainingOptions,
  epochs: option(whole({ from: 1 }), {
    default: 30,
    argument: "count",
    help: "times through as many windows as an epoch has",
  }),
  patience: option(whole({ from: 0, remark: ", which never stops early" }), {
    default: 10,
    argument: "epochs",
    help: "stop after so many epochs without improvement",
  }),
  learningRate: learningRateOption("0.005 for adam"),
  window: option(whole({ from: 16 }), {
    default: 96,
    argument: "rows",
    help: "rows of a window that is trained on, less for little data",
  }),
  hide: option(real({ from: 0, below: 1 }), {
    default: 0.3,
    argument: "share",
    help: "share of the values in a window to hide, so that the network learns to do without",
  }),
  validation: option(real({ above: 0, below: 1 }), {
    default: 0.3,
    argument: "fraction",
    help: "share of the time, its end, to hold out: to stop by, and for the errors that alarms are measured against",
  }),
};

const { target, time, series, past, known, delimiter, decimal, timeFormat, zone, frequency, aggregate } =
  seriesOptions;
/** What columns are for, and how the table is written. */
export const tableOptions = {
  ...{ target, time, series, past, known, delimiter, decimal, timeFormat, zone, frequency, aggregate },
};

export const anomalyOptions = { ...tableOptions, ...formOptions, ...alarmOptions, ...learningOptions };
export const labelOptions = { label: option(text(), { ...labelFacts, usually: "no labels" }) };

/** The form of a detector, every default filled in. */
export type Form = Readonly<CompletedOptions<typeof formOptions>>;
/** When a score is an alarm, every default filled in. */
export interface AlarmSettings {
  readonly alarms: number;
  readonly run: number;
  readonly merge: number;
  readonly mute: number;
}

/** Alarms of a trained detector, where they shall be others than in training. */
export type DetectorAlarms = OptionsOf<typeof alarmOptions>;

const USUAL_ALARMS: AlarmSettings = { alarms: 5, run: 1, merge: 0, mute: 0 };

/** How a detector is trained, every default filled in. */
export interface DetectorSettings extends SharedSettings {
  readonly label: string | null;
  readonly threshold: "alarms" | "labels";
  readonly initialize: CompletedOptions<typeof learningOptions>["initialize"];
  readonly window: number;
  readonly hide: number;
  readonly validation: number;
}

export interface DetectorOptions
  extends Omit<OptionsOf<typeof anomalyOptions>, keyof GivenTraining>,
    Omit<GivenTraining, "optimizer"> {
  /** The name of an optimiser. */
  readonly optimizer?: OptimizerName | undefined;
}

/** Windows of an epoch go through the training rows about once, but are enough for so many updates. */
const LEAST_UPDATES = 20;
const MOST_UPDATES = 200;

/** Updates of an epoch, for so many rows to train on. */
export function updatesOf(
  rows: number,
  { batch, window }: { readonly batch: number; readonly window: number },
) {
  return Math.max(LEAST_UPDATES, Math.min(MOST_UPDATES, Math.ceil(rows / (batch * window))));
}

/** The form of a detector. Throws UsageError for what is out of range. */
export function completeForm(given: Partial<Form>): Form {
  return completeOptions("anomaly", formOptions, pickOptions(given, formOptions));
}

/** When a score is an alarm, of options among others; `before` holds where nothing is given. Throws UsageError for what is out of range. */
export function completeAlarms(given: object, before = USUAL_ALARMS): AlarmSettings {
  const completed = completeOptions("anomaly", alarmOptions, pickOptions(given, alarmOptions));
  return {
    ...before,
    ...Object.fromEntries(Object.entries(completed).filter(([, value]) => value !== undefined)),
  };
}

/** The settings of options, for so many rows to train on. Throws UsageError for what is out of range or contradicts itself. */
export function completeSettings(given: DetectorOptions, rows: number): DetectorSettings {
  const { optimizer, optimizerSettings, schedule, ...others } = pickOptions(
    given,
    learningOptions,
  ) as DetectorOptions;
  requireNamedOptimizer({ optimizer });
  // A file says null where there are no labels.
  const label = others.label ?? undefined;
  const completed = completeOptions("anomaly", learningOptions, { ...others, label });
  const { threshold, initialize, window, hide, validation } = completed;
  const shared = settle(
    completed,
    { optimizer, optimizerSettings, schedule: schedule ?? { kind: "cosine" } },
    {
      batch: 16,
      updates: (batch) => updatesOf(rows, { batch, window }),
      learningRates: { adam: 0.005, adamw: 0.005 },
    },
  );
  return { label: label ?? null, threshold, initialize, window, hide, validation, ...shared };
}
