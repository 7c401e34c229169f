/**
 * Cuts numeric series in windows and what follows them, side by side in batches. A batch is found by its number and its
 * epoch alone, so that a training goes on from a number. Scales nothing: see scaler.ts.
 */
import type { Value } from "../backends/backend.ts";
import { checkOptions, printGiven } from "../checks.ts";
import { DataError, UsageError } from "../errors.ts";
import { value } from "../program/values.ts";
import { requireCounts } from "./counts.ts";
import { RowBatches, type RowBatchesOptions } from "./row-batches.ts";
import { checkFeatures, checkSeries } from "./series.ts";
import { counted } from "./text.ts";

/** What becomes of values that are missing (NaN): they are refused, or 0 stands there and a mask says so. */
export type MissingValues = "refuse" | "mask";

export interface SeriesWindowsOptions<Missing extends MissingValues = MissingValues>
  extends RowBatchesOptions {
  /** F: features of a row. */
  readonly features: number;
  /** T: rows of a window. */
  readonly window: number;
  /**
   * H: how many rows after the window are its targets. Without it the targets are the window itself, one row later: what
   * follows each of its rows, H = T.
   */
  readonly horizon?: number | undefined;
  /** Rows from the start of one window to that of the next. Default 1. */
  readonly stride?: number | undefined;
  /** The features that are targets, by their numbers. Default: all. */
  readonly targets?: readonly number[] | undefined;
  /** Default "refuse". */
  readonly missing?: Missing | undefined;
}

/** A batch of windows: just what a program with such inputs takes. */
export type SeriesBatch<Missing extends MissingValues = "refuse"> = Missing extends "mask"
  ? MaskedSeriesBatch
  : PlainSeriesBatch;

export interface PlainSeriesBatch {
  /** float32 (T, B, F). */
  readonly inputs: Value;
  /** float32 (H, B, G), of the G features that are targets. */
  readonly targets: Value;
}

export interface MaskedSeriesBatch extends PlainSeriesBatch {
  /** float32, as `inputs`: 1 where there is a value, 0 where it is missing. */
  readonly inputMask: Value;
  /** float32, as `targets`. */
  readonly targetMask: Value;
}

/** Where the windows of a batch stand, each (B). */
export interface SeriesPlaces {
  /** Which series each window is of. */
  readonly series: Int32Array;
  /** The row of its series that each window starts with; its targets start `window` rows later, or one without a horizon. */
  readonly starts: Int32Array;
}

/** Which rows and features of a window are wanted. */
interface Frame {
  /** From the start of the window. */
  readonly offset: number;
  readonly rows: number;
  readonly features: readonly number[];
}

/**
 * The windows of one or several series, in the order of the series and of time. No window reaches from one series into
 * the next; a series that is too short for a window and its targets has none.
 *
 *     const windows = new SeriesWindows([rows], { features: 7, window: 96, horizon: 24, batch: 32, seed: 1 });
 *     for (let k = 0; k < windows.count; k++) step.run(windows.at(k, epoch), learningRate);
 */
export class SeriesWindows<Missing extends MissingValues = "refuse"> {
  /** How many batches an epoch has. */
  readonly count: number;
  /** How many windows there are. */
  readonly windows: number;
  /** The numbers of the series that are too short for a window. */
  readonly short: readonly number[];
  readonly #series: readonly ArrayLike<number>[];
  readonly #features: number;
  readonly #stride: number;
  readonly #masked: boolean;
  readonly #inputs: Frame;
  readonly #targets: Frame;
  /** How many windows the series before each one have. */
  readonly #before: Int32Array;
  readonly #order: RowBatches;

  /**
   * @param series each row after row, the features of a row side by side; not copied
   * @throws UsageError for options out of their range
   * @throws DataError where no series is long enough, and for what is no finite number that float32 can hold; NaN is one
   *   only where values may be missing
   */
  constructor(series: readonly ArrayLike<number>[], options: SeriesWindowsOptions<Missing>) {
    checkOptions("SeriesWindows", options, {
      features: "a whole number from 1",
      window: "a whole number from 1",
      horizon: true,
      stride: true,
      targets: true,
      missing: true,
      batch: "a whole number from 1",
      seed: true,
      dropLast: true,
    });
    const { features, window, stride = 1, batch, seed, dropLast, missing = "refuse" } = options;
    const horizon = options.horizon ?? window;
    requireCounts({ features, window, horizon, stride, batch });
    if (missing !== "refuse" && missing !== "mask") {
      throw new UsageError(`missing ${printGiven(missing)}: expected refuse or mask`);
    }
    if (options.targets !== undefined) checkFeatures("SeriesWindows: targets", options.targets, features);
    this.#masked = missing === "mask";
    checkSeries("SeriesWindows", series, features, { dtype: "float32", missing: this.#masked });
    this.#series = [...series];
    this.#features = features;
    this.#stride = stride;
    const all = Array.from({ length: features }, (_, feature) => feature);
    const ahead = options.horizon === undefined ? 1 : window;
    this.#inputs = { offset: 0, rows: window, features: all };
    this.#targets = { offset: ahead, rows: horizon, features: [...(options.targets ?? all)] };
    const lengths = series.map((rows) => rows.length / features);
    const counts = countWindows(lengths, window, ahead + horizon, stride);
    this.windows = counts.reduce((sum, count) => sum + count);
    this.short = Object.freeze([...counts.keys()].filter((at) => counts[at] === 0));
    this.#before = new Int32Array(counts.length);
    for (let at = 1; at < counts.length; at++) {
      this.#before[at] = (this.#before[at - 1] as number) + (counts[at - 1] as number);
    }
    this.#order = new RowBatches(this.windows, { batch, seed, dropLast });
    this.count = this.#order.count;
  }

  /**
   * A batch of windows. Batches are numbered on from epoch to epoch: batch `count` of epoch 0 is batch 0 of epoch 1.
   *
   * @throws UsageError unless batch and epoch are whole numbers from 0
   */
  at(batch: number, epoch = 0): SeriesBatch<Missing> {
    const places = this.places(batch, epoch);
    const [inputs, targets] = [this.#cut(places, this.#inputs), this.#cut(places, this.#targets)];
    const masks = this.#masked ? { inputMask: takeMissing(inputs), targetMask: takeMissing(targets) } : {};
    return { inputs, targets, ...masks } as SeriesBatch<Missing>;
  }

  /**
   * Where the windows stand that `at` gives for the same numbers: for what else is known of these series and these times.
   *
   * @throws UsageError unless batch and epoch are whole numbers from 0
   */
  places(batch: number, epoch = 0): SeriesPlaces {
    const windows = this.#order.at(batch, epoch);
    const series = windows.map((window) => lastNotAbove(this.#before, window));
    const starts = windows.map(
      (window, at) => (window - (this.#before[series[at] as number] as number)) * this.#stride,
    );
    return { series, starts };
  }

  /** A frame of each window, side by side. */
  #cut({ series, starts }: SeriesPlaces, { offset, rows, features }: Frame): Value {
    const cut = new Float32Array(rows * series.length * features.length);
    let to = 0;
    for (let row = 0; row < rows; row++) {
      for (let b = 0; b < series.length; b++) {
        const from = this.#series[series[b] as number] as ArrayLike<number>;
        const start = ((starts[b] as number) + offset + row) * this.#features;
        for (const feature of features) cut[to++] = from[start + feature] as number;
      }
    }
    return value(cut, [rows, series.length, features.length]);
  }
}

/** How many windows series of such lengths have, of so many rows with their targets. Throws DataError where none has one. */
function countWindows(lengths: readonly number[], window: number, needed: number, stride: number): number[] {
  const longest = lengths.reduce((a, b) => Math.max(a, b));
  if (longest >= needed) {
    return lengths.map((rows) => (rows < needed ? 0 : Math.floor((rows - needed) / stride) + 1));
  }
  const taken = `a window of ${window} and its targets take ${needed}`;
  throw new DataError(`SeriesWindows: the longest series has ${counted(longest, "row")}: ${taken}`);
}

/** Puts 0 in place of what is missing, and gives the mask of what is there. */
function takeMissing({ data, shape }: Value): Value {
  const mask = new Float32Array(data.length).fill(1);
  for (let at = 0; at < data.length; at++) {
    if (Number.isNaN(data[at])) data[at] = mask[at] = 0;
  }
  return value(mask, shape);
}

/** The last place of a sorted list, which starts with 0, whose number is not above the one given. */
function lastNotAbove(sorted: Int32Array, number: number): number {
  let [low, high] = [0, sorted.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((sorted[middle] as number) <= number) low = middle;
    else high = middle - 1;
  }
  return low;
}
