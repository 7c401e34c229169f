/** Detectors of several series over one network, and the stream that programs use. */

import { printGiven } from "../../checks.ts";
import { valueColumns } from "../../data/time-series/columns.ts";
import { type SeriesCell, type SeriesRecord, textOf } from "../../data/time-series/from-arrays.ts";
import { SeriesRowReader, type TableHead } from "../../data/time-series/rows.ts";
import { DataError } from "../../errors.ts";
import { isObject } from "../../formats/json.ts";
import { type Detection, type Judgement, SeriesDetector, type SeriesState } from "./detection.ts";
import type { RowPlace } from "./features.ts";
import type { AnomalyModel, LiveNetwork } from "./model.ts";

type NetworkState = ReturnType<LiveNetwork["save"]>;

/** A detector for each series, made when its first row comes; the network is in the state of the series that was last. */
export class SeriesDetectors {
  readonly #model: AnomalyModel;
  readonly #judgement: Judgement;
  readonly #live: LiveNetwork;
  readonly #detectors = new Map<string, SeriesDetector>();
  readonly #states = new Map<string, NetworkState>();
  #current: string | undefined;

  constructor(model: AnomalyModel, judgement: Judgement) {
    this.#model = model;
    this.#judgement = judgement;
    this.#live = model.live();
  }

  /** A row of a series, at a place of the grid (without one: the step after its newest row), and what is to be said of it. */
  next(id: string, place: RowPlace, values: Float64Array): Detection {
    this.#turnTo(id);
    let detector = this.#detectors.get(id);
    if (!detector) {
      detector = new SeriesDetector(this.#model, id, this.#judgement);
      this.#detectors.set(id, detector);
    }
    return detector.next(this.#live, place, values);
  }

  /** Brings the network into the state of a series. */
  #turnTo(id: string): void {
    if (id === this.#current) return;
    if (this.#current !== undefined) this.#states.set(this.#current, this.#live.save());
    const state = this.#states.get(id);
    if (state) this.#live.restore(state);
    else this.#live.reset();
    this.#current = id;
  }

  save(): DetectorState {
    if (this.#current !== undefined) this.#states.set(this.#current, this.#live.save());
    const series = [...this.#detectors].map(([id, detector]) => ({
      series: id,
      ...detector.save(),
      network: this.#states.get(id) as NetworkState,
    }));
    return { series } satisfies State as unknown as DetectorState;
  }

  restore(state: DetectorState): void {
    const { series } = checkedState(state, this.#model);
    // A network's state is checked by the network; the one of before stays with its series.
    if (this.#current !== undefined) this.#states.set(this.#current, this.#live.save());
    this.#current = undefined;
    const restored = series.map(({ series: id, network, ...own }) => {
      const detector = new SeriesDetector(this.#model, id, this.#judgement);
      detector.restore(own);
      this.#live.restore(network);
      return [id, detector, network] as const;
    });
    this.#detectors.clear();
    this.#states.clear();
    for (const [id, detector, network] of restored) {
      this.#detectors.set(id, detector);
      this.#states.set(id, network);
    }
  }
}

/** Where a stream stands: an object for each series. JSON holds it to the last bit. */
export interface DetectorState {
  readonly series: readonly Readonly<Record<string, unknown>>[];
}

/** The same as it is inside. */
interface State {
  readonly series: readonly (SeriesState & { readonly series: string; readonly network: NetworkState })[];
}

/** Throws DataError for what is no state of a detector of this form. */
function checkedState(state: DetectorState, { form, widths }: AnomalyModel): State {
  const isCount = (given: unknown) => Number.isSafeInteger(given);
  const isNumbers = (given: unknown, length: number) =>
    Array.isArray(given) && given.length === length && given.every(Number.isFinite);
  const isKept = (given: unknown) =>
    Array.isArray(given) && given.length <= form.memory && given.every(Number.isFinite);
  const isLevel = (given: unknown) =>
    isObject(given) &&
    isCount(given.count) &&
    Number.isFinite(given.spread) &&
    (given.count === 0 ? given.level === null : Number.isFinite(given.level));
  const isSeries = (given: unknown) =>
    isObject(given) &&
    typeof given.series === "string" &&
    (given.index === null || isCount(given.index)) &&
    isCount(given.seen) &&
    isObject(given.features) &&
    Array.isArray(given.features.levels) &&
    given.features.levels.length === widths.targets &&
    given.features.levels.every(isLevel) &&
    isNumbers(given.features.before, widths.inputs) &&
    isObject(given.scores) &&
    Array.isArray(given.scores.targets) &&
    given.scores.targets.length === widths.targets &&
    given.scores.targets.every(isKept) &&
    isKept(given.scores.joint) &&
    isObject(given.alarms) &&
    [given.alarms.above, given.alarms.quiet, given.alarms.since].every(isCount);
  if (isObject(state) && Array.isArray(state.series) && state.series.every(isSeries)) {
    return state as unknown as State;
  }
  throw new DataError(
    `stream: ${printGiven(state)} given, a state that a stream of such a detector saved expected`,
  );
}

/** A row: the value of the only target, or cells by column. What is missing is null, NaN or left out. */
export type DetectorRow = number | null | SeriesRecord;

/** What is told of a row; by target where it says so. */
export interface RowScore {
  /** By target; NaN in the first row of a series. */
  readonly expected: Readonly<Record<string, number>>;
  /**
   * -log10 of the probability that an ordinary row is as far from what is expected: 3 is once in a thousand rows. NaN for the
   * first rows of a series, and where no target has a value.
   */
  readonly score: number;
  readonly alarm: boolean;
  /** By target: its part in the score, adding up to 1; NaN where there is no score. */
  readonly shares: Readonly<Record<string, number>>;
}

/**
 * A detector in production. Rows of several series may alternate; a row without a time is the step after the one before it.
 *
 *     const live = detector.stream();
 *     const { expected, score, alarm } = live.next(reading);
 *     const saved = JSON.stringify(live.save());
 */
export interface DetectorStream {
  /** Throws DataError for a row that cannot be read: the stream is then as it was before. */
  next(row: DetectorRow): RowScore;
  /** The state of all series, copied: `restore` goes on from it to the same bits, also from `JSON.parse(JSON.stringify(state))`. */
  save(): DetectorState;
  /** Goes on from a saved state. Throws DataError for what is none of this detector; the stream is then as it was before. */
  restore(state: DetectorState): void;
}

/** Reads rows as programs have them. */
export class DetectorRows implements DetectorStream {
  readonly #model: AnomalyModel;
  readonly #detectors: SeriesDetectors;
  readonly #head: TableHead;
  readonly #timed: SeriesRowReader;
  readonly #untimed: SeriesRowReader;
  #rows = 0;

  constructor(model: AnomalyModel, judgement: Judgement) {
    const { reading } = model.prepared;
    const { time, series } = reading.columns;
    const single = [time, series].filter((name) => name !== undefined);
    this.#model = model;
    this.#detectors = new SeriesDetectors(model, judgement);
    this.#head = {
      name: "stream",
      names: [...single, ...valueColumns(reading.columns)],
      doubled: [],
      counted: "row",
      place: ({ line }) => `stream: row ${line}`,
    };
    const plain = { ...reading, decimal: "point" } as const;
    this.#timed = new SeriesRowReader(this.#head, plain);
    this.#untimed = new SeriesRowReader(this.#head, {
      ...plain,
      columns: { ...plain.columns, time: undefined },
    });
  }

  next(row: DetectorRow): RowScore {
    const { columns, reading } = this.#model.prepared;
    const record = this.#recordOf(row);
    const line = this.#rows + 1;
    const cells = this.#head.names.map((name) => textOf(record[name], () => `stream: row ${line}: ${name}`));
    const { time } = reading.columns;
    const isTimed = time !== undefined && isThere(record[time]);
    const read = (isTimed ? this.#timed : this.#untimed).read({ line, cells });
    this.#rows = line;
    const { expected, score, alarm, shares } = this.#detectors.next(
      read.id,
      isTimed ? read : {},
      read.values,
    );
    const byTarget = (numbers: readonly number[]) =>
      Object.fromEntries(columns.targets.map((name, at) => [name, numbers[at] as number]));
    return { expected: byTarget(expected), score, alarm, shares: byTarget(shares) };
  }

  #recordOf(row: DetectorRow): SeriesRecord {
    const { names } = this.#head;
    if (typeof row === "number" || row === null) {
      const [target, ...others] = valueColumns(this.#model.prepared.reading.columns);
      if (others.length === 0) return { [target as string]: row };
    } else if (isObject(row)) {
      const stray = Object.keys(row).find((name) => !names.includes(name));
      if (stray === undefined) return row as SeriesRecord;
      throw new DataError(
        `stream: the row has the column ${printGiven(stray)}: ${names.join(", ")} expected`,
      );
    }
    throw new DataError(`stream: ${printGiven(row)} given, an object with ${names.join(", ")} expected`);
  }

  save(): DetectorState {
    return this.#detectors.save();
  }

  restore(state: DetectorState): void {
    this.#detectors.restore(state);
  }
}

const isThere = (cell: SeriesCell) => cell !== undefined && cell !== null && cell !== "";
