/** How well alarms tell events: windows of time that are anomalies. And how well scores rank points. */

import { printGiven } from "../../checks.ts";
import { DataError } from "../../errors.ts";

/** What alarms came to, over one series or several. */
export interface EventReport {
  /** Windows that are anomalies. */
  readonly windows: number;
  /** Windows in which there is an alarm. */
  readonly detected: number;
  /** Alarms, which are rows in alarm in succession, that touch no window. */
  readonly falseAlarms: number;
  /** Detected windows over them and the false alarms; 0 where there are neither. */
  readonly precision: number;
  /** Detected windows over all; 0 where there are none. */
  readonly recall: number;
  /** 2 precision recall / (precision + recall), or 0. */
  readonly f1: number;
  /** Mean number of rows from the beginning of a detected window to the first alarm in it; 0 where none is detected. */
  readonly delay: number;
}

/**
 * Counts windows and alarms of series. A window is detected by one alarm in it; nothing is adjusted point by point. An alarm
 * that touches a window is not false, however far it reaches.
 *
 *     const events = new EventCounts();
 *     events.add(alarms, [[120, 160], [300, 340]]);
 *     console.log(events.report().f1);
 */
export class EventCounts {
  #windows = 0;
  #detected = 0;
  #falseAlarms = 0;
  #delays = 0;

  /**
   * A series.
   *
   * @param alarms whether each row is in alarm: true or false, or 1 or 0
   * @param windows the first and the last row of each anomaly, from 0
   * @throws DataError for windows that are not within the rows
   */
  add(
    alarms: ArrayLike<number | boolean>,
    windows: readonly (readonly [first: number, last: number])[],
  ): void {
    for (const [first, last] of windows) {
      const isWindow =
        Number.isSafeInteger(first) && Number.isSafeInteger(last) && first >= 0 && first <= last;
      if (isWindow && last < alarms.length) continue;
      throw new DataError(
        `EventCounts: window ${printGiven([first, last])} given, two rows from 0 to ${alarms.length - 1} expected`,
      );
    }
    this.#windows += windows.length;
    for (const [first, last] of windows) {
      let at = first;
      while (at <= last && !alarms[at]) at += 1;
      if (at > last) continue;
      this.#detected += 1;
      this.#delays += at - first;
    }
    for (const [start, end] of runsOf(alarms)) {
      if (!windows.some(([first, last]) => start <= last && end >= first)) this.#falseAlarms += 1;
    }
  }

  report(): EventReport {
    const [windows, detected, falseAlarms] = [this.#windows, this.#detected, this.#falseAlarms];
    const scores = eventScores(detected, windows, falseAlarms);
    return { windows, detected, falseAlarms, ...scores, delay: ratio(this.#delays, detected) };
  }
}

export const ratio = (part: number, whole: number) => (whole > 0 ? part / whole : 0);

/** Precision, recall and their harmonic mean. */
export function eventScores(detected: number, events: number, falseAlarms: number) {
  const precision = ratio(detected, detected + falseAlarms);
  const recall = ratio(detected, events);
  return { precision, recall, f1: ratio(2 * precision * recall, precision + recall) };
}

/** Rows in alarm in succession: the first and the last of each run. */
export function runsOf(alarms: ArrayLike<number | boolean>): [number, number][] {
  const runs: [number, number][] = [];
  for (let at = 0; at < alarms.length; at++) {
    if (!alarms[at]) continue;
    const last = runs.at(-1);
    if (last && last[1] === at - 1) last[1] = at;
    else runs.push([at, at]);
  }
  return runs;
}

/**
 * The area under the curve of precision over recall of points, as average precision: the mean, over the points that are
 * anomalies, of the precision among all points with scores as high. Points of one score count together. NaN where no point
 * is an anomaly.
 *
 * @param scores the higher the worse
 * @param labels whether each point is an anomaly: true or false, or 1 or 0
 * @throws DataError for lists of two lengths, and for a score that is NaN
 */
export function averagePrecision(scores: ArrayLike<number>, labels: ArrayLike<number | boolean>): number {
  if (scores.length !== labels.length) {
    throw new DataError(
      `averagePrecision: ${scores.length} scores and ${labels.length} labels given, as many expected`,
    );
  }
  const places = Array.from(scores, (score, at) => {
    if (!Number.isNaN(score)) return at;
    throw new DataError(`averagePrecision: score ${at} is NaN, a number expected`);
  });
  places.sort((a, b) => (scores[b] as number) - (scores[a] as number));
  let [found, area, tied] = [0, 0, 0];
  for (const [rank, at] of places.entries()) {
    if (labels[at]) tied += 1;
    const next = places[rank + 1];
    if (next !== undefined && scores[next] === scores[at]) continue;
    found += tied;
    area += (tied * found) / (rank + 1);
    tied = 0;
  }
  return found > 0 ? area / found : Number.NaN;
}
