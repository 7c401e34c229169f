/** How well a detector does on a table: its alarms against labels, beside those of the baselines. */

import type { SeriesRow } from "../../data/time-series/rows.ts";
import { averagePrecision, EventCounts, runsOf } from "../../training/measures/events.ts";
import type { Evaluation, Measured } from "../task.ts";
import { Alarms } from "./alarms.ts";
import { BASELINES, type BaselineName } from "./baselines.ts";
import { baselinesOf, rowWindows } from "./calibrate.ts";
import { ruleOf } from "./detection.ts";
import { stepOfRow } from "./features.ts";
import { isWithinWindows, type Labels } from "./labels.ts";
import type { AnomalyModel, Calibration } from "./model.ts";
import type { AlarmSettings } from "./options.ts";
import { RunningTail, tailQuantile } from "./running-tail.ts";
import { SeriesDetectors } from "./stream.ts";

/** Scores of a series, of rows that count, and which of them are alarms. */
interface Track {
  readonly alarms: Alarms;
  readonly scores: number[];
  readonly inAlarm: boolean[];
}

/** The baselines as they usually are, and measured against a running distribution of their own as the model's errors are. */
const ADAPTIVE = { gaussian: "adaptiveGaussian", lastValue: "adaptiveLastValue" } as const;
type Name = "model" | BaselineName | (typeof ADAPTIVE)[BaselineName];
const BESIDE: readonly Name[] = [...BASELINES, ...BASELINES.map((name) => ADAPTIVE[name])];
const NAMES: readonly Name[] = ["model", ...BESIDE];

interface SeriesTracks {
  readonly beside: ReturnType<typeof baselinesOf>;
  readonly tails: Readonly<Record<BaselineName, RunningTail>>;
  readonly steps: number[];
  readonly tracks: Readonly<Record<Name, Track>>;
  rows: number;
  /** The step of the newest row. */
  last: number | undefined;
}

/** Rows come one by one; all that is kept of one is a score of each. */
export class DetectorEvaluation {
  readonly #model: AnomalyModel;
  readonly #calibration: Calibration;
  readonly #alarms: AlarmSettings;
  readonly #skip: number;
  readonly #detectors: SeriesDetectors;
  readonly #series = new Map<string, SeriesTracks>();

  /** The first `skip` rows of each series warm up, and do not count. */
  constructor(
    model: AnomalyModel,
    calibration: Calibration,
    { alarms, skip }: { readonly alarms: AlarmSettings; readonly skip: number },
  ) {
    this.#model = model;
    this.#calibration = calibration;
    this.#alarms = alarms;
    this.#skip = skip;
    this.#detectors = new SeriesDetectors(model, { calibration, alarms });
  }

  push(row: Pick<SeriesRow, "id" | "index" | "within" | "values">): void {
    const { id, values } = row;
    const series = this.#seriesOf(id);
    const { score } = this.#detectors.next(id, row, values);
    const scores = { model: score, ...besideOf(series, values) };
    const counts = series.rows >= this.#skip;
    series.rows += 1;
    series.last = stepOfRow(row, series.last);
    if (!counts) return;
    series.steps.push(series.last);
    for (const name of NAMES) {
      const track = series.tracks[name];
      track.scores.push(scores[name]);
      track.inAlarm.push(track.alarms.next(scores[name]));
    }
  }

  #seriesOf(id: string): SeriesTracks {
    const known = this.#series.get(id);
    if (known) return known;
    const tracks = Object.fromEntries(NAMES.map((name) => [name, this.#track(name)])) as Record<Name, Track>;
    const { memory } = this.#model.form;
    const made = {
      beside: baselinesOf(this.#model, id),
      tails: { gaussian: new RunningTail(memory), lastValue: new RunningTail(memory) },
      steps: [],
      tracks,
      rows: 0,
      last: undefined,
    };
    this.#series.set(id, made);
    return made;
  }

  #track(name: Name): Track {
    const { threshold, baselines } = this.#calibration;
    const fixed = BASELINES.find((baseline) => baseline === name);
    const own = fixed ? tailQuantile(baselines[fixed], this.#alarms.alarms / 10_000) : null;
    const above = name === "model" ? threshold : own;
    return { alarms: new Alarms(ruleOf(above, this.#alarms)), scores: [], inAlarm: [] };
  }

  /** Without labels there are alarms alone. */
  report(labels: Labels | undefined): Evaluation {
    const of = (name: Name) => this.#measured(name, labels);
    return {
      measures: of("model"),
      beside: Object.fromEntries(BESIDE.map((name) => [name, of(name)])),
    };
  }

  #measured(name: Name, labels: Labels | undefined): Measured {
    const events = new EventCounts();
    const [scores, isLabelled]: [number[], boolean[]] = [[], []];
    let [rows, inAlarm, alarms] = [0, 0, 0];
    for (const [id, { steps, tracks }] of this.#series) {
      const track = tracks[name];
      const windows = labels?.get(id) ?? [];
      events.add(track.inAlarm, rowWindows(steps, windows));
      alarms += runsOf(track.inAlarm).length;
      for (const [row, score] of track.scores.entries()) {
        rows += 1;
        if (track.inAlarm[row]) inAlarm += 1;
        if (Number.isNaN(score)) continue;
        scores.push(score);
        if (labels) isLabelled.push(isWithinWindows(windows, steps[row] as number));
      }
    }
    const rates = {
      rows,
      scored: scores.length,
      alarms,
      alarmRate: rows > 0 ? (10_000 * inAlarm) / rows : 0,
    };
    if (!labels) return rates;
    const { windows, detected, falseAlarms, precision, recall, f1, delay } = events.report();
    const area = averagePrecision(scores, isLabelled);
    return {
      ...rates,
      ...{ windows, detected, falseAlarms, precision, recall, f1, delay },
      ...(!Number.isNaN(area) && { averagePrecision: area }),
    };
  }
}

/** The scores of the baselines, as they are and against their running distributions. */
function besideOf(
  { beside, tails }: SeriesTracks,
  values: Float64Array,
): Record<Exclude<Name, "model">, number> {
  const plain = beside.next(values);
  const scores = { ...plain, adaptiveGaussian: Number.NaN, adaptiveLastValue: Number.NaN };
  for (const name of BASELINES) {
    if (Number.isNaN(plain[name])) continue;
    scores[ADAPTIVE[name]] = tails[name].score(plain[name]);
    tails[name].push(plain[name]);
  }
  return scores;
}
