/** How far a training has come: what, beside weights and states, must be known to go on with it. Plain JSON. */

import { FormatError } from "../errors.ts";
import { isObject } from "../formats/json.ts";
import type { ScheduleMemory } from "./schedules.ts";

export interface TrainingProgress {
  /** Updates done; the random numbers of an update depend on the seed and this. */
  step: number;
  /** Whole epochs done, validation included. */
  epoch: number;
  /** Batches of the current epoch that are done; when all are, its validation comes next. */
  batch: number;
  /** Tokens, or other targets, learnt from. */
  tokens: number;
  /** Time spent on training and validation. */
  seconds: number;
  /** The smallest that the criterion of a validation was, usually its loss; null before the first validation. */
  best: number | null;
  /** Validations since then. */
  waited: number;
  schedule: ScheduleMemory;
}

export function startOfTraining(): TrainingProgress {
  return { step: 0, epoch: 0, batch: 0, tokens: 0, seconds: 0, best: null, waited: 0, schedule: {} };
}

/** Progress from JSON. Throws FormatError for anything that `TrainingProgress` cannot hold. */
export function progressFromJson(value: unknown, where: string): TrainingProgress {
  const fail = (reason: string) => new FormatError(`${where}: progress: ${reason}`);
  if (!isObject(value)) throw fail("expected an object");
  const { schedule, best, seconds, ...counts } = value;
  const names = ["step", "epoch", "batch", "tokens", "waited"] as const;
  for (const name of names) {
    const count = counts[name];
    if (!Number.isSafeInteger(count) || (count as number) < 0) {
      throw fail(`${name} ${JSON.stringify(count)}, expected a whole number from 0`);
    }
  }
  const unknown = Object.keys(counts).find((name) => !names.some((known) => known === name));
  if (unknown !== undefined) throw fail(`key ${JSON.stringify(unknown)} is unknown`);
  if (!isNumber(seconds) || seconds < 0) throw fail(`seconds ${JSON.stringify(seconds)}, expected 0 or more`);
  if (best !== null && !isNumber(best)) throw fail(`best ${JSON.stringify(best)}, expected a number or null`);
  if (!isObject(schedule) || !Object.values(schedule).every(isNumber)) {
    throw fail("schedule: expected an object of numbers");
  }
  return {
    ...(counts as Record<(typeof names)[number], number>),
    seconds,
    best,
    schedule,
  } as TrainingProgress;
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
