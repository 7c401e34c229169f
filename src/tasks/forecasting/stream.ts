/**
 * A forecaster in production: one row in, what follows it out. The same numbers as for the whole history at once: a window of
 * the last rows is kept as the network reads them, and moves on by a row.
 */

import { printGiven } from "../../checks.ts";
import type { Scaler } from "../../data/scaler.ts";
import type { SeriesData } from "../../data/time-series/from-arrays.ts";
import { DataError } from "../../errors.ts";
import { isObject } from "../../formats/json.ts";
import { type Forecast, named } from "./forecaster.ts";
import {
  type LearnerState,
  requireFiniteForecast,
  type StreamLearner,
  type StreamLearning,
} from "./learning.ts";
import type { ForecastModel, PathOptions, WindowForecast } from "./model.ts";
import { OpenGaps } from "./open-gaps.ts";
import { areCounts, type FilledRows, type PreparedSeries, scaledRows } from "./prepare.ts";
import { numbersAhead, numbersOfRow, type StreamRow } from "./stream-rows.ts";
import { emptyWindow, marksOf, setCalendar, windowAfter } from "./stream-window.ts";

export interface ForecastStreamOptions extends PathOptions {
  /** What stands before the first row: one series, in any form that `forecast` takes. Without it the stream begins with nothing. */
  readonly history?: SeriesData | undefined;
  /** Without a history: the name of the series, one of those that were trained on; default the first. */
  readonly series?: string | undefined;
  /** Without a history: the time of the first row, as the data write it; default the first after what was trained on. */
  readonly start?: string | undefined;
  /**
   * Whether the forecaster goes on learning, and how: from each window whose context the stream read as a whole, once the steps that it
   * forecast have come, in the manner of its training. What follows, `forecast` and `toBytes` are then of the weights as they are. Default false.
   */
  readonly learn?: boolean | StreamLearning | undefined;
}

/** Where a stream stands, as plain JSON. */
export interface ForecastStreamState {
  readonly series: string;
  /** The number on the grid of the next row. */
  readonly next: number;
  readonly values: readonly number[];
  readonly observed: readonly number[];
  readonly past: readonly number[];
  readonly covariates: readonly number[];
  /** Gaps that are to be filled in, of targets and past columns: the last value before each, and the rows since. */
  readonly gaps: readonly (readonly [last: number | null, missing: number])[];
  /** Of a stream that learns: how many rows it read, where gaps were filled in, and what was learnt, the weights included. */
  readonly learning?: LearningStreamState | undefined;
}

export interface LearningStreamState {
  readonly seen: number;
  readonly filled: { readonly values: readonly number[]; readonly past: readonly number[] };
  readonly learner: LearnerState;
}

const KINDS = ["values", "observed", "past", "covariates"] as const;

/** A forecaster that reads row by row. */
export interface ForecastStream {
  /**
   * One row: what follows it, for each target. `ahead` are the rows after it, up to the horizon, of the columns that are known ahead.
   * Throws DataError for what is no number, and where a column that has to be known ahead is missing; the stream is then as it was. Throws TrainingError
   * where what was learnt along the stream is not finite, or what is forecast from it.
   */
  next(row: StreamRow, ahead?: readonly StreamRow[]): readonly Forecast[];
  /** Where the stream stands, as plain JSON: `restore` goes on from it to the same bits. */
  save(): ForecastStreamState;
  /** Goes on from a saved state. Throws DataError, before anything changes, for what is none of this forecaster and series. */
  restore(state: ForecastStreamState): void;
}

export class WindowStream implements ForecastStream {
  readonly #model: ForecastModel;
  readonly #paths: PathOptions;
  /** Rows of the window. */
  readonly #rows: number;
  readonly #gaps: OpenGaps;
  readonly #learner: StreamLearner | undefined;
  /** Rows that were read. */
  #seen = 0;
  #at: PreparedSeries;
  #times: string[] = [];

  /** What a stream has beside its options: the numbers of static columns, without a history, and what learns from its windows. */
  constructor(
    model: ForecastModel,
    options: Omit<ForecastStreamOptions, "learn">,
    next: number,
    {
      statics,
      learner,
    }: { readonly statics?: readonly number[]; readonly learner?: StreamLearner | undefined } = {},
  ) {
    const { history, series, start, ...paths } = options;
    this.#model = model;
    this.#paths = paths;
    this.#learner = learner;
    const { context, lag, horizon } = model.form;
    // What is learnt from ends a horizon before what is forecast from.
    this.#rows = context + lag + (learner ? horizon : 0);
    this.#gaps = new OpenGaps(model.prepared);
    const form = { model, rows: this.#rows, learns: learner !== undefined };
    if (history === undefined) this.#at = emptyWindow(form, { series, start, statics }, next);
    else {
      const { at, one, end } = windowAfter(form, history);
      this.#gaps.after(one, model.prepared.columns, end);
      this.#seen = end;
      this.#at = at;
    }
    this.#tellTimes();
  }

  /** When each step ahead is. */
  #tellTimes(): void {
    const { grid } = this.#model.prepared.reading;
    const { start } = this.#at.series;
    this.#times = Array.from({ length: this.#model.form.horizon }, (_, step) =>
      grid.write(start + this.#rows + step),
    );
  }

  /** The number on the grid of the row that is expected next. */
  get expected(): number {
    return this.#at.series.start + this.#rows;
  }

  next(row: StreamRow, ahead: readonly StreamRow[] = []): readonly Forecast[] {
    const { form, prepared } = this.#model;
    const numbers = numbersOfRow(row, prepared.columns);
    this.#advance(numbers, numbersAhead(ahead, prepared.columns, form.horizon));
    return this.#forecast();
  }

  /** As `next`, of the numbers of targets and past columns in their order, NaN where missing, where nothing is known ahead. */
  nextValues(numbers: Float64Array): readonly Forecast[] {
    this.#advance(Array.from(numbers), []);
    return this.#forecast();
  }

  /** So many rows of which nothing is known. */
  skip(rows: number): void {
    const nothing = new Array<number>(this.#model.widths.targets + this.#model.widths.past).fill(Number.NaN);
    for (let row = 0; row < rows; row++) this.#advance(nothing, []);
  }

  /** Moves the window on by a row, whose numbers are of targets, past and known columns. */
  #advance(numbers: readonly number[], ahead: readonly (readonly number[])[]): void {
    const { form, widths, prepared } = this.#model;
    const { targets, past, covariates } = widths;
    const { columns, scales } = prepared;
    const at = this.#at;
    const place = () => `stream: ${prepared.reading.grid.write(this.expected)}`;
    // Everything is read before anything changes.
    const values = scaledRows(numbers.slice(0, targets), at.scale, {
      ...{ names: columns.targets, place, counts: areCounts(form) },
    });
    const pastRow = scaledRows(numbers.slice(targets, targets + past), scales.past, {
      ...{ names: columns.past, place },
    });
    const known = [numbers.slice(targets + past), ...ahead].map((row) =>
      scaledRows(row, scales.known, { names: columns.known, place }),
    );
    push(at.values, values);
    push(
      at.observed,
      Float32Array.from(values, (_, target) => (Number.isNaN(numbers[target]) ? 0 : 1)),
    );
    push(at.past, pastRow);
    if (at.filled) {
      push(at.filled.values, new Uint8Array(targets));
      push(at.filled.past, new Uint8Array(past));
    }
    for (const { column, back, value } of this.#gaps.close(numbers, this.#rows - 1)) {
      const row = this.#rows - 1 - back;
      if (column >= targets) {
        at.past[row * past + column - targets] = scaledAt(scales.past, column - targets, value);
        if (at.filled) at.filled.past[row * past + column - targets] = 1;
      } else {
        if (at.filled) at.filled.values[row * targets + column] = 1;
        at.values[row * targets + column] = scaledAt(at.scale, column, value);
        at.observed[row * targets + column] = 1;
      }
    }
    this.#at = { ...at, series: { ...at.series, start: at.series.start + 1 } };
    if (covariates > 0) {
      // The last row stays where it is: its static columns are those of all.
      at.covariates.copyWithin(0, covariates);
      setCalendar(this.#model, this.#at, this.#rows + form.horizon - 1);
      known.forEach((row, step) => {
        at.covariates.set(row, (this.#rows - 1 + step) * covariates);
      });
    }
    this.#times.push(prepared.reading.grid.write(this.expected + form.horizon - 1));
    this.#times.shift();
    this.#seen += 1;
    this.#learn();
  }

  /** Learns from the window that the last row completed, if its context was read as a whole and something came after it. */
  #learn(): void {
    const { filled, observed } = this.#at;
    if (!this.#learner || !filled) return;
    const { form, widths } = this.#model;
    const cutoff = this.#rows - form.horizon;
    if (this.#seen < cutoff + form.horizon) return;
    const given = observed.map((there, at) => (filled.values[at] === 1 ? 0 : there));
    if (!given.subarray(cutoff * widths.targets).includes(1)) return;
    this.#learner.learn({ at: { ...this.#at, filled: { ...filled, given } }, cutoff });
  }

  #forecast(): readonly Forecast[] {
    const place = { at: this.#at, cutoff: this.#rows };
    const [forecast] = this.#model.forecast([place], this.#paths) as [WindowForecast];
    requireFiniteForecast(forecast, this.#model);
    return named(this.#model, this.#at.series.id, [...this.#times], forecast);
  }

  save(): ForecastStreamState {
    const { series, values, observed, past, covariates, filled } = this.#at;
    return {
      series: series.id,
      next: this.expected,
      values: Array.from(values),
      observed: Array.from(observed),
      past: Array.from(past),
      covariates: Array.from(covariates),
      gaps: this.#gaps.save(),
      ...(this.#learner &&
        filled && {
          learning: {
            seen: this.#seen,
            filled: { values: Array.from(filled.values), past: Array.from(filled.past) },
            learner: this.#learner.save(),
          },
        }),
    };
  }

  restore(state: ForecastStreamState): void {
    const at = this.#at;
    if (!isObject(state) || state.series !== at.series.id || !Number.isSafeInteger(state.next)) {
      throw new DataError(
        `stream: ${printGiven(state)} given, a state of the series ${printGiven(at.series.id)} expected`,
      );
    }
    const parts = KINDS.map((kind) => {
      const numbers: unknown = state[kind];
      const isGood =
        Array.isArray(numbers) && numbers.length === at[kind].length && numbers.every(Number.isFinite);
      if (isGood) return [kind, Float32Array.from(numbers as number[])] as const;
      throw new DataError(`stream: the state's ${kind}: ${at[kind].length} finite numbers expected`);
    });
    const gaps = this.#gaps.read(state.gaps);
    const filled = this.#learner && this.#restoreLearning(this.#learner, state.learning);
    this.#gaps.restore(gaps);
    this.#at = {
      ...at,
      filled,
      ...Object.fromEntries(parts),
      series: { ...at.series, start: state.next - this.#rows },
    };
    this.#tellTimes();
  }

  /** Throws DataError, before anything changes, for a state of a stream that did not learn. */
  #restoreLearning(learner: StreamLearner, state: LearningStreamState | undefined): FilledRows {
    const { seen, filled, learner: learnt } = (state ?? {}) as Partial<LearningStreamState>;
    const marks = marksOf(this.#rows, this.#model.widths.targets, this.#model.widths.past);
    const areMarks = (given: unknown, own: Uint8Array) =>
      Array.isArray(given) && given.length === own.length && given.every((mark) => mark === 0 || mark === 1);
    if (
      !Number.isSafeInteger(seen) ||
      !areMarks(filled?.values, marks.values) ||
      !areMarks(filled?.past, marks.past)
    ) {
      throw new DataError(
        "stream: the state is of a stream that did not learn, one of a stream that learns expected",
      );
    }
    learner.restore(learnt as LearnerState);
    this.#seen = seen as number;
    return {
      ...marks,
      values: Uint8Array.from(filled?.values ?? []),
      past: Uint8Array.from(filled?.past ?? []),
    };
  }
}

/** Adds a row at the end of rows, the first of which falls out. */
function push<Rows extends Float32Array | Uint8Array>(rows: Rows, row: Rows): void {
  rows.copyWithin(0, row.length);
  rows.set(row, rows.length - row.length);
}

function scaledAt({ center, scale }: Scaler, column: number, value: number): number {
  return (value - (center[column] as number)) / (scale[column] as number);
}
