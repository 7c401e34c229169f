/** The options of a forecaster and of its training: one table, and what contradicts what. */

import { UsageError } from "../../errors.ts";
import type { Cell } from "../../nn/cell.ts";
import type { CellName } from "../../nn/cells/index.ts";
import { choice, numbers, real, whole, yes } from "../../options/kinds.ts";
import {
  type AnyCell,
  cellOf,
  cellOption,
  dropoutOption,
  initializeOption,
  namedCell,
  networkOptions,
} from "../../options/network.ts";
import {
  type CompletedOptions,
  completeOptions,
  type OptionsOf,
  option,
  pickOptions,
} from "../../options/table.ts";
import type { OptimizerName } from "../../training/optimizer.ts";
import {
  checkValidates,
  type GivenTraining,
  learningRateOption,
  requireNamedOptimizer,
  type SharedSettings,
  settle,
  trainingOptions,
} from "../../training/options.ts";
import { seriesOptions } from "../series-options.ts";

/** What is learnt of each step ahead. */
export const LOSSES = ["quantile", "squared", "absolute", "gaussian", "negative-binomial"] as const;
export type LossName = (typeof LOSSES)[number];
/** Losses of which a distribution comes, from which paths can be drawn. */
const DISTRIBUTIONS: readonly LossName[] = ["gaussian", "negative-binomial"];

export const METHODS = ["direct", "recursive"] as const;

/** What a forecaster is asked for: the form of what it gives. */
const formOptions = {
  horizon: option(whole({ from: 1 }), {
    argument: "steps",
    help: "steps ahead to forecast",
    usually: "one season, such as 24 hours, 7 days, 12 months; 1 where there is none",
  }),
  context: option(whole({ from: 1 }), {
    argument: "steps",
    help: "steps before a forecast that it is made from",
    usually: "two seasons or horizons, whichever is longer, and 24 at least",
  }),
  method: option(choice(METHODS), {
    default: "direct",
    argument: "name",
    help: "all steps ahead at once, or one after the other from paths that are drawn",
  }),
  loss: option(choice(LOSSES), {
    argument: "name",
    help: "what is learnt of each step ahead: quantiles, the mean (squared), the median (absolute), or a distribution",
    usually: "quantile; gaussian for recursive",
  }),
  quantiles: option(numbers({ above: 0, below: 1 }), {
    argument: "list",
    help: "quantiles to forecast of each step ahead",
    usually: "0.1,0.5,0.9; none for squared and absolute",
  }),
  normalize: option(choice(["instance", "standard"]), {
    default: "instance",
    argument: "how",
    help: "what brings values to one scale: the mean and deviation of each context, or of the training rows",
  }),
  shortcut: option(choice(["linear", "none"]), {
    default: "linear",
    argument: "kind",
    help: "direct: what leads from the context to the steps ahead beside the network",
  }),
  calendar: option(choice(["yes", "no"]), {
    default: "yes",
    argument: "choice",
    help: "whether the network reads hour, weekday and season of the time",
  }),
  nonNegative: option(yes(), { help: "forecasts below 0 become 0" }),
  cell: cellOption("gru"),
  hidden: option(whole({ from: 1 }), {
    argument: "units",
    help: "units of each recurrent layer and direction",
    usually: "64, less for little data",
  }),
  layers: networkOptions.layers,
  direction: option(choice(["forward", "both"]), {
    default: "forward",
    argument: "name",
    help: "direct: whether the context is read forward, or forward and backward",
  }),
  dropout: dropoutOption(0.1),
};

const learningOptions = {
  initialize: initializeOption,
  ...trainingOptions,
  learningRate: learningRateOption("0.002 for adam"),
  validation: option(real({ from: 0 }), {
    default: 0.1,
    argument: "amount",
    help: "time before the test part that chooses the best epoch: a fraction of all, or so many steps",
  }),
  test: option(real({ from: 0 }), {
    default: 0.1,
    argument: "amount",
    help: "time at the end that only scores are taken on: a fraction of all, or so many steps",
  }),
  windows: option(whole({ from: 1 }), {
    default: 20_000,
    argument: "count",
    help: "most windows of an epoch; each has others where there are more",
  }),
  recency: option(real({ from: 0 }), {
    default: 0,
    argument: "steps",
    help: "half-life of a window's weight, the newest one's is 1; 0 weighs all alike",
  }),
};

export const forecastingOptions = { ...seriesOptions, ...formOptions, ...learningOptions };

/** The form of a network, every default filled in. */
export interface Form extends Omit<Readonly<CompletedOptions<typeof formOptions>>, "cell"> {
  /** The name of one of Rondo's cells, or of one of one's own. */
  readonly cell: string;
  readonly horizon: number;
  readonly context: number;
  readonly loss: LossName;
  /** Rising; none for losses that give a point alone. */
  readonly quantiles: readonly number[];
  readonly nonNegative: boolean;
  readonly hidden: number;
  /** Steps back that a recursive network reads beside the last: a season, where the context holds one. */
  readonly lag: number;
}

/** How it is trained, as it stands in files. */
export interface ForecastSettings extends SharedSettings {
  readonly initialize: CompletedOptions<typeof learningOptions>["initialize"];
  readonly validation: number;
  readonly test: number;
  readonly windows: number;
  readonly recency: number;
}

export interface ForecastOptions
  extends Omit<OptionsOf<typeof forecastingOptions>, keyof GivenTraining | "cell">,
    Omit<GivenTraining, "optimizer"> {
  /** The name of a cell, or a cell of your own, which whoever reads the forecaster's file has to give too. Default "gru". */
  readonly cell?: CellName | Cell<string, string> | (string & {}) | undefined;
  /** The name of an optimiser. */
  readonly optimizer?: OptimizerName | undefined;
}

/** What the data decide where it is not given. */
export interface SuitedForm {
  /** Steps after which the series is alike; 1 for none. */
  readonly season: number;
  /** Rows to train on of the longest series. */
  readonly rows: number;
}

const LEAST_CONTEXT = 24;
const DEFAULT_QUANTILES = [0.1, 0.5, 0.9];

/** The form of options; a cell of one's own by name is `own`. Throws UsageError for what is out of range or contradicts itself. */
export function completeForm(given: object, { season, rows }: SuitedForm, own?: AnyCell | undefined): Form {
  const { cell: name = "gru", ...others } = pickOptions(given, formOptions) as { cell?: string };
  const { name: cell } = namedCell(cellOf(name, own));
  const completed = completeOptions("forecast", formOptions, others);
  const { method, direction, nonNegative = false } = completed;
  const horizon = completed.horizon ?? Math.max(1, season);
  const wished = Math.max(LEAST_CONTEXT, 2 * horizon, 2 * season);
  const context = completed.context ?? Math.max(1, Math.min(wished, Math.floor((rows - horizon) / 2)));
  const loss = completed.loss ?? (method === "recursive" ? "gaussian" : "quantile");
  const quantiles = completeQuantiles(completed.quantiles, loss);
  if (method === "recursive") {
    if (!DISTRIBUTIONS.includes(loss)) {
      throw new UsageError(
        `loss ${loss}: the method recursive draws paths from a distribution, ${DISTRIBUTIONS.join(" or ")} expected`,
      );
    }
    if (direction === "both") {
      throw new UsageError("direction both: the method recursive goes on step by step, forward expected");
    }
  }
  const lag = method === "recursive" && season > 1 && season <= context ? season : 1;
  const hidden = completed.hidden ?? (rows < 500 ? 16 : rows < 2000 ? 32 : 64);
  const { normalize, shortcut, calendar, layers, dropout } = completed;
  // In one order, wherever the options come from: files of the same model are the same.
  return {
    ...{ horizon, context, method, loss, quantiles, normalize, shortcut, calendar, nonNegative },
    ...{ cell, hidden, layers, direction, dropout, lag },
  };
}

/** Rising quantiles. Throws UsageError for one that stands twice, and where the loss gives none. */
function completeQuantiles(given: readonly number[] | undefined, loss: LossName): readonly number[] {
  const isPoint = loss === "squared" || loss === "absolute";
  if (isPoint) {
    if (given === undefined || given.length === 0) return [];
    throw new UsageError(
      `quantiles ${given.join(",")}: the loss ${loss} gives one number a step, quantile, ${DISTRIBUTIONS.join(" or ")} expected`,
    );
  }
  const rising = [...(given ?? DEFAULT_QUANTILES)].sort((a, b) => a - b);
  const double = rising.find((quantile, at) => quantile === rising[at + 1]);
  if (double !== undefined) throw new UsageError(`quantiles: ${double} stands twice`);
  if (rising.length === 0 && loss === "quantile") {
    throw new UsageError("quantiles: none given, one or more expected for the loss quantile");
  }
  return rising;
}

/** The settings of options, for so many windows to train on. Throws UsageError for what is out of range or contradicts itself. */
export function completeSettings(given: ForecastOptions, windows: number): ForecastSettings {
  const { optimizer, optimizerSettings, schedule, ...others } = pickOptions(
    given,
    learningOptions,
  ) as ForecastOptions;
  requireNamedOptimizer({ optimizer });
  const completed = completeOptions("forecast", learningOptions, others);
  const { initialize, validation, test, windows: most, recency } = completed;
  const used = Math.min(windows, most);
  const shared = settle(
    completed,
    { optimizer, optimizerSettings, schedule: schedule ?? { kind: "cosine" } },
    {
      batch: Math.max(1, Math.min(32, Math.floor(used / 8))),
      updates: (batch) => Math.ceil(used / batch),
      learningRates: { adam: 0.002, adamw: 0.002 },
    },
  );
  checkAmount("validation", validation);
  checkAmount("test", test);
  checkValidates(shared, validation);
  return { initialize, validation, test, windows: most, recency, ...shared };
}

/** Throws UsageError unless it is a fraction below 1, or a whole number of steps. */
function checkAmount(name: string, amount: number): void {
  if (amount < 1 || Number.isSafeInteger(amount)) return;
  throw new UsageError(`${name} ${amount}: expected a fraction below 1, or a whole number of steps`);
}
