/** The results of all cases, asked for by name: what the report and the goals are computed from. */

import { arithmetic, type Task } from "./cases.ts";
import type { CaseResult, Outcome } from "./measure.ts";
import { median, ratios } from "./statistics.ts";

/** Whether a contender is meant: by its name, or by its name without the number of threads. */
const isMeant = (contender: string, name: string) =>
  contender === name || contender.replace(/-\d+$/, "") === name;

/** The outcome of a contender at a case, or the better one where its number of threads is not given. Undefined where it has no values. */
export function outcomeOf(result: CaseResult, contender: string, model?: string): Outcome | undefined {
  const found = result.outcomes.filter(
    (outcome) =>
      isMeant(outcome.contender, contender) &&
      (model === undefined || outcome.task.model === model) &&
      outcome.values.length > 0 &&
      outcome.reason === undefined,
  );
  return found.sort((a, b) => median(a.values) - median(b.values))[0];
}

/** How many times as fast (or as small) as `than` a contender is, round by round; undefined where one is missing. */
export function advantage(
  result: CaseResult,
  contender: string,
  than: string,
  models: { readonly model?: string; readonly than?: string } = {},
): number[] | undefined {
  const ours = outcomeOf(result, contender, models.model);
  const theirs = outcomeOf(result, than, models.than ?? models.model);
  return ours && theirs ? ratios(theirs.values, ours.values) : undefined;
}

export const isTimedByArithmetic = ({ kind }: Task): boolean =>
  kind === "training" || kind === "forward" || kind === "streaming";

/** GFLOP/s of each round. */
export function speeds({ task, values }: Outcome): number[] {
  return values.map((milliseconds) => arithmetic(task) / milliseconds / 1e6);
}

/** The share of the bare loop's rate with the same vectors, on as many cores as it has threads, round by round. */
export function shares(result: CaseResult, contender: string, model?: string): number[] | undefined {
  const outcome = outcomeOf(result, contender, model);
  const rates = outcome?.engine && result.rates[outcome.engine];
  return outcome && rates && ratios(speeds(outcome), rates).map((share) => share / outcome.threads);
}
