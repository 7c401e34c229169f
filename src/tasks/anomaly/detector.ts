/** A trained detector as programs use it: whole series at once, or a stream row by row, with the same numbers. */

import { checkOptions } from "../../checks.ts";
import { type SeriesData, seriesOfDataAs } from "../../data/time-series/from-arrays.ts";
import type { TimeSeries } from "../../data/time-series/series.ts";
import { DataError } from "../../errors.ts";
import { writeModel } from "../../formats/model.ts";
import { optionNames } from "../../options/table.ts";
import type { Judgement } from "./detection.ts";
import { type DetectorRecord, describeDetector, type openDetector } from "./file.ts";
import type { AnomalyModel, Calibration } from "./model.ts";
import { alarmOptions, completeAlarms, type DetectorAlarms } from "./options.ts";
import { DetectorRows, type DetectorStream, SeriesDetectors } from "./stream.ts";
import { rowsOf } from "./windows.ts";

/** What is told of one series: a number for each row that the data have. */
export interface Anomalies {
  /** The name of the series; "" where there is one alone. */
  readonly series: string;
  /** When each row was, as the data write it; the number of the row, from 1, where they have no times. */
  readonly times: readonly string[];
  /** By target; NaN in the first row. */
  readonly expected: Readonly<Record<string, Float64Array>>;
  /** The higher the worse; NaN for the first rows, and where no target has a value. */
  readonly score: Float64Array;
  readonly alarm: readonly boolean[];
  /** By target: its part in the score; the parts add up to 1. */
  readonly shares: Readonly<Record<string, Float64Array>>;
}

/** What `detect` gives: for plain numbers one series, for everything else a list. */
export type AnomaliesOf<Data> =
  Data extends ArrayLike<number | null | undefined> ? Anomalies : readonly Anomalies[];

/** What finds anomalies, as `trainDetector` and `readDetector` give it. */
export interface Detector {
  /** How it came about. */
  readonly record: DetectorRecord;
  /**
   * Scores and alarms of all rows of some series, with the columns of the training's; each series starts anew. The rate of
   * alarms, their run, merging gap and mute time may be others than in training.
   *
   * Throws UsageError for options that are out of range, DataError for data that cannot be read, with the row.
   */
  detect<Data extends SeriesData>(data: Data, options?: DetectorAlarms): AnomaliesOf<Data>;
  /** Row by row: each row in, its score out, in microseconds, with the same bits as `detect`. */
  stream(options?: DetectorAlarms): DetectorStream;
  /** The detector as the bytes of a file, which `readDetector` and the command `rondo predict` open. */
  toBytes(): Uint8Array;
}

/** A model with its weights, what was measured of it, and how it came about. */
export class TrainedDetector implements Detector {
  readonly record: DetectorRecord;
  readonly #model: AnomalyModel;
  readonly #calibration: Calibration;

  constructor({ model, calibration, record }: ReturnType<typeof openDetector>) {
    this.record = record;
    this.#model = model;
    this.#calibration = calibration;
  }

  detect<Data extends SeriesData>(data: Data, options: DetectorAlarms = {}): AnomaliesOf<Data> {
    const { series } = seriesOfDataAs(data, this.#model.prepared.reading);
    const detectors = new SeriesDetectors(this.#model, this.#judgement("detect", options));
    if (isPlain(data) && series.length === 0)
      throw new DataError("detect: the data have no rows: one or more expected");
    const found = series.map((one) => this.#detect(detectors, one));
    return (isPlain(data) ? found[0] : found) as AnomaliesOf<Data>;
  }

  #detect(detectors: SeriesDetectors, one: TimeSeries): Anomalies {
    const { reading, columns } = this.#model.prepared;
    const rows = [...rowsOf(one, this.#model.prepared)];
    const found = rows.map(({ index, values }) => detectors.next(one.id, { index }, values));
    const byTarget = (numbers: (at: number) => readonly number[]) =>
      Object.fromEntries(
        columns.targets.map((name, column) => [
          name,
          Float64Array.from(found, (_, at) => numbers(at)[column] as number),
        ]),
      );
    return {
      series: one.id,
      times: rows.map(({ index }, row) =>
        reading.columns.time === undefined ? String(row + 1) : reading.grid.write(index),
      ),
      expected: byTarget((at) => found[at]?.expected ?? []),
      score: Float64Array.from(found, ({ score }) => score),
      alarm: found.map(({ alarm }) => alarm),
      shares: byTarget((at) => found[at]?.shares ?? []),
    };
  }

  stream(options: DetectorAlarms = {}): DetectorStream {
    return new DetectorRows(this.#model, this.#judgement("stream", options));
  }

  #judgement(where: string, options: DetectorAlarms): Judgement {
    checkOptions(where, options, optionNames(alarmOptions));
    return { calibration: this.#calibration, alarms: completeAlarms(options, this.#model.alarms) };
  }

  toBytes(): Uint8Array {
    return writeModel(this.#model.network, describeDetector(this.#model, this.record, this.#calibration));
  }
}

/** Whether data are numbers alone. */
const isPlain = (data: SeriesData) =>
  Array.isArray(data) ? typeof data[0] !== "object" || data[0] === null : ArrayBuffer.isView(data);
