/** A learning rate for streams whose distribution drifts: raised where the error rises, then back to what it was. */

import { checkOptions, printGiven } from "../checks.ts";
import { UsageError } from "../errors.ts";
import { checkSchedule, constant, type Schedule, type ScheduleMemory } from "./schedules.ts";

export interface RaiseOnDriftSettings {
  /** How many times the rate is raised at a drift; above 1, default 10. */
  factor?: number | undefined;
  /** Observations until half of what was raised is gone; default 50. */
  halfLife?: number | undefined;
  /** Observations that the usual error and its deviation are taken over; default 100. */
  window?: number | undefined;
  /** By how many deviations an error may lie above the usual one before it counts; 0 or more, default 0.5. */
  slack?: number | undefined;
  /** How many deviations in sum are a drift; above 0, default 10. */
  threshold?: number | undefined;
}

/** Observations that the usual error is known after. */
const LEAST = 20;

/**
 * A schedule that is told each error of a stream, such as the loss of each update, by `observe`; its memory is plain JSON, {} at first:
 *
 *     rate = schedule.rate(position, memory);
 *     const { loss } = step.run(batch, rate);
 *     memory = schedule.observe(loss, memory);
 *
 * Page's test for a mean that rises (Page, "Continuous inspection schemes", 1954; as a test for drift: Gama et al., "A survey on concept
 * drift adaptation", 2014), of errors in units of their usual deviation: with m and s the moving mean and deviation before error e,
 *
 *     z = min((e - m) / s, threshold / 3)      so that one outlier is no drift
 *     g = max(0, g + z - slack)
 *     g > threshold: a drift; g, m and s start again
 *
 * n observations after a drift the rate is that of `schedule` times 1 + (factor - 1) * 2^(-n / halfLife). `memory.drifts` counts
 * the drifts. Throws UsageError for settings out of range.
 */
export function raiseOnDrift(rate: number | Schedule, settings: RaiseOnDriftSettings = {}): Schedule {
  checkOptions("raiseOnDrift", settings, {
    factor: true,
    halfLife: true,
    window: true,
    slack: true,
    threshold: true,
  });
  const schedule = typeof rate === "number" ? constant(rate) : rate;
  checkSchedule("raiseOnDrift", schedule);
  const { factor = 10, halfLife = 50, window = 100, slack = 0.5, threshold = 10 } = settings;
  checkAbove("factor", factor, 1);
  checkAbove("halfLife", halfLife, 0);
  checkAbove("window", window, 1);
  checkAbove("threshold", threshold, 0);
  if (!(Number.isFinite(slack) && slack >= 0)) {
    throw new UsageError(`raiseOnDrift: slack ${printGiven(slack)} given, a number from 0 expected`);
  }
  return {
    needsValidation: true,
    rate(position, memory) {
      const { since } = memory;
      const raised = since === undefined ? 0 : (factor - 1) * 2 ** (-since / halfLife);
      return schedule.rate(position, memory) * (1 + raised);
    },
    observe(error, memory): ScheduleMemory {
      const before = schedule.observe(error, memory);
      const { observed = 0, mean = 0, square = 0, excess = 0, drifts = 0, since } = before;
      const later: ScheduleMemory = since === undefined ? {} : { since: since + 1 };
      const deviation = Math.sqrt(square);
      // An error that is no number is as far off as can be.
      const off = deviation > 0 ? (error - mean) / deviation : 0;
      const z = Math.min(Number.isNaN(off) ? Number.POSITIVE_INFINITY : off, threshold / 3);
      const sum = observed < LEAST ? 0 : Math.max(0, excess + z - slack);
      if (sum > threshold) {
        return { ...before, observed: 0, mean: 0, square: 0, excess: 0, drifts: drifts + 1, since: 0 };
      }
      const share = 1 / Math.min(observed + 1, window);
      const moved = error - mean;
      const spread = (1 - share) * (square + share * moved ** 2);
      // One whose square is beyond numbers would stay in the deviation for good.
      if (!Number.isFinite(spread)) return { ...before, ...later, drifts, excess: sum };
      return {
        ...before,
        ...later,
        observed: observed + 1,
        mean: mean + share * moved,
        square: spread,
        excess: sum,
        drifts,
      };
    },
  };
}

function checkAbove(name: string, value: number, bound: number): void {
  if (Number.isFinite(value) && value > bound) return;
  throw new UsageError(`raiseOnDrift: ${name} ${printGiven(value)} given, a number above ${bound} expected`);
}
