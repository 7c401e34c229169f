/** Which part of the time is trained on, held out to stop by, and held out for scores: the same dates for all series. */

import { counted } from "../../data/text.ts";
import type { SeriesSet } from "../../data/time-series/series.ts";
import { DataError } from "../../errors.ts";
import type { ForecastSettings, Form } from "./options.ts";
import { lastObserved } from "./prepare.ts";

/** Numbers of the grid: training rows stand before `training`, validation's before `validation`, test's before `end`. */
export interface Split {
  readonly start: number;
  readonly training: number;
  readonly validation: number;
  readonly end: number;
}

/** Throws DataError where a part that is asked for is shorter than the horizon, or nothing is left to train on. */
export function splitInTime(
  name: string,
  set: SeriesSet,
  targets: readonly string[],
  { validation, test }: Pick<ForecastSettings, "validation" | "test">,
  { horizon }: Pick<Form, "horizon">,
): Split {
  const start = set.series.reduce((least, one) => Math.min(least, one.start), Number.POSITIVE_INFINITY);
  const end = set.series.reduce(
    (most, one) => Math.max(most, one.start + lastObserved(one, targets)),
    Number.NEGATIVE_INFINITY,
  );
  const rows = end - start;
  const stepsOf = (amount: number) =>
    amount === 0 ? 0 : amount < 1 ? Math.max(horizon, Math.ceil(rows * amount)) : amount;
  const [held, tested] = [stepsOf(validation), stepsOf(test)];
  for (const [what, steps] of Object.entries({ validation: held, test: tested })) {
    if (steps === 0 || steps >= horizon) continue;
    throw new DataError(
      `${name}: ${what} ${counted(steps, "step")}, the horizon ${horizon} or more expected`,
    );
  }
  const training = end - tested - held;
  if (training - start > horizon) return { start, training, validation: training + held, end };
  throw new DataError(
    `${name}: ${counted(rows, "row")}, of which ${held} are held out for validation and ${tested} for the test: more than ${horizon} (the horizon) expected to train on`,
  );
}
