/** What backends that compile have in common: how work is shared, and what the compiler does. */

import { checkOptions, printGiven } from "../checks.ts";
import { type PassName, passes } from "../compiler/passes/index.ts";
import { UsageError } from "../errors.ts";
import { threadObstacle } from "./runtime/workers.ts";

const mostThreads = 64;

export interface ExecutionOptions {
  /** What the compiler leaves out, by the names in `passes`. */
  readonly without?: readonly PassName[] | undefined;
  /**
   * Threads that share the work; default 1. Results are the same bits for any number. Fewer threads run if the platform has
   * no shared memory or no workers (`threadReport` says so), if a program is too small to gain by more, and until the workers
   * have started.
   */
  readonly threads?: number | undefined;
  /**
   * The least number of multiply-adds and elements that are worth sharing: by default what takes about a tenth of a millisecond; 0 to
   * share always. One thread does everything if a call has fewer of them to share, or if they are less than half of its work. If calls
   * follow each other within a quarter of a millisecond and can share nearly everything, a fortieth of this number is enough.
   */
  readonly minimumWork?: number | undefined;
  /**
   * Whether the compiler checks the graph and the loops after each of its passes, for those who write one; default false.
   * Then compiling throws GraphError, with the pass, where something is not legal.
   */
  readonly check?: boolean | undefined;
}

export type SettledExecution = {
  readonly [Name in keyof ExecutionOptions]-?: NonNullable<ExecutionOptions[Name]>;
};

/** With all defaults filled in. Throws UsageError for options that do not exist, `own` aside, or are out of range. */
export function settleExecution(
  where: string,
  options: ExecutionOptions,
  { minimumWork: standard, own = {} }: { readonly minimumWork: number; readonly own?: Record<string, true> },
): SettledExecution {
  const names = { without: true, threads: true, minimumWork: true, check: true } as const;
  checkOptions<object>(where, options, { ...names, ...own });
  const { without = [], threads = 1, minimumWork = standard, check = false } = options;
  if (!Number.isInteger(threads) || threads < 1 || threads > mostThreads) {
    throw new UsageError(`threads ${printGiven(threads)}: expected a whole number from 1 to ${mostThreads}`);
  }
  if (!Array.isArray(without)) {
    throw new UsageError(`without ${printGiven(without)}: expected a list of the names of passes`);
  }
  if (!(typeof minimumWork === "number" && minimumWork >= 0)) {
    throw new UsageError(`minimumWork ${printGiven(minimumWork)}: expected a number from 0`);
  }
  const unknown = without.find((name) => !(name in passes));
  if (unknown !== undefined) {
    throw new UsageError(`without ${unknown}: expected ${Object.keys(passes).join(", ")}`);
  }
  const isShared = threads > 1 && !without.includes("splitWork") && threadObstacle() === undefined;
  return { without, threads: isShared ? threads : 1, minimumWork, check };
}
