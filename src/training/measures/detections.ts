/** How well labels are told of a sound that goes on: at about the right time, and how often wrongly in an hour. */

import { checkOptions, printGiven } from "../../checks.ts";
import { DataError, UsageError } from "../../errors.ts";
import { eventScores, ratio } from "./events.ts";

/** A label at a time. */
export interface TimedLabel {
  /** In seconds. */
  readonly time: number;
  readonly label: string;
}

/** What detections came to, over one recording or several. */
export interface DetectionReport {
  /** Labels that were to be told. */
  readonly events: number;
  /** Those that were. */
  readonly hits: number;
  /** Those that were not. */
  readonly misses: number;
  /** Detections of nothing that was to be told: at a wrong time, of a wrong label, or of one that was told already. */
  readonly falseAlarms: number;
  readonly falseAlarmsAnHour: number;
  /** Hits over detections; 0 where there are none. */
  readonly precision: number;
  /** Hits over events; 0 where there are none. */
  readonly recall: number;
  /** 2 precision recall / (precision + recall), or 0. */
  readonly f1: number;
  /** Mean of the seconds from an event to its detection, which are below 0 where that comes before; 0 where there are no hits. */
  readonly delay: number;
}

/**
 * Counts detections in recordings. A detection hits an event of its label that is at most `tolerance` seconds away; each event is hit
 * once, and of all ways to pair them there are as many hits as can be.
 *
 *     const counts = new DetectionCounts({ tolerance: 0.75 });
 *     counts.add(detections, [{ time: 3.2, label: "yes" }], 60);
 *     console.log(counts.report().falseAlarmsAnHour);
 *
 * @throws UsageError for a tolerance that is no number of seconds from 0
 */
export class DetectionCounts {
  readonly #tolerance: number;
  #events = 0;
  #hits = 0;
  #falseAlarms = 0;
  #delays = 0;
  #seconds = 0;

  constructor(options: { readonly tolerance: number }) {
    checkOptions("DetectionCounts", options, { tolerance: "seconds" });
    const { tolerance } = options;
    if (!(typeof tolerance === "number" && tolerance >= 0)) {
      throw new UsageError(
        `DetectionCounts: tolerance ${printGiven(tolerance)} given, seconds from 0 expected`,
      );
    }
    this.#tolerance = tolerance;
  }

  /**
   * A recording.
   *
   * @param seconds how long it is
   * @throws DataError for a time that is no number, and for a length that is not above 0
   */
  add(detections: readonly TimedLabel[], events: readonly TimedLabel[], seconds: number): void {
    if (!(Number.isFinite(seconds) && seconds > 0)) {
      throw new DataError(`DetectionCounts: ${printGiven(seconds)} seconds given, more than 0 expected`);
    }
    const [found, expected] = [byLabel(detections), byLabel(events)];
    this.#seconds += seconds;
    this.#events += events.length;
    this.#falseAlarms += detections.length;
    for (const [label, times] of expected) {
      let next = 0;
      for (const time of found.get(label) ?? []) {
        while (next < times.length && (times[next] as number) < time - this.#tolerance) next += 1;
        if (next === times.length || (times[next] as number) > time + this.#tolerance) continue;
        this.#hits += 1;
        this.#falseAlarms -= 1;
        this.#delays += time - (times[next] as number);
        next += 1;
      }
    }
  }

  report(): DetectionReport {
    const [events, hits, falseAlarms] = [this.#events, this.#hits, this.#falseAlarms];
    return {
      events,
      hits,
      misses: events - hits,
      falseAlarms,
      falseAlarmsAnHour: ratio(3600 * falseAlarms, this.#seconds),
      ...eventScores(hits, events, falseAlarms),
      delay: ratio(this.#delays, hits),
    };
  }
}

/** The times of each label in order. */
function byLabel(labels: readonly TimedLabel[]): Map<string, number[]> {
  const times = new Map<string, number[]>();
  for (const [at, { time, label }] of labels.entries()) {
    if (!Number.isFinite(time)) {
      throw new DataError(`DetectionCounts: time ${at} is ${printGiven(time)}, seconds expected`);
    }
    const own = times.get(label);
    if (own) own.push(time);
    else times.set(label, [time]);
  }
  for (const own of times.values()) own.sort((a, b) => a - b);
  return times;
}
